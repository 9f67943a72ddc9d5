#!/usr/bin/env python3
"""Writes keras_costs.json: what the MobileNets of Keras' applications cost and which layers they have.

  pip install -r requirements.txt
  keras_costs.py

Keras' code is not ours: the tests hold our block tables, channel rounding and counts against it. Odd resolutions tell
whether sizes round alike; not V1's, which Keras pads right and below alone, unlike the authors' code.
"""
import json
import os
import pathlib

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import keras
import numpy as np

APPLICATIONS = keras.applications
MODELS = {  # name: (function, its options, alphas, resolutions)
    "mobilenet_v1": (APPLICATIONS.MobileNet, {}, (1.0, 0.75, 0.5, 0.25), (224, 192, 160, 128)),
    "mobilenet_v2": (APPLICATIONS.MobileNetV2, {}, (1.4, 1.3, 1.0, 0.75, 0.5, 0.35), (224, 192, 160, 128, 96, 113)),
    "mobilenet_v3_large": (APPLICATIONS.MobileNetV3Large, {}, (1.0, 0.75), (224, 97)),
    "mobilenet_v3_small": (APPLICATIONS.MobileNetV3Small, {}, (1.0, 0.75), (224, 97)),
    "mobilenet_v3_large_minimalistic": (APPLICATIONS.MobileNetV3Large, {"minimalistic": True}, (1.0, 0.75), (224, 97)),
    "mobilenet_v3_small_minimalistic": (APPLICATIONS.MobileNetV3Small, {"minimalistic": True}, (1.0, 0.75), (224, 97)),
}


def layers(model):
    """[kind, kernel, stride, output height, width, channels, weights] of every layer with weights that multiply."""
    for layer in model.layers:
        kind = {"Conv2D": "convolution", "DepthwiseConv2D": "depthwise", "Dense": "dense"}.get(type(layer).__name__)
        if kind is None:
            continue
        shape = [int(n) for n in layer.output.shape[1:]]
        height, width, channels = shape if len(shape) == 3 else (1, 1, shape[0])
        kernel, stride = (1, 1) if kind == "dense" else (int(layer.kernel_size[0]), int(layer.strides[0]))
        yield [kind, kernel, stride, height, width, channels, int(np.prod(layer.kernel.shape))]


def entries():
    for name, (function, options, alphas, resolutions) in MODELS.items():
        for alpha in alphas:
            for resolution in resolutions:
                keras.backend.clear_session()
                model = function(input_shape=(resolution, resolution, 3), alpha=alpha, weights=None, **options)
                rows = list(layers(model))
                entry = {"architecture": name, "alpha": alpha, "resolution": resolution,
                         "macs": sum(h * w * weights for _, _, _, h, w, _, weights in rows),
                         "parameters": int(sum(np.prod(v.shape) for v in model.trainable_weights))}
                if resolution == resolutions[-1]:
                    entry["layers"] = rows
                yield entry


def main():
    made = {"runtime": f"keras {keras.__version__}", "models": list(entries())}
    lines = [json.dumps(entry, separators=(",", ":")) for entry in made["models"]]
    text = f'{{"runtime": {json.dumps(made["runtime"])}, "models": [\n' + ",\n".join(lines) + "\n]}\n"
    (pathlib.Path(__file__).parent / "keras_costs.json").write_text(text)


if __name__ == "__main__":
    main()
