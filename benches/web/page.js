// The page of the bench: starts workers, asks them one question at a time, and keeps time where a page would.

const FILM = 'film.jpg';
const NETWORKS = ['lungs', 'convnet'];

/** Contestants by name. */
const contestants = new Map();

/** Numbers as a network sees them: mean 0 and deviation 1, the same in every run. */
function drawPlane(side) {
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return Float32Array.from({ length: side * side }, () => 2 * (uniform() + uniform() + uniform()) - 3);
}

const planes = {};
for (const name of NETWORKS) planes[name] = drawPlane((await (await fetch(`/made/${name}.json`)).json()).side);

/** The next message of a worker that `wanted` takes; rejects where the worker fails. */
function next(worker, wanted) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      const failed = data.error ?? (['failed', 'crashed'].includes(data.type) && JSON.stringify(data));
      if (failed) reject(new Error(failed));
      else if (wanted(data)) resolve(data);
    };
    worker.onerror = (event) => reject(new Error(event.message || 'a worker did not start'));
  });
}

async function call(worker, method, ...args) {
  const answer = next(worker, () => true);
  worker.postMessage({ method, args });
  return (await answer).result;
}

/** Loads a contestant: what it says about itself. */
async function start(name, script, backend) {
  const worker = new Worker(script, script === 'tensorflow.js' ? {} : { type: 'module' });
  contestants.set(name, worker);
  return call(worker, 'load', { backend });
}

const ask = (name, method, ...args) => call(contestants.get(name), method, ...args);

/** Milliseconds a run, and the output as plain numbers. */
async function time(name, network, times) {
  const { ms, output } = await ask(name, 'time', network, planes[network], times);
  return { ms, maps: [...output.maps], features: [...output.features] };
}

function stop(name) {
  contestants.get(name).terminate();
  contestants.delete(name);
}

const fetchFilm = async (name) => (await fetch(`/made/${name}`)).arrayBuffer();

/** Milliseconds from nothing but the page's scripts to the report of a film, by its own loader, pool and queue. */
async function firstVerdict() {
  const [{ WorkerPool }, { Queue }] = await Promise.all([import('/site/worker-pool.js'), import('/site/queue.js')]);
  const file = new File([await fetchFilm('common.jpg')], 'common.jpg');
  const ignore = () => {};
  let ready = 0;
  let compute = null;
  let settle = ignore;
  const settled = new Promise((resolve) => (settle = resolve));
  const begin = performance.now();
  const pool = new WorkerPool(1, null, {
    progress: ignore,
    ready: () => (ready = performance.now()),
    failed: ({ message }) => settle(new Error(message)),
    computed: (said) => (compute = said),
    requests: ignore,
  });
  pool.start().catch(ignore);
  const queue = new Queue(pool, { changed: ignore, moved: () => queue.progress() ?? settle(null) });
  const [film] = queue.add([{ file }]);
  const failure = await settled;
  const ms = performance.now() - begin;
  if (failure) throw failure;
  if (film.state !== 'done') throw new Error(film.failure.message);
  return { ms, ready: ready - begin, stages: film.report.elapsed_ms, compute };
}

/** Milliseconds from nothing but the scripts to the outputs of both networks. */
async function firstOutputs(script, backend) {
  // As ours: the scripts are there, cached; they have not run.
  const scripts = [script, 'contestant.js', `/peers/onnxruntime-web/dist/ort.${backend}.bundle.min.mjs`];
  await Promise.all(scripts.map((path) => fetch(path).then((response) => response.arrayBuffer())));
  const begin = performance.now();
  await start('first', script, backend);
  const ready = performance.now();
  for (const network of NETWORKS) await ask('first', 'time', network, planes[network], 1);
  return { ms: performance.now() - begin, ready: ready - begin };
}

/** The site's own queue on so many workers, which have read some films. */
async function startQueue(workers) {
  const [{ WorkerPool }, { Queue }] = await Promise.all([import('/site/worker-pool.js'), import('/site/queue.js')]);
  const ignore = () => {};
  const pool = new WorkerPool(workers, null, { progress: ignore, ready: ignore, failed: ignore, computed: ignore, requests: ignore });
  let settle = ignore;
  const queue = new Queue(pool, { changed: ignore, moved: () => queue.progress() ?? settle() });
  const file = new File([await fetchFilm(FILM)], FILM);
  const read = async (films) => {
    const settled = new Promise((resolve) => (settle = resolve));
    const added = queue.add(Array.from({ length: films }, () => ({ file })));
    await settled;
    const failed = added.find(({ state }) => state !== 'done');
    if (failed) throw new Error(failed.failure.message);
    queue.clear();
  };
  await read(4 * workers);
  return read;
}

const queues = new Map();

/** Films a second with so many workers. */
async function filmsASecond(workers, films) {
  if (!queues.has(workers)) queues.set(workers, await startQueue(workers));
  const begin = performance.now();
  await queues.get(workers)(films);
  return (films * 1e3) / (performance.now() - begin);
}

/** In words; null where there is none. */
async function adapter() {
  const info = (await navigator.gpu?.requestAdapter())?.info;
  if (!info) return null;
  return [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') || 'unnamed';
}

globalThis.bench = { start, ask, time, stop, firstVerdict, firstOutputs, filmsASecond, adapter };
