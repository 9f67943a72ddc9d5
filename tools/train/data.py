"""Reads labelled photographs, and varies them for training.

A set is a folder (or NAME.tar.gz) with one folder per class, each holding the
JPEG or PNG files of that class. Classes are numbered in alphabetical order,
which for CIFAR-10 is the order of the original data set.
"""

import os
import tarfile

import numpy as np
import tensorflow as tf

from model import RESOLUTION

IMAGES = (".jpg", ".jpeg", ".png")


def files(path):
    """Yields (class name, file name, bytes) from the folder, or from PATH.tar.gz."""
    if os.path.isdir(path):
        for folder, _, names in os.walk(path):
            for name in names:
                if name.lower().endswith(IMAGES):
                    with open(os.path.join(folder, name), "rb") as file:
                        yield os.path.basename(folder), name, file.read()
        return
    with tarfile.open(f"{path}.tar.gz") as archive:
        for member in archive:
            if member.isfile() and member.name.lower().endswith(IMAGES):
                folder, name = member.name.split("/")[-2:]
                yield folder, name, archive.extractfile(member).read()


def load(data, part):
    """Returns (pixels uint8 [N, 32, 32, 3], labels int32 [N], class names).

    The order is by class and file name, so it does not depend on the file system.
    """
    photographs = sorted(files(os.path.join(data, part)), key=lambda found: found[:2])
    names = sorted({name for name, _, _ in photographs})
    pixels = np.empty((len(photographs), RESOLUTION, RESOLUTION, 3), np.uint8)
    for index, (_, _, content) in enumerate(photographs):
        pixels[index] = tf.io.decode_image(content, channels=3)
    labels = np.array([names.index(name) for name, _, _ in photographs], np.int32)
    return pixels, labels, names


def scale(pixels):
    """Pixels 0..255 to the model's -1..1; the converter folds this into the input's scale."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def chance(batch, probability):
    """A boolean per photograph, shaped to broadcast over [N, H, W, C]."""
    return tf.random.uniform((batch, 1, 1, 1)) < probability


def shift_and_turn(x, turned, shift=4):
    """Moves by up to `shift` pixels, mirrors half; turns a few by 90, 180 or 270 degrees.

    A turn is a transposition and a mirroring, and a mirroring is a change of
    the row or column numbers that are gathered anyway.
    """
    batch, size = tf.shape(x)[0], x.shape[1]
    x = tf.pad(x, ((0, 0), (shift, shift), (shift, shift), (0, 0)), "REFLECT")
    x = tf.where(chance(batch, turned), tf.transpose(x, (0, 2, 1, 3)), x)
    for axis, probability in ((1, turned), (2, 0.5)):
        start = tf.random.uniform((batch, 1), 0, 2 * shift + 1, tf.int32)
        index = start + tf.range(size)[None]
        mirrored = tf.random.uniform((batch, 1)) < probability
        index = tf.where(mirrored, 2 * shift + size - 1 - index, index)
        x = tf.gather(x, index, axis=axis, batch_dims=1)
    return x


def recolour(x, grey, negative, cast, brightness, contrast):
    """Changes brightness, contrast and the balance of colours; makes some grey.

    A part of the grey ones is made negative. Both make shape count for more than
    colour, or than whether an airplane is darker than what is behind it.
    """
    batch = tf.shape(x)[0]
    luma = tf.reduce_sum(x * (0.299, 0.587, 0.114), 3, keepdims=True)
    luma = tf.where(chance(batch, negative), -luma, luma)
    x = tf.where(chance(batch, grey), luma, x)
    x *= tf.random.uniform((batch, 1, 1, 1), 1 - contrast, 1 + contrast)
    x += tf.random.uniform((batch, 1, 1, 1), -brightness, brightness)
    x += tf.random.uniform((batch, 1, 1, 3), -cast, cast)
    return tf.clip_by_value(x, -1.0, 1.0)


def cut_out(x, side, probability):
    """Blanks a square (DeVries and Taylor 2017, arXiv:1708.04552), up to `side` pixels wide."""
    batch, size = tf.shape(x)[0], x.shape[1]
    centre = tf.random.uniform((2, batch, 1), 0, size, tf.int32)
    near = tf.abs(tf.range(size) - centre) < side // 2
    square = near[0][:, :, None, None] & near[1][:, None, :, None]
    return tf.where(square & chance(batch, probability), 0.0, x)


def augment(pixels, strength):
    """uint8 [N, 32, 32, 3] to float32 of the same shape in -1..1, varied at random.

    `strength`, 0..1, scales all but the shift and the left-right mirroring.
    """
    x = scale(shift_and_turn(pixels, turned=0.1 * strength))
    x = recolour(
        x,
        grey=0.3 * strength,
        negative=0.2,
        cast=0.15 * strength,
        brightness=0.3 * strength,
        contrast=0.3 * strength,
    )
    return cut_out(x, side=8, probability=0.5 * strength)
