// The host configurations of examples/hosting, with only port and folder changed: what nginx and Caddy send with them, and that the page
// reads, is isolated, and works when the host is gone.
//
// NGINX  the program (/usr/sbin/nginx), with its files in etc/nginx of the same root; where there is none, its tests are skipped
// CADDY  the same (/usr/bin/caddy)

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { browser, choose, classifyByCli, DIST, films, open, ROOT, settled, sha256, shownNumbers, suite } from './support.mjs';

suite();

const NGINX = process.env.NGINX || '/usr/sbin/nginx';
const CADDY = process.env.CADDY || '/usr/bin/caddy';

/** @typedef {{ origin: string, close: () => Promise<unknown> }} Host */

/** @type {Host[]} */
const hosts = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The text of an example with replacements, each of which must apply. @param {string} name @param {Record<string, string>} replacements */
async function example(name, replacements) {
  let text = await readFile(path.join(ROOT, 'examples/hosting', name), 'utf8');
  for (const [from, to] of Object.entries(replacements)) {
    assert.ok(text.includes(from), `${name} has ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/**
 * A host that serves a folder with the example's configuration.
 * @param {(port: number, root: string, work: string) => Promise<[string, string[]]>} configure writes its files to `work` and returns the
 * program with its arguments
 * @param {string} under the site's place in the root
 * @returns {Promise<Host>}
 */
async function start(configure, under) {
  const work = await mkdtemp(path.join(tmpdir(), 'covid-classifier-host-'));
  // The user that the program runs as must be able to read it.
  await chmod(work, 0o755);
  const root = path.join(work, 'www');
  await mkdir(root, { recursive: true });
  await cp(DIST, path.join(root, under), { recursive: true });
  const port = await freePort();
  const [program, args] = await configure(port, root, work);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: work, XDG_DATA_HOME: work, XDG_CONFIG_HOME: work } });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const host = {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      child.kill('SIGTERM');
      await ended;
      await rm(work, { recursive: true, force: true });
    },
  };
  hosts.push(host);
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null) throw new Error(`${program} did not start: ${said}`);
    if (await get(host.origin, '/').then(Boolean, () => false)) return host;
    if (tries > 200) throw new Error(`${program} does not answer: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param {string} under */
const nginx = (under) =>
  start(async (port, root, work) => {
    const server = await example('nginx.conf', {
      'listen 8080;': `listen 127.0.0.1:${port};`,
      'root /srv/www;': `root ${root};`,
      '/etc/nginx/': `${path.join(path.dirname(NGINX), '../../etc/nginx')}/`,
    });
    await writeFile(path.join(work, 'server.conf'), server);
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${work}/${name};`).join(' ');
    await writeFile(
      path.join(work, 'nginx.conf'),
      `daemon off; master_process off; pid ${work}/pid; error_log stderr; events {} http { access_log off; ${places} include ${work}/server.conf; }`,
    );
    return [NGINX, ['-p', work, '-c', path.join(work, 'nginx.conf'), '-e', 'stderr']];
  }, under);

/** @param {string} under */
const caddy = (under) =>
  start(async (port, root, work) => {
    const site = await example('Caddyfile', { ':8080 {': `http://127.0.0.1:${port} {`, 'root * /srv/www': `root * ${root}` });
    await writeFile(path.join(work, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`);
    return [CADDY, ['run', '--config', path.join(work, 'Caddyfile'), '--adapter', 'caddyfile']];
  }, under);

/**
 * @param {string} origin
 * @param {string} place
 * @param {{ method?: string, headers?: Record<string, string> }} [options]
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: Buffer }>}
 */
function get(origin, place, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(origin + place, { method, headers, agent: false }, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Headers of every response. */
const ALWAYS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/** Content types by file, without parameters. */
const TYPES = {
  '': ['text/html'],
  'verify.html': ['text/html'],
  'main.js': ['text/javascript', 'application/javascript'],
  'ui/base.css': ['text/css'],
  'icon.svg': ['image/svg+xml'],
  'manifest.webmanifest': ['application/manifest+json'],
  'models/manifest.json': ['application/json'],
  'models/lungs.safetensors': ['application/octet-stream'],
  'reader/wasm_bg.wasm': ['application/wasm'],
};

for (const [name, program, serve] of /** @type {const} */ ([
  ['nginx', NGINX, nginx],
  ['Caddy', CADDY, caddy],
])) {
  describe(name, { skip: existsSync(program) ? false : `${program} is not there` }, () => {
    test('every answer has the headers, the right type and the right bytes, small', async () => {
      const { origin } = await serve('covid-classifier');
      const folder = '/covid-classifier/';
      const page = await readFile(path.join(DIST, 'index.html'), 'utf8');
      const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page)?.[1];
      for (const [file, types] of Object.entries(TYPES)) {
        const { status, headers, body } = await get(origin, folder + file);
        assert.equal(status, 200, file);
        assert.ok(types.includes(headers['content-type']?.split(';')[0] ?? ''), `${file}: ${headers['content-type']}`);
        for (const [header, value] of Object.entries(ALWAYS)) assert.equal(headers[header], value, `${file}: ${header}`);
        assert.match(headers['permissions-policy'] ?? '', /camera=\(\).*microphone=\(\).*usb=\(\)/, file);
        // The page's own policy, with directives that only a header can set.
        assert.equal(headers['content-security-policy'], `${policy}; frame-ancestors 'self'`, file);
        const original = await readFile(path.join(DIST, file || 'index.html'));
        assert.equal(sha256(body), sha256(original), file);
        const packed = await get(origin, folder + file, { headers: { 'accept-encoding': 'gzip' } });
        assert.equal(packed.headers['content-encoding'], 'gzip', file);
        if (original.length > 4000) assert.ok(packed.body.length < original.length, `${file}: ${packed.body.length} of ${original.length}`);
        assert.match(packed.headers.vary ?? '', /accept-encoding/i, file);
        // A later visit asks and learns that nothing has changed.
        const etag = headers.etag;
        assert.ok(etag, `${file} has an ETag`);
        assert.equal((await get(origin, folder + file, { headers: { 'if-none-match': etag } })).status, 304, file);
      }
    });

    test('what is not there has the headers too; nothing can be sent to it', async () => {
      const { origin } = await serve('covid-classifier');
      const missing = await get(origin, '/covid-classifier/none.js');
      assert.equal(missing.status, 404);
      assert.equal(missing.headers['x-content-type-options'], 'nosniff');
      for (const method of ['POST', 'PUT', 'DELETE']) assert.equal((await get(origin, '/covid-classifier/', { method })).status, 405, method);
      assert.equal((await get(origin, '/covid-classifier/', { method: 'HEAD' })).status, 200);
    });

    test('the pages with policies of their own keep them', async () => {
      const { origin } = await serve('covid-classifier');
      const own = "frame-ancestors 'self'";
      assert.equal((await get(origin, '/covid-classifier/examples/embed.html')).headers['content-security-policy'], own);
      const single = await get(origin, '/covid-classifier/covid-classifier.html');
      assert.equal(single.headers['content-security-policy'], own);
      assert.equal(single.headers['x-content-type-options'], 'nosniff');
    });

    for (const under of ['covid-classifier', '']) {
      test(`in ${under ? 'a folder' : 'the root'} the page reads a film, isolated, and once more without the host`, async () => {
        const host = await serve(under);
        const expected = await classifyByCli(films.judged);
        const { page, context, complaints } = await open(browser, { url: `${host.origin}/${under}${under && '/'}` }, { keeps: true });
        const read = async () => {
          await choose(page, films.judged);
          await settled(page, 'done');
          const shown = await shownNumbers(page);
          assert.equal(shown.verdict, expected.verdict);
          assert.ok(Math.abs(shown.probabilities.covid19 - expected.probabilities.covid19) < 1e-6);
        };
        await read();
        assert.equal(await page.evaluate(() => crossOriginIsolated), true);
        assert.equal(await page.locator('#offline').getAttribute('data-state'), 'kept');
        await context.setOffline(true);
        hosts.splice(hosts.indexOf(host), 1);
        await host.close();
        await page.reload();
        await page.locator('#engine[data-state="ready"]').waitFor();
        await read();
        assert.deepEqual(complaints, []);
      });
    }
  });
}
