// The page of the bench: starts workers, asks them one question at a time, and keeps time where a page would.

const FILM = 'film.jpg';
const NETWORKS = ['lungs', 'convnet'];

/** Contestants by name. */
const contestants = new Map();

/** Numbers as a network sees them: mean 0 and deviation 1, the same in every run. */
function drawPlane(side) {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
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

/** Milliseconds from nothing but the page's scripts to the report of a film. */
async function firstVerdict() {
  const { createClassifier } = await import('/site/covid-classifier.js');
  const file = new File([await fetchFilm('common.jpg')], 'common.jpg');
  const begin = performance.now();
  const classifier = await createClassifier({ workers: 1, metrics: false });
  const ready = performance.now();
  const { report } = await classifier.classify(file);
  return { ms: performance.now() - begin, ready: ready - begin, stages: report.elapsed_ms, compute: classifier.compute };
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

/** The classifier with so many workers, which have read some films. */
async function startReading(workers) {
  const { createClassifier } = await import('/site/covid-classifier.js');
  const classifier = await createClassifier({ workers, metrics: false });
  const file = new File([await fetchFilm(FILM)], FILM);
  const read = (films) => Promise.all(Array.from({ length: films }, () => classifier.classify(file)));
  await read(4 * workers);
  return read;
}

const readings = new Map();

/** Films a second with so many workers. */
async function filmsASecond(workers, films) {
  if (!readings.has(workers)) readings.set(workers, await startReading(workers));
  const begin = performance.now();
  await readings.get(workers)(films);
  return (films * 1e3) / (performance.now() - begin);
}

/** In words; null where there is none. */
async function adapter() {
  const info = (await navigator.gpu?.requestAdapter())?.info;
  if (!info) return null;
  return [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') || 'unnamed';
}

globalThis.bench = { start, ask, time, stop, firstVerdict, firstOutputs, filmsASecond, adapter };
