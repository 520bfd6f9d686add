// The shipped module, without the page around it; with ?plain the build for browsers without relaxed SIMD.

import './contestant.js';
import { programFile } from '/site/reader/relaxed.js';
import init, { Classifier } from '/site/reader/wasm.js';

const bytes = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

compete(async ({ backend }) => {
  const wasm = await init({ module_or_path: `/site/${location.search === '?plain' ? 'reader/wasm_bg.wasm' : programFile()}` });
  const manifest = await bytes('/site/models/manifest.json');
  const { files } = JSON.parse(new TextDecoder().decode(manifest));
  const weights = await Promise.all(files.map(async ({ path }) => [path, await bytes(`/site/models/${path}`)]));
  const classifier = await Classifier.create(manifest, Object.fromEntries(weights), backend);
  const films = new Map();
  return {
    about: await classifier.compute(),
    backend: async () => classifier.compute().backend,
    run: (network, plane) => classifier.run_network(network, plane),
    /** Reads `count` films, the named ones in turn: their reports, and how large the memory is then. */
    async classify(names, count) {
      const reports = [];
      for (let k = 0; k < count; k++) {
        const name = names[k % names.length];
        if (!films.has(name)) films.set(name, await bytes(`/made/${name}`));
        const reading = await classifier.classify(name, films.get(name));
        const report = reading.report();
        reading.free();
        if (report.error) throw new Error(`${name}: ${report.error.message}`);
        reports.push(report);
      }
      return { reports, memory: wasm.memory.buffer.byteLength };
    },
    /** Milliseconds from a film's bytes to its pictures: read, and looked at a second time. */
    async pictures(name) {
      if (!films.has(name)) films.set(name, await bytes(`/made/${name}`));
      const timed = async (sight) => {
        const begin = performance.now();
        (await sight()).pictures();
        return performance.now() - begin;
      };
      return {
        read: await timed(() => classifier.classify(name, films.get(name))),
        look: await timed(() => classifier.look(films.get(name))),
      };
    },
  };
});
