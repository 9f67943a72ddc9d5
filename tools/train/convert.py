"""Converts a trained model to a full-integer int8 .tflite with TensorFlow's own converter.

Weights are int8 per output channel, activations int8; the outside is uint8:
input [1, 32, 32, 3] takes RGB bytes as they are (scale 2/255 stands for
-1..1), output [1, 10] is softmax's probability in 256ths (scale 1/256, zero
point 0). Post-training quantisation: Jacob et al. 2018 (arXiv:1712.05877);
the ranges of the activations come from training photographs, unvaried.
"""

import argparse
import os
import shutil
from collections import Counter

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import data
from model import FusedBatchNormalization, mobilenet_v2

ALLOWED = {
    "CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "MEAN", "AVERAGE_POOL_2D", "FULLY_CONNECTED",
    "SOFTMAX", "QUANTIZE", "PAD", "RESHAPE",
}  # fmt: skip


def exportable(trained, alpha):
    """The trained weights in a model that ends in softmax and takes one photograph."""
    model = mobilenet_v2(alpha, softmax=True, batch=1)
    model.set_weights(trained.get_weights())
    return model


def convert(model, pixels):
    """Returns the .tflite file's bytes; `pixels` uint8 [N, 32, 32, 3] set the ranges."""

    def representative():
        for image in pixels:
            yield [data.scale(image[None]).numpy()]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.uint8
    return converter.convert()


def operators(content):
    """How many there are of each operator in a .tflite file, without any delegate's."""
    # _get_ops_details is the one way to list them that the interpreter offers.
    details = Interpreter(model_content=content)._get_ops_details()
    return Counter(one["op_name"] for one in details if one["op_name"] != "DELEGATE")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with train/ (or train.tar.gz)")
    parser.add_argument("--run", required=True, help="the folder that train.py wrote (--out)")
    parser.add_argument("--alpha", type=float, default=0.5, help="as given to train.py")
    parser.add_argument("--photographs", type=int, default=1000, help="how many set the ranges")
    parser.add_argument("--model", required=True, help="the .tflite file to write")
    parser.add_argument("--labels", required=True, help="the file for the class names")
    arguments = parser.parse_args()

    trained = keras.models.load_model(
        os.path.join(arguments.run, "model.keras"),
        custom_objects={"FusedBatchNormalization": FusedBatchNormalization},
        compile=False,
    )
    pixels, _, _ = data.load(arguments.data, "train")
    chosen = np.linspace(0, len(pixels) - 1, arguments.photographs).astype(int)
    content = convert(exportable(trained, arguments.alpha), pixels[chosen])
    found = operators(content)
    if not set(found) <= ALLOWED:
        raise SystemExit(f"operators outside the list: {sorted(set(found) - ALLOWED)}")
    with open(arguments.model, "wb") as file:
        file.write(content)
    shutil.copyfile(os.path.join(arguments.run, "labels.txt"), arguments.labels)
    print(f"{arguments.model}: {len(content)} bytes")
    for name, count in sorted(found.items()):
        print(f"{count:4} {name}")


if __name__ == "__main__":
    main()
