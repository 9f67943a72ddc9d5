"""MobileNetV2 for 32x32 colour photographs, as a Keras model.

The blocks are those of Sandler et al. 2018, "MobileNetV2: Inverted Residuals
and Linear Bottlenecks" (arXiv:1801.04381): 1x1 expansion, 3x3 depthwise,
linear 1x1 projection, a shortcut where stride is 1 and the widths agree,
ReLU6 everywhere but after the projection. What differs from table 2 of the
paper suits it to small images: the strides come later (the paper would reduce
32x32 to 1x1), the last stages are trimmed, and so is the last convolution.

Shapes are NHWC. Input: float32 [N, 32, 32, 3] in -1..1 (pixel / 127.5 - 1).
Output: float32 [N, 10], logits while training, probabilities when exported.
"""

import math

import keras
import tensorflow as tf
from keras import layers

RESOLUTION = 32
CLASSES = 10

# (expansion t, channels c at alpha 1, repeats n, stride s), as in the paper's
# table 2; channels are multiplied by alpha and rounded to a multiple of 8.
STAGES = (
    (1, 16, 1, 1),  # 32x32
    (6, 24, 2, 2),  # 16x16
    (6, 32, 3, 2),  # 8x8
    (6, 64, 4, 1),  # 8x8
    (6, 96, 3, 1),  # 8x8
    (6, 160, 2, 2),  # 4x4
)
STEM = 32
LAST = 256  # not multiplied by alpha


def divisible(channels, by=8):
    """Rounds to a multiple of `by`, never down by more than 10 percent."""
    rounded = max(by, int(channels + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * channels else rounded


class FusedBatchNormalization(layers.BatchNormalization):
    """Keras's layer, but trained by TensorFlow's fused kernel, which is faster on a CPU."""

    def call(self, inputs, training=None, mask=None):
        if not training:
            return super().call(inputs, training=False)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + new * (1 - self.momentum))
        return outputs


def normalise(x, name):
    return FusedBatchNormalization(momentum=0.9, epsilon=1e-3, name=name)(x)


def relu6(x, name):
    return layers.ReLU(6.0, name=name)(x)


def pointwise(x, channels, name):
    x = layers.Conv2D(channels, 1, use_bias=False, name=name)(x)
    return normalise(x, f"{name}_norm")


def block(x, expansion, channels, stride, name):
    """One inverted residual: [N, H, W, C] to [N, H/stride, W/stride, channels]."""
    shortcut = x
    width = x.shape[-1]
    if expansion != 1:
        x = relu6(pointwise(x, width * expansion, f"{name}_expand"), f"{name}_expand_relu6")
    x = layers.DepthwiseConv2D(
        3, stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(x)
    x = relu6(normalise(x, f"{name}_depthwise_norm"), f"{name}_depthwise_relu6")
    x = pointwise(x, channels, f"{name}_project")
    if stride == 1 and width == channels:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def mobilenet_v2(alpha=0.5, softmax=False, batch=None):
    """Builds the model; `softmax` and a fixed `batch` are for the export."""
    inputs = keras.Input((RESOLUTION, RESOLUTION, 3), batch_size=batch, name="image")
    x = layers.Conv2D(
        divisible(STEM * alpha), 3, padding="same", use_bias=False, name="stem"
    )(inputs)
    x = relu6(normalise(x, "stem_norm"), "stem_relu6")
    number = 0
    for expansion, channels, repeats, stride in STAGES:
        for repeat in range(repeats):
            x = block(
                x, expansion, divisible(channels * alpha), stride if repeat == 0 else 1,
                f"block{number}",
            )
            number += 1
    x = relu6(pointwise(x, LAST, "last"), "last_relu6")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(CLASSES, name="logits")(x)
    if softmax:
        x = layers.Softmax(name="probabilities")(x)
    return keras.Model(inputs, x, name="cifar10_mobilenet_v2")


def count_macs(model):
    """Multiply-accumulates of one image, from the shapes of the layers' kernels."""
    macs = 0
    for layer in model.layers:
        if isinstance(layer, layers.DepthwiseConv2D):  # before Conv2D: kernel [3, 3, C, 1]
            _, height, width, _ = layer.output.shape
            macs += height * width * math.prod(layer.kernel.shape)
        elif isinstance(layer, layers.Conv2D):  # kernel [h, w, in, out]
            _, height, width, _ = layer.output.shape
            macs += height * width * math.prod(layer.kernel.shape)
        elif isinstance(layer, layers.Dense):
            macs += math.prod(layer.kernel.shape)
    return macs
