"""Measures top-1 of a .tflite classifier on the test photographs, in all and per class.

    python evaluate.py --data DIR --model FILE.tflite [--kernels default]

The reference kernels are TensorFlow Lite's plain loops, the meaning of the
file; the default ones (XNNPACK) are faster and may differ in a last bit.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import data

KERNELS = {"reference": OpResolverType.BUILTIN_REF, "default": OpResolverType.AUTO}


def predict(content, kernels, pixels):
    """Class numbers [N] for uint8 pixels [N, H, W, 3]; the first of equal highest wins."""
    interpreter = Interpreter(
        model_content=content, experimental_op_resolver_type=KERNELS[kernels], num_threads=1
    )
    interpreter.allocate_tensors()
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    if given["dtype"] != np.uint8:
        raise SystemExit(f"the model takes {given['dtype'].__name__}, not uint8")
    classes = np.empty(len(pixels), np.int32)
    for index, image in enumerate(pixels):
        interpreter.set_tensor(given["index"], image[None])
        interpreter.invoke()
        classes[index] = interpreter.get_tensor(result["index"])[0].argmax()
    return classes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with test/ (or test.tar.gz)")
    parser.add_argument("--model", required=True, help="the .tflite file")
    parser.add_argument("--kernels", choices=KERNELS, default="reference")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    pixels, labels, names = data.load(arguments.data, "test")
    with open(arguments.model, "rb") as file:
        content = file.read()
    with ThreadPoolExecutor(arguments.threads) as pool:
        parts = np.array_split(pixels, arguments.threads)
        run = lambda part: predict(content, arguments.kernels, part)
        correct = np.concatenate(list(pool.map(run, parts))) == labels
    for number, name in enumerate(names):
        print(f"{name:12} {correct[labels == number].mean():7.2%}")
    total = f"{correct.sum()} of {len(labels)}, {arguments.kernels} kernels"
    print(f"{'all':12} {correct.mean():7.2%}  {total}")


if __name__ == "__main__":
    main()
