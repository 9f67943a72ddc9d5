"""Whole small networks, made with TensorFlow: real conversions (full integer), and the old uint8 kind by hand.

Weights are random, but every layer is scaled and shifted by what it gives on the calibration images, so that its
outputs spread over the range, some are clamped, and the network still tells inputs apart at its end.
"""
import numpy as np
import tensorflow as tf

from flat import Graph
from reference import Reference, seed
from steps import STEPS, activation_tensor

ACTIVATIONS = {"NONE": tf.identity, "RELU": tf.nn.relu, "RELU6": tf.nn.relu6,
               "RELU_N1_TO_1": lambda x: tf.clip_by_value(x, -1, 1),
               "HARD_SWISH": lambda x: x * tf.nn.relu6(x + 3) * (1 / 6),
               "HARD_SIGMOID": lambda x: tf.nn.relu6(x + 3) * (1 / 6), "SIGMOID": tf.nn.sigmoid}


def images(name, shape, count=24):
    """Calibration images in [-1, 1]: coloured waves and some noise, not just noise (which averages out to grey)."""
    rng = seed(name + "/images")
    h, w, c = shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    out = []
    for _ in range(count):
        planes = []
        for _ in range(c):
            fy, fx, phase = rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), rng.uniform(0, 6.3)
            wave = np.sin(fy * y + fx * x + phase) * rng.uniform(0.2, 1) + rng.uniform(-0.5, 0.5)
            planes.append(wave + rng.normal(0, 0.2, (h, w)))
        out.append(np.stack(planes, -1))
    return np.clip(np.array(out), -1, 1).astype(np.float32)


class Layers:
    """Builds a network twice: once on images, to make its weights, and then for the converter, to replay them."""

    def __init__(self, name):
        self.rng = seed(name + "/weights")
        self.made, self.at = [], None

    def replay(self):
        self.at = iter(self.made)

    def _layer(self, x, apply, shape, act, sd=1.2):
        """apply(x, weights) + bias and an activation; the last axis of what apply gives is the channel."""
        if self.at is None:
            w = self.rng.normal(0, 1, shape)
            y = apply(x, w.astype(np.float32)).numpy()
            y = y.reshape(-1, y.shape[-1])
            gain = self.rng.uniform(0.6, 1.6, y.shape[-1]) * sd / (y.std(0) + 1e-3)
            per_weight = gain.reshape(shape[2:]) if len(shape) == 4 and shape[-1] * shape[-2] == gain.size else gain
            b = self.rng.normal(0.6 if act != "NONE" else 0, 0.5, gain.size) - y.mean(0) * gain
            self.made.append(((w * per_weight).astype(np.float32), b.astype(np.float32)))
            w, b = self.made[-1]
        else:
            w, b = next(self.at)
        return ACTIVATIONS[act](apply(x, w) + b)

    def conv(self, x, out, kernel=(1, 1), stride=1, pad="SAME", act="RELU6", sd=1.2):
        return self._layer(x, lambda a, w: tf.nn.conv2d(a, w, stride, pad), (*kernel, x.shape[-1], out), act, sd)

    def depthwise(self, x, kernel=(3, 3), stride=1, pad="SAME", act="RELU6", multiplier=1):
        strides = [1, stride, stride, 1]
        return self._layer(x, lambda a, w: tf.nn.depthwise_conv2d(a, w, strides, pad),
                           (*kernel, x.shape[-1], multiplier), act)

    def dense(self, x, out, act="NONE", sd=2.0):
        return self._layer(x, tf.matmul, (x.shape[-1], out), act, sd)

    def transposed(self, x, out, kernel=(2, 2), stride=2, act="RELU6"):
        """Its weights are [height, width, out, in]."""
        size = [x.shape[0], x.shape[1] * stride, x.shape[2] * stride, out]
        turned = lambda a, w: tf.nn.conv2d_transpose(a, tf.transpose(w, (0, 1, 3, 2)), [a.shape[0], *size[1:]], stride)
        return self._layer(x, turned, (*kernel, x.shape[-1], out), act)

    def squeeze_excite(self, x, gate="HARD_SIGMOID"):
        y = tf.reduce_mean(x, [1, 2], keepdims=True)
        return x * self.conv(self.conv(y, 8, act="RELU"), x.shape[-1], act=gate)

    def inverted_residual(self, x, out, expand, stride=1, kernel=(3, 3)):
        y = self.conv(x, x.shape[-1] * expand) if expand > 1 else x
        y = self.conv(self.depthwise(y, kernel, stride), out, act="NONE")
        return x + y if stride == 1 and out == x.shape[-1] else y


def flat(x):
    return tf.reshape(x, [-1, int(np.prod(x.shape[1:]))])


def v1_grey(n, x):
    x = n.conv(x, 8, (3, 3), 2)
    for out, stride in ((16, 1), (32, 2), (32, 1), (48, 2)):
        x = n.conv(n.depthwise(x, stride=stride), out)
    x = tf.nn.avg_pool2d(x, 3, 1, "VALID")
    return tf.nn.softmax(n.dense(flat(x), 10))


def v2_colour(n, x):
    x = n.conv(x, 8, (3, 3), 2)
    for out, expand, stride in ((8, 1, 1), (12, 4, 2), (12, 4, 1), (20, 4, 2), (20, 4, 1), (20, 4, 1)):
        x = n.inverted_residual(x, out, expand, stride)
    x = tf.reduce_mean(n.conv(x, 64), [1, 2])
    return n.dense(x, 12)


def v2_embedding(n, x):
    x = n.conv(x, 8, (3, 3), 2)
    for out, expand, stride in ((8, 3, 1), (16, 4, 2), (16, 4, 1)):
        x = n.inverted_residual(x, out, expand, stride)
    return tf.reduce_mean(n.conv(x, 32, act="NONE"), [1, 2], keepdims=True)


def v3_colour(n, x):
    """Rescaling, hard-swish, squeeze-excite with two kinds of gate, 5x5 depthwise, the last stage after the pool."""
    x = n.conv(x * 0.9 + 0.05, 8, (3, 3), 2, act="HARD_SWISH")
    y = n.squeeze_excite(n.depthwise(x, stride=2, act="RELU"))
    x = n.conv(y, 12, act="NONE")
    for kernel, gate in (((3, 3), "HARD_SIGMOID"), ((5, 5), "SIGMOID")):
        y = n.depthwise(n.conv(x, 27, act="HARD_SWISH"), kernel, act="HARD_SWISH")
        x = x + n.conv(n.squeeze_excite(y, gate), 12, act="NONE")
    x = tf.reduce_mean(n.conv(x, 40, act="HARD_SWISH"), [1, 2], keepdims=True)
    return n.dense(flat(n.conv(x, 32, act="HARD_SWISH")), 11)


def v3_block(n, x, kernel, expand, out, gate, act, stride):
    """A block of MobileNetV3, its expansion a number of channels; no first layer where that is the input's."""
    y = n.conv(x, expand, act=act) if expand > x.shape[-1] else x
    y = n.depthwise(y, (kernel, kernel), stride, act=act)
    y = n.conv(n.squeeze_excite(y) if gate else y, out, act="NONE")
    return x + y if stride == 1 and out == x.shape[-1] else y


def v3(n, x, blocks, widths, act):
    """The frame of Keras' MobileNetV3: pixels rescaled inside, and after the blocks the last stage behind the mean."""
    x = n.conv(x / 127.5 - 1, 8, (3, 3), 2, act=act)
    for block in blocks:
        x = v3_block(n, x, *block)
    x = tf.reduce_mean(n.conv(x, widths[0], act=act), [1, 2], keepdims=True)
    x = n.conv(x, widths[1], act=act)
    return tf.nn.softmax(flat(n.conv(x, widths[2], act="NONE", sd=2.0)))


def v3_large(n, x):
    """The forms of Large's blocks: without and with gate, ReLU and hard-swish, both kernels, with stride 1 and 2."""
    return v3(n, x, [(3, 8, 8, False, "RELU", 1), (3, 16, 8, False, "RELU", 2), (5, 20, 12, True, "RELU", 2),
                     (5, 24, 12, True, "RELU", 1), (3, 28, 12, False, "HARD_SWISH", 1),
                     (3, 24, 16, True, "HARD_SWISH", 2), (5, 36, 16, True, "HARD_SWISH", 1)], (40, 24, 9), "HARD_SWISH")


def v3_minimalistic(n, x):
    """The minimalistic form: windows of 3x3, ReLU, no gates."""
    return v3(n, x, [(3, 8, 8, False, "RELU", 2), (3, 20, 8, False, "RELU", 1), (3, 24, 12, False, "RELU", 2),
                     (3, 28, 12, False, "RELU", 1), (3, 36, 16, False, "RELU", 2)], (40, 24, 9), "RELU")


def v4_block(n, x, kind, *sizes):
    """A block of MobileNetV4: a convolution, a fused bottleneck, or a universal one (kernels of 0 are no layers)."""
    if kind == "conv":
        kernel, stride, out = sizes
        return n.conv(x, out, (kernel, kernel), stride, act="RELU")
    if kind == "fused":
        kernel, stride, out, expand = sizes
        return n.conv(n.conv(x, int(x.shape[-1] * expand), (kernel, kernel), stride, act="RELU"), out, act="NONE")
    first, middle, stride, out, expand = sizes
    y = n.depthwise(x, (first, first), act="NONE") if first else x
    y = n.conv(y, int(x.shape[-1] * expand), act="RELU")
    y = n.depthwise(y, (middle, middle), stride, act="RELU") if middle else y
    y = n.conv(y, out, act="NONE")
    return x + y if stride == 1 and out == x.shape[-1] else y


def v4(n, x, blocks, widths):
    """The frame of MobileNetV4's convolutional models."""
    for block in blocks:
        x = v4_block(n, x, *block)
    x = tf.reduce_mean(n.conv(x, widths[0], act="RELU"), [1, 2], keepdims=True)
    return n.dense(flat(n.conv(x, widths[1], act="RELU")), widths[2])


def v4_conv(n, x):
    """Every form of block: fused, ExtraDW, IB, ConvNext-like, FFN; both kernels in both places and with stride 2."""
    return v4(n, x, [("conv", 3, 2, 8), ("fused", 3, 2, 8, 2), ("uib", 3, 5, 2, 12, 2), ("uib", 3, 3, 1, 12, 2),
                     ("uib", 0, 3, 1, 12, 2), ("uib", 5, 3, 2, 16, 2), ("uib", 3, 0, 1, 16, 2), ("uib", 0, 0, 1, 16, 2),
                     ("uib", 0, 5, 1, 16, 2), ("uib", 5, 0, 1, 16, 2), ("uib", 5, 5, 2, 16, 2)], (40, 24, 8))


def mixed(n, x):
    """Padding of its own, wide and narrow windows, a maximum, strides in a pointwise layer.

    The padding is not what SAME would do ((0, 1) on an even image is, and the converter then drops the PAD).
    """
    x = n.conv(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), 8, (3, 3), 2, "VALID")
    x = n.depthwise(tf.pad(x, [[0, 0], [1, 0], [0, 1], [0, 0]]), stride=2, pad="VALID", act="RELU")
    x = n.conv(x, 16)
    x = n.conv(x, 16, (3, 3), act="RELU")
    x = n.depthwise(x, (5, 5))
    x = n.conv(n.conv(x, 12, (1, 7)), 12, (7, 1), act="RELU")
    x = tf.nn.max_pool2d(x, 2, 1, "VALID")
    x = n.conv(x, 24, (1, 1), 2)
    x = n.depthwise(x, (3, 3), act="NONE")
    x = tf.nn.avg_pool2d(x, 2, 2, "SAME")
    return tf.nn.softmax(n.dense(flat(x), 5))


def v1_flatten(n, x):
    x = n.conv(x, 8, (3, 3), 2)
    x = n.conv(n.depthwise(x), 16)
    x = n.conv(n.depthwise(x, stride=2), 16)
    return n.dense(flat(x), 7)


def bilinear(x, like, corners=False):
    """To the size of a map, by one corner rule or the other."""
    size = like.shape[1:3]
    return tf.compat.v1.image.resize_bilinear(x, size, align_corners=True) if corners else tf.image.resize(x, size)


def lraspp(n, x):
    """MobileNetV3's segmentation: its features, a gate of their mean, the details of an earlier map."""
    whole = x
    x = n.conv(x, 8, (3, 3), 2, act="HARD_SWISH")
    y = n.squeeze_excite(n.depthwise(n.conv(x, 16, act="RELU"), stride=2, act="RELU"))
    early = n.conv(y, 12, act="NONE")
    y = n.depthwise(n.conv(early, 28, act="HARD_SWISH"), (5, 5), stride=2, act="HARD_SWISH")
    x = n.conv(n.squeeze_excite(y), 16, act="NONE")
    y = n.conv(n.depthwise(n.conv(x, 36, act="HARD_SWISH"), (5, 5), act="HARD_SWISH"), 16, act="NONE")
    x = n.conv(x + y, 40, act="HARD_SWISH")
    gate = n.conv(tf.nn.avg_pool2d(x, x.shape[1:3], 1, "VALID"), 20, act="SIGMOID")
    x = n.conv(x, 20, act="RELU") * gate
    x = n.conv(bilinear(x, early), 5, act="NONE") + n.conv(early, 5, act="NONE")
    return bilinear(x, whole)


def lraspp_pooled(n, x):
    """The same head with a gate of coarse windows that is resized, aligned corners and uint8 ends."""
    whole = x
    x = n.conv(x, 8, (3, 3), 2, act="RELU")
    early = n.conv(n.depthwise(x, stride=2, act="RELU"), 12, act="RELU")
    x = n.conv(n.depthwise(n.conv(early, 24, act="RELU"), stride=2, act="RELU"), 24, act="RELU")
    gate = n.conv(tf.nn.avg_pool2d(x, (3, 4), (1, 2), "VALID"), 16, act="SIGMOID")
    x = n.conv(x, 16, act="RELU") * bilinear(gate, x, corners=True)
    x = n.conv(bilinear(x, early, corners=True), 4, act="NONE") + n.conv(early, 4, act="NONE")
    return bilinear(x, whole, corners=True)


def decoder(n, x):
    """An encoder and a decoder of transposed convolutions, nearest and bilinear resizes, with skips."""
    whole = x
    half = n.conv(x, 8, (3, 3), 2)
    quarter = n.conv(n.depthwise(half, stride=2), 16)
    x = n.conv(n.depthwise(quarter, stride=2), 24)
    x = n.transposed(x, 12)[:, :quarter.shape[1], :quarter.shape[2]]
    x = n.conv(tf.concat([x, quarter], -1), 16, (3, 3))
    size = half.shape[1:3]
    x = tf.compat.v1.image.resize_nearest_neighbor(x, size, half_pixel_centers=True)
    x = n.depthwise(tf.concat([n.conv(x, 8), half], -1))
    x = n.transposed(x, 6, (3, 3), act="RELU")[:, :whole.shape[1], :whole.shape[2]]
    return n.conv(x, 3, act="NONE")


def ssdlite_v3(n, x, anchors=3, classes=4):
    """SSDLite on a trunk like V3-Small's: box encodings and probabilities.

    As published, the first head looks at the expansion of the block that halves the map for the last time, the second at
    the last stage, the others at what follows that; heads are depthwise and pointwise.
    """
    x = n.conv(x, 8, (3, 3), 2, act="HARD_SWISH")
    for block in ((3, 8, 8, True, "RELU", 2), (3, 24, 12, False, "RELU", 2), (3, 28, 12, False, "RELU", 1)):
        x = v3_block(n, x, *block)
    maps = [n.conv(x, 32, act="HARD_SWISH")]
    y = n.squeeze_excite(n.depthwise(maps[0], (5, 5), 2, act="HARD_SWISH"))
    x = n.conv(y, 16, act="NONE")
    x = v3_block(n, x, 5, 36, 16, True, "HARD_SWISH", 1)
    maps.append(n.conv(x, 40, act="HARD_SWISH"))
    maps.append(n.conv(n.depthwise(n.conv(maps[-1], 16), stride=2), 24))
    boxes, scores = [], []
    for y in maps:
        count = y.shape[1] * y.shape[2] * anchors
        for heads, each, sd in ((boxes, 4, 1.0), (scores, classes + 1, 1.5)):
            head = n.conv(n.depthwise(y), anchors * each, act="NONE", sd=sd)
            heads.append(tf.reshape(head, [-1, count, each]))
    return tf.concat(boxes, 1), tf.nn.sigmoid(tf.concat(scores, 1))


def embedding(n, x):
    """MobileFaceNet's ways: PRELU, a depthwise layer over the whole map, a vector of length 1."""
    slopes = [tf.constant(np.linspace(0.05, 0.4, c)[None, None], tf.float32) for c in (8, 24, 24)]
    prelu = lambda a, k: tf.nn.relu(a) + -slopes[k] * tf.nn.relu(-a)  # what the converter knows as PRELU
    x = prelu(n.conv(x, 8, (3, 3), 2, act="NONE"), 0)
    y = prelu(n.depthwise(prelu(n.conv(x, 24, act="NONE"), 1), act="NONE"), 2)
    x = x + n.conv(y, 8, act="NONE")
    x = n.depthwise(n.conv(x, 24, act="RELU"), x.shape[1:3], pad="VALID", act="NONE")
    return tf.math.l2_normalize(flat(n.conv(x, 16, act="NONE")), -1)


CONVERTED = {  # name: (network, input shape, type of its input and output)
    "v1_grey": (v1_grey, (24, 24, 1), "int8"),
    "v2_colour": (v2_colour, (33, 29, 3), "uint8"),
    "v2_embedding": (v2_embedding, (20, 20, 3), "int8"),
    "v3_colour": (v3_colour, (23, 21, 3), "int8"),
    "v3_large": (v3_large, (33, 29, 3), "uint8"),
    "v3_minimalistic": (v3_minimalistic, (31, 36, 3), "uint8"),
    "v4_conv": (v4_conv, (47, 41, 3), "uint8"),
    "mixed": (mixed, (30, 26, 3), "int8"),
    "v1_flatten": (v1_flatten, (20, 28, 3), "int8"),
    "lraspp": (lraspp, (27, 33, 3), "int8"),
    "lraspp_pooled": (lraspp_pooled, (25, 34, 3), "uint8"),
    "decoder": (decoder, (19, 27, 3), "int8"),
    "decoder_uint8": (decoder, (22, 30, 1), "uint8"),
    "embedding": (embedding, (17, 15, 3), "int8"),
}

SSDLITE_V3 = (ssdlite_v3, (47, 41, 3), "int8")  # detection.py makes its goldens

PIXELS = {"v3_large", "v3_minimalistic"}  # their inputs are 0..255, as those of Keras' models that rescale inside


def convert(name, network, shape, dtype):
    """A network as .tflite bytes: post-training quantisation, integers from end to end."""
    data, layers = images(name, shape), Layers(name)
    if name in PIXELS:
        data = (data + 1) * np.float32(127.5)
    network(layers, tf.constant(data))

    @tf.function(input_signature=[tf.TensorSpec([1, *shape], tf.float32, "image")])
    def run(image):
        layers.replay()
        return network(layers, image)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()], tf.Module())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in data)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = getattr(tf, dtype)
    return converter.convert()


def accumulators(op, x, w, stride=(1, 1), pad="SAME", **_):
    """The sums of products of activations and weights, both less their zero points, one column per output channel."""
    x, w = tf.constant(x, tf.float32), tf.constant(w, tf.float32)
    if op == "FULLY_CONNECTED":
        return (flat(x) @ tf.transpose(w)).numpy()
    if op == "CONV_2D":
        y = tf.nn.conv2d(x, tf.transpose(w, (1, 2, 3, 0)), stride, pad)
    else:
        y = tf.nn.depthwise_conv2d(x, tf.transpose(w, (1, 2, 3, 0)), [1, *stride, 1], pad)
    return y.numpy().reshape(-1, y.shape[-1])


def legacy(name, shape, zero, layers):
    """A uint8 network with one scale and one zero point per tensor, as quantisation-aware training used to make them.

    Layers are steps (see steps.py); ("SAVE", {}) keeps an activation for a later ("ADD", ...) or the like. Each layer is chosen by
    what the layers before it give on the images.
    """
    g, rng = Graph(name), seed(name + "/weights")
    x = first = activation_tensor(g, "input", "uint8", (1, *shape), 1 / 128, zero)
    given = np.rint(images(name, shape) * 127.5 + 127.5).astype(np.uint8)
    values, saved = given, None
    for op, options in layers:
        if op == "SAVE":
            saved = x
            continue
        if op in ("ADD", "SUB", "MUL", "CONCATENATION") and "constant" not in options:
            options = dict(options, other=saved)
        elif "kind" in options:
            centred = values.astype(np.float32) - x.zero
            options = dict(options, accumulate=lambda w, o=op, c=centred, p=options: accumulators(o, c, w, **p))
        x = STEPS[op](g, rng, x, **options)
        reference = Reference(g.finish([first.index], [x.index]))
        values = np.concatenate([reference.run([i[None]])[0] for i in given])
    return g.finish([first.index], [x.index])


def conv_uint8(out, wz, act="RELU6", kernel=(1, 1), **options):
    return "CONV_2D", dict(kind="uint8", out=out, wz=wz, act=act, kernel=kernel, **options)


def depthwise_uint8(wz, act="RELU6", **options):
    return "DEPTHWISE_CONV_2D", dict(kind="uint8", wz=wz, act=act, **options)


LEGACY = {
    "legacy_v1": ((25, 23, 3), 128, [
        conv_uint8(8, 117, kernel=(3, 3), stride=(2, 2)),
        depthwise_uint8(131), conv_uint8(16, 0, "RELU"),
        depthwise_uint8(255, stride=(2, 2)), conv_uint8(16, 140),
        ("SAVE", {}), depthwise_uint8(98, "RELU_N1_TO_1"), conv_uint8(16, 255, "NONE"), ("ADD", dict(scale=0.06)),
        depthwise_uint8(0, stride=(2, 2)), conv_uint8(24, 123),
        ("AVERAGE_POOL_2D", dict(kernel=(4, 3))), ("RESHAPE", dict(shape=[1, 24])),
        ("FULLY_CONNECTED", dict(kind="uint8", out=9, wz=107, scale=0.04)), ("SOFTMAX", {})]),
    "legacy_v2": ((16, 19, 3), 0, [
        conv_uint8(8, 122, kernel=(3, 3), stride=(2, 2)),
        depthwise_uint8(165), conv_uint8(8, 144, "NONE"), ("SAVE", {}),
        conv_uint8(32, 127), depthwise_uint8(52), conv_uint8(8, 99, "NONE"), ("ADD", dict(scale=0.07, zero=133)),
        conv_uint8(24, 129), depthwise_uint8(116, stride=(2, 2)), conv_uint8(12, 180, "NONE"),
        ("AVERAGE_POOL_2D", dict(kernel=(4, 5))), conv_uint8(11, 88, "NONE"),
        ("SQUEEZE", dict(axes=[1, 2])), ("SOFTMAX", {})]),
    "legacy_parts": ((18, 15, 3), 120, [
        conv_uint8(8, 131, kernel=(3, 3), stride=(2, 2)), ("SAVE", {}),
        ("AVERAGE_POOL_2D", dict(kernel=(9, 8))), conv_uint8(8, 120, "NONE"),
        ("LOGISTIC", dict(scale=1 / 256, zero=0)), ("MUL", dict(scale=0.02, zero=3)), ("SAVE", {}),
        depthwise_uint8(140), ("CONCATENATION", dict(scale=0.025, zero=5)),
        ("PAD", dict(amount=[(1, 1), (0, 1)])), ("MAX_POOL_2D", dict(kernel=(3, 3), stride=(2, 2))),
        ("MUL", dict(constant=((16,), 0.01, 60, None), scale=0.03, zero=100)),
        ("RESIZE_BILINEAR", dict(size=(7, 9), half=True)), ("SAVE", {}),
        conv_uint8(16, 126, "NONE"), ("SUB", dict(scale=0.05, zero=128)),
        ("RESIZE_NEAREST_NEIGHBOR", dict(size=(9, 5))), ("HARD_SWISH", dict(scale=0.03, zero=20)),
        conv_uint8(5, 117, "NONE")]),
}


def networks():
    """Every network: name and .tflite bytes."""
    for name in CONVERTED:
        yield name, convert(name, *CONVERTED[name])
    for name, parts in LEGACY.items():
        yield name, legacy(name, *parts)
