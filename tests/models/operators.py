"""Builds the cases of cases.py, runs them on the reference and makes the container's entries."""
from flat import Graph
from reference import Reference, describe, encode, seed, synthetic
from steps import STEPS, activation_tensor

import numpy as np


def build(case):
    """The case's .tflite bytes."""
    g = Graph(case["name"])
    rng = seed(case["name"])
    given = [activation_tensor(g, f"input{i}", *spec) for i, spec in enumerate(case["inputs"])]
    g.first, x = given[0], given[-1]
    for op, options in case["steps"]:
        x = STEPS[op](g, rng, x, **options)
    return g.finish([a.index for a in given], [y.index for y in (x if isinstance(x, list) else [x])])


def values(kind, name, reference):
    """The inputs of one run. "all" feeds a two-input operator with every pair of values."""
    if kind != "all":
        return [synthetic(kind, name, d) for d in reference.inputs]
    low = np.iinfo(reference.inputs[0]["dtype"]).min
    pairs = np.meshgrid(np.arange(256) + low, np.arange(256) + low, indexing="ij")
    return [p.reshape(d["shape"]).astype(d["dtype"]) for p, d in zip(pairs, reference.inputs)]


def twin_runs(case, reference):
    """Of a uint8 model that computes what an int8 case means: all values 128 higher."""
    for kind in case["values"]:
        inputs = values(kind, case["name"], reference)
        outputs = reference.run(inputs)
        yield {"name": kind, "inputs": [encode(x ^ 128) for x in inputs], "outputs": [encode(y ^ 128) for y in outputs]}


def entry(case):
    model = build(case)
    reference = Reference(model)
    runs = []
    if "twin" in case:
        runs = list(twin_runs(case, Reference(build(case["twin"]))))
        case = case | {"values": ()}
    for kind in case["values"]:
        inputs = values(kind, case["name"], reference)
        outputs = [encode(y) for y in reference.run(inputs)]
        runs.append({"name": kind, "inputs": [encode(x) for x in inputs], "outputs": outputs})
    return {"name": case["name"], "op": case["op"], "steps": reference.operators(),
            "inputs": [describe(d) for d in reference.inputs], "outputs": [describe(d) for d in reference.outputs],
            "model": encode(np.frombuffer(model, np.uint8)), "cases": runs}


def entries(cases):
    names = [c["name"] for c in cases]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    return [entry(c) for c in cases]
