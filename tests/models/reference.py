"""TensorFlow Lite's reference kernels, and the two ways in which their results are written down."""
import base64
import gzip
import importlib.metadata
import io
import json
import zlib

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RUNTIME = f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}, BUILTIN_REF"


class Reference:
    """One model on BUILTIN_REF, one thread, no delegate, every tensor kept."""

    def __init__(self, model):
        self.interpreter = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                                       experimental_preserve_all_tensors=True, num_threads=1)
        self.interpreter.allocate_tensors()
        self.inputs = self.interpreter.get_input_details()
        self.outputs = self.interpreter.get_output_details()

    def run(self, inputs):
        for detail, x in zip(self.inputs, inputs):
            self.interpreter.set_tensor(detail["index"], x)
        self.interpreter.invoke()
        return [self.interpreter.get_tensor(o["index"]) for o in self.outputs]

    def operators(self):
        return [op["op_name"] for op in self.interpreter._get_ops_details()]

    def tensors(self):
        """Every operator's outputs after the last run, in the file's order."""
        details = {d["index"]: d for d in self.interpreter.get_tensor_details()}
        for op in self.interpreter._get_ops_details():
            for t in op["outputs"]:
                x = self.interpreter.get_tensor(t)
                yield {"op": int(op["index"]), "kind": op["op_name"], **describe(details[t]), "data": encode(x)}


def describe(detail):
    scale, zero_point = detail["quantization"]
    return {"name": detail["name"], "dtype": np.dtype(detail["dtype"]).name, "shape": [int(n) for n in detail["shape"]],
            "scale": float(scale), "zero_point": int(zero_point)}


def seed(text):
    """Every name has its own random numbers: a case added or dropped changes no other."""
    return np.random.default_rng(zlib.crc32(text.encode()))


def synthetic(kind, name, detail):
    """One input.

    "noise" over the whole range, "bell" (normal, about the middle), "near" the zero point, "above" and "below" it, all
    "low", all "high", or a "ramp" of every value.
    """
    shape, dtype = tuple(detail["shape"]), np.dtype(detail["dtype"])
    info = np.iinfo(dtype)
    if kind in ("low", "high"):
        return np.full(shape, {"low": info.min, "high": info.max}[kind], dtype)
    if kind == "ramp":
        return (np.arange(np.prod(shape)) % 256 + info.min).reshape(shape).astype(dtype)
    rng = seed(f"{name}/{kind}/{detail['index']}")
    x = {"noise": lambda: rng.integers(info.min, info.max + 1, shape),
         "bell": lambda: np.rint(rng.normal(info.min + 127.5, 25, shape)),
         "near": lambda: rng.integers(-4, 5, shape) + detail["quantization"][1],
         "above": lambda: rng.integers(detail["quantization"][1] + 1, info.max + 1, shape),
         "below": lambda: rng.integers(info.min, detail["quantization"][1], shape)}[kind]()
    return x.clip(info.min, info.max).astype(dtype)


def encode(x):
    return base64.b64encode(np.ascontiguousarray(x).tobytes()).decode()


def packed(value):
    """Gzipped JSON without a time stamp."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=9, mtime=0) as f:
        f.write(json.dumps(value, separators=(",", ":")).encode())
    return out.getvalue()
