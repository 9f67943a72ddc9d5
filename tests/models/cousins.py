"""What the cousins of MobileNet bring: float ends, channels first, TRANSPOSE, PAD of anything, raw heads.

Cases like those of cases.py, but models are fed and read as the host does: float32 inputs and outputs and tensors whose
channels come first are theirs as they stand. Entries are those of operators.json.gz.
"""
import numpy as np

from flat import Graph, TYPES
from reference import Reference, describe, encode, seed, synthetic
from steps import LOW, OUTPUT_ZERO, STEPS, Activation, activation_tensor, output

EVERY = ("noise", "low", "high")
FLOATS = ("noise", "ties", "far")


# Steps that steps.py does not have.

def transpose(g, rng, x, order):
    shape = [x.shape[d] for d in order]
    y = x.dtype == "float32" and real(g, shape) or output(g, x, "NONE", shape, x.scale, x.zero)
    p = g.tensor(f"order{len(g.operators)}", "int32", [len(order)], data=order)
    g.operator("TRANSPOSE", [x.index, p], [y.index], "TransposeOptions", x.dtype)
    return y


def real(g, shape):
    return Activation(g.tensor(f"out{len(g.operators)}", "float32", shape), "float32", tuple(shape), 0, 0)


def dequantize(g, rng, x):
    y = real(g, x.shape)
    g.operator("DEQUANTIZE", [x.index], [y.index], "DequantizeOptions", x.dtype)
    return y


def pad(g, rng, x, amount, value=None, int64=False):
    """amount: (before, after) of every dimension. value, from the type's lowest, makes it PADV2."""
    y = output(g, x, "NONE", [n + a + b for n, (a, b) in zip(x.shape, amount)], x.scale, x.zero)
    p = g.tensor(f"pads{len(g.operators)}", "int64" if int64 else "int32", [len(amount), 2], data=amount)
    if value is None:
        g.operator("PAD", [x.index, p], [y.index], "PadOptions", x.dtype)
    else:
        v = g.tensor(f"value{len(g.operators)}", x.dtype, [1], x.scale, x.zero, [value + LOW[x.dtype]])
        g.operator("PADV2", [x.index, p, v], [y.index], "PadV2Options", x.dtype)
    return y


def reshape(g, rng, x, shape):
    y = x.dtype == "float32" and real(g, shape) or output(g, x, "NONE", shape, x.scale, x.zero)
    s = g.tensor(f"shape{len(g.operators)}", "int32", [len(shape)], data=shape)
    g.operator("RESHAPE", [x.index, s], [y.index], "ReshapeOptions", x.dtype, newShape=np.array(shape, np.int32))
    return y


def expand(g, rng, x, axis):
    at = axis % (len(x.shape) + 1)
    y = output(g, x, "NONE", [*x.shape[:at], 1, *x.shape[at:]], x.scale, x.zero)
    a = g.tensor(f"axis{len(g.operators)}", "int32", [1], data=[axis])
    g.operator("EXPAND_DIMS", [x.index, a], [y.index], "ExpandDimsOptions", x.dtype)
    return y


def both(op):
    """The graph's first input and x, or x and itself after the steps in between: a sum of two that are turned alike."""
    def step(g, rng, x, steps):
        y = x
        for name, options in steps:
            y = ALL[name](g, rng, y, **options)
        return STEPS[op](g, rng, y, other=x)
    return step


def beside(g, rng, x, axis, steps=()):
    """x and what steps make of it, concatenated along an axis."""
    y = x
    for name, options in steps:
        y = ALL[name](g, rng, y, **options)
    assert (y.scale, y.zero) == (x.scale, x.zero)
    z = output(g, x, "NONE", [a + b if d == axis else a for d, (a, b) in enumerate(zip(x.shape, y.shape))], x.scale, x.zero)
    g.operator("CONCATENATION", [x.index, y.index], [z.index], "ConcatenationOptions", x.dtype, axis=axis)
    return z


def cut(g, rng, x, begin, size):
    y = output(g, x, "NONE", size, x.scale, x.zero)
    b, s = (g.tensor(f"{n}{len(g.operators)}", "int32", [len(v)], data=v) for n, v in (("begin", begin), ("size", size)))
    g.operator("SLICE", [x.index, b, s], [y.index], "SliceOptions", x.dtype)
    return y


def gate(g, rng, x, axes=(2, 3), steps=()):
    """Squeeze-excite of planes: the mean over rows and columns, steps, and the product with x."""
    y = STEPS["MEAN"](g, rng, x, axes=axes)
    for name, options in steps:
        y = ALL[name](g, rng, y, **options)
    return STEPS["MUL"](g, rng, y, other=x, swap=False)


def out(g, rng, x):
    """Makes an output here, beside the last."""
    g.outs.append(x.index)
    return x


def last_dimension(g, rng, x):
    """The biases of everything before say that their scales lie along dimension 3, as old converters wrote."""
    for t in g.tensors:
        if t.type == TYPES["int32"] and t.quantization is not None and len(t.quantization.scale) > 1:
            t.quantization.quantizedDimension = 3
    return x


def heads(g, rng, x, ends=("LOGISTIC",), classes=3, rank=3, then=()):
    """Heads of 3 and 2 anchors a pixel on x and on a map of half its size, reshaped, concatenated along the anchors."""
    kind = {"int8": "channel", "uint8": "uint8"}[x.dtype]
    parts = []
    for anchors, each in ((3, x), (2, STEPS["DEPTHWISE_CONV_2D"](g, rng, x, kind=kind, stride=(2, 2)))):
        size = each.shape[1] * each.shape[2] * anchors
        zero = OUTPUT_ZERO["NONE"] + LOW[x.dtype]
        head = STEPS["CONV_2D"](g, rng, each, kind=kind, out=anchors * classes, scale=0.05, zero=zero)
        parts.append(reshape(g, rng, head, [1, size, classes] if rank == 3 else [1, size, 1, classes]))
    whole = sum(p.shape[1] for p in parts)
    y = output(g, parts[0], "NONE", [1, whole, *parts[0].shape[2:]], parts[0].scale, parts[0].zero)
    g.operator("CONCATENATION", [p.index for p in parts], [y.index], "ConcatenationOptions", x.dtype, axis=1)
    for name in ends:
        y = ALL[name](g, rng, y, **({"scale": 1 / 256, "zero": LOW[x.dtype]} if name == "LOGISTIC" else {}))
    for name, options in then:
        y = ALL[name](g, rng, y, **options)
    return y


def grids(g, rng, x, channels=18, float_out=True):
    """A YOLO-like neck: three maps, two of them joined with a resized deeper one, a head each; the last ends the graph."""
    kind = {"int8": "channel", "uint8": "uint8"}[x.dtype]
    step = lambda name, y, **o: STEPS[name](g, rng, y, **o)
    small = step("CONV_2D", x, kind=kind, out=8, kernel=(3, 3), stride=(2, 2), act="RELU6")
    middle = step("CONV_2D", step("DEPTHWISE_CONV_2D", small, kind=kind, stride=(2, 2)), kind=kind, out=8)
    deep = step("CONV_2D", step("DEPTHWISE_CONV_2D", middle, kind=kind, stride=(2, 2), act="RELU6"), kind=kind, out=8)
    levels, above = [deep], deep
    for level in (middle, small):
        up = step("RESIZE_NEAREST_NEIGHBOR", step("CONV_2D", above, kind=kind, out=8), size=level.shape[1:3])
        above = step("ADD", up, other=level)
        levels.append(above)
    for level in levels:
        y = step("CONV_2D", level, kind=kind, out=channels)
        y = dequantize(g, rng, y) if float_out else y
        g.outs.append(y.index)
    g.outs.pop()
    return y


ALL = STEPS | {"TRANSPOSE": transpose, "DEQUANTIZE": dequantize, "PAD": pad, "PADV2": pad, "RESHAPE": reshape,
               "EXPAND_DIMS": expand, "BOTH_ADD": both("ADD"), "BOTH_MUL": both("MUL"), "GATE": gate, "BESIDE": beside, "SLICE": cut, "OUT": out,
               "LAST_DIMENSION": last_dimension, "HEADS": heads, "GRIDS": grids}


# The table.

def case(name, op, dtype, shape, *steps, scale=0.0235, zero=None, values=None):
    zero = {"int8": -5, "uint8": 128, "float32": 0}[dtype] if zero is None else zero
    steps = [(s, {}) if isinstance(s, str) else s for s in steps]
    return dict(name=name, op=op, dtype=dtype, shape=shape, scale=scale, zero=zero, steps=steps,
                values=values or (FLOATS if dtype == "float32" else EVERY))


def q(dtype, scale, zero):
    """From float; zero counts from the type's lowest value."""
    return ("QUANTIZE", dict(dtype=dtype, scale=scale, zero=zero + LOW[dtype]))


def conv(kind="channel", out=6, kernel=(3, 3), **options):
    return ("CONV_2D", dict(kind=kind, out=out, kernel=kernel, **options))


def turn(*order):
    return ("TRANSPOSE", dict(order=order))


def dense(out=7, kind="channel", **options):
    return ("FULLY_CONNECTED", dict(kind=kind, out=out, **options))


SHAPES = [(1, 5, 7, 3), (1, 1, 9, 1), (1, 33), (1, 4, 8, 8), (1, 6, 5)]

QUANTIZE = [
    case(f"quantize_float_{dtype}_{k}", "QUANTIZE", "float32", SHAPES[k % 5], q(dtype, scale, zero))
    for dtype in ("int8", "uint8")
    for k, (scale, zero) in enumerate([(0.5, 128), (1 / 255, 0), (0.0235, 110), (1 / 127.5, 127), (0.0187, 255),
                                       (3.7e-3, 77), (1 / 3, 128), (12.5, 200)])
] + [
    case("quantize_float_conv", "QUANTIZE", "float32", (1, 7, 6, 3), q("int8", 0.0235, 110), conv()),
    case("quantize_float_conv_uint8", "QUANTIZE", "float32", (1, 7, 6, 3), q("uint8", 1 / 128, 128),
         conv("uint8", wz=130)),
    case("quantize_float_depthwise", "QUANTIZE", "float32", (1, 7, 6, 4), q("int8", 0.0235, 0),
         ("DEPTHWISE_CONV_2D", dict(kind="channel"))),
    case("quantize_float_requantize", "QUANTIZE", "float32", (1, 4, 4, 4), q("int8", 0.0235, 110),
         q("uint8", 0.031, 100)),
]

DEQUANTIZE = [
    case(f"dequantize_{dtype}_{k}", "DEQUANTIZE", dtype, SHAPES[k % 5], "DEQUANTIZE", scale=scale, zero=zero + LOW[dtype])
    for dtype in ("int8", "uint8")
    for k, (scale, zero) in enumerate([(0.5, 128), (1 / 255, 0), (0.0235, 110), (1 / 127.5, 127), (0.0187, 255),
                                       (3.7e-3, 77), (1 / 3, 128), (12.5, 200)])
] + [
    case("dequantize_conv", "DEQUANTIZE", "int8", (1, 5, 6, 3), conv(), "DEQUANTIZE"),
    case("dequantize_softmax", "DEQUANTIZE", "int8", (1, 9), "SOFTMAX", "DEQUANTIZE"),
    case("dequantize_both_ends", "DEQUANTIZE", "float32", (1, 6, 5, 3), q("int8", 0.0187, 114), conv(stride=(2, 2)),
         ("MEAN", dict(keep=False)), dense(), "DEQUANTIZE"),
    case("dequantize_both_ends_uint8", "DEQUANTIZE", "float32", (1, 6, 5, 3), q("uint8", 0.0187, 114),
         conv("uint8", wz=120), "DEQUANTIZE"),
    case("dequantize_and_integer", "DEQUANTIZE", "int8", (1, 5, 6, 3), conv(), "OUT", "DEQUANTIZE"),
    case("dequantize_reshape", "DEQUANTIZE", "int8", (1, 5, 6, 3), conv(), "DEQUANTIZE", ("RESHAPE", dict(shape=[1, 30, 6]))),
    case("dequantize_transpose", "DEQUANTIZE", "int8", (1, 5, 6, 3), conv(), "DEQUANTIZE", turn(0, 3, 1, 2)),
]

NONE = (0, 0)
TRANSPOSE = [
    case("transpose_input", "TRANSPOSE", "int8", (1, 3, 6, 7), turn(0, 2, 3, 1), conv()),
    case("transpose_input_uint8", "TRANSPOSE", "uint8", (1, 3, 6, 7), turn(0, 2, 3, 1), conv("uint8", wz=99)),
    case("transpose_input_grey", "TRANSPOSE", "int8", (1, 1, 6, 7), turn(0, 2, 3, 1), conv()),
    case("transpose_input_twice", "TRANSPOSE", "int8", (1, 4, 5, 6), turn(0, 2, 3, 1), turn(0, 3, 1, 2), turn(0, 2, 3, 1),
         conv()),
    case("transpose_input_float", "TRANSPOSE", "float32", (1, 3, 6, 7), turn(0, 2, 3, 1), q("int8", 0.0235, 110), conv()),
    case("transpose_input_float_behind", "TRANSPOSE", "float32", (1, 3, 6, 7), q("int8", 0.0235, 110), turn(0, 2, 3, 1),
         conv()),
    case("transpose_output", "TRANSPOSE", "int8", (1, 6, 7, 3), conv(), turn(0, 3, 1, 2)),
    case("transpose_output_reshape", "TRANSPOSE", "int8", (1, 6, 7, 3), conv(), turn(0, 3, 1, 2),
         ("RESHAPE", dict(shape=[1, 6, 42]))),
    case("transpose_output_3", "TRANSPOSE", "uint8", (1, 6, 7, 3), conv("uint8", wz=7), ("RESHAPE", dict(shape=[1, 42, 6])),
         turn(0, 2, 1)),
    case("transpose_both_float", "TRANSPOSE", "float32", (1, 3, 8, 7), turn(0, 2, 3, 1), q("int8", 0.02, 100), conv(),
         "DEQUANTIZE", turn(0, 3, 1, 2)),
    case("transpose_between", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=5), turn(0, 3, 1, 2), turn(0, 2, 3, 1), conv()),
    case("transpose_relu_between", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=5), turn(0, 3, 1, 2),
         ("RELU", {}), ("LEAKY_RELU", dict(alpha=0.3)), turn(0, 2, 3, 1), conv()),
    case("transpose_sum_between", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=5), turn(0, 3, 1, 2),
         ("BOTH_ADD", dict(steps=[("RELU6", {})])), ("BOTH_MUL", dict(steps=[])), turn(0, 2, 3, 1), conv()),
    case("transpose_dense", "TRANSPOSE", "int8", (1, 5, 3, 4), conv(out=5), turn(0, 3, 1, 2),
         ("RESHAPE", dict(shape=[1, 75])), dense()),
    case("transpose_dense_tensor", "TRANSPOSE", "int8", (1, 5, 3, 4), turn(0, 3, 1, 2), dense(kind="tensor")),
    case("transpose_dense_relu_uint8", "TRANSPOSE", "uint8", (1, 5, 3, 4), conv("uint8", wz=150), turn(0, 3, 1, 2),
         ("RELU", {}), ("RESHAPE", dict(shape=[1, 90])), dense(kind="uint8", wz=100)),
    case("transpose_one_pixel", "TRANSPOSE", "int8", (1, 4, 4, 8), ("AVERAGE_POOL_2D", dict(kernel=(4, 4))),
         turn(0, 3, 1, 2), ("RESHAPE", dict(shape=[1, 8])), dense()),
    case("transpose_softmax", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=5), turn(0, 2, 1, 3), "SOFTMAX"),
    case("transpose_softmax_first", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=5), turn(0, 3, 1, 2), "SOFTMAX"),
    case("transpose_rows_and_columns", "TRANSPOSE", "int8", (1, 5, 7, 4), conv(out=5), turn(0, 2, 1, 3), conv()),
    case("transpose_all", "TRANSPOSE", "int8", (1, 5, 7, 4), conv(out=3), turn(0, 3, 2, 1), conv()),
    case("transpose_columns_and_channels", "TRANSPOSE", "uint8", (1, 5, 7, 4), conv("uint8", wz=9), turn(0, 1, 3, 2),
         conv("uint8", wz=200)),
    case("transpose_planes_conv", "TRANSPOSE", "int8", (1, 5, 7, 4), conv(out=3), turn(0, 3, 1, 2), conv()),
    case("transpose_alone", "TRANSPOSE", "int8", (1, 5, 7, 4), turn(0, 2, 1, 3)),
    case("transpose_alone_all", "TRANSPOSE", "int8", (1, 5, 7, 4), turn(0, 3, 2, 1)),
    case("transpose_alone_3", "TRANSPOSE", "int8", (1, 9, 4), turn(0, 2, 1)),
    case("transpose_alone_nothing", "TRANSPOSE", "int8", (1, 9, 4), turn(0, 1, 2)),
    case("transpose_pool", "TRANSPOSE", "int8", (1, 5, 7, 4), turn(0, 2, 1, 3), ("MAX_POOL_2D", dict(kernel=(2, 3)))),
    case("transpose_pad_planes", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=5), turn(0, 3, 1, 2),
         ("PAD", dict(amount=[NONE, (0, 2), (1, 1), (0, 1)])), turn(0, 2, 3, 1), conv(pad="VALID")),
    case("transpose_padv2_planes", "TRANSPOSE", "uint8", (1, 5, 6, 4), conv("uint8", wz=90, out=5), turn(0, 3, 1, 2),
         ("PADV2", dict(amount=[NONE, NONE, (1, 1), (2, 1)], value=3)), turn(0, 2, 3, 1),
         ("MAX_POOL_2D", dict(kernel=(3, 3), stride=(2, 2)))),
    case("transpose_gate_planes", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("GATE", dict(steps=[turn(0, 2, 3, 1), conv(out=8, kernel=(1, 1)), turn(0, 3, 1, 2), ("LOGISTIC", dict(scale=1 / 256, zero=-128))])),
         turn(0, 2, 3, 1), conv()),
    case("transpose_gate_planes_plain", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("GATE", dict(steps=[("RELU6", {}), ("MUL", dict(constant=((), 0.01, 3, 90)))])), turn(0, 2, 3, 1), conv()),
    case("transpose_mean_planes", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("MEAN", dict(axes=(2, 3), keep=False)), dense()),
    case("transpose_means_of_planes", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("MEAN", dict(axes=(3,), keep=False)), ("MEAN", dict(axes=(2,), keep=False, scale=0.03)), dense()),
    case("transpose_means_of_planes_uint8", "TRANSPOSE", "uint8", (1, 5, 6, 4), conv("uint8", wz=90, out=8), turn(0, 3, 1, 2),
         ("MEAN", dict(axes=(2,), keep=False, scale=0.03)), ("MEAN", dict(axes=(2,), keep=False))),
    case("transpose_mean_of_channels", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("MEAN", dict(axes=(1,), keep=True)), turn(0, 2, 3, 1), conv()),
    case("transpose_mean_of_all", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("MEAN", dict(axes=(1, 2, 3), keep=True))),
    case("transpose_beside_planes", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("BESIDE", dict(axis=1, steps=[("RELU6", dict(scale=0.05, zero=-9))])), turn(0, 2, 3, 1), conv()),
    case("transpose_beside_rows_of_planes", "TRANSPOSE", "uint8", (1, 5, 6, 4), conv("uint8", wz=90, out=8), turn(0, 3, 1, 2),
         ("BESIDE", dict(axis=2, steps=[("RELU", dict(scale=0.05, zero=119))])), turn(0, 2, 3, 1), conv("uint8", wz=50)),
    case("transpose_beside_and_before", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("BESIDE", dict(axis=3))),
    case("transpose_slice_planes", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(out=8), turn(0, 3, 1, 2),
         ("SLICE", dict(begin=[0, 2, 1, 0], size=[1, 5, 3, 6])), turn(0, 2, 3, 1), conv()),
    case("transpose_two_outputs", "TRANSPOSE", "int8", (1, 5, 6, 4), conv(), turn(0, 3, 1, 2), "OUT", turn(0, 2, 3, 1),
         conv()),
]

PAD = [
    case(f"pad_channels_{dtype}_{k}", "PAD", dtype, shape, ("PAD", dict(amount=amount)), zero=zero + LOW[dtype])
    for k, (dtype, shape, amount, zero) in enumerate([
        ("int8", (1, 3, 4, 5), [NONE, NONE, NONE, (0, 3)], 123), ("int8", (1, 3, 4, 5), [NONE, NONE, NONE, (2, 1)], 0),
        ("uint8", (1, 3, 4, 8), [NONE, NONE, NONE, (8, 0)], 131), ("int8", (1, 3, 4, 5), [NONE, (1, 0), (2, 3), (0, 9)], 255),
        ("uint8", (1, 2, 2, 1), [NONE, (1, 1), (1, 1), (1, 1)], 3), ("int8", (1, 6, 5), [NONE, (1, 2), NONE], 100),
        ("int8", (1, 6, 5), [NONE, NONE, (1, 2)], 100), ("int8", (1, 6, 5), [NONE, (0, 1), (3, 2)], 17),
        ("int8", (1, 11), [NONE, (1, 4)], 128), ("uint8", (13,), [(2, 3)], 90), ("int8", (1, 4, 3, 7), [NONE] * 4, 90),
    ])
] + [
    case("pad_channels_conv", "PAD", "int8", (1, 5, 6, 4), ("PAD", dict(amount=[NONE, (1, 1), (1, 0), (0, 4)])),
         conv(pad="VALID")),
    case("pad_channels_depthwise", "PAD", "int8", (1, 5, 6, 4), ("PAD", dict(amount=[NONE, NONE, NONE, (1, 3)])),
         ("DEPTHWISE_CONV_2D", dict(kind="channel"))),
    case("pad_channels_sum", "PAD", "int8", (1, 5, 6, 4), ("PAD", dict(amount=[NONE, NONE, NONE, (2, 2)])),
         ("BOTH_ADD", dict(steps=[("CONV_2D", dict(kind="channel", out=8))]))),
    case("pad_channels_pool", "PAD", "uint8", (1, 5, 6, 4), ("MAX_POOL_2D", dict(kernel=(2, 2), stride=(2, 2))),
         ("PAD", dict(amount=[NONE, NONE, NONE, (0, 4)]))),
    case("pad_int64", "PAD", "int8", (1, 5, 6, 4), ("PAD", dict(amount=[NONE, (1, 2), (0, 1), NONE], int64=True)), conv()),
]

PADV2 = [
    case(f"padv2_{dtype}_{k}", "PADV2", dtype, shape, ("PADV2", dict(amount=amount, value=value)), zero=zero + LOW[dtype])
    for dtype in ("int8", "uint8")
    for k, (shape, amount, zero, value) in enumerate([
        ((1, 3, 4, 5), [NONE, (1, 2), (0, 1), NONE], 123, 0), ((1, 3, 4, 5), [NONE, (1, 2), (3, 1), NONE], 0, 255),
        ((1, 3, 4, 5), [NONE, (1, 2), (3, 1), NONE], 77, 77), ((1, 3, 4, 5), [NONE, NONE, NONE, (1, 2)], 128, 40),
        ((1, 3, 4, 5), [NONE, (1, 0), (0, 1), (1, 2)], 128, 200), ((1, 7, 5), [NONE, (2, 1), NONE], 9, 140),
        ((1, 12), [NONE, (2, 1)], 9, 140), ((1, 1, 1, 8), [NONE, (1, 1), (1, 1), NONE], 131, 1),
    ])
] + [
    case("padv2_conv", "PADV2", "int8", (1, 5, 6, 3), ("PADV2", dict(amount=[NONE, (1, 1), (1, 1), NONE], value=30)),
         conv(pad="VALID")),
    case("padv2_zero_point_conv", "PADV2", "int8", (1, 5, 6, 3),
         ("PADV2", dict(amount=[NONE, (1, 1), (1, 1), NONE], value=123)), conv(pad="VALID")),
    case("padv2_max_pool", "PADV2", "int8", (1, 8, 6, 3), conv(), ("PADV2", dict(amount=[NONE, (1, 1), (1, 1), NONE], value=0)),
         ("MAX_POOL_2D", dict(kernel=(3, 3), stride=(2, 2)))),
    case("padv2_max_pool_uint8", "PADV2", "uint8", (1, 8, 6, 3), conv("uint8", wz=100),
         ("PADV2", dict(amount=[NONE, (1, 1), (1, 1), NONE], value=0)), ("MAX_POOL_2D", dict(kernel=(3, 3), stride=(2, 2)))),
    case("padv2_pad", "PADV2", "int8", (1, 5, 6, 3), ("PADV2", dict(amount=[NONE, (1, 1), (1, 1), NONE], value=200)),
         ("PAD", dict(amount=[NONE, (1, 0), (0, 2), NONE])), conv(pad="VALID")),
    case("padv2_beside", "PADV2", "int8", (1, 6, 6, 3), conv(), "OUT",
         ("PADV2", dict(amount=[NONE, (1, 0), (0, 2), NONE], value=200))),
]

RESHAPE = [
    case(f"reshape_conv_{k}", "RESHAPE", "int8", (1, 6, 4, 3), conv(out=8), ("RESHAPE", dict(shape=shape)), conv(out=4, kernel=(1, 1)))
    for k, shape in enumerate([(1, 4, 6, 8), (1, 24, 1, 8), (1, 12, 4, 4), (1, 6, 2, 16), (1, 1, 12, 16), (1, 3, 2, 32),
                               (1, 1, 1, 192), (1, 2, 3, 32)])
] + [
    case("reshape_turned", "RESHAPE", "int8", (1, 6, 4, 3), conv(out=8), turn(0, 2, 1, 3), ("RESHAPE", dict(shape=[1, 12, 2, 8])),
         conv()),
    case("reshape_softmax_groups", "RESHAPE", "int8", (1, 3, 4, 3), conv(out=10), ("RESHAPE", dict(shape=[1, 24, 5])), "SOFTMAX"),
    case("reshape_softmax_groups_of_2", "RESHAPE", "uint8", (1, 3, 4, 3), conv("uint8", wz=100, out=18),
         ("RESHAPE", dict(shape=[1, 108, 2])), "SOFTMAX"),
    case("reshape_softmax_all", "RESHAPE", "int8", (1, 3, 4, 3), conv(out=2), ("RESHAPE", dict(shape=[1, 24])), "SOFTMAX"),
    case("reshape_pool", "RESHAPE", "uint8", (1, 6, 4, 8), ("RESHAPE", dict(shape=[1, 4, 6, 8])), ("AVERAGE_POOL_2D", dict(kernel=(2, 3)))),
    case("reshape_depthwise", "RESHAPE", "int8", (1, 6, 4, 3), conv(out=8), ("RESHAPE", dict(shape=[1, 8, 6, 4])),
         ("DEPTHWISE_CONV_2D", dict(kind="channel"))),
    case("reshape_sum", "RESHAPE", "int8", (1, 6, 4, 6), ("BOTH_ADD", dict(steps=[
        ("RESHAPE", dict(shape=[1, 4, 6, 6])), ("CONV_2D", dict(kind="channel", out=6)), ("RESHAPE", dict(shape=[1, 6, 4, 6]))]))),
    case("reshape_input_relu_conv", "RESHAPE", "int8", (1, 72), ("RESHAPE", dict(shape=[1, 6, 4, 3])), ("RELU", {}), conv()),
    case("reshape_relu_conv", "RESHAPE", "int8", (1, 6, 4, 3), conv(out=8), ("RESHAPE", dict(shape=[1, 4, 6, 8])), ("RELU6", {}),
         ("LOGISTIC", dict(scale=1 / 256, zero=-128)), conv()),
    case("reshape_beside", "RESHAPE", "int8", (1, 6, 4, 3), conv(out=8), ("RESHAPE", dict(shape=[1, 4, 6, 8])), "OUT", conv()),
]

EXPAND_DIMS = [
    case(f"expand_{dtype}_{k}", "EXPAND_DIMS", dtype, shape, ("EXPAND_DIMS", dict(axis=axis)), *then(dtype))
    for dtype in ("int8", "uint8")
    for k, (shape, axis, then) in enumerate([
        ((1, 6, 4), 1, lambda d: ()), ((1, 6, 4), -1, lambda d: ()), ((1, 9), 1, lambda d: ()), ((1, 9), 2, lambda d: ()),
        ((1, 6, 4), 2, lambda d: ()), ((1, 6, 4), 1, lambda d: (conv(**kind(d)),)), ((1, 6, 4), 2, lambda d: (conv(**kind(d)),)),
        ((1, 6, 4), 3, lambda d: (conv(**kind(d)),)), ((1, 9), -1, lambda d: (("RELU", {}),)),
        ((1, 6, 4), 1, lambda d: ("SOFTMAX",)),
    ])
    for kind in [lambda d: dict(kind="uint8", wz=90) if d == "uint8" else dict(kind="channel")]
]

FULLY_CONNECTED = [
    case(f"dense_channel_{k}", "FULLY_CONNECTED", "int8", shape, dense(out, **options), zero=zero - 128)
    for k, (shape, out, zero, options) in enumerate([
        ((1, 8), 8, 128, {}), ((1, 31), 5, 0, {}), ((1, 3, 5, 4), 9, 255, {}), ((1, 64), 1, 100, {}), ((1, 1, 1, 16), 33, 77, {}),
        ((1, 9), 7, 128, dict(act="RELU")), ((1, 9), 7, 128, dict(act="RELU6")), ((1, 9), 7, 128, dict(act="RELU_N1_TO_1")),
        ((1, 40), 12, 20, dict(bias=None)), ((1, 40), 12, 20, dict(bias="zero")), ((1, 40), 12, 20, dict(bias="large")),
        ((1, 5, 6, 8), 11, 140, dict(keep=True)), ((1, 7, 12), 11, 140, dict(keep=True)), ((1, 7, 12), 4, 140, dict(keep=True, act="RELU6")),
        ((1, 16), 8, 128, dict(m=0.003)), ((1, 16), 8, 128, dict(m=1.7)), ((1, 16), 8, 128, dict(m=6.1)),
        ((1, 16), 8, 128, dict(m=2**-9, exact=True, scale=1 / 32)), ((1, 16), 8, 128, dict(m=2**-5, exact=True, scale=1 / 32)),
        ((1, 200), 30, 60, {}), ((1, 2, 2, 50), 10, 200, dict(act="RELU")),
    ])
]

LAST = [
    case("last_dimension_conv", "DEPTHWISE_CONV_2D", "int8", (1, 8, 8, 1), ("DEPTHWISE_CONV_2D", dict(kind="channel", multiplier=8, stride=(2, 2))),
         conv(out=12, kernel=(1, 1)), ("DEPTHWISE_CONV_2D", dict(kind="channel", act="RELU6")), dense(2), "LAST_DIMENSION", "SOFTMAX"),
]

HEADS = [
    case(f"heads_{dtype}_{'_'.join(ends).lower() or 'raw'}_{classes}_{rank}", "CONCATENATION", dtype, (1, 5, 6, 4),
         ("HEADS", dict(ends=ends, classes=classes, rank=rank)))
    for dtype in ("int8", "uint8")
    for ends, classes, rank in [((), 3, 3), (("LOGISTIC",), 3, 3), (("SOFTMAX",), 3, 3), (("SOFTMAX",), 2, 4),
                                (("LOGISTIC", "DEQUANTIZE"), 4, 3), (("SOFTMAX", "DEQUANTIZE"), 5, 3), (("DEQUANTIZE",), 4, 4)]
] + [
    case("heads_then_mean", "CONCATENATION", "int8", (1, 5, 6, 4), ("HEADS", dict(then=[("MEAN", dict(axes=(1,), keep=False))]))),
    case("heads_then_dense", "CONCATENATION", "uint8", (1, 3, 4, 4), ("HEADS", dict(ends=("SOFTMAX",), then=[dense(5, kind="uint8", wz=100)]))),
    case("heads_turned", "CONCATENATION", "int8", (1, 5, 6, 4), ("HEADS", dict(then=[turn(0, 2, 1)]))),
    case("heads_turned_float", "CONCATENATION", "int8", (1, 5, 6, 4), ("HEADS", dict(then=["DEQUANTIZE", turn(0, 2, 1)]))),
]
for c in HEADS:
    for _, o in c["steps"]:
        if "then" in o:
            o["then"] = [(s, {}) if isinstance(s, str) else s for s in o["then"]]

GRIDS = [
    case("grids_int8", "RESIZE_NEAREST_NEIGHBOR", "int8", (1, 32, 40, 3), ("GRIDS", dict(float_out=False))),
    case("grids_float", "RESIZE_NEAREST_NEIGHBOR", "float32", (1, 32, 40, 3), q("int8", 0.0235, 110), "GRIDS"),
    case("grids_uint8", "RESIZE_NEAREST_NEIGHBOR", "uint8", (1, 32, 40, 3), ("GRIDS", dict(float_out=False, channels=7))),
]

CASES = [*QUANTIZE, *DEQUANTIZE, *TRANSPOSE, *PAD, *PADV2, *RESHAPE, *EXPAND_DIMS, *FULLY_CONNECTED, *LAST, *HEADS, *GRIDS]


def build(c):
    g = Graph(c["name"])
    g.outs = []
    rng = seed(c["name"])
    floats = c["dtype"] == "float32"
    x = given = activation_tensor(g, "input0", c["dtype"], c["shape"], None if floats else c["scale"], c["zero"])
    g.first = given
    for name, options in c["steps"]:
        x = ALL[name](g, rng, x, **options)
    return g.finish([given.index], [*g.outs, x.index])


def values(kind, c, reference):
    """One input. Of floats: "noise" around zero, "ties" half-way between two quantised values, "far" beyond the range."""
    [detail] = reference.inputs
    if c["dtype"] != "float32":
        return synthetic(kind, c["name"], detail)
    scale = next(o["scale"] for s, o in c["steps"] if s == "QUANTIZE")
    shape = tuple(detail["shape"])
    rng = seed(f"{c['name']}/{kind}")
    x = {"noise": lambda: rng.normal(0, 70 * scale, shape),
         "ties": lambda: (np.arange(np.prod(shape)) % 601 - 300).reshape(shape) * 0.5 * np.float32(scale),
         "far": lambda: rng.normal(0, 1e4 * scale, shape)}[kind]()
    return x.astype(np.float32)


def fixed(model, c):
    """What TFLite takes: it refuses biases along dimension 3, which say nothing else than those along dimension 0."""
    if all(s != "LAST_DIMENSION" for s, _ in c["steps"]):
        return model
    return build(c | {"steps": [s for s in c["steps"] if s[0] != "LAST_DIMENSION"]})


def entry(c):
    model = build(c)
    reference = Reference(fixed(model, c))
    runs = []
    for kind in c["values"]:
        x = values(kind, c, reference)
        runs.append({"name": kind, "inputs": [encode(x)], "outputs": [encode(y) for y in reference.run([x])]})
    return {"name": c["name"], "op": c["op"], "steps": reference.operators(),
            "inputs": [describe(d) for d in reference.inputs], "outputs": [describe(d) for d in reference.outputs],
            "model": encode(np.frombuffer(model, np.uint8)), "cases": runs}


def entries():
    names = [c["name"] for c in CASES]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    return [entry(c) for c in CASES]
