// The bill of materials: the linked crates and the tools that only built the site, hashes, and that it can be reproduced.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { checksums, cratesOf, document, linked, sbom } from '../../tools/sbom.mjs';

const TREE = `0 covid-classifier v0.1.0 (/home/a)
1 bytemuck v1.2.3
2 bytemuck_derive v1.1.0 (proc-macro)
3 syn v3.0.0
4 unicode-ident v1.0.0
1 image v0.25.0
2 bytemuck v1.2.3 (*)
2 syn v2.0.0
`;

const LOCK = `version = 4

[[package]]
name = "bytemuck"
version = "1.2.3"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "c8efb64bd706a16a1bdde310ae86b351e4d21550d98d056f22f8a7f7a2183fec"

[[package]]
name = "covid-classifier"
version = "0.1.0"

[[package]]
name = "wasm-bindgen-cli-support"
version = "0.2.130"
checksum = "00"
`;

const KNOWN = {
  tree: TREE,
  about: new Map([['bytemuck@1.2.3', { license: 'Zlib/MIT', repository: 'https://github.com/Lokathor/bytemuck', source: null }]]),
  cargoLock: LOCK,
  npm: {
    binaryen: { version: '1.0.0', license: 'Apache-2.0', integrity: 'sha512-AAEC' },
    esbuild: { version: '2.0.0', license: 'MIT', integrity: 'sha512-/w==' },
  },
  model: { version: '0.1.0', files: [{ path: 'lungs.safetensors', sha256: 'ab' }] },
};

test('what only a macro needs is not linked, and of two versions each is one crate', () => {
  const crates = cratesOf(TREE);
  assert.deepEqual(
    [...crates.keys()],
    ['covid-classifier@0.1.0', 'bytemuck@1.2.3', 'bytemuck_derive@1.1.0', 'syn@3.0.0', 'unicode-ident@1.0.0', 'image@0.25.0', 'syn@2.0.0'],
  );
  assert.deepEqual([...linked(crates)], ['covid-classifier@0.1.0', 'bytemuck@1.2.3', 'image@0.25.0', 'syn@2.0.0']);
  assert.deepEqual([...(crates.get('image@0.25.0')?.needs ?? [])], ['bytemuck@1.2.3', 'syn@2.0.0']);
  assert.throws(() => cratesOf('0 something else'), /not expected/);
});

test('the document names crates, weights and tools, with licences and hashes', () => {
  const { components, dependencies, metadata } = document(KNOWN);
  assert.equal(metadata.component.version, '0.1.0');
  const of = (/** @type {string} */ name) => /** @type {any} */ (components.find((component) => component.name === name));
  assert.equal(of('bytemuck').hashes[0].content, checksums(LOCK).get('bytemuck@1.2.3'));
  assert.equal(of('bytemuck').licenses[0].expression, 'Zlib OR MIT');
  assert.equal(of('bytemuck').scope, 'required');
  for (const name of ['bytemuck_derive', 'unicode-ident', 'esbuild', 'wasm-bindgen-cli-support']) assert.equal(of(name).scope, 'excluded', name);
  assert.deepEqual(of('binaryen').hashes, [{ alg: 'SHA-512', content: '000102' }]);
  assert.deepEqual(of('lungs.safetensors').hashes, [{ alg: 'SHA-256', content: 'ab' }]);
  const refs = new Set([metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  assert.equal(refs.size, components.length + 1);
  for (const { ref, dependsOn } of dependencies) for (const name of [ref, ...dependsOn]) assert.ok(refs.has(name), name);
});

test('another crate makes another serial number, and another folder the same document', () => {
  const first = document(KNOWN);
  assert.match(first.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(document({ ...KNOWN, tree: TREE.replace('/home/a', '/srv/b') }), first);
  assert.notEqual(document({ ...KNOWN, tree: TREE.replace('image v0.25.0', 'image v0.25.1') }).serialNumber, first.serialNumber);
});

test('that of this repository has a licence and a hash for every crate', async () => {
  const { components } = JSON.parse(await sbom(path.resolve(import.meta.dirname, '../../models')));
  const crates = components.filter((/** @type {{ purl?: string }} */ { purl }) => purl?.startsWith('pkg:cargo/'));
  assert.ok(crates.length > 50);
  for (const { name, licenses, hashes } of crates) assert.ok(licenses?.length && hashes?.[0].content.length === 64, name);
  for (const name of ['image', 'wgpu', 'candle-core'])
    assert.ok(
      crates.some((/** @type {{ name: string }} */ crate) => crate.name === name),
      name,
    );
});
