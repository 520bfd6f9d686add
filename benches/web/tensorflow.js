// TensorFlow.js with one of its back-ends ('wasm' or 'webgpu'). Its own order is (N, H, W, C); convolution, bias and
// ReLU are one operation, as its converter would make them.

importScripts(
  'contestant.js',
  ...['core', 'backend-cpu', 'backend-wasm', 'backend-webgpu'].map((part) => `/peers/@tensorflow/tfjs-${part}/dist/tf-${part}.min.js`),
);

const fetched = async (name) => {
  const response = await fetch(`/made/${name}`);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
};

/** Filters and biases, one pair a convolution in the order they run. */
function parameters(layers, numbers) {
  let used = 0;
  const take = (count) => {
    used += count;
    return numbers.subarray(used - count, used);
  };
  return layers.map(({ kind, outputs, inputs, kernel }) => {
    if (kind !== 'conv') return null;
    const weights = tf.tensor4d(take(outputs * inputs * kernel * kernel), [outputs, inputs, kernel, kernel]);
    return { filter: tf.transpose(weights, [2, 3, 1, 0]), bias: tf.tensor1d(take(outputs)) };
  });
}

async function build(name) {
  const { layers, features } = await (await fetched(`${name}.json`)).json();
  const given = parameters(layers, new Float32Array(await (await fetched(`${name}.bin`)).arrayBuffer()));
  const kinds = {
    conv: ({ input, kernel, stride: strides, relu }, values, { filter, bias }) => {
      const pad = kernel === 3 ? 1 : 0;
      const activation = relu ? 'relu' : 'linear';
      return tf.fused.conv2d({ x: values[input], filter, bias, strides, pad, dimRoundingMode: 'floor', activation });
    },
    add_relu: ({ inputs: [a, b] }, values) => tf.relu(tf.add(values[a], values[b])),
    upsample: ({ input }, values) => {
      const [, height, width] = values[input].shape;
      return tf.image.resizeNearestNeighbor(values[input], [2 * height, 2 * width]);
    },
  };
  return (plane) =>
    tf.tidy(() => {
      const side = Math.sqrt(plane.length);
      const values = [tf.tensor4d(plane, [1, side, side, 1])];
      for (const [k, layer] of layers.entries()) values.push(kinds[layer.kind](layer, values, given[k]));
      return [tf.transpose(values.at(-1), [0, 3, 1, 2]), tf.mean(values[features], [1, 2])];
    });
}

compete(async ({ backend }) => {
  tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no back-end ${backend} here`);
  const networks = { lungs: await build('lungs'), convnet: await build('convnet') };
  return {
    about: { backend: tf.getBackend() },
    async run(network, plane) {
      const outputs = networks[network](plane);
      const [maps, features] = await Promise.all(outputs.map((output) => output.data()));
      for (const output of outputs) output.dispose();
      return { maps, features };
    },
  };
});
