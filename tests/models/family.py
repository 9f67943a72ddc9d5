"""Further operators of the family's networks: their steps, and more cases of those that cases.py has few of."""
import numpy as np

from cases import EVERY, LOW, binary_parts, case, chain, conv, dilated, image, pool, quantize, softmax, unary, words
from flat import TYPES
from steps import STEPS, Activation, activation_tensor, output, unary as unary_step


def same(g, x, shape):
    """An output of the input's quantisation."""
    return output(g, x, "NONE", shape, x.scale, x.zero)


def ints(g, name, values, dtype="int32"):
    return g.tensor(f"{name}{len(g.operators)}", dtype, np.shape(values), data=values)


def reduction(op):
    def step(g, rng, x, axes, keep=True, scale=None, zero=None):
        gone = [a % len(x.shape) for a in axes]
        shape = [1 if i in gone else n for i, n in enumerate(x.shape) if keep or i not in gone]
        y = output(g, x, "NONE", shape, x.scale if scale is None else scale, x.zero if zero is None else zero)
        g.operator(op, [x.index, ints(g, "axes", axes)], [y.index], "ReducerOptions", x.dtype, keepDims=keep)
        return y
    return step


def slices(g, rng, x, begin, size):
    shape = [n - b if s < 0 else s for n, b, s in zip(x.shape, begin, size)]
    y = same(g, x, shape)
    g.operator("SLICE", [x.index, ints(g, "begin", begin), ints(g, "size", size)], [y.index], "SliceOptions", x.dtype)
    return y


def strided_slice(g, rng, x, begin, end, strides, masks=(0, 0, 0)):
    """masks: of begins, ends and dropped dimensions."""
    index = tuple(b if masks[2] >> d & 1 else
                  slice(None if masks[0] >> d & 1 else b, None if masks[1] >> d & 1 else e, s)
                  for d, (b, e, s) in enumerate(zip(begin, end, strides)))
    y = same(g, x, np.empty(x.shape, np.int8)[index].shape)
    inputs = [x.index, *(ints(g, n, v) for n, v in (("begin", begin), ("end", end), ("strides", strides)))]
    g.operator("STRIDED_SLICE", inputs, [y.index], "StridedSliceOptions", x.dtype, beginMask=masks[0], endMask=masks[1],
               shrinkAxisMask=masks[2])
    return y


def parts(g, x, shapes, take, join):
    """Outputs of these shapes; all of them, one (take), or all put together again in another order (join)."""
    made = [activation_tensor(g, f"out{len(g.operators)}_{k}", x.dtype, s, x.scale, x.zero) for k, s in enumerate(shapes)]
    return made, (lambda: made[take] if take is not None else
                  STEPS["CONCATENATION"](g, None, made[0], others=1, other=made[1], axis=join) if join else made)


def resized(shape, axis, n):
    return [n if d == axis % len(shape) else m for d, m in enumerate(shape)]


def split(g, rng, x, count, axis=-1, take=None, join=None):
    made, result = parts(g, x, [resized(x.shape, axis, x.shape[axis] // count)] * count, take, join)
    g.operator("SPLIT", [ints(g, "axis", axis), x.index], [m.index for m in made], "SplitOptions", x.dtype, numSplits=count)
    return result()


def split_v(g, rng, x, sizes, axis=-1, take=None, join=None):
    rest = x.shape[axis] - sum(s for s in sizes if s > 0)
    made, result = parts(g, x, [resized(x.shape, axis, rest if s < 0 else s) for s in sizes], take, join)
    inputs = [x.index, ints(g, "sizes", sizes), ints(g, "axis", axis)]
    g.operator("SPLIT_V", inputs, [m.index for m in made], "SplitVOptions", x.dtype, numSplits=len(sizes))
    return result()


def unpack(g, rng, x, axis, take=None):
    axis %= len(x.shape)
    shape = [n for d, n in enumerate(x.shape) if d != axis]
    made, result = parts(g, x, [shape] * x.shape[axis], take, None)
    g.operator("UNPACK", [x.index], [m.index for m in made], "UnpackOptions", x.dtype, num=len(made), axis=axis)
    return result()


def pack(g, rng, x, axis, others=1):
    """The graph's first input, so many times, and x."""
    made = [g.first] * others + [x]
    shape = list(x.shape)
    shape.insert(axis % (len(shape) + 1), len(made))
    y = same(g, x, shape)
    g.operator("PACK", [m.index for m in made], [y.index], "PackOptions", x.dtype, valuesCount=len(made), axis=axis)
    return y


def blocks(op, table):
    def step(g, rng, x, block):
        n, h, w, c = x.shape
        b = block
        shape = [n, h // b, w // b, c * b * b] if op == "SPACE_TO_DEPTH" else [n, h * b, w * b, c // b // b]
        y = same(g, x, shape)
        g.operator(op, [x.index], [y.index], table, x.dtype, blockSize=block)
        return y
    return step


def l2(g, rng, x):
    y = output(g, x, "NONE", x.shape, 1 / 128, LOW[x.dtype] + 128)
    g.operator("L2_NORMALIZATION", [x.index], [y.index], "L2NormOptions", x.dtype)
    return y


def prelu(g, rng, x, alpha=None, of=None, alpha_scale=0.004, alpha_zero=128, scale=None, zero=None):
    """alpha: of the channels ([1, 1, C]) or `of` another shape; random unless given."""
    shape = [1, 1, x.shape[-1]] if of is None else of
    low = LOW[x.dtype]
    data = rng.integers(low, low + 256, shape) if alpha is None else np.full(shape, alpha + low)
    y = output(g, x, "NONE", x.shape, scale, zero)
    a = g.tensor(f"alpha{len(g.operators)}", x.dtype, shape, alpha_scale, alpha_zero + low, data)
    g.operator("PRELU", [x.index, a], [y.index], dtype=x.dtype)
    return y


def div(g, rng, x, value, constant_scale, constant_zero, swap=False, act="NONE", scale=None, zero=None):
    low = LOW[x.dtype]
    y = output(g, x, act, x.shape, scale, zero)
    c = g.tensor(f"constant{len(g.operators)}", x.dtype, [], constant_scale, constant_zero + low, [value + low])
    from flat import activation
    g.operator("DIV", [c, x.index] if swap else [x.index, c], [y.index], "DivOptions", x.dtype,
               fusedActivationFunction=activation(act))
    return y


def extremum(op):
    def step(g, rng, x, value=None, swap=False):
        """With a constant, or the graph's first input."""
        if value is not None:
            return CONSTANT_EXTREMUM[op](g, rng, x, value, swap)
        y = same(g, x, x.shape)
        pair = [g.first.index, x.index]
        g.operator(op, pair[::-1] if swap else pair, [y.index], "MaximumMinimumOptions", x.dtype)
        return y
    return step


def concatenation(g, rng, x, others=1, other=None, swap=False, axis=-1, scale=None, zero=None):
    """As steps.py's, along any axis."""
    made = [other or g.first] * others + [x]
    shape = list(x.shape)
    shape[axis] = sum(p.shape[axis] for p in made)
    y = output(g, x, "NONE", shape, x.scale if scale is None else scale, x.zero if zero is None else zero)
    g.operator("CONCATENATION", [p.index for p in (made[::-1] if swap else made)], [y.index], "ConcatenationOptions",
               x.dtype, axis=axis)
    return y


def expand_dims(g, rng, x, axis):
    shape = list(x.shape)
    shape.insert(axis % (len(shape) + 1), 1)
    y = same(g, x, shape)
    g.operator("EXPAND_DIMS", [x.index, ints(g, "axis", [axis])], [y.index], "ExpandDimsOptions", x.dtype)
    return y


CONSTANT_EXTREMUM = {op: STEPS[op] for op in ("MAXIMUM", "MINIMUM")}
STEPS.update({
    **{op: reduction(op) for op in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")},
    "SLICE": slices, "STRIDED_SLICE": strided_slice, "SPLIT": split, "SPLIT_V": split_v, "UNPACK": unpack, "PACK": pack,
    "SPACE_TO_DEPTH": blocks("SPACE_TO_DEPTH", "SpaceToDepthOptions"),
    "DEPTH_TO_SPACE": blocks("DEPTH_TO_SPACE", "DepthToSpaceOptions"),
    "L2_NORMALIZATION": l2, "PRELU": prelu, "DIV": div, "EXPAND_DIMS": expand_dims, "CONCATENATION": concatenation,
    **{op: extremum(op) for op in ("MAXIMUM", "MINIMUM")},
    **{op: unary_step(op) for op in ("TANH", "LOG", "SQRT", "RSQRT")},
    "ABS": unary_step("ABS", "AbsOptions"), "NEG": unary_step("NEG", "NegOptions"), "EXP": unary_step("EXP", "ExpOptions"),
    "GELU": unary_step("GELU", "GeluOptions"),
})


def only(op, dtype, shape, source={}, values=EVERY, after=(), **options):
    """The operator alone, or with steps after it."""
    name = f"{op}_{dtype}".lower() + words(i=shape, **options, source=source) + "".join(f"_{s}".lower() for s, _ in after)
    name = name.replace("(", "").replace(")", "").replace(", ", "x").replace("[", "").replace("]", "")
    return case(name, op, image(dtype, shape, **source), (op, options), *after, values=values)


def conv_of(dtype, out=5, kernel=(1, 1)):
    return "CONV_2D", dict(out=out, kernel=kernel, **binary_parts(dtype))


REDUCTIONS = [
    only(op, dtype, shape, source, axes=axes, keep=keep, **options)
    for op in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
    for dtype, low in LOW.items()
    for shape, axes, keep, scale, zero in [
        ((5, 6, 8), (1,), True, 0.015, 100),
        ((5, 6, 8), (2,), True, 0.011, 128),
        ((5, 6, 8), (1,), False, 0.04, 77),
        ((4, 7, 9), (2,), False, 0.02, 130),
        ((3, 4, 7), (3,), True, 0.02, 0),
        ((3, 4, 17), (-1,), False, 0.031, 255),
        ((6, 1, 33), (3,), True, 0.0235, 128),
        ((3, 4, 7), (1, 2, 3), True, 0.004, 120),
        ((3, 4, 7), (1, 2, 3), False, 0.03, 120),
        ((4, 5, 6), (1, 3), True, 0.012, 90),
        ((4, 5, 6), (3, 2), True, 0.017, 40),
        ((1, 9, 4), (2,), True, 2**-5, 128),
        ((7, 5), (1,), True, 0.02, 128),
        ((7, 5), (2,), False, 0.02, 99),
        ((9,), (1,), True, 0.019, 128),
        ((5, 6, 8), (2, 1), True, 0.03, 128),
    ]
    for source, options in [
        ((dict(zero=low + 123), dict(scale=scale, zero=zero + low)) if op in ("MEAN", "SUM")
         else (dict(scale=scale, zero=zero + low), {}))]
]
for at, made in enumerate(REDUCTIONS):
    # The reference kernel of SUM takes int8 for uint8: what it means is what the uint8 twin gives.
    if made["op"] == "SUM" and made["inputs"][0][0] == "int8":
        made["twin"] = next(c for c in REDUCTIONS[at:] if c["op"] == "SUM" and c["inputs"][0][0] == "uint8" and
                            c["inputs"][0][1] == made["inputs"][0][1] and
                            c["steps"][0][1] | {"zero": 0} == made["steps"][0][1] | {"zero": 0})
REDUCTIONS += [
    only("REDUCE_MAX", "int8", (5, 6, 8), axes=(3,), keep=True, after=[("CONV_2D", dict(kind="channel", out=4, kernel=(3, 3)))]),
    # Spatial and channel attention.
    chain("mean_attention_int8", "MEAN", image("int8", (6, 5, 8)), ("MEAN", dict(axes=(3,), scale=0.02)),
          ("CONV_2D", dict(kind="channel", out=1, kernel=(3, 3), scale=0.05, zero=3)), ("LOGISTIC", dict(scale=1 / 256, zero=-128)),
          ("MUL", dict(scale=0.02, zero=-3))),
    chain("reduce_max_attention_uint8", "REDUCE_MAX", image("uint8", (6, 5, 8)), ("REDUCE_MAX", dict(axes=(3,))),
          ("CONV_2D", dict(kind="uint8", wz=120, out=1, kernel=(3, 3), scale=0.05, zero=131)),
          ("LOGISTIC", dict(scale=1 / 256, zero=0)), ("MUL", dict(scale=0.02, zero=100))),
]

SLICE = [
    only("SLICE", dtype, shape, begin=begin, size=size)
    for dtype in LOW
    for shape, begin, size in [
        ((5, 6, 8), (0, 0, 0, 2), (1, 5, 6, 4)),
        ((5, 6, 8), (0, 1, 2, 0), (1, 3, 4, 8)),
        ((5, 6, 8), (0, 0, 0, 0), (-1, -1, -1, 3)),
        ((7, 5, 3), (0, 2, 0, 0), (-1, -1, -1, -1)),
        ((7, 5, 3), (0, 0, 3, 0), (1, 7, 2, 3)),
        ((7, 5, 9), (0, 1, 1, 3), (1, 5, 3, 6)),
        ((7, 5, 9), (0, 0, 0, 0), (1, 4, 2, 9)),
        ((4, 4, 33), (0, 0, 0, 17), (1, 4, 4, 16)),
        ((1, 1, 20), (0, 0, 0, 7), (1, 1, 1, 1)),
        ((9,), (0, 4), (1, 5)),
        ((4, 6), (0, 1, 2), (1, 2, 3)),
    ]
] + [
    chain("slice_channels_conv_int8", "SLICE", image("int8", (5, 6, 8)), ("SLICE", dict(begin=(0, 0, 0, 3), size=(1, 5, 6, 5))),
          ("CONV_2D", dict(kind="channel", out=4, kernel=(3, 3)))),
    chain("slice_crop_conv_uint8", "SLICE", image("uint8", (6, 7, 3)), ("SLICE", dict(begin=(0, 1, 1, 0), size=(1, 4, 5, 3))),
          ("CONV_2D", dict(kind="uint8", wz=121, out=4, kernel=(3, 3), stride=(2, 2)))),
]

STRIDED_SLICE = [
    only("STRIDED_SLICE", dtype, shape, begin=begin, end=end, strides=strides, masks=masks)
    for dtype in LOW
    for shape, begin, end, strides, masks in [
        ((5, 6, 8), (0, 0, 0, 2), (1, 5, 6, 6), (1, 1, 1, 1), (0, 0, 0)),
        ((5, 6, 8), (0, 0, 0, 0), (0, 0, 0, 5), (1, 1, 1, 1), (15, 7, 0)),
        ((5, 6, 8), (0, 1, 1, 0), (0, -1, -1, 0), (1, 1, 1, 1), (9, 9, 0)),
        ((7, 8, 3), (0, 0, 0, 0), (0, 7, 8, 3), (1, 2, 2, 1), (0, 1, 0)),
        ((7, 8, 5), (0, 1, 1, 0), (1, 7, 8, 5), (1, 2, 3, 1), (0, 0, 0)),
        ((4, 5, 9), (0, 0, 0, 1), (1, 4, 5, 9), (1, 1, 1, 2), (0, 0, 0)),
        ((4, 5, 9), (0, 1, 2, 1), (1, 4, 5, 9), (1, 2, 1, 3), (0, 0, 0)),
        ((6, 5, 4), (0, -3, -2, -3), (1, 6, 5, 4), (1, 1, 1, 1), (0, 0, 0)),
        ((6, 5, 4), (0, 0, 0, 1), (1, 6, 5, 2), (1, 1, 1, 1), (0, 0, 8)),
        ((6, 5, 4), (0, 2, 0, 0), (1, 3, 5, 4), (1, 1, 1, 1), (0, 0, 2)),
        ((1, 1, 16), (0, 0, 0, 5), (1, 1, 1, 99), (1, 1, 1, 1), (0, 0, 6)),
        ((12,), (0, 2), (1, 11), (1, 3), (0, 0, 0)),
    ]
]

SPLIT = [
    only("SPLIT", dtype, shape, count=count, axis=axis, **options)
    for dtype in LOW
    for shape, count, axis, options in [
        ((4, 5, 8), 2, 3, {}),
        ((4, 5, 9), 3, -1, {}),
        ((6, 4, 3), 2, 1, {}),
        ((3, 8, 5), 4, 2, {}),
        ((5, 4, 34), 2, 3, dict(take=1)),
        ((5, 4, 8), 4, 3, dict(take=2)),
        ((4, 4, 10), 2, 3, dict(join=3)),
        ((4, 6, 7), 2, 1, dict(join=1)),
        ((4, 6, 7), 2, 2, dict(join=2)),
        ((12,), 3, 1, {}),
    ]
]

SPLIT_V = [
    only("SPLIT_V", dtype, shape, sizes=sizes, axis=axis, **options)
    for dtype in LOW
    for shape, sizes, axis, options in [
        ((4, 5, 8), (3, 5), 3, {}),
        ((4, 5, 9), (1, -1, 4), -1, {}),
        ((6, 4, 3), (1, 5), 1, {}),
        ((3, 8, 5), (2, 3, 3), 2, {}),
        ((5, 4, 33), (16, 17), 3, dict(take=1)),
        ((5, 4, 8), (1, 7), 3, dict(take=0)),
        ((4, 4, 10), (7, 3), 3, dict(join=3)),
        ((5, 6, 7), (2, 3), 1, dict(join=1)),
        ((5, 6, 7), (5, 1), 2, dict(join=2)),
        ((12,), (5, 7), 1, {}),
    ]
]

UNPACK = [
    only("UNPACK", dtype, shape, axis=axis, **options)
    for dtype in LOW
    for shape, axis, options in [
        ((3, 5, 4), 1, {}),
        ((3, 5, 4), 2, {}),
        ((4, 3, 3), 3, {}),
        ((2, 5, 8), 1, dict(take=1)),
        ((4, 2, 8), -2, dict(take=0)),
        ((5, 4, 2), -1, dict(take=1)),
        ((4, 6), 1, {}),
        ((6, 3), 2, dict(take=2)),
        ((5,), 1, {}),
        ((1, 1, 4), 3, {}),
    ]
]

PACK = [
    chain(f"pack_{dtype}" + words(i=shape, axis=axis, others=others) + ("_conv" if own else ""), "PACK", image(dtype, shape),
          *([("RELU", dict(scale=0.0235, zero={"int8": -5, "uint8": 128}[dtype]))] if own else []),
          ("PACK", dict(axis=axis, others=others)))
    for dtype in LOW
    for shape, axis, others, own in [
        ((5, 4), 1, 1, False),
        ((3, 8), 1, 2, True),
        ((7,), 1, 1, True),
        ((7,), 2, 1, True),
        ((9,), -1, 3, True),
        ((9,), 1, 3, False),
        ((4,), -2, 2, True),
        ((1, 6), 1, 2, True),
        ((6, 1), 1, 1, True),
        ((33,), 2, 1, False),
    ]
]

BLOCKS = [
    only(op, dtype, shape, block=block, after=after(dtype))
    for op in ("SPACE_TO_DEPTH", "DEPTH_TO_SPACE")
    for dtype in LOW
    for shape, block, after in [
        ((4, 6, 3) if op == "SPACE_TO_DEPTH" else (3, 4, 12), 2, lambda t: ()),
        ((4, 6, 1) if op == "SPACE_TO_DEPTH" else (2, 5, 4), 2, lambda t: ()),
        ((6, 3, 4) if op == "SPACE_TO_DEPTH" else (2, 3, 9), 3, lambda t: ()),
        ((4, 8, 2) if op == "SPACE_TO_DEPTH" else (1, 2, 16), 4, lambda t: ()),
        ((2, 2, 17) if op == "SPACE_TO_DEPTH" else (1, 1, 20), 2, lambda t: ()),
        ((5, 4, 3), 1, lambda t: ()),
        ((4, 4, 5) if op == "SPACE_TO_DEPTH" else (5, 3, 8), 2, lambda t: [conv_of(t)]),
        ((6, 8, 8) if op == "SPACE_TO_DEPTH" else (3, 4, 32), 2, lambda t: [conv_of(t, 3, (3, 3))]),
        ((2, 10, 3) if op == "SPACE_TO_DEPTH" else (1, 5, 28), 2, lambda t: ()),
        ((9, 9, 1) if op == "SPACE_TO_DEPTH" else (3, 3, 27), 3, lambda t: ()),
    ]
]

L2_NORMALIZATION = [
    only("L2_NORMALIZATION", dtype, shape, dict(scale=scale, zero=zero + LOW[dtype]), values=EVERY + ("near", "bell"))
    for dtype in LOW
    for shape, scale, zero in [
        ((1,), 0.05, 128), ((2,), 0.05, 128), ((3,), 0.1, 0), ((8,), 0.02, 255), ((17,), 0.03, 100), ((64,), 0.07, 131),
        ((128,), 0.01, 120), ((512,), 0.3, 128), ((1, 1, 33), 0.05, 77), ((3, 4, 5), 0.05, 128), ((5, 2, 16), 0.02, 3),
        ((6, 7), 0.04, 128), ((1500,), 0.02, 0),
    ]
] + [chain("l2_embedding_int8", "L2_NORMALIZATION", image("int8", (4, 4, 16)), ("MEAN", dict(axes=(1, 2), keep=False)),
           ("FULLY_CONNECTED", dict(kind="channel", out=24)), ("L2_NORMALIZATION", {})),
     chain("l2_embedding_uint8", "L2_NORMALIZATION", image("uint8", (4, 4, 16)), ("AVERAGE_POOL_2D", dict(kernel=(4, 4))),
           ("RESHAPE", dict(shape=[1, 16])), ("FULLY_CONNECTED", dict(kind="uint8", out=24, wz=120)), ("L2_NORMALIZATION", {}))]

PRELU = [
    only("PRELU", dtype, shape, dict(scale=source[0], zero=source[1] + LOW[dtype]), values=EVERY + ("ramp",),
         scale=made[0], zero=made[1] + LOW[dtype], **options)
    for dtype in LOW
    for shape, source, made, options in [
        ((4, 5, 8), (0.05, 128), (0.05, 100), {}),
        ((3, 7, 17), (0.03, 77), (0.02, 60), dict(alpha_zero=0)),
        ((4, 8, 8), (0.02, 131), (0.03, 40), dict(alpha_zero=255, alpha_scale=0.01)),
        ((2, 3, 33), (0.1, 0), (0.09, 0), {}),
        ((2, 3, 5), (0.1, 255), (0.02, 255), dict(alpha_scale=0.002, alpha_zero=3)),
        ((4, 4, 16), (2**-4, 128), (2**-5, 128), dict(alpha_scale=2**-6)),
        ((4, 4, 1), (0.05, 128), (0.05, 100), {}),
        ((4, 8, 8), (0.05, 128), (0.05, 100), dict(of=[1], alpha=160)),
        ((4, 8, 8), (0.05, 120), (0.03, 20), dict(of=[1, 1, 1], alpha=3)),
        ((16,), (0.04, 120), (0.04, 50), dict(of=[16])),
        ((5, 4, 12), (3.0, 128), (0.001, 128), {}),
    ]
]

DIV = [
    only("DIV", dtype, (4, 8, 8), dict(scale=source[0], zero=source[1] + LOW[dtype]), values=values, act=act,
         scale=made[0], zero=made[1] + LOW[dtype], value=value, constant_scale=scale, constant_zero=zero, swap=swap)
    for dtype in LOW
    for source, (value, scale, zero), act, made, swap, values in [
        ((0.05, 128), (200, 0.02, 0), "NONE", (0.02, 128), False, ("ramp",)),
        ((0.05, 100), (255, 0.02, 128), "NONE", (0.03, 90), False, ("ramp",)),
        ((0.05, 100), (3, 0.02, 128), "NONE", (0.03, 90), False, ("ramp",)),
        ((0.05, 0), (129, 0.5, 128), "RELU6", (0.0261, 0), False, ("ramp",)),
        ((0.0235, 0), (6, 1.0, 0), "NONE", (1 / 256, 0), False, ("ramp",)),
        ((2**-4, 128), (132, 2**-3, 128), "RELU", (2**-3, 0), False, ("ramp",)),
        ((0.05, 255), (7, 0.9, 0), "RELU_N1_TO_1", (0.0103, 131), False, ("ramp",)),
        ((0.05, 100), (255, 0.02, 0), "NONE", (0.1, 30), True, ("above", "below")),
        ((0.05, 0), (255, 0.01, 10), "NONE", (0.5, 0), True, ("above",)),
        ((0.3, 128), (3, 0.02, 200), "NONE", (0.05, 128), True, ("above", "below")),
        ((2**-4, 128), (144, 2**-4, 128), "RELU6", (0.0261, 0), True, ("above", "below")),
        # Shifts of more than 31 bits, for which the reference's rounding is not made.
        ((0.0235, 3), (182, 0.0604, 144), "RELU6", (0.0954, 0), False, ("ramp",)),
        ((0.125, 128), (63, 0.0451, 252), "NONE", (4.0, 128), True, ("above", "below")),
    ]
]

UNARY = [
    unary("TANH", dtype, given, (1 / 128, 128))
    for dtype in LOW
    for given in [(0.05, 128), (0.0625, 0), (0.1, 255), (0.0173, 77), (0.003, 128), (0.3, 140), (1.0, 128), (2**-5, 128),
                  (20.0, 100), (0.0842, 199)]
] + [
    unary("GELU", dtype, given, out, approximate=approximate)
    for dtype in LOW
    for approximate in (False, True)
    for given, out in [((0.05, 128), (0.03, 8)), ((0.0235, 100), (0.02, 10)), ((0.1, 200), (0.05, 3)), ((0.003, 128), (0.002, 60)),
                       ((1.0, 128), (0.5, 0)), ((0.02, 255), (0.001, 255)), ((0.03, 0), (0.03, 0))]
] + [
    unary("EXP", "int8", given, out)
    for given, out in [((0.05, 255), (1 / 256, 0)), ((0.02, 200), (0.012, 0)), ((0.01, 128), (0.02, 10)), ((0.001, 128), (0.0088, 3)),
                       ((0.03, 255), (0.0039, 0)), ((0.1, 230), (0.05, 0)), ((0.04, 128), (0.7, 0))]
    for out in (out, (out[0] * 1.7, out[1] + 5), (out[0] * 0.6, out[1]))
] + [
    unary("LOG", "int8", given, out)
    for given, out in [((0.05, 0), (0.03, 200)), ((0.02, 10), (0.02, 220)), ((0.5, 0), (0.05, 100)), ((1 / 256, 0), (0.03, 255)),
                       ((3.0, 128), (0.06, 10)), ((0.01, 0), (0.025, 210)), ((0.1, 3), (0.04, 150))]
    for out in (out, (out[0] * 1.7, out[1]), (out[0] * 0.6, out[1]))
] + [
    unary(op, "int8", (given, 0), out)
    for op, outs in (("SQRT", [(0.02, 0), (0.011, 10)]), ("RSQRT", [(0.02, 0), (0.05, 10)]))
    for given in (0.05, 0.0235, 0.3, 0.001, 2**-4, 1.0, 7.0, 0.011, 0.13, 0.6)
    for out in outs
] + [
    unary("ABS", "int8", given, out)
    for given, out in [((0.05, 128), (0.05, 0)), ((0.05, 128), (0.03, 0)), ((0.05, 100), (0.05, 20)), ((0.0235, 0), (0.0235, 0)),
                       ((0.0235, 255), (0.03, 3)), ((2**-4, 128), (2**-3, 0)), ((0.3, 77), (0.001, 100))]
    for out in (out, (out[0] * 1.21, out[1]), (out[0] / 3, out[1] + 1))
] + [
    # Scales so far apart that 16-bit products are shifted by 16 bits and more.
    unary("HARD_SWISH", dtype, given, out)
    for dtype in LOW
    for given, out in [((0.0235, 128), (16.37, 128)), ((0.0321, 46), (24.3, 213)), ((0.0000137, 128), (0.0904, 255))]
] + [
    unary("NEG", "int8", given, given)
    for given in [(scale, zero) for scale in (0.05, 0.0235, 2**-4, 0.3) for zero in (0, 100, 128, 129, 255)]
]

EXTREMA = [
    chain(f"{op}_two_{dtype}".lower() + words(i=shape, swap=swap), op, image(dtype, shape),
          ("CONV_2D", dict(out=shape[2], kernel=(1, 1), scale=0.0235, zero={"int8": -5, "uint8": 128}[dtype], **binary_parts(dtype))),
          (op, dict(swap=swap)))
    for op in ("MAXIMUM", "MINIMUM")
    for dtype in LOW
    for shape, swap in [((4, 5, 8), False), ((3, 7, 17), True), ((1, 1, 5), False), ((6, 1, 1), True)]
] + [chain("maximum_feature_map_int8", "MAXIMUM", image("int8", (5, 6, 3)), ("CONV_2D", dict(kind="channel", out=7, kernel=(3, 3), scale=0.0235, zero=-5)),
           ("MAXIMUM", dict(value=100)), ("CONV_2D", dict(kind="channel", out=3, kernel=(3, 3), stride=(1, 1), scale=0.0235, zero=-5)), ("MAXIMUM", {}),
           ("CONV_2D", dict(kind="channel", out=4, kernel=(3, 3))))]

STACKS = [
    chain(f"concat_{dtype}" + words(i=shape, axis=axis, others=others, swap=swap) + words(k=kernel, s=stride), "CONCATENATION",
          image(dtype, shape), ("CONV_2D", dict(out=shape[2], kernel=kernel, stride=stride, pad="SAME", scale=scale,
                                               zero={"int8": -5, "uint8": 128}[dtype] + shift, **binary_parts(dtype))),
          ("CONCATENATION", dict(axis=axis, others=others, swap=swap, scale=0.0235, zero={"int8": -5, "uint8": 128}[dtype])), *after)
    for dtype in LOW
    for shape, axis, others, swap, kernel, stride, scale, shift, after in [
        ((4, 5, 8), 1, 1, False, (1, 1), (2, 1), 0.0235, 0, []),
        ((4, 5, 8), 2, 1, True, (3, 3), (1, 2), 0.0235, 0, []),
        ((3, 4, 5), 1, 2, False, (1, 1), (1, 1), 0.0235, 0, [conv_of(dtype, 4, (3, 3))]),
        ((3, 4, 5), -2, 2, True, (1, 1), (1, 1), 0.0235, 0, [conv_of(dtype, 4, (3, 3))]),
        ((3, 4, 5), 1, 1, True, (1, 1), (1, 1), 0.0235 if dtype == "int8" else 0.04, 0 if dtype == "int8" else 7,
         [("MAX_POOL_2D", dict(kernel=(2, 2)))]),
        ((3, 4, 5), 2, 1, False, (1, 1), (1, 1), 0.0235 if dtype == "int8" else 0.01, 0 if dtype == "int8" else -9, []),
        ((1, 1, 17), 1, 1, False, (1, 1), (1, 1), 0.0235, 0, [conv_of(dtype)]),
        ((1, 1, 3), 2, 3, False, (1, 1), (1, 1), 0.0235, 0, [conv_of(dtype)]),
    ]
]

SHAPES = [
    chain(f"{op}_{dtype}_{place}".lower(), op, image(dtype, shape), (op, options), *after)
    for dtype in LOW
    for place, (op, shape, options, after) in enumerate([
        ("SQUEEZE", (1, 1, 9), dict(axes=[1, 2]), []),
        ("SQUEEZE", (1, 1, 9), dict(axes=[]), []),
        ("SQUEEZE", (1, 7, 5), dict(axes=[1]), []),
        ("SQUEEZE", (4, 1, 5), dict(axes=[2]), []),
        ("SQUEEZE", (4, 5, 1), dict(axes=[-1]), []),
        ("SQUEEZE", (1, 1, 16), dict(axes=[1, 2]), [("SOFTMAX", {})]),
        ("SQUEEZE", (1, 6, 4), dict(axes=[1]), [("FULLY_CONNECTED", dict(kind="uint8" if dtype == "uint8" else "tensor", out=3))]),
        ("SQUEEZE", (1, 6), dict(axes=[1]), []),
        ("SQUEEZE", (1, 1, 1), dict(axes=[1, 2]), []),
        ("RESHAPE", (4, 5, 6), dict(shape=[1, 20, 6]), []),
        ("RESHAPE", (4, 5, 6), dict(shape=[1, 120]), []),
        ("RESHAPE", (4, 5, 6), dict(shape=[1, 4, 10, 3]), [("AVERAGE_POOL_2D", dict(kernel=(2, 2)))]),
        ("RESHAPE", (4, 6, 5), dict(shape=[1, 4, 3, 10]), [conv_of(dtype, 3, (3, 3))]),
        ("RESHAPE", (1, 1, 24), dict(shape=[1, 1, 4, 6]), [conv_of(dtype, 3, (3, 3))]),
        ("RESHAPE", (1, 5, 6), dict(shape=[1, -1]), [("FULLY_CONNECTED", dict(kind="uint8" if dtype == "uint8" else "tensor", out=4))]),
        ("RESHAPE", (3, 3, 4), dict(shape=[1, 9, 4]), [("SOFTMAX", {})]),
        ("RESHAPE", (12,), dict(shape=[1, 1, 4, 3]), [conv_of(dtype)]),
        ("EXPAND_DIMS", (5, 4), dict(axis=1), []),
        ("EXPAND_DIMS", (5, 4), dict(axis=2), []),
        ("EXPAND_DIMS", (5, 4), dict(axis=-1), []),
        ("EXPAND_DIMS", (9,), dict(axis=1), []),
        ("EXPAND_DIMS", (9,), dict(axis=2), []),
        ("EXPAND_DIMS", (5, 4), dict(axis=1), [conv_of(dtype, 3, (1, 3))]),
        ("EXPAND_DIMS", (6,), dict(axis=1), [("SOFTMAX", {})]),
        ("EXPAND_DIMS", (7, 3), dict(axis=0), []),
        ("EXPAND_DIMS", (8,), dict(axis=1), [("EXPAND_DIMS", dict(axis=1)), conv_of(dtype)]),
        ("EXPAND_DIMS", (3, 4), dict(axis=1), [("AVERAGE_POOL_2D", dict(kernel=(1, 2)))]),
    ])
]

MORE = [
    conv(kind, shape, out, kernel, groups=groups, **options)
    for kind, shape, out, kernel, groups, options in [
        ("channel", (5, 6, 8), 8, (1, 1), 2, {}),
        ("channel", (4, 5, 12), 6, (3, 3), 3, dict(act="RELU6")),
        ("channel", (5, 4, 6), 6, (3, 3), 6, dict(stride=(2, 2))),
        ("channel", (4, 4, 34), 18, (1, 1), 2, {}),
        ("tensor", (5, 5, 16), 8, (3, 3), 4, dict(pad="VALID")),
        ("channel", (6, 5, 4), 16, (2, 3), 4, dict(dilation=(2, 1))),
        ("uint8", (5, 4, 6), 4, (3, 3), 2, dict(wz=117)),
        ("uint8", (5, 4, 9), 6, (1, 1), 3, dict(wz=0, act="RELU")),
    ]
] + [
    pool("MAX_POOL_2D", dtype, shape, kernel, **options)
    for dtype in LOW
    for shape, kernel, options in [
        ((9, 8, 1), (3, 3), dict(stride=(1, 2))), ((1, 9, 33), (1, 4), dict(stride=(1, 3))), ((8, 1, 7), (5, 1), dict(pad="SAME")),
        ((1, 1, 3), (1, 1), {}), ((6, 6, 12), (2, 2), dict(stride=(2, 2), act="RELU_N1_TO_1", source=dict(scale=0.008))),
        ((11, 5, 8), (2, 2), dict(stride=(3, 3), pad="SAME"))]
] + [
    pool("AVERAGE_POOL_2D", dtype, shape, kernel, **options)
    for dtype in LOW
    for shape, kernel, options in [
        ((9, 8, 1), (3, 3), dict(stride=(1, 2))), ((1, 9, 33), (1, 4), dict(stride=(1, 3))), ((8, 1, 7), (5, 1), dict(pad="SAME"))]
] + [
    softmax(dtype, shape, scale, zero, **options)
    for dtype in LOW
    for shape, scale, zero, options in [((1,), 0.1, 128, {}), ((4, 33), 0.2, 60, {}), ((3, 1, 7), 0.05, 255, {}),
                                        ((40,), 3.0, 128, dict(beta=0.1))]
] + [
    quantize("int8", 0.02, 127, "int8", 0.03, -128),
    quantize("int8", 0.02, -128, "uint8", 0.013, 255),
    quantize("uint8", 0.5, 7, "int8", 0.002, 3),
    quantize("uint8", 1 / 255, 0, "int8", 1 / 255, -128),
    quantize("uint8", 2.0, 255, "uint8", 3.7, 0),
    quantize("int8", 2**-7, 0, "uint8", 2**-8, 128),
    quantize("int8", 0.0001, 9, "int8", 0.7, 5),
] + [
    dilated(dtype, shape, op, kernel, block, before, after, pad, **({"out": 6} if op == "CONV_2D" else {}))
    | {"op": "BATCH_TO_SPACE_ND"}
    for dtype in LOW
    for op in ("DEPTHWISE_CONV_2D", "CONV_2D")
    for shape, kernel, block, before, after, pad in [
        ((7, 7, 3), (3, 3), (3, 3), [(3, 5), (3, 5)], [(0, 2), (0, 2)], "VALID"),
        ((6, 8, 1), (3, 3), (2, 2), [(2, 2), (2, 2)], [(0, 0), (0, 0)], "VALID"),
        ((5, 9, 17), (3, 1), (2, 1), [(2, 3), (0, 0)], [(0, 1), (0, 0)], "VALID"),
        ((7, 5, 8), (3, 3), (2, 2), [(0, 1), (0, 1)], [(0, 1), (0, 1)], "SAME"),
        ((8, 8, 33), (2, 2), (2, 2), [(0, 2), (0, 2)], [(0, 0), (0, 0)], "VALID"),
    ]
]

OPERATORS = [*REDUCTIONS, *SLICE, *STRIDED_SLICE, *SPLIT, *SPLIT_V, *UNPACK, *PACK, *BLOCKS, *L2_NORMALIZATION, *PRELU, *DIV,
             *UNARY, *EXTREMA, *STACKS, *SHAPES, *MORE]
