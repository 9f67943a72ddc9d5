"""The table of operator cases.

A case is a small graph: an input (type, shape, scale, zero point) and steps (see steps.py) that follow each other.
`values` names the inputs it is run on. Zero points of the helpers below count from the type's lowest value, so that
one line can stand for int8 and uint8 alike.
"""
LOW = {"int8": -128, "uint8": 0}
EVERY = ("noise", "low", "high")
POWER = 1 / 32  # a power of two: with multipliers that are powers of two too, many results fall between two integers


def case(name, op, given, *steps, values=EVERY):
    return {"name": name, "op": op, "inputs": [given], "steps": list(steps), "values": values}


def image(dtype, shape, scale=0.0235, zero=None):
    """An input [1, *shape]."""
    zero = {"int8": -5, "uint8": 128}[dtype] if zero is None else zero
    return (dtype, (1, *shape), scale, zero)


def values_for(options):
    """Left shifts saturate noise: such cases also see inputs near the zero point."""
    return EVERY + ("near",) if options.get("m", 0) > 0.9 else EVERY


def dtype_of(kind):
    return "uint8" if kind == "uint8" else "int8"


def words(source={}, **options):
    """Options as a part of a name: stride=(2, 1) gives _stride2x1; the input's own come last, as _in_zero0."""
    def show(v):
        if isinstance(v, tuple):
            return "x".join(map(str, v))
        return "" if v is True else f"{v:.3g}" if isinstance(v, float) else str(v)
    both = options | {f"in_{k}": v for k, v in source.items()}
    return "".join(f"_{k}{show(v)}".lower() for k, v in both.items())


def conv(kind, shape, out, kernel, source={}, **options):
    name = f"conv_{kind}" + words(i=shape, o=out, k=kernel, **options, source=source)
    return case(name, "CONV_2D", image(dtype_of(kind), shape, **source),
                ("CONV_2D", dict(kind=kind, out=out, kernel=kernel, **options)), values=values_for(options))


def depthwise(kind, shape, multiplier, kernel, source={}, **options):
    name = f"depthwise_{kind}" + words(i=shape, x=multiplier, k=kernel, **options, source=source)
    return case(name, "DEPTHWISE_CONV_2D", image(dtype_of(kind), shape, **source),
                ("DEPTHWISE_CONV_2D", dict(kind=kind, multiplier=multiplier, kernel=kernel, **options)),
                values=values_for(options))


def dense(kind, shape, out, source={}, **options):
    name = f"dense_{kind}" + words(i=shape, o=out, **options, source=source)
    return case(name, "FULLY_CONNECTED", image(dtype_of(kind), shape, **source),
                ("FULLY_CONNECTED", dict(kind=kind, out=out, **options)), values=values_for(options))


def pool(op, dtype, shape, kernel, source={}, **options):
    name = f"{op.split('_')[0].lower()}_pool_{dtype}" + words(i=shape, k=kernel, **options, source=source)
    return case(name, op, image(dtype, shape, **source), (op, dict(kernel=kernel, **options)))


def mean(dtype, shape, source={}, **options):
    name = f"mean_{dtype}" + words(i=shape, **options, source=source)
    return case(name, "MEAN", image(dtype, shape, **source), ("MEAN", options))


def softmax(dtype, shape, scale, zero, beta=1.0):
    """The reference aborts where the sum of exponentials reaches 512, so equal inputs must be fewer than that."""
    values = EVERY + ("ramp", "near", "bell") if shape[-1] < 512 else ("noise", "ramp", "bell")
    return case(f"softmax_{dtype}" + words(i=shape, scale=scale, zero=zero, beta=beta), "SOFTMAX",
                image(dtype, shape, scale, zero + LOW[dtype]), ("SOFTMAX", dict(beta=beta)), values=values)


def quantize(source, source_scale, source_zero, target, scale, zero):
    """Runs over all 256 values."""
    name = f"quantize_{source}_{source_scale:.3g}_{source_zero}_{target}_{scale:.3g}_{zero}"
    return case(name, "QUANTIZE", image(source, (4, 8, 8), source_scale, source_zero),
                ("QUANTIZE", dict(dtype=target, scale=scale, zero=zero)), values=("ramp",))


def chain(name, op, given, *steps):
    return case(name, op, given, *steps)


TIES = dict(scale=POWER, exact=True)  # the output's side
TIED = dict(scale=POWER)  # the input's side

CONV_2D = [
    # Pointwise, every remainder of channels, rows that are no multiple of anything.
    conv("channel", (5, 7, 1), 1, (1, 1)),
    conv("channel", (4, 5, 3), 7, (1, 1), act="RELU6"),
    conv("channel", (3, 9, 4), 4, (1, 1), act="RELU"),
    conv("channel", (5, 3, 5), 9, (1, 1), act="RELU_N1_TO_1"),
    conv("channel", (6, 6, 8), 16, (1, 1), act="RELU6"),
    conv("channel", (2, 11, 16), 8, (1, 1)),
    conv("channel", (7, 5, 17), 19, (1, 1)),
    conv("channel", (3, 7, 31), 3, (1, 1), bias="zero"),
    conv("channel", (7, 7, 16), 8, (1, 1), stride=(2, 2), pad="VALID"),
    conv("channel", (8, 7, 8), 4, (1, 1), stride=(2, 3)),
    conv("tensor", (4, 7, 8), 16, (1, 1)),
    conv("tensor", (5, 5, 31), 9, (1, 1), act="RELU6"),
    # Windows.
    conv("channel", (7, 9, 3), 8, (3, 3), stride=(2, 2), act="RELU6"),
    conv("channel", (12, 11, 1), 8, (3, 3), stride=(2, 2), act="RELU"),
    conv("channel", (8, 8, 3), 16, (3, 3), stride=(2, 2), act="RELU6"),
    conv("channel", (6, 5, 16), 7, (3, 3)),
    conv("channel", (6, 7, 17), 4, (3, 3), pad="VALID"),
    conv("channel", (9, 8, 4), 2, (5, 5)),
    conv("channel", (5, 11, 5), 3, (1, 7)),
    conv("channel", (11, 5, 4), 4, (7, 1), act="RELU"),
    conv("channel", (7, 8, 3), 9, (2, 3)),
    conv("channel", (6, 7, 8), 8, (2, 2), stride=(2, 2)),
    conv("channel", (9, 9, 4), 8, (4, 4), stride=(3, 2)),
    conv("channel", (10, 11, 3), 4, (3, 3), stride=(3, 3), pad="VALID"),
    conv("channel", (9, 10, 3), 7, (3, 3), stride=(1, 2)),
    conv("channel", (9, 11, 4), 3, (3, 3), dilation=(2, 2)),
    conv("channel", (9, 11, 8), 8, (3, 3), dilation=(2, 2), pad="VALID", act="RELU6"),
    conv("channel", (2, 2, 3), 4, (5, 5)),
    conv("channel", (1, 1, 8), 8, (3, 3)),
    conv("channel", (5, 4, 3), 4, (5, 4), pad="VALID"),
    conv("tensor", (7, 6, 5), 8, (3, 3), act="RELU_N1_TO_1"),
    # One scale and a zero point on the weights: the old uint8 files.
    conv("uint8", (5, 7, 8), 8, (1, 1), wz=117, act="RELU6"),
    conv("uint8", (4, 5, 17), 9, (1, 1), wz=0),
    conv("uint8", (6, 3, 16), 16, (1, 1), wz=255, act="RELU"),
    conv("uint8", (5, 5, 31), 7, (1, 1), wz=131, act="RELU_N1_TO_1"),
    conv("uint8", (9, 9, 3), 8, (3, 3), stride=(2, 2), wz=122, act="RELU6"),
    conv("uint8", (7, 8, 4), 3, (3, 3), wz=0, source=dict(zero=0)),
    conv("uint8", (6, 7, 5), 4, (2, 3), wz=255, source=dict(zero=255)),
    conv("uint8", (9, 8, 3), 4, (3, 3), dilation=(2, 2), wz=140),
    # Requantisation: left shifts, tiny multipliers, large biases, results exactly between two integers.
    conv("channel", (5, 5, 3), 8, (1, 1), w=1, m=1.3, bias="zero"),
    conv("channel", (5, 5, 1), 7, (1, 1), w=1, m=3.7, bias="zero", source=dict(zero=0)),
    conv("channel", (3, 5, 1), 4, (1, 1), w=1, m=21.0, bias="zero", zero=0),
    conv("channel", (5, 5, 8), 8, (3, 3), m=3e-8, bias="large", zero=0),
    conv("channel", (4, 5, 8), 9, (1, 1), m=4e-7, bias="large", zero=-20),
    conv("channel", (4, 4, 4), 8, (1, 1), m=1e-9, bias="large"),
    conv("channel", (4, 4, 4), 4, (1, 1), m=1e-10, bias="large"),
    conv("channel", (6, 7, 4), 8, (1, 1), w=3, m=2**-3, bias="zero", zero=0, source=TIED, **TIES),
    conv("channel", (6, 7, 4), 7, (3, 3), w=7, m=2**-5, bias="zero", zero=-3, source=TIED, **TIES),
    conv("channel", (4, 7, 8), 8, (1, 1), m=2**-9, bias="spread", zero=0, source=TIED, **TIES),
    conv("channel", (4, 7, 3), 8, (1, 1), w=1, m=2**-1, bias="zero", zero=0, source=TIED, **TIES),
    conv("channel", (4, 7, 1), 8, (1, 1), w=1, m=1.0, bias="zero", zero=0, source=TIED, **TIES),
    conv("uint8", (5, 5, 1), 4, (1, 1), wz=128, m=0.013, zero=77),
    conv("uint8", (5, 5, 4), 8, (1, 1), wz=127, m=2**-7, bias="zero", zero=100, source=TIED, **TIES),
    conv("channel", (5, 5, 4), 4, (3, 3), source=dict(zero=-128), zero=127),
    conv("channel", (5, 5, 4), 4, (3, 3), source=dict(zero=127), zero=-128),
]

DEPTHWISE_CONV_2D = [
    depthwise("channel", (6, 7, 8), 1, (3, 3), act="RELU6"),
    depthwise("channel", (7, 7, 16), 1, (3, 3), stride=(2, 2), act="RELU6"),
    depthwise("channel", (8, 8, 16), 1, (3, 3), stride=(2, 2), act="RELU6"),
    depthwise("channel", (5, 11, 17), 1, (3, 3)),
    depthwise("channel", (7, 5, 31), 1, (3, 3), stride=(2, 2), pad="VALID"),
    depthwise("channel", (6, 6, 3), 1, (3, 3), act="RELU"),
    depthwise("channel", (5, 5, 1), 1, (3, 3), act="RELU_N1_TO_1"),
    depthwise("channel", (8, 7, 4), 1, (3, 3), pad="VALID", bias=None),
    depthwise("channel", (9, 8, 5), 1, (5, 5)),
    depthwise("channel", (11, 9, 8), 1, (5, 5), stride=(2, 2)),
    depthwise("channel", (4, 11, 4), 1, (1, 7)),
    depthwise("channel", (11, 3, 4), 1, (7, 1)),
    depthwise("channel", (7, 8, 8), 1, (2, 3)),
    depthwise("channel", (6, 7, 8), 1, (2, 2), stride=(2, 2)),
    depthwise("channel", (7, 7, 8), 1, (4, 4)),
    depthwise("channel", (10, 9, 3), 1, (3, 3), stride=(3, 3)),
    depthwise("channel", (9, 9, 8), 1, (3, 3), stride=(1, 2)),
    depthwise("channel", (9, 9, 8), 1, (3, 3), stride=(3, 1)),
    depthwise("channel", (9, 11, 8), 1, (3, 3), dilation=(2, 2)),
    depthwise("channel", (9, 11, 5), 1, (3, 3), dilation=(2, 2), pad="VALID"),
    depthwise("channel", (8, 8, 4), 1, (3, 3), dilation=(1, 2)),
    depthwise("channel", (1, 1, 8), 1, (3, 3)),
    depthwise("channel", (2, 1, 9), 1, (5, 5)),
    depthwise("channel", (5, 6, 8), 1, (5, 6), pad="VALID"),
    depthwise("channel", (5, 5, 19), 1, (1, 1)),
    # Channel multipliers.
    depthwise("channel", (7, 6, 1), 8, (3, 3), stride=(2, 2), act="RELU6"),
    depthwise("channel", (5, 7, 1), 3, (3, 3)),
    depthwise("channel", (5, 5, 4), 2, (3, 3)),
    depthwise("channel", (6, 5, 3), 3, (3, 3), stride=(2, 1)),
    depthwise("channel", (4, 5, 5), 8, (3, 3), act="RELU"),
    depthwise("uint8", (6, 5, 1), 8, (3, 3), stride=(2, 2), wz=145),
    # One scale.
    depthwise("tensor", (6, 7, 8), 1, (3, 3)),
    depthwise("uint8", (6, 7, 8), 1, (3, 3), wz=117, act="RELU6"),
    depthwise("uint8", (7, 7, 16), 1, (3, 3), stride=(2, 2), wz=0, act="RELU"),
    depthwise("uint8", (6, 5, 17), 1, (3, 3), wz=255, act="RELU_N1_TO_1"),
    depthwise("uint8", (8, 7, 4), 1, (5, 5), wz=131, bias=None),
    depthwise("uint8", (6, 6, 5), 1, (3, 3), wz=110, source=dict(zero=0)),
    depthwise("uint8", (9, 9, 3), 1, (3, 3), dilation=(2, 2), wz=122, source=dict(zero=255)),
    # Requantisation.
    depthwise("channel", (5, 5, 8), 1, (1, 1), w=1, m=2.6, bias="zero"),
    depthwise("channel", (5, 5, 8), 1, (3, 3), w=2, m=1.1, bias="zero"),
    depthwise("channel", (5, 5, 8), 1, (3, 3), m=4e-8, bias="large", zero=0),
    depthwise("channel", (5, 6, 8), 1, (3, 3), w=3, m=2**-4, bias="zero", zero=0, source=TIED, **TIES),
    depthwise("uint8", (5, 5, 4), 1, (3, 3), wz=128, m=2**-8, bias="zero", zero=120, source=TIED, **TIES),
    depthwise("channel", (5, 5, 8), 1, (3, 3), source=dict(zero=-128), zero=127),
]

FULLY_CONNECTED = [
    dense("tensor", (1,), 1),
    dense("tensor", (8,), 4),
    dense("tensor", (17,), 9, act="RELU6"),
    dense("tensor", (31,), 10, act="RELU"),
    dense("tensor", (64,), 16, bias=None),
    dense("tensor", (100,), 3, act="RELU_N1_TO_1"),
    dense("tensor", (256,), 7),
    dense("channel", (8,), 8),
    dense("channel", (19,), 5, act="RELU6"),
    dense("channel", (64,), 10, bias=None),
    dense("channel", (130,), 19),
    dense("uint8", (16,), 8, wz=117),
    dense("uint8", (33,), 5, wz=0, act="RELU"),
    dense("uint8", (64,), 10, wz=255),
    dense("uint8", (100,), 3, wz=131, bias=None, act="RELU_N1_TO_1"),
    dense("uint8", (24,), 7, wz=90, source=dict(zero=0), act="RELU6"),
    # Four-dimensional inputs: flattened, or a pointwise convolution in disguise.
    dense("tensor", (2, 3, 4), 5),
    dense("channel", (1, 1, 16), 8),
    dense("uint8", (3, 2, 5), 6, wz=128),
    dense("tensor", (1, 1, 8), 4, keep=True),
    dense("tensor", (2, 3, 4), 5, keep=True),
    dense("channel", (2, 3, 8), 3, keep=True),
    dense("uint8", (1, 1, 8), 4, keep=True, wz=100),
    # Requantisation.
    dense("tensor", (2,), 8, w=1, m=1.7, bias="zero"),
    dense("tensor", (16,), 8, m=4e-8, bias="large", zero=0),
    dense("tensor", (16,), 16, w=7, m=2**-6, bias="zero", zero=0, source=TIED, **TIES),
    dense("channel", (16,), 16, w=7, m=2**-6, bias="zero", zero=0, source=TIED, **TIES),
    dense("tensor", (12,), 8, source=dict(zero=127), zero=-128),
    # Results near the middle of two integers: here the reference rounds acc * scale once, in double, half away from
    # zero; the convolutions round twice, in fixed point.
    dense("tensor", (5, 7, 8), 16, keep=True, w=3, m=0.07, bias="zero", zero=0),
    dense("channel", (5, 7, 8), 16, keep=True, w=3, m=0.07, bias="zero", zero=0),
    dense("uint8", (5, 7, 8), 16, keep=True, wz=128, w=3, m=0.07, bias="zero", zero=128),
    dense("tensor", (24,), 64, w=2, m=0.083, bias="zero", zero=0),
    dense("channel", (24,), 64, w=2, m=0.083, bias="zero", zero=0),
    dense("uint8", (24,), 64, wz=120, w=2, m=0.083, bias="zero", zero=128),
]

# Two operands (scale, zero point counted from the lowest value), the activation, the sum's scale and zero point.
SUMS = [
    (("int8", 0.05, 123), (0.05, 123), "NONE", (0.1, 128)),
    (("int8", 0.05, 0), (0.02, 200), "NONE", (0.06, 100)),
    (("int8", 0.0131, 131), (0.113, 128), "NONE", (0.117, 119)),
    (("int8", 0.0235, 0), (0.0235, 0), "RELU6", (0.0235, 0)),
    (("int8", 0.03, 100), (0.04, 128), "RELU", (0.05, 0)),
    (("int8", 0.03, 128), (0.01, 140), "RELU_N1_TO_1", (0.0103, 131)),
    (("int8", 2**-4, 128), (2**-5, 128), "NONE", (2**-3, 128)),
    (("int8", 0.5, 128), (0.001, 128), "NONE", (0.4, 128)),
    (("int8", 0.02, 255), (0.03, 0), "NONE", (0.011, 30)),
    (("uint8", 0.05, 123), (0.04, 130), "NONE", (0.06, 125)),
    (("uint8", 0.0235, 0), (0.03, 128), "RELU6", (0.0261, 0)),
    (("uint8", 0.03, 60), (0.05, 255), "RELU", (0.05, 10)),
    (("uint8", 0.02, 140), (0.02, 120), "RELU_N1_TO_1", (0.0103, 131)),
]


def sum_parts(row):
    (dtype, scale, zero), (other_scale, other_zero), act, (out_scale, out_zero) = row
    low = LOW[dtype]
    name = f"{dtype}_{scale:.3g}_{zero}_{other_scale:.3g}_{other_zero}_{act}_{out_scale:.3g}_{out_zero}".lower()
    out = dict(act=act, scale=out_scale, zero=out_zero + low)
    return name, dtype, (scale, zero + low), dict(scale=other_scale, zero=other_zero + low), out


def own_sum(row, shape=(4, 5, 9)):
    """The input plus a pointwise convolution of it: what a residual block is, with one input."""
    name, dtype, given, other, out = sum_parts(row)
    kind = dict(kind="uint8", wz=125) if dtype == "uint8" else dict(kind="channel")
    return case("add_own_" + name, "ADD", image(dtype, shape, *given),
                ("CONV_2D", dict(out=shape[2], kernel=(1, 1), **kind, **other)), ("ADD", out))


def two_sum(row, shape=(3, 5, 17), values=EVERY):
    """The sum of two inputs."""
    name, dtype, given, other, out = sum_parts(row)
    name = ("add_all_" if "all" in values else "add_two_") + name
    c = case(name, "ADD", image(dtype, shape, *given), ("ADD", out), values=values)
    c["inputs"].append(image(dtype, shape, other["scale"], other["zero"]))
    return c


def binary_parts(dtype):
    return dict(kind="uint8", wz=125) if dtype == "uint8" else dict(kind="channel")


def operand(op, dtype, given, act, out):
    """Beginning of a name, the input's quantisation and the options of the operator."""
    low = LOW[dtype]
    name = f"{op}_{dtype}_{given[0]:.3g}_{given[1]}_{act}_{out[0]:.3g}_{out[1]}".lower()
    return name, (given[0], given[1] + low), dict(act=act, scale=out[0], zero=out[1] + low)


def with_constant(op, dtype, given, constant, act, out, swap=False, shape=(4, 8, 8), values=("ramp", "noise")):
    """The input and a constant (shape, scale, zero point from the lowest, value from the lowest or None)."""
    name, quantised, options = operand(op, dtype, given, act, out)
    of, scale, zero, value = constant
    low = LOW[dtype]
    name += f"_by{'x'.join(map(str, of)) or 's'}_{scale:.3g}_{zero}_{value}".lower() + ("_swap" if swap else "")
    constant = (of, scale, zero + low, None if value is None else value + low)
    return case(name, op, image(dtype, shape, *quantised), (op, dict(constant=constant, swap=swap, **options)),
                values=values)


def with_own(op, dtype, given, other, act, out, swap=False, shape=(4, 5, 9)):
    """The input and a pointwise convolution of it."""
    name, quantised, options = operand(op, dtype, given, act, out)
    name += f"_own_{other[0]:.3g}_{other[1]}" + ("_swap" if swap else "")
    conv = dict(out=shape[2], kernel=(1, 1), scale=other[0], zero=other[1] + LOW[dtype], **binary_parts(dtype))
    return case(name, op, image(dtype, shape, *quantised), ("CONV_2D", conv), (op, dict(swap=swap, **options)))


def with_gate(op, dtype, given, gate, act, out, swap=False, shape=(5, 4, 9), by="MEAN", axes=(1, 2)):
    """The input and one pixel made of it, as squeeze-excite does."""
    name, quantised, options = operand(op, dtype, given, act, out)
    name += f"_gate_{by}_{'x'.join(map(str, shape))}_{gate[0]:.3g}_{gate[1]}".lower() + ("_swap" if swap else "")
    squeeze = ("MEAN", dict(keep=True)) if by == "MEAN" else ("AVERAGE_POOL_2D", dict(kernel=shape[:2]))
    excite = dict(out=shape[2], kernel=(1, 1), scale=gate[0], zero=gate[1] + LOW[dtype], **binary_parts(dtype))
    return case(name, op, image(dtype, shape, *quantised), squeeze, ("CONV_2D", excite),
                (op, dict(swap=swap, **options)))


ADD = [own_sum(row) for row in SUMS] + [
    with_constant("ADD", *row)
    for row in [
        ("int8", (0.05, 123), ((), 0.02, 10, 200), "NONE", (0.06, 120)),
        ("int8", (0.05, 123), ((1,), 0.2, 0, 255), "RELU6", (0.0261, 0), True),
        ("int8", (0.0117647, 85), ((), 0.0039, 0, 255), "NONE", (0.0078, 127)),
        ("int8", (0.05, 0), ((1, 1, 1, 1), 0.05, 128, 3), "RELU", (0.04, 0)),
        ("int8", (0.05, 100), ((8,), 0.03, 120, None), "NONE", (0.06, 120)),
        ("int8", (0.05, 100), ((1, 1, 1, 8), 0.001, 0, None), "RELU_N1_TO_1", (0.0103, 131), True),
        ("uint8", (0.05, 123), ((), 0.02, 10, 200), "NONE", (0.06, 120)),
        ("uint8", (0.05, 3), ((1,), 0.2, 255, 0), "RELU", (0.05, 0), True),
        ("uint8", (0.03, 100), ((8,), 0.03, 120, None), "RELU6", (0.0261, 0)),
    ]
] + [
    with_gate("ADD", "int8", (0.05, 123), (0.03, 100), "NONE", (0.06, 120)),
    with_gate("ADD", "int8", (0.05, 123), (0.03, 100), "RELU6", (0.0261, 0), True),
    with_gate("ADD", "uint8", (0.05, 123), (0.03, 100), "NONE", (0.06, 120), by="POOL"),
]
ADD_TWO_INPUTS = [two_sum(row) for row in SUMS] + [two_sum(SUMS[i], (16, 16, 256), ("all",)) for i in (2, 9)]

SUB = [
    with_own("SUB", *row)
    for row in [
        ("int8", (0.05, 123), (0.05, 123), "NONE", (0.1, 128)),
        ("int8", (0.05, 0), (0.02, 200), "NONE", (0.06, 100), True),
        ("int8", (0.0131, 131), (0.113, 128), "NONE", (0.117, 119)),
        ("int8", (0.0235, 0), (0.0235, 0), "RELU6", (0.0235, 0)),
        ("int8", (0.03, 100), (0.04, 128), "RELU", (0.05, 0), True),
        ("int8", (0.03, 128), (0.01, 140), "RELU_N1_TO_1", (0.0103, 131)),
        ("int8", (2**-4, 128), (2**-5, 128), "NONE", (2**-3, 128)),
        ("uint8", (0.05, 123), (0.04, 130), "NONE", (0.06, 125)),
        ("uint8", (0.0235, 0), (0.03, 128), "RELU6", (0.0261, 0), True),
        ("uint8", (0.03, 60), (0.05, 255), "RELU", (0.05, 10)),
    ]
] + [
    with_constant("SUB", *row)
    for row in [
        ("int8", (0.05, 123), ((), 0.02, 10, 200), "NONE", (0.06, 120)),
        ("int8", (0.05, 123), ((), 0.02, 10, 200), "NONE", (0.06, 120), True),
        ("int8", (2**-5, 123), ((1,), 2**-6, 0, 129), "RELU6", (2**-4, 0), True),
        ("int8", (0.05, 100), ((8,), 0.03, 120, None), "NONE", (0.06, 120)),
        ("int8", (0.05, 100), ((1, 1, 1, 8), 0.03, 120, None), "RELU", (0.06, 20), True),
        ("uint8", (0.05, 123), ((), 0.02, 10, 200), "NONE", (0.06, 120)),
        ("uint8", (0.05, 123), ((1, 1, 1), 0.02, 255, 7), "NONE", (0.02, 20), True),
        ("uint8", (0.05, 100), ((8,), 0.03, 120, None), "NONE", (0.06, 120), True),
    ]
] + [
    with_gate("SUB", "int8", (0.05, 123), (0.03, 100), "NONE", (0.06, 120)),
    with_gate("SUB", "int8", (0.05, 123), (0.03, 100), "RELU", (0.06, 0), True),
    with_gate("SUB", "uint8", (0.05, 123), (0.03, 100), "NONE", (0.06, 120), True, by="POOL"),
]

MUL = [
    with_gate("MUL", *row, **options)
    for row, options in [
        (("int8", (0.0577, 7), (0.0039, 0), "NONE", (0.0532, 7)), {}),
        (("int8", (0.0577, 7), (0.0039, 0), "NONE", (0.0532, 7), True), {}),
        (("int8", (0.4784, 0), (0.0039, 0), "NONE", (0.4784, 0)), dict(shape=(7, 9, 16))),
        (("int8", (0.087, 124), (0.0039, 128), "RELU6", (0.0261, 0), True), dict(shape=(3, 3, 31))),
        (("int8", (0.087, 255), (0.02, 255), "RELU", (0.11, 0)), dict(shape=(1, 6, 8))),
        (("int8", (0.05, 120), (0.03, 130), "RELU_N1_TO_1", (0.0103, 131)), dict(shape=(6, 1, 5))),
        (("int8", (0.3, 120), (0.9, 130), "NONE", (0.01, 100)), dict(by="POOL")),
        (("uint8", (0.0577, 7), (0.0039, 0), "NONE", (0.0532, 7)), {}),
        (("uint8", (0.087, 255), (0.02, 255), "RELU", (0.11, 0), True), dict(by="POOL")),
        (("uint8", (0.05, 120), (0.03, 130), "RELU6", (0.0261, 0)), dict(shape=(4, 4, 3))),
    ]
] + [
    with_own("MUL", *row)
    for row in [
        ("int8", (0.05, 123), (0.05, 123), "NONE", (0.1, 128)),
        ("int8", (0.05, 0), (0.02, 200), "NONE", (0.06, 100), True),
        ("int8", (2**-4, 128), (2**-5, 128), "NONE", (2**-3, 128)),
        ("int8", (0.5, 0), (2.0, 255), "RELU", (0.004, 10)),
        ("uint8", (0.05, 123), (0.04, 130), "NONE", (0.06, 125)),
        ("uint8", (0.0235, 0), (0.03, 128), "RELU6", (0.0261, 0)),
    ]
] + [
    with_constant("MUL", *row)
    for row in [
        ("int8", (1.0, 0), ((), 0.0078431, 0, 1), "NONE", (0.0117647, 85)),
        ("int8", (0.0235, 0), ((), 0.00065359, 0, 255), "NONE", (0.0039216, 0)),
        ("int8", (0.05, 123), ((1,), 0.02, 128, 7), "NONE", (0.06, 120), True),
        ("int8", (0.05, 123), ((), 3.0, 128, 255), "RELU6", (0.0261, 0)),
        ("int8", (2**-5, 128), ((), 2**-5, 128, 131), "NONE", (2**-6, 128)),
        ("int8", (40.0, 128), ((), 60.0, 0, 255), "NONE", (0.001, 128)),
        ("int8", (0.05, 100), ((8,), 0.03, 120, None), "NONE", (0.06, 120)),
        ("int8", (0.05, 100), ((1, 1, 8), 0.003, 0, None), "RELU_N1_TO_1", (0.0103, 131), True),
        ("int8", (2.0, 100), ((1, 1, 1, 8), 0.9, 30, None), "NONE", (0.02, 120)),
        ("int8", (9.0, 100), ((8,), 90.0, 30, None), "NONE", (0.02, 120)),
        ("uint8", (0.05, 123), ((), 0.02, 10, 200), "NONE", (0.06, 120)),
        ("uint8", (0.05, 3), ((1,), 0.2, 255, 0), "RELU", (0.05, 200), True),
        ("uint8", (0.03, 100), ((8,), 0.03, 120, None), "RELU6", (0.0261, 0)),
    ]
]


def two_product(op, row, shape=(3, 5, 17), values=EVERY):
    """Two inputs; every pair of values with "all"."""
    c = two_sum(row, shape, values)
    return c | {"name": c["name"].replace("add_", op.lower() + "_", 1), "op": op,
                "steps": [(op, c["steps"][0][1])]}


MUL_TWO_INPUTS = [two_product("MUL", SUMS[i]) for i in (1, 4, 8, 10, 12)] + [
    two_product("MUL", SUMS[i], (16, 16, 256), ("all",)) for i in (2, 9)]
SUB_TWO_INPUTS = [two_product("SUB", row) for row in SUMS[::2]] + [
    two_product("SUB", SUMS[i], (16, 16, 256), ("all",)) for i in (2, 9)]


def unary(op, dtype, given, out, **options):
    """Runs over all 256 values."""
    low = LOW[dtype]
    name = f"{op}_{dtype}_{given[0]:.3g}_{given[1]}_{out[0]:.3g}_{out[1]}".lower() + words(**options)
    return case(name, op, image(dtype, (4, 8, 8), given[0], given[1] + low),
                (op, dict(scale=out[0], zero=out[1] + low, **options)), values=("ramp",))


HARD_SWISH = [
    unary("HARD_SWISH", dtype, given, out)
    for dtype in ("int8", "uint8")
    for given, out in [
        ((0.1157, 82), (0.08, 5)),
        ((0.184, 127), (0.184, 2)),
        ((0.0235, 128), (0.0128, 12)),
        ((0.0235, 0), (0.0235, 0)),
        ((0.003, 120), (0.002, 30)),
        ((0.0001, 120), (0.00005, 130)),
        ((1.3, 100), (0.9, 1)),
        ((17.0, 131), (8.5, 0)),
        ((200.0, 131), (100.0, 0)),
        ((0.35, 255), (0.01, 128)),
        ((0.6336, 147), (0.271, 1)),
        ((0.05, 128), (0.5, 128)),
        ((2**-4, 128), (2**-5, 10)),
        ((0.8373, 131), (0.4096, 1)),
        ((0.03, 128), (0.0005, 100)),
    ]
]

LOGISTIC = [
    unary("LOGISTIC", dtype, given, (1 / 256, 0))
    for dtype in ("int8", "uint8")
    for given in [(0.05, 128), (0.0625, 0), (0.1, 255), (0.0173, 77), (0.003, 128), (0.3, 140), (1.0, 128),
                  (2**-5, 128), (20.0, 100), (0.0842, 199)]
] + [unary("LOGISTIC", "int8", (0.05, 128), (1 / 256, 30)), unary("LOGISTIC", "uint8", (0.07, 128), (1 / 256, 200))]

RELUS = [
    unary(op, dtype, given, out)
    for op in ("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1")
    for dtype in ("int8", "uint8")
    for given, out in [
        ((0.05, 123), (0.05, 123)),
        ((0.05, 123), (0.03, 0)),
        ((0.0235, 128), (0.0235, 0)),
        ((0.0078, 127), (0.0039, 0)),
        ((0.3, 200), (0.0261, 10)),
        ((0.01, 30), (0.02, 131)),
        ((2**-4, 128), (2**-3, 128)),
        ((2**-4, 130), (2**-1, 100)),
        ((0.001, 0), (0.003, 255)),
        ((7.0, 128), (0.001, 128)),
    ]
]

LEAKY_RELU = [
    unary("LEAKY_RELU", dtype, given, out, alpha=alpha)
    for dtype in ("int8", "uint8")
    for given, out, alpha in [
        ((0.05, 123), (0.05, 123), 0.1),
        ((0.05, 123), (0.03, 40), 0.2),
        ((0.0235, 128), (0.0235, 30), 0.01),
        ((0.0235, 128), (0.0235, 128), 1.5),
        ((0.3, 200), (0.0261, 10), 0.3),
        ((0.01, 30), (0.02, 131), 0.125),
        ((2**-4, 128), (2**-3, 128), 0.5),
        ((2**-4, 130), (2**-1, 100), 0.25),
        ((0.001, 0), (0.003, 255), 0.1),
        ((0.02, 128), (0.02, 0), 0.0),
    ]
]

AVERAGE_POOL_2D = [
    pool("AVERAGE_POOL_2D", dtype, shape, kernel, **options)
    for dtype in ("int8", "uint8")
    for shape, kernel, options in [
        ((4, 4, 16), (4, 4), {}),
        ((7, 7, 9), (7, 7), {}),
        ((3, 5, 8), (3, 5), dict(act="RELU6", source=dict(scale=0.05))),
        ((6, 7, 5), (2, 2), dict(stride=(2, 2))),
        ((6, 7, 5), (2, 2), dict(stride=(2, 2), pad="SAME")),
        ((7, 8, 4), (3, 3), dict(pad="SAME")),
        ((9, 8, 3), (3, 3), dict(stride=(2, 2), pad="SAME", act="RELU")),
        ((5, 9, 17), (2, 3), dict(stride=(3, 2), act="RELU_N1_TO_1")),
        ((2, 2, 8), (5, 5), dict(pad="SAME")),
    ]
]

MAX_POOL_2D = [
    pool("MAX_POOL_2D", dtype, shape, kernel, **options)
    for dtype, shape, kernel, options in [
        ("int8", (6, 8, 8), (2, 2), dict(stride=(2, 2))),
        ("int8", (7, 7, 16), (3, 3), dict(stride=(2, 2), pad="SAME")),
        ("int8", (7, 6, 5), (3, 3), dict(pad="SAME", act="RELU6", source=dict(scale=0.05))),
        ("int8", (5, 7, 17), (2, 3), dict(stride=(3, 2), act="RELU_N1_TO_1", source=dict(scale=0.008))),
        ("int8", (4, 3, 9), (4, 3), {}),
        ("int8", (2, 2, 3), (5, 5), dict(pad="SAME")),
        ("uint8", (7, 7, 8), (2, 2), dict(stride=(2, 2), pad="SAME")),
        ("uint8", (8, 9, 5), (3, 3), dict(stride=(2, 2), act="RELU")),
        ("uint8", (5, 5, 17), (3, 3), dict(pad="SAME", act="RELU6", source=dict(scale=0.05))),
        ("uint8", (4, 4, 9), (4, 4), {}),
    ]
]

MEAN = [
    mean(dtype, shape, **options)
    for dtype, low in LOW.items()
    for shape, options in [
        ((7, 7, 16), dict(keep=True)),
        ((7, 7, 31), dict(keep=False)),
        ((5, 6, 8), dict(keep=True, scale=0.011, zero=118 + low, source=dict(zero=118 + low))),
        ((5, 6, 8), dict(keep=False, scale=0.011, zero=118 + low, source=dict(zero=118 + low))),
        ((4, 4, 9), dict(keep=True, scale=0.02, zero=low + 20, source=dict(zero=low))),
        ((12, 11, 5), dict(keep=False, scale=0.03, zero=low + 250, source=dict(scale=0.05, zero=low + 255))),
        ((1, 1, 8), dict(keep=True, scale=0.02)),
        ((1, 1, 8), dict(keep=False)),
        ((3, 2, 17), dict(axes=(2, 1), keep=True, scale=0.019)),
        ((3, 5, 4), dict(axes=(-3, -2), keep=False, scale=0.019)),
        ((2, 4, 8), dict(keep=True, scale=POWER, source=dict(scale=POWER, zero=low + 128), zero=low + 128)),
        ((2, 4, 8), dict(keep=False, scale=0.006, zero=low + 128, source=dict(zero=low + 128))),
    ]
]

SOFTMAX = [
    softmax("int8", (2,), 0.05, 128),
    softmax("int8", (3,), 0.1, 100),
    softmax("int8", (10,), 0.0625, 130),
    softmax("int8", (17,), 1.0, 0),
    softmax("int8", (100,), 0.15, 128, beta=0.5),
    softmax("int8", (1001,), 0.0837, 113),
    softmax("int8", (1000,), 0.01, 128),
    softmax("int8", (2, 3, 5), 0.2, 128),
    softmax("int8", (12,), 0.3, 128, beta=2.5),
    softmax("uint8", (2,), 0.07, 128),
    softmax("uint8", (10,), 0.0625, 66),
    softmax("uint8", (19,), 0.9, 255),
    softmax("uint8", (1001,), 0.166, 58),
    softmax("uint8", (11,), 0.1, 128, beta=0.3),
    softmax("uint8", (2, 2, 6), 0.25, 0),
]

QUANTIZE = [
    quantize("int8", 0.05, -3, "int8", 0.07, 10),
    quantize("int8", 0.05, 0, "int8", 0.02, -100),
    quantize("int8", 2**-4, 0, "int8", 2**-3, 0),
    quantize("int8", 2**-4, 1, "int8", 2**-1, -7),
    quantize("int8", 0.05, 5, "int8", 0.05, 5),
    quantize("int8", 0.05, 5, "int8", 0.05, -20),
    quantize("uint8", 0.0078125, 128, "int8", 0.0078125, 0),
    quantize("uint8", 0.00392, 0, "int8", 0.00784, -1),
    quantize("uint8", 0.03, 100, "int8", 0.011, 60),
    quantize("int8", 0.0039, -128, "uint8", 0.0039, 0),
    quantize("int8", 0.09, 20, "uint8", 0.061, 99),
    quantize("uint8", 0.05, 120, "uint8", 0.0333, 140),
    quantize("uint8", 2**-4, 128, "uint8", 2**-3, 128),
    quantize("uint8", 0.05, 130, "uint8", 0.05, 128),
]

PAD = [
    chain("pad_conv_int8", "PAD", image("int8", (8, 8, 3)), ("PAD", dict(amount=[(0, 1), (0, 1)])),
          ("CONV_2D", dict(kind="channel", out=8, kernel=(3, 3), stride=(2, 2), pad="VALID", act="RELU6"))),
    chain("pad_conv_int8_unequal", "PAD", image("int8", (7, 9, 4), zero=-128), ("PAD", dict(amount=[(2, 1), (0, 3)])),
          ("CONV_2D", dict(kind="channel", out=7, kernel=(3, 3), stride=(2, 2), pad="VALID"))),
    chain("pad_conv_int8_same_after", "PAD", image("int8", (5, 6, 3)), ("PAD", dict(amount=[(1, 1), (1, 1)])),
          ("CONV_2D", dict(kind="channel", out=4, kernel=(3, 3), pad="SAME"))),
    chain("pad_depthwise_int8", "PAD", image("int8", (8, 7, 8)), ("PAD", dict(amount=[(0, 1), (1, 1)])),
          ("DEPTHWISE_CONV_2D", dict(kind="channel", kernel=(3, 3), stride=(2, 2), pad="VALID", act="RELU6"))),
    chain("pad_depthwise_int8_5x5", "PAD", image("int8", (7, 7, 4)), ("PAD", dict(amount=[(2, 2), (2, 2)])),
          ("DEPTHWISE_CONV_2D", dict(kind="channel", kernel=(5, 5), stride=(2, 2), pad="VALID"))),
    chain("pad_conv_uint8", "PAD", image("uint8", (8, 8, 3), zero=131), ("PAD", dict(amount=[(0, 1), (0, 1)])),
          ("CONV_2D", dict(kind="uint8", wz=119, out=8, kernel=(3, 3), stride=(2, 2), pad="VALID", act="RELU6"))),
    chain("pad_depthwise_uint8", "PAD", image("uint8", (6, 7, 5), zero=0), ("PAD", dict(amount=[(1, 0), (0, 1)])),
          ("DEPTHWISE_CONV_2D", dict(kind="uint8", wz=140, kernel=(3, 3), pad="VALID"))),
    chain("pad_pointwise_int8", "PAD", image("int8", (3, 4, 8)), ("PAD", dict(amount=[(1, 1), (1, 1)])),
          ("CONV_2D", dict(kind="channel", out=4, kernel=(1, 1)))),
    chain("pad_alone_int8", "PAD", image("int8", (3, 4, 5)), ("PAD", dict(amount=[(1, 2), (3, 0)]))),
] + [
    chain(f"pad_alone_{dtype}" + words(i=shape, p=sum(amount, ()), zero=zero), "PAD",
          image(dtype, shape, zero=zero + LOW[dtype]), ("PAD", dict(amount=amount)))
    for dtype, shape, amount, zero in [
        ("int8", (5, 6, 8), [(1, 1), (1, 1)], 0),
        ("int8", (2, 7, 17), [(0, 3), (0, 0)], 255),
        ("int8", (1, 1, 9), [(4, 0), (0, 5)], 128),
        ("uint8", (5, 6, 3), [(2, 2), (2, 2)], 0),
        ("uint8", (3, 2, 16), [(0, 1), (1, 0)], 131),
    ]
] + [
    chain(f"pad_{op.split('_')[0].lower()}_pool_{dtype}" + words(i=shape, p=sum(amount, ()), **pooled), "PAD",
          image(dtype, shape, zero=zero + LOW[dtype]), ("PAD", dict(amount=amount)), (op, pooled))
    for op in ("MAX_POOL_2D", "AVERAGE_POOL_2D")
    for dtype, shape, amount, zero, pooled in [
        ("int8", (7, 8, 8), [(1, 1), (1, 1)], 20, dict(kernel=(3, 3), stride=(2, 2))),
        ("int8", (6, 5, 9), [(0, 1), (0, 1)], 250, dict(kernel=(2, 2), stride=(2, 2), act="RELU")),
        ("int8", (3, 4, 5), [(2, 1), (1, 2)], 128, dict(kernel=(6, 7))),
        ("uint8", (7, 7, 3), [(1, 0), (1, 1)], 77, dict(kernel=(3, 3), pad="SAME")),
    ]
]

SHAPES = [
    chain("reshape_dense", "RESHAPE", image("int8", (3, 2, 5)), ("RESHAPE", dict(shape=[1, 30])),
          ("FULLY_CONNECTED", dict(kind="tensor", out=7))),
    chain("reshape_minus_one_dense", "RESHAPE", image("int8", (1, 1, 24)), ("RESHAPE", dict(shape=[-1, 24])),
          ("FULLY_CONNECTED", dict(kind="channel", out=5))),
    chain("pool_reshape_dense_softmax", "RESHAPE", image("int8", (4, 4, 16)), ("AVERAGE_POOL_2D", dict(kernel=(4, 4))),
          ("RESHAPE", dict(shape=[1, 16])), ("FULLY_CONNECTED", dict(kind="tensor", out=10)), ("SOFTMAX", {})),
    chain("dense_reshape_pointwise", "RESHAPE", image("int8", (19,)),
          ("FULLY_CONNECTED", dict(kind="tensor", out=16, act="RELU")),
          ("RESHAPE", dict(shape=[1, 1, 1, 16])), ("CONV_2D", dict(kind="channel", out=8, kernel=(1, 1)))),
    chain("conv_reshape_alone", "RESHAPE", image("int8", (5, 4, 3)),
          ("CONV_2D", dict(kind="channel", out=6, kernel=(3, 3))), ("RESHAPE", dict(shape=[1, 20, 6]))),
    chain("pool_pointwise_squeeze_softmax", "SQUEEZE", image("int8", (3, 3, 16)),
          ("AVERAGE_POOL_2D", dict(kernel=(3, 3))), ("CONV_2D", dict(kind="channel", out=11, kernel=(1, 1))),
          ("SQUEEZE", dict(axes=[1, 2])), ("SOFTMAX", {})),
    chain("pool_pointwise_squeeze_softmax_uint8", "SQUEEZE", image("uint8", (3, 3, 16)),
          ("AVERAGE_POOL_2D", dict(kernel=(3, 3))), ("CONV_2D", dict(kind="uint8", wz=77, out=11, kernel=(1, 1))),
          ("SQUEEZE", dict(axes=[1, 2])), ("SOFTMAX", {})),
    chain("squeeze_dense_uint8", "SQUEEZE", image("uint8", (1, 1, 20)), ("SQUEEZE", dict(axes=[1, 2])),
          ("FULLY_CONNECTED", dict(kind="uint8", wz=121, out=6))),
]

def concatenation(dtype, shape, out, given, other, result, kernel=(1, 1), **options):
    """The input beside a convolution of it; quantisations other than the input's in uint8 only."""
    low = LOW[dtype]
    name = f"concat_{dtype}" + words(i=shape, o=out, **options) + "".join(f"_{s:.3g}_{z}" for s, z in (given, other, result))
    conv = dict(out=out, kernel=kernel, scale=other[0], zero=other[1] + low, **binary_parts(dtype))
    return case(name, "CONCATENATION", image(dtype, shape, given[0], given[1] + low), ("CONV_2D", conv),
                ("CONCATENATION", dict(scale=result[0], zero=result[1] + low, **options)))


CONCATENATION = [
    concatenation(dtype, shape, out, q, q, q, **options)
    for dtype, q in (("int8", (0.05, 120)), ("uint8", (0.03, 131)))
    for shape, out, options in [
        ((4, 5, 8), 8, {}),
        ((3, 4, 3), 17, {}),
        ((6, 7, 16), 5, dict(swap=True)),
        ((5, 5, 1), 1, dict(axis=3)),
        ((1, 1, 9), 31, {}),
        ((5, 4, 4), 8, dict(others=2)),
        ((7, 3, 5), 3, dict(others=3, swap=True)),
    ]
] + [
    concatenation("uint8", shape, out, given, other, result, **options)
    for shape, out, given, other, result, options in [
        ((4, 5, 8), 8, (0.05, 120), (0.03, 100), (0.05, 120), {}),
        ((4, 5, 3), 9, (0.05, 120), (0.03, 100), (0.06, 110), dict(swap=True)),
        ((3, 7, 8), 4, (0.02, 0), (0.04, 255), (0.03, 60), {}),
        ((4, 4, 5), 5, (2**-5, 128), (2**-4, 128), (2**-3, 128), dict(others=2)),
        ((4, 4, 5), 5, (2**-5, 130), (2**-6, 127), (2**-4, 1), {}),
        ((4, 8, 8), 8, (0.0123, 77), (0.0871, 140), (0.0412, 90), {}),
        ((4, 8, 8), 8, (0.0123, 77), (0.0871, 140), (0.0041, 200), {}),
    ]
]

RESIZE = [
    case(f"{op}_{dtype}".lower() + words(i=shape, size=size, **options), op, image(dtype, shape),
         (op, dict(size=size, **options)))
    for op in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
    for dtype in LOW
    for shape, size, options in [
        ((4, 5, 3), (8, 10), {}),
        ((4, 5, 9), (8, 10), dict(half=True)),
        ((4, 5, 8), (7, 9), dict(corners=True)),
        ((1, 1, 17), (5, 4), {}),
        ((1, 1, 8), (3, 3), dict(corners=True)),
        ((3, 3, 16), (11, 13), dict(half=True)),
        ((5, 3, 4), (12, 7), dict(corners=True)),
        ((9, 8, 5), (4, 3), {}),
        ((9, 8, 5), (4, 3), dict(half=True)),
        ((7, 6, 8), (1, 1), dict(corners=True)),
        ((6, 6, 1), (6, 6), {}),
        ((3, 2, 8), (19, 17), {}),
    ]
]

def dilated(dtype, shape, op, kernel, block, before, after, pad="VALID", **options):
    """A convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND."""
    name = f"batches_{op[:4].lower()}_{dtype}" + words(i=shape, k=kernel, b=block, p=sum(before, ()), c=sum(after, ()))
    weights = dict(kind="uint8", wz=117) if dtype == "uint8" else dict(kind="channel")
    return chain(name, "SPACE_TO_BATCH_ND", image(dtype, shape), ("SPACE_TO_BATCH_ND", dict(block=block, amount=before)),
                 (op, dict(kernel=kernel, pad=pad, **weights, **options)),
                 ("BATCH_TO_SPACE_ND", dict(block=block, amount=after)))


SPACE_TO_BATCH_ND = [
    dilated(dtype, shape, op, kernel, block, before, after, pad, **({"out": 7} if op == "CONV_2D" else {}))
    for dtype in LOW
    for op in ("DEPTHWISE_CONV_2D", "CONV_2D")
    for shape, kernel, block, before, after, pad in [
        ((8, 10, 8), (3, 3), (2, 2), [(2, 2), (2, 2)], [(0, 0), (0, 0)], "VALID"),
        ((9, 9, 5), (3, 3), (2, 2), [(2, 3), (2, 3)], [(0, 1), (0, 1)], "VALID"),
        ((9, 7, 3), (3, 3), (4, 4), [(4, 7), (4, 5)], [(0, 3), (0, 1)], "VALID"),
        ((8, 8, 8), (3, 3), (2, 2), [(0, 0), (0, 0)], [(0, 0), (0, 0)], "SAME"),
        ((6, 9, 4), (1, 3), (1, 3), [(0, 0), (3, 3)], [(0, 0), (1, 2)], "VALID"),
    ]
]

ARG_MAX = [
    # Values near the zero point tie often, equal inputs always.
    case(f"arg_max_{dtype}_{made}" + words(i=shape, **options), "ARG_MAX", image(dtype, shape),
         ("ARG_MAX", dict(dtype=made, **options)), values=EVERY + ("near",))
    for dtype, made in (("int8", "int64"), ("uint8", "int32"), ("uint8", "int64"))
    for shape, options in [((3, 4, c), {}) for c in (1, 2, 3, 5, 8, 17, 21)] + [
        ((1, 1, 19), dict(axis=3)),
        ((7, 3), {}),
        ((5,), dict(axis=1)),
        ((2, 1, 256), {}),
    ]
] + [
    chain("arg_max_network_uint8", "ARG_MAX", image("uint8", (9, 11, 3)),
          ("CONV_2D", dict(kind="uint8", wz=120, out=5, kernel=(3, 3))),
          ("RESIZE_BILINEAR", dict(size=(18, 22), corners=True)), ("ARG_MAX", {})),
    chain("arg_max_network_int8", "ARG_MAX", image("int8", (9, 11, 3)),
          ("CONV_2D", dict(kind="channel", out=7, kernel=(3, 3), dilation=(2, 2))), ("ARG_MAX", dict(dtype="int32"))),
]

EXTREMA = [
    case(f"{op}_{dtype}_{zero}_{value}".lower() + ("_swap" if swap else ""), op,
         image(dtype, (4, 8, 8), zero=zero + LOW[dtype]), (op, dict(value=value, swap=swap)), values=("ramp",))
    for op in ("MAXIMUM", "MINIMUM")
    for dtype in LOW
    for zero, value, swap in [(128, 128, False), (0, 77, True), (255, 200, False), (131, 0, False), (120, 255, True),
                              (3, 3, False), (77, 129, True), (128, 127, False), (200, 10, True), (60, 250, False)]
]

TRANSPOSE_CONV = [
    case(f"transpose_{kind}" + words(i=shape, o=out, k=kernel, **options), "TRANSPOSE_CONV",
         image(dtype_of(kind), shape), ("TRANSPOSE_CONV", dict(kind=kind, out=out, kernel=kernel, **options)))
    for kind, shape, out, kernel, options in [
        ("channel", (3, 4, 5), 7, (2, 2), {}),
        ("channel", (4, 3, 8), 8, (3, 3), {}),
        ("channel", (4, 3, 8), 4, (3, 3), dict(pad="VALID")),
        ("channel", (3, 3, 3), 9, (4, 4), {}),
        ("channel", (3, 3, 3), 2, (4, 4), dict(pad="VALID", act="RELU6")),
        ("channel", (2, 5, 4), 5, (5, 5), {}),
        ("channel", (5, 4, 4), 3, (3, 3), dict(stride=(1, 1))),
        ("channel", (5, 4, 4), 3, (3, 3), dict(stride=(1, 1), pad="VALID")),
        ("channel", (3, 2, 8), 8, (3, 2), dict(stride=(3, 2))),
        ("channel", (3, 2, 8), 8, (2, 3), dict(stride=(3, 4))),
        ("channel", (2, 3, 17), 4, (4, 3), dict(stride=(1, 3), pad="VALID")),
        ("channel", (1, 1, 8), 4, (4, 4), {}),
        ("channel", (4, 4, 1), 1, (2, 2), dict(act="RELU")),
        ("channel", (3, 3, 4), 4, (3, 3), dict(extra=(1, 1), pad="VALID")),
        ("channel", (3, 3, 4), 4, (3, 3), dict(bias=None)),
        ("tensor", (3, 4, 8), 8, (3, 3), {}),
        ("tensor", (3, 4, 8), 8, (2, 2), dict(pad="VALID")),
        ("uint8", (3, 4, 5), 7, (2, 2), dict(wz=120)),
        ("uint8", (4, 3, 8), 8, (3, 3), dict(wz=0)),
        ("uint8", (4, 3, 8), 4, (4, 4), dict(wz=255, pad="VALID", act="RELU6")),
        ("uint8", (2, 2, 3), 4, (3, 3), dict(wz=131, stride=(3, 3), bias=None)),
    ]
]

OPERATORS = [*CONV_2D, *DEPTHWISE_CONV_2D, *FULLY_CONNECTED, *ADD, *SUB, *MUL, *HARD_SWISH, *LOGISTIC, *RELUS, *LEAKY_RELU, *CONCATENATION, *RESIZE, *TRANSPOSE_CONV, *EXTREMA, *ARG_MAX,
             *SPACE_TO_BATCH_ND,
             *AVERAGE_POOL_2D, *MAX_POOL_2D, *MEAN, *SOFTMAX,
             *QUANTIZE, *PAD, *SHAPES]

LATER = [
    mean("int8", (5, 6, 8), axes=(1,), keep=True, scale=0.015),
    mean("int8", (5, 6, 8), axes=(2,), keep=False, scale=0.015),
    mean("int8", (3, 4, 7), axes=(-1,), keep=True),
    mean("uint8", (5, 6, 8), axes=(1,), keep=False),
    mean("int8", (3, 4, 7), axes=(1, 2, 3), keep=False, scale=0.004),
    mean("int8", (9,), axes=(1,), keep=True),
    chain("pad_channels_int8", "PAD", image("int8", (3, 4, 5)), ("PAD", dict(amount=[(0, 0), (0, 0), (1, 2)]))),
]
