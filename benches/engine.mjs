// Our network engine against its peers: the same networks, weights and input, in one browser, each in a worker of its
// own.

import { NETWORKS, launch, ms, open, progress, ratio, row, sum } from './support.mjs';

/** Outputs may differ by this much of their largest magnitude. */
const TOLERANCE = 1e-3;

const BACKENDS = {
  wasm: { title: 'Networks on WebAssembly, one thread', ours: 'simd', goal: { most: 0.45 } },
  webgpu: { title: 'Networks on WebGPU', ours: 'webgpu', goal: { most: 0.5 } },
};

// Those without a goal are shown where they run and agree.
const PEERS = {
  onnxruntime: { name: 'onnxruntime-web', goal: true },
  tensorflow: { name: 'TensorFlow.js', goal: false },
  plain: { name: 'ours without relaxed SIMD', goal: false, script: 'ours.js?plain', only: 'wasm' },
};

/** Those that have the back-end. @param {string} backend */
const peersOf = (backend) => Object.entries(PEERS).filter(([, { only = backend }]) => only === backend);

/** How far apart two outputs are, in shares of the largest magnitude. */
function difference(ours, theirs) {
  const parts = ['maps', 'features'].map((part) => {
    if (ours[part].length !== theirs[part].length) return Infinity;
    const largest = Math.max(...ours[part].map(Math.abs), 1e-3);
    const furthest = Math.max(...ours[part].map((value, k) => Math.abs(value - theirs[part][k])));
    // What is not a number is not near.
    return furthest >= 0 ? furthest / largest : Infinity;
  });
  return Math.max(...parts);
}

/** Ours on the wanted back-end; where that is not to be had, on another one, which is then not timed. */
async function startOurs(page, wanted) {
  try {
    const compute = await page.start('ours', 'ours.js', wanted);
    const available = compute.backend === wanted;
    return { available, note: `ours ${available ? '' : `has no ${wanted} here `}${JSON.stringify(compute)}` };
  } catch (error) {
    await page.start('ours', 'ours.js', 'simd');
    return { available: false, note: `ours has no ${wanted} here: ${error.message.split('\n')[0]}` };
  }
}

/** Starts a peer and compares its outputs with ours. Why it may not be timed, or null. */
async function objection(page, peer, backend, references) {
  try {
    const { script = `${peer}.js` } = PEERS[peer];
    await page.start(peer, script, peer === 'plain' ? BACKENDS[backend].ours : backend);
    for (const network of NETWORKS) {
      const apart = difference(references[network], await page.time(peer, network, 1));
      if (!(apart <= TOLERANCE)) return `its ${network} is ${apart.toExponential(1)} of the largest magnitude off ours`;
    }
    return null;
  } catch (error) {
    return `does not run: ${error.message.split('\n')[0]}`;
  }
}

/**
 * Starts all contestants: those that may be timed, and what there is to say. Throws where ours and the peer of the goal
 * disagree.
 */
export async function startAll(page, backend) {
  const { available, note } = await startOurs(page, BACKENDS[backend].ours);
  const references = {};
  for (const network of NETWORKS) references[network] = await page.time('ours', network, 1);
  const timed = available ? ['ours'] : [];
  const notes = [note];
  for (const [peer, { name, goal }] of peersOf(backend)) {
    const why = await objection(page, peer, backend, references);
    if (why === null) timed.push(peer);
    else if (goal && available) throw new Error(`${name} on ${backend}: ${why}`);
    else notes.push(`${name}: ${why}; not timed`);
  }
  return { timed, notes };
}

async function compare(backend, { server, rounds, times }) {
  const { title, goal } = BACKENDS[backend];
  const browser = await launch({ webgpu: backend === 'webgpu' });
  try {
    const page = await open(browser, server);
    const { timed, notes } = await startAll(page, backend);
    if (backend === 'webgpu') notes.push(`adapter: ${(await page.adapter()) ?? 'none'}`);

    const elapsed = Object.fromEntries(timed.map((name) => [name, { lungs: [], convnet: [] }]));
    for (let round = 1; round <= rounds; round++) {
      progress(backend, round, rounds);
      // Nobody is always first.
      for (const name of round % 2 ? timed : timed.toReversed()) {
        for (const network of NETWORKS) elapsed[name][network].push((await page.time(name, network, times)).ms);
      }
    }
    // A back-end that is left would have been timed under the name of another.
    const answers = await page.ask('ours', 'backend');
    if (timed.includes('ours') && answers !== BACKENDS[backend].ours) throw new Error(`ours was left for ${answers}`);
    for (const of of Object.values(elapsed)) of.both = sum(of.lungs, of.convnet);

    const rows = peersOf(backend).flatMap(([peer, { name, goal: has }]) =>
      [...NETWORKS, 'both'].map((network) => {
        const [own, other] = [elapsed.ours?.[network], elapsed[peer]?.[network]];
        return row(`${network}, ours against ${name}: times as long`, {
          ours: own && ms(own),
          other: other && ms(other),
          value: own && other ? ratio(own, other) : null,
          goal: has ? goal : {},
        });
      }),
    );
    return { title: `${title}: medians of ${rounds} rounds of ${times} runs`, rows, notes };
  } finally {
    await browser.close();
  }
}

export const wasm = ({ server, rounds }) => compare('wasm', { server, rounds: 4 * rounds, times: 10 });
export const webgpu = ({ server, rounds }) => compare('webgpu', { server, rounds, times: 2 });
