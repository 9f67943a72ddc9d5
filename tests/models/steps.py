"""Operators as steps: each appends one operator to a graph and gives the activation that comes out.

Scales are chosen backwards. A case says what it wants to see (the requantisation multiplier, or nothing at all and
then one that spreads the outputs over the type's range); the weights' scale follows from it.
"""
import dataclasses
import math

import numpy as np

from flat import TYPES, activation, padding

LOW = {"int8": -128, "uint8": 0}
OUTPUT_SCALE = {"NONE": 0.05, "RELU": 0.04, "RELU6": 0.0261, "RELU_N1_TO_1": 0.0103}
OUTPUT_ZERO = {"NONE": 119, "RELU": 0, "RELU6": 0, "RELU_N1_TO_1": 131}
NOISE = math.sqrt((256**2 - 1) / 12)  # the standard deviation of noise over the whole range


@dataclasses.dataclass
class Activation:
    index: int
    dtype: str
    shape: tuple
    scale: float
    zero: int


def activation_tensor(g, name, dtype, shape, scale, zero):
    return Activation(g.tensor(name, dtype, shape, scale, zero), dtype, tuple(shape), scale, zero)


def output(g, x, act, shape, scale=None, zero=None):
    """An operator's output tensor; scale and zero point are the activation's usual ones unless the case says."""
    scale = OUTPUT_SCALE[act] if scale is None else scale
    zero = OUTPUT_ZERO[act] + LOW[x.dtype] if zero is None else zero
    return activation_tensor(g, f"out{len(g.operators)}", x.dtype, shape, scale, zero)


def length(n, kernel, stride, dilation, pad):
    reach = (kernel - 1) * dilation + 1
    return -(-n // stride) if pad == "SAME" else -(-(n - reach + 1) // stride)


def weighted(g, rng, x, y, shape, axis, kind, w=None, wz=None, m=None, exact=False, bias="spread", accumulate=None):
    """Adds random weights and a bias, with scales that bring about the wanted multiplier.

    kind   "channel", "tensor" (both symmetric int8) or "uint8" (one scale, zero point wz)
    w      the weights' largest distance from their zero point; m: the multiplier; exact: the same m for every channel
    accumulate  gives the accumulators of real activations, from the weights less their zero point; without it the
           activations are taken for noise
    bias   "spread" (centres the outputs), "large" (alone covers the type's range), "zero", None (no bias tensor)
    """
    if kind == "uint8":
        zero = 128 if wz is None else wz
        q = rng.integers(0, 256, shape) if w is None else (rng.integers(-w, w + 1, shape) + zero).clip(0, 255)
    else:
        w = 127 if w is None else w
        q, zero = rng.integers(-w, w + 1, shape), 0
    rows = np.moveaxis(q, axis, 0).reshape(shape[axis], -1) - zero
    if accumulate:
        sums = accumulate(q - zero)
        mean, spread = sums.mean(0), np.maximum(sums.std(0), 1)
    else:
        mean = rows.sum(1) * (LOW[x.dtype] + 127.5 - x.zero)
        spread = NOISE * np.sqrt(np.maximum((rows**2).sum(1), 1))
    if kind == "channel":
        wanted = 50 / spread if m is None else np.full(len(rows), m)
        factor = 1 if exact else rng.uniform(0.5, 1.6, len(rows))
        multiplier = wanted * factor
    else:
        multiplier = np.full(len(rows), 50 / np.median(spread) if m is None else m)
    scale = (multiplier * y.scale / x.scale).astype(np.float32)
    scale = scale if kind == "channel" else scale[:1]
    inputs = [x.index, g.tensor(f"weights{len(g.operators)}", x.dtype, shape, scale, zero, q, axis)]
    if bias is None:
        return inputs
    room = 2**31 - 1 - int(np.abs(rows).sum(1).max()) * 255
    b = {"spread": lambda: rng.normal(25 if accumulate else 0, 30, len(rows)) / multiplier - mean,
         "large": lambda: rng.normal(0, 60 / multiplier),
         "zero": lambda: np.zeros(len(rows))}[bias]()
    b = np.clip(np.rint(b), -room, room)
    s = (np.float32(x.scale) * scale).astype(np.float32)
    return inputs + [g.tensor(f"bias{len(g.operators)}", "int32", [len(rows)], s, 0, b.astype(np.int32))]


def conv(g, rng, x, out, kernel=(1, 1), stride=(1, 1), dilation=(1, 1), pad="SAME", act="NONE", scale=None, zero=None,
         groups=1, **weights):
    n, h, w, c = x.shape
    y = output(g, x, act, [n, *(length(*a, pad) for a in zip((h, w), kernel, stride, dilation)), out], scale, zero)
    inputs = weighted(g, rng, x, y, [out, *kernel, c // groups], 0, **weights)
    g.operator("CONV_2D", inputs, [y.index], "Conv2DOptions", x.dtype, padding=padding(pad),
               strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0], dilationWFactor=dilation[1],
               fusedActivationFunction=activation(act))
    return y


def depthwise(g, rng, x, multiplier=1, kernel=(3, 3), stride=(1, 1), dilation=(1, 1), pad="SAME", act="NONE",
              scale=None, zero=None, **weights):
    n, h, w, c = x.shape
    out = c * multiplier
    y = output(g, x, act, [n, *(length(*a, pad) for a in zip((h, w), kernel, stride, dilation)), out], scale, zero)
    inputs = weighted(g, rng, x, y, [1, *kernel, out], 3, **weights)
    g.operator("DEPTHWISE_CONV_2D", inputs, [y.index], "DepthwiseConv2DOptions", x.dtype, padding=padding(pad),
               strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0], dilationWFactor=dilation[1],
               depthMultiplier=multiplier, fusedActivationFunction=activation(act))
    return y


def fully_connected(g, rng, x, out, keep=False, act="NONE", scale=None, zero=None, **weights):
    depth = x.shape[-1] if keep else math.prod(x.shape[1:])
    y = output(g, x, act, [*x.shape[:-1], out] if keep else [x.shape[0], out], scale, zero)
    inputs = weighted(g, rng, x, y, [out, depth], 0, **weights)
    inputs = inputs if len(inputs) == 3 else inputs + [-1]
    g.operator("FULLY_CONNECTED", inputs, [y.index], "FullyConnectedOptions", x.dtype, keepNumDims=keep,
               fusedActivationFunction=activation(act))
    return y


def binary(op, table):
    def step(g, rng, x, other=None, constant=None, swap=False, act="NONE", scale=None, zero=None):
        """`other` (the graph's first input unless given) op x, the other way round with swap. The smaller spreads over the larger.

        constant: (shape, scale, zero point, values or None for random ones) stands for `other`.
        """
        if constant:
            shape, s, z, data = constant
            data = rng.integers(LOW[x.dtype], LOW[x.dtype] + 256, shape) if data is None else np.full(shape, data)
            index = g.tensor(f"constant{len(g.operators)}", x.dtype, shape, s, z, data)
            other = Activation(index, x.dtype, tuple(shape), s, z)
        else:
            other = other or g.first
        y = output(g, x, act, np.broadcast_shapes(other.shape, x.shape), scale, zero)
        operands = [other.index, x.index]
        g.operator(op, operands[::-1] if swap else operands, [y.index], table, x.dtype,
                   fusedActivationFunction=activation(act))
        return y
    return step


def concatenation(g, rng, x, others=1, other=None, swap=False, axis=-1, scale=None, zero=None):
    """`other` (the graph's first input unless given), so many times, and x; the other way round with swap."""
    parts = [other or g.first] * others + [x]
    shape = [*x.shape[:-1], sum(p.shape[-1] for p in parts)]
    y = output(g, x, "NONE", shape, x.scale if scale is None else scale, x.zero if zero is None else zero)
    g.operator("CONCATENATION", [p.index for p in (parts[::-1] if swap else parts)], [y.index], "ConcatenationOptions",
               x.dtype, axis=axis)
    return y


def transpose_conv(g, rng, x, out, kernel=(2, 2), stride=(2, 2), pad="SAME", act="NONE", scale=None, zero=None,
                   extra=(0, 0), **weights):
    """extra: rows and columns that the output has beside those which the strides give."""
    n, h, w, c = x.shape
    reach = [0 if pad == "SAME" else max(k - s, 0) for k, s in zip(kernel, stride)]
    size = [a * s + r + e for a, s, r, e in zip((h, w), stride, reach, extra)]
    y = output(g, x, act, [n, *size, out], scale, zero)
    inputs = weighted(g, rng, x, y, [out, *kernel, c], 0, **weights)
    shape = g.tensor(f"shape{len(g.operators)}", "int32", [4], data=y.shape)
    w_and_bias = inputs[1:]
    g.operator("TRANSPOSE_CONV", [shape, w_and_bias[0], x.index, *w_and_bias[1:]], [y.index], "TransposeConvOptions",
               x.dtype, padding=padding(pad), strideH=stride[0], strideW=stride[1],
               fusedActivationFunction=activation(act))
    return y


def resize(op):
    def step(g, rng, x, size, corners=False, half=False):
        y = output(g, x, "NONE", [1, *size, x.shape[3]], x.scale, x.zero)
        s = g.tensor(f"size{len(g.operators)}", "int32", [2], data=size)
        table = {"RESIZE_BILINEAR": "ResizeBilinearOptions"}.get(op, "ResizeNearestNeighborOptions")
        g.operator(op, [x.index, s], [y.index], table, x.dtype, alignCorners=corners, halfPixelCenters=half)
        return y
    return step


def extremum(op):
    def step(g, rng, x, value, swap=False):
        """value: from the type's lowest."""
        y = output(g, x, "NONE", x.shape, x.scale, x.zero)
        index = g.tensor(f"constant{len(g.operators)}", x.dtype, [], x.scale, x.zero, [value + LOW[x.dtype]])
        g.operator(op, [index, x.index] if swap else [x.index, index], [y.index], "MaximumMinimumOptions", x.dtype)
        return y
    return step


def unary(op, table=None):
    def step(g, rng, x, scale=None, zero=None, **options):
        y = output(g, x, "NONE", x.shape, scale, zero)
        g.operator(op, [x.index], [y.index], table, x.dtype, **options)
        return y
    return step


def pool(op):
    def step(g, rng, x, kernel, stride=(1, 1), pad="VALID", act="NONE"):
        n, h, w, c = x.shape
        shape = [n, *(length(*a, 1, pad) for a in zip((h, w), kernel, stride)), c]
        y = output(g, x, act, shape, x.scale, x.zero)
        g.operator(op, [x.index], [y.index], "Pool2DOptions", x.dtype, padding=padding(pad), filterHeight=kernel[0],
                   filterWidth=kernel[1], strideH=stride[0], strideW=stride[1], fusedActivationFunction=activation(act))
        return y
    return step


def mean(g, rng, x, axes=(1, 2), keep=True, scale=None, zero=None):
    gone = [a % len(x.shape) for a in axes]
    shape = [1 if i in gone else n for i, n in enumerate(x.shape) if keep or i not in gone]
    y = output(g, x, "NONE", shape, x.scale if scale is None else scale, x.zero if zero is None else zero)
    a = g.tensor("axes", "int32", [len(axes)], data=axes)
    g.operator("MEAN", [x.index, a], [y.index], "ReducerOptions", x.dtype, keepDims=keep)
    return y


def softmax(g, rng, x, beta=1.0):
    y = output(g, x, "NONE", x.shape, 1 / 256, LOW[x.dtype])
    g.operator("SOFTMAX", [x.index], [y.index], "SoftmaxOptions", x.dtype, beta=beta)
    return y


def arg_max(g, rng, x, dtype="int64", axis=-1):
    y = Activation(g.tensor(f"out{len(g.operators)}", dtype, x.shape[:-1]), dtype, x.shape[:-1], 0, 0)
    a = g.tensor(f"axis{len(g.operators)}", "int32", [], data=axis)
    g.operator("ARG_MAX", [x.index, a], [y.index], "ArgMaxOptions", x.dtype, outputType=TYPES[dtype])
    return y


def batches(op, way):
    def step(g, rng, x, block, amount):
        """amount: what is padded before or cut off after, (top, bottom), (left, right)."""
        n, (by, bx) = x.shape[0], block
        (t, b), (l, r) = amount
        if way == "out":
            shape = [n * by * bx, (x.shape[1] + t + b) // by, (x.shape[2] + l + r) // bx, x.shape[3]]
        else:
            shape = [n // (by * bx), x.shape[1] * by - t - b, x.shape[2] * bx - l - r, x.shape[3]]
        y = output(g, x, "NONE", shape, x.scale, x.zero)
        inputs = [g.tensor(f"{name}{len(g.operators)}", "int32", np.shape(v), data=v)
                  for name, v in (("block", block), ("amount", amount))]
        g.operator(op, [x.index, *inputs], [y.index], dtype=x.dtype)
        return y
    return step


def quantize(g, rng, x, dtype, scale, zero):
    y = activation_tensor(g, f"out{len(g.operators)}", dtype, x.shape, scale, zero)
    g.operator("QUANTIZE", [x.index], [y.index], "QuantizeOptions", x.dtype)
    return y


def pad(g, rng, x, amount):
    """amount: (top, bottom), (left, right), and maybe (before, after) of the channels."""
    pads = [(0, 0), *amount] + [(0, 0)] * (3 - len(amount))
    y = output(g, x, "NONE", [n + a + b for n, (a, b) in zip(x.shape, pads)], x.scale, x.zero)
    p = g.tensor(f"pads{len(g.operators)}", "int32", [4, 2], data=pads)
    g.operator("PAD", [x.index, p], [y.index], "PadOptions", x.dtype)
    return y


def reshape(g, rng, x, shape):
    """The new shape stands both in the options and in a constant, as converters write it; it may hold one -1."""
    known = math.prod(n for n in shape if n > 0)
    y = output(g, x, "NONE", [math.prod(x.shape) // known if n < 0 else n for n in shape], x.scale, x.zero)
    s = g.tensor(f"shape{len(g.operators)}", "int32", [len(shape)], data=shape)
    g.operator("RESHAPE", [x.index, s], [y.index], "ReshapeOptions", x.dtype, newShape=np.array(shape, np.int32))
    return y


def squeeze(g, rng, x, axes):
    gone = [a % len(x.shape) for a in axes] or [i for i, n in enumerate(x.shape) if n == 1]
    y = output(g, x, "NONE", [n for i, n in enumerate(x.shape) if i not in gone], x.scale, x.zero)
    g.operator("SQUEEZE", [x.index], [y.index], "SqueezeOptions", x.dtype, squeezeDims=np.array(axes, np.int32))
    return y


STEPS = {"SPACE_TO_BATCH_ND": batches("SPACE_TO_BATCH_ND", "out"),
         "BATCH_TO_SPACE_ND": batches("BATCH_TO_SPACE_ND", "back"),
         "ARG_MAX": arg_max, "CONV_2D": conv, "TRANSPOSE_CONV": transpose_conv,
         "DEPTHWISE_CONV_2D": depthwise, "FULLY_CONNECTED": fully_connected,
         "ADD": binary("ADD", "AddOptions"), "SUB": binary("SUB", "SubOptions"), "MUL": binary("MUL", "MulOptions"),
         "AVERAGE_POOL_2D": pool("AVERAGE_POOL_2D"), "MAX_POOL_2D": pool("MAX_POOL_2D"), "MEAN": mean,
         "SOFTMAX": softmax, "QUANTIZE": quantize, "PAD": pad, "RESHAPE": reshape, "SQUEEZE": squeeze,
         "HARD_SWISH": unary("HARD_SWISH", "HardSwishOptions"), "LOGISTIC": unary("LOGISTIC"),
         **{op: resize(op) for op in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")},
         **{op: extremum(op) for op in ("MAXIMUM", "MINIMUM")},
         "CONCATENATION": concatenation, "LEAKY_RELU": unary("LEAKY_RELU", "LeakyReluOptions"),
         **{op: unary(op) for op in ("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1")}}
