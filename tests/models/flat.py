"""Writes .tflite files by hand: any shape, scale, zero point and activation, no converter and no calibration."""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {"int8": schema.TensorType.INT8, "uint8": schema.TensorType.UINT8, "int32": schema.TensorType.INT32,
         "int64": schema.TensorType.INT64, "float32": schema.TensorType.FLOAT32}


def _enum(kind, value):
    return getattr(getattr(schema, kind), value)


def _version(op, dtype, options):
    """The operator version a converter would have written: importers may look at it, the kernels do not."""
    int8 = dtype == "int8"
    if op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        dilated = max(options.get("dilationWFactor", 1), options.get("dilationHFactor", 1)) > 1
        return 3 if int8 else 2 if dilated and op == "DEPTHWISE_CONV_2D" else 1
    if op == "FULLY_CONNECTED":
        return 5 if options.get("keepNumDims") else 4 if int8 else 1
    return 2 if int8 and op in ("ADD", "AVERAGE_POOL_2D", "MAX_POOL_2D", "SOFTMAX", "MEAN", "PAD", "ARG_MAX") else 1


class Graph:
    """One subgraph. Tensors are named by their index, as in the file."""

    def __init__(self, name):
        self.name = name
        self.tensors, self.operators, self.codes = [], [], []
        self.buffers = [schema.BufferT()]

    @classmethod
    def of(cls, name, model):
        """The first subgraph of a whole file, to go on with; also its inputs and outputs."""
        m = schema.ModelT.InitFromPackedBuf(model, 0)
        s, g = m.subgraphs[0], cls(name)
        g.tensors, g.operators, g.buffers = list(s.tensors), list(s.operators), list(m.buffers)
        g.codes = [(c.builtinCode, c.version) for c in m.operatorCodes]
        return g, list(s.inputs), list(s.outputs)

    def tensor(self, name, dtype, shape, scale=None, zero_point=0, data=None, axis=0):
        """Adds a tensor; a list of scales makes it per-channel along `axis`, `data` makes it a constant."""
        t = schema.TensorT()
        t.name, t.type, t.shape = name, TYPES[dtype], np.array(shape, np.int32)
        t.buffer = 0
        if data is not None:
            b = schema.BufferT()
            b.data = np.frombuffer(np.ascontiguousarray(data, dtype).tobytes(), np.uint8)
            t.buffer = len(self.buffers)
            self.buffers.append(b)
        if scale is not None:
            q = schema.QuantizationParametersT()
            q.scale = np.atleast_1d(np.asarray(scale, np.float32))
            q.zeroPoint = np.broadcast_to(np.asarray(zero_point, np.int64), q.scale.shape).copy()
            q.quantizedDimension = axis if len(q.scale) > 1 else 0
            t.quantization = q
        self.tensors.append(t)
        return len(self.tensors) - 1

    def operator(self, op, inputs, outputs, table=None, dtype="int8", **options):
        """Adds a builtin operator; `table` is the options' table in the schema, as "Conv2DOptions"."""
        code = (_enum("BuiltinOperator", op), _version(op, dtype, options))
        if code not in self.codes:
            self.codes.append(code)
        o = schema.OperatorT()
        o.opcodeIndex = self.codes.index(code)
        o.inputs, o.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
        if table:
            o.builtinOptionsType = _enum("BuiltinOptions", table)
            o.builtinOptions = getattr(schema, table + "T")()
            for key, value in options.items():
                assert hasattr(o.builtinOptions, key), key
                setattr(o.builtinOptions, key, value)
        self.operators.append(o)

    def finish(self, inputs, outputs):
        """The file's bytes."""
        g = schema.SubGraphT()
        g.name, g.tensors, g.operators = "main", self.tensors, self.operators
        g.inputs, g.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
        m = schema.ModelT()
        m.version, m.description, m.subgraphs, m.buffers = 3, self.name, [g], self.buffers
        m.operatorCodes = [self._code(*c) for c in self.codes]
        b = flatbuffers.Builder(1024)
        b.Finish(m.Pack(b), b"TFL3")
        return bytes(b.Output())

    @staticmethod
    def _code(code, version):
        c = schema.OperatorCodeT()
        if isinstance(version, str):  # a custom operator's name
            c.customCode, version = version, 1
        c.deprecatedBuiltinCode, c.builtinCode, c.version = min(code, 127), code, version
        return c


def padding(name):
    return _enum("Padding", name)


def activation(name):
    return _enum("ActivationFunctionType", name)
