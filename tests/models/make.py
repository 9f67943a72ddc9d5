#!/usr/bin/env python3
"""Makes every file of this folder: small .tflite models and what TensorFlow Lite's reference kernels give for them.

  pip install -r requirements.txt
  make.py [OUT_DIR] [--only operators|networks|detection|family|cousins]

See README.md for the formats. Two runs on one machine give the same bytes.
"""
import argparse
import hashlib
import json
import os
import pathlib

# Before TensorFlow is loaded: one thread and no oneDNN, so that the float sums of calibration come out the same.
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", TF_NUM_INTRAOP_THREADS="1",
                  TF_NUM_INTEROP_THREADS="1", CUDA_VISIBLE_DEVICES="-1")

import numpy as np

import cases
import cousins
import detection
import family
import operators
import reference

VALUES = ("noise", "low", "high", "ramp")


def inputs(name, detail):
    """The inputs of a network's golden cases: the synthetic ones and two pictures like those it was calibrated on."""
    import networks
    for kind in VALUES:
        yield kind, reference.synthetic(kind, name, detail)
    low = np.iinfo(detail["dtype"]).min
    pictures = networks.images(name + "/golden", tuple(detail["shape"][1:]), 2)
    for i, picture in enumerate(pictures):
        x = np.rint(picture * 127.5 + 127.5) + low
        yield f"picture{i}", x.astype(detail["dtype"])[None]


def golden(name, model):
    """A network's golden.json and, for its first picture, every tensor."""
    r = reference.Reference(model)
    runs, tensors = [], None
    for kind, x in inputs(name, r.inputs[0]):
        outputs = r.run([x])
        runs.append({"name": kind, "input": reference.encode(x), "outputs": [reference.encode(y) for y in outputs]})
        if kind == "picture0":
            tensors = list(r.tensors())
    distinct = {tuple(c["outputs"]) for c in runs}
    assert len(distinct) == len(runs), f"{name}: {len(runs)} inputs give only {len(distinct)} different outputs"
    head = {"model": f"{name}.tflite", "sha256": hashlib.sha256(model).hexdigest(), "runtime": reference.RUNTIME,
            "operators": r.operators(), "input": reference.describe(r.inputs[0]),
            "outputs": [reference.describe(o) for o in r.outputs],
            "tensors": {"case": "picture0", "file": f"{name}.tensors.json.gz"}, "cases": runs}
    return head, tensors


def write_networks(out):
    import networks
    for name, model in networks.networks():
        head, tensors = golden(name, model)
        (out / f"{name}.tflite").write_bytes(model)
        (out / f"{name}.golden.json").write_text(json.dumps(head, indent=1) + "\n")
        (out / f"{name}.tensors.json.gz").write_bytes(reference.packed(tensors))
        print(f"{name}: {len(model)} bytes, {len(head['operators'])} operators")


def write_operators(out):
    groups = {"operators": cases.OPERATORS, "two_inputs": cases.ADD_TWO_INPUTS + cases.SUB_TWO_INPUTS + cases.MUL_TWO_INPUTS, "later": cases.LATER}
    made = {"runtime": reference.RUNTIME} | {g: operators.entries(c) for g, c in groups.items()}
    (out / "operators.json.gz").write_bytes(reference.packed(made))
    print("operators:", ", ".join(f"{len(made[g])} {g}" for g in groups))


def write_detection(out):
    made = {"runtime": reference.RUNTIME} | detection.entries()
    (out / "detection.json.gz").write_bytes(reference.packed(made))
    print("detection:", len(made["operators"]), "operators,", len(made["networks"]), "networks")


def write_family(out):
    made = {"runtime": reference.RUNTIME, "operators": operators.entries(family.OPERATORS)}
    (out / "operators-family.json.gz").write_bytes(reference.packed(made))
    print("family:", len(made["operators"]), "operators")


def write_cousins(out):
    made = {"runtime": reference.RUNTIME, "operators": cousins.entries()}
    (out / "operators-cousins.json.gz").write_bytes(reference.packed(made))
    print("cousins:", len(made["operators"]), "models")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("out", type=pathlib.Path, nargs="?", default=pathlib.Path(__file__).parent)
    p.add_argument("--only", choices=("operators", "networks", "detection", "family", "cousins"))
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    writers = {"operators": write_operators, "networks": write_networks, "detection": write_detection,
               "family": write_family, "cousins": write_cousins}
    for name in [a.only] if a.only else writers:
        writers[name](a.out)


if __name__ == "__main__":
    main()
