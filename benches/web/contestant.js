// What all contestants do alike, in a worker of their own: `compete(load)` answers one question at a time, of the form
// { method, args }. `load` gives an object whose `run(network, plane)` gives { maps, features }.

globalThis.compete = (load) => {
  let contestant = null;
  const own = {
    async load(options) {
      contestant = await load(options);
      return contestant.about;
    },
    /** Runs a network a number of times: milliseconds a run, and the last output. */
    async time(network, plane, times) {
      let output;
      const begin = performance.now();
      for (let k = 0; k < times; k++) output = await contestant.run(network, plane);
      return { ms: (performance.now() - begin) / times, output };
    },
  };
  self.onmessage = async ({ data: { method, args } }) => {
    try {
      postMessage({ result: await (own[method] ?? contestant[method])(...args) });
    } catch (error) {
      postMessage({ error: String(error?.message ?? error) });
    }
  };
};
