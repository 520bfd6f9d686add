"""Makes NAME.onnx from NAME.json and NAME.bin, which `covid-classifier network` writes.

The graph reads `plane` (1, 1, side, side) and gives `maps`, the last value, and `features`, the
channel means of the value that the network names.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def make(folder: Path, name: str):
    network = json.loads((folder / f"{name}.json").read_text())
    numbers = np.fromfile(folder / f"{name}.bin", dtype="<f4")
    nodes, initializers = [], []

    def add(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def constant(array, name):
        initializers.append(numpy_helper.from_array(array, name))
        return name

    def take(*shape):
        nonlocal numbers
        count = int(np.prod(shape))
        values, numbers = numbers[:count], numbers[count:]
        return values.reshape(shape)

    constant(np.array([1, 1, 2, 2], np.float32), "twice")
    last = len(network["layers"])
    values = ["plane", *(f"value{k}" for k in range(1, last)), "maps"]
    for layer, value in zip(network["layers"], values[1:], strict=True):
        match layer["kind"]:
            case "conv":
                kernel = layer["kernel"]
                weights = take(layer["outputs"], layer["inputs"], kernel, kernel)
                weights = constant(weights, layer["name"] + ".weight")
                bias = constant(take(layer["outputs"]), layer["name"] + ".bias")
                raw = value + ".raw" if layer["relu"] else value
                sizes = {
                    "kernel_shape": [kernel] * 2,
                    "pads": [kernel // 2] * 4,
                    "strides": [layer["stride"]] * 2,
                }
                add("Conv", [values[layer["input"]], weights, bias], raw, **sizes)
                if layer["relu"]:
                    add("Relu", [raw], value)
            case "add_relu":
                add("Add", [values[k] for k in layer["inputs"]], value + ".sum")
                add("Relu", [value + ".sum"], value)
            case "upsample":
                how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
                add("Resize", [values[layer["input"]], "", "twice"], value, mode="nearest", **how)
            case kind:
                raise ValueError(f"no layer is called {kind}")
    if numbers.size:
        raise ValueError(f"{name}.bin has {numbers.size} numbers more than the network has parameters")
    add("ReduceMean", [values[network["features"]]], "features", axes=[2, 3], keepdims=0)

    side = network["side"]
    plane = helper.make_tensor_value_info("plane", TensorProto.FLOAT, [1, 1, side, side])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("maps", "features")]
    graph = helper.make_graph(nodes, name, [plane], outputs, initializers)
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8, producer_name="covid-classifier")
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, folder / f"{name}.onnx")


if __name__ == "__main__":
    for name in sys.argv[2:]:
        make(Path(sys.argv[1]), name)
