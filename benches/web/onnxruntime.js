// onnxruntime-web with one of its back-ends ('wasm' or 'webgpu'), in one thread and otherwise as it comes.

import './contestant.js';

const NETWORKS = ['lungs', 'convnet'];

compete(async ({ backend }) => {
  const models = Promise.all(NETWORKS.map(async (name) => (await fetch(`/made/${name}.onnx`)).arrayBuffer()));
  const { env, InferenceSession, Tensor } = await import(`/peers/onnxruntime-web/dist/ort.${backend}.bundle.min.mjs`);
  env.wasm.numThreads = 1;
  const sessions = {};
  for (const [k, model] of (await models).entries()) {
    sessions[NETWORKS[k]] = await InferenceSession.create(model, { executionProviders: [backend] });
  }
  return {
    about: { backend },
    async run(network, plane) {
      const side = Math.sqrt(plane.length);
      const input = new Tensor('float32', plane, [1, 1, side, side]);
      const { maps, features } = await sessions[network].run({ plane: input });
      return { maps: maps.data, features: features.data };
    },
  };
});
