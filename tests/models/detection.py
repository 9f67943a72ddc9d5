"""Detectors: TFLite_Detection_PostProcess by itself, and small networks whose heads end in it or in concatenations."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from flat import Graph, padding
from reference import Reference, describe, encode, seed, synthetic

POST_PROCESS = "TFLite_Detection_PostProcess"
OPTIONS = {"max_detections": 10, "max_classes_per_detection": 1, "nms_score_threshold": 1e-8, "nms_iou_threshold": 0.6,
           "num_classes": 3, "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}


def post_process(g, boxes, scores, anchors, options):
    """Adds the custom operator; gives the indices of its four outputs."""
    code = (schema.BuiltinOperator.CUSTOM, POST_PROCESS)
    if code not in g.codes:
        g.codes.append(code)
    outputs = [g.tensor(name, "float32", []) for name in ("boxes", "classes", "scores", "count")]
    o = schema.OperatorT()
    o.opcodeIndex = g.codes.index(code)
    o.inputs, o.outputs = np.array([boxes, scores, anchors], np.int32), np.array(outputs, np.int32)
    o.customOptions = np.frombuffer(bytes(flexbuffers.Dumps(options)), np.uint8)
    g.operators.append(o)
    return outputs


def grid(rng, count):
    """Anchors of many sizes all over the image: y, x, height, width."""
    return np.concatenate([rng.random((count, 2)), rng.random((count, 2)) * 0.5 + 0.05], 1).astype(np.float32)


def anchors_tensor(g, anchors, quantised):
    if not quantised:
        return g.tensor("anchors", "float32", anchors.shape, data=anchors)
    scale, zero = 0.0063, 9
    q = np.rint(anchors / scale + zero).clip(0, 255)
    return g.tensor("anchors", "uint8", anchors.shape, scale, zero, data=q)


def case(name, anchors=60, size=4, background=True, dtype="uint8", box=(0.11, 121), score=(0.0039, 3), order=(0, 1, 2, 3),
         values=("noise", "bell", "near", "ramp"), **options):
    return {"name": name, "anchors": anchors, "size": size, "background": background, "dtype": dtype, "box": box,
            "score": score, "order": order, "values": values, "options": OPTIONS | options}


# The post-process alone, on two inputs: "int8" comes through DEQUANTIZE, as converters of today write it. Most scores
# are spread over few bytes by "near" and "bell", so that equal ones are common.
CASES = [
    case("fast"),
    case("fast_no_background", background=False),
    case("fast_one_class", num_classes=1),
    case("fast_one_class_no_background", num_classes=1, background=False),
    case("fast_threshold", nms_score_threshold=0.8, max_detections=40),
    case("fast_nothing", nms_score_threshold=1.5),
    case("fast_overlap_all", nms_iou_threshold=1.0, max_detections=60),
    case("fast_overlap_little", nms_iou_threshold=0.05, max_detections=30),
    case("fast_more_than_anchors", anchors=7, max_detections=20),
    case("fast_one_anchor", anchors=1, max_detections=2),
    case("fast_scales", y_scale=3.7, x_scale=8.1, h_scale=2.3, w_scale=4.9, box=(0.087, 97)),
    case("fast_code_of_7", size=7),
    case("fast_odd_quantisation", box=(0.0731, 17), score=(0.00713, 31)),
    case("fast_large_boxes", box=(0.5, 128), nms_iou_threshold=0.3),
    case("fast_int8", dtype="int8", box=(0.0731, -19), score=(0.00391, -128)),
    case("fast_int8_no_background", dtype="int8", box=(0.09, 5), score=(1 / 256, -128), background=False),
    case("fast_order", order=(2, 0, 3, 1)),
    case("fast_two_outputs", order=(1, 2)),
    case("many_2_of_3", max_classes_per_detection=2),
    case("many_3_of_3", max_classes_per_detection=3),
    case("many_5_of_3", max_classes_per_detection=5),
    case("many_3_of_20", max_classes_per_detection=3, num_classes=20),
    case("many_6_of_90", max_classes_per_detection=6, num_classes=90, background=False, anchors=20),
    case("regular", use_regular_nms=True),
    case("regular_one_class", use_regular_nms=True, num_classes=1),
    case("regular_no_background", use_regular_nms=True, background=False),
    case("regular_few_of_each", use_regular_nms=True, detections_per_class=2, num_classes=5),
    case("regular_threshold", use_regular_nms=True, nms_score_threshold=0.9, max_detections=50),
    case("regular_nothing", use_regular_nms=True, nms_score_threshold=2.0),
    case("regular_20", use_regular_nms=True, num_classes=20, anchors=30, max_detections=40, nms_iou_threshold=0.2),
    case("regular_many", use_regular_nms=True, max_classes_per_detection=2),
    case("regular_int8", use_regular_nms=True, dtype="int8", box=(0.0731, -19), score=(0.00391, -128)),
]


def single(c):
    """The operator by itself."""
    g, rng = Graph(c["name"]), seed(c["name"])
    quantised = c["dtype"] == "uint8"
    classes = c["options"]["num_classes"] + c["background"]
    given, ends = [], []
    for name, channels, (scale, zero) in (("encodings", c["size"], c["box"]), ("scores", classes, c["score"])):
        shape = [1, c["anchors"], channels]
        given.append(g.tensor(name, c["dtype"], shape, scale, zero))
        ends.append(given[-1])
        if not quantised:
            ends[-1] = g.tensor(name + "_real", "float32", shape)
            g.operator("DEQUANTIZE", [given[-1]], [ends[-1]], "DequantizeOptions")
    made = post_process(g, *ends, anchors_tensor(g, grid(rng, c["anchors"]), quantised), c["options"])
    return g.finish(given, [made[k] for k in c["order"]])


def convolution(g, rng, x, shape, out, kernel, stride, dtype, quantisation, spread):
    """A convolution with random weights; gives its output's index and shape."""
    low = {"uint8": 0, "int8": -128}[dtype]
    scale, zero = quantisation
    weights = rng.normal(0, 40, (out, kernel, kernel, shape[3])).clip(-127, 127).round()
    if dtype == "uint8":
        w = g.tensor("weights", dtype, weights.shape, spread / 127, 128, data=weights + 128)
        b = g.tensor("bias", "int32", [out], g.tensors[x].quantization.scale[0] * spread / 127,
                     data=rng.integers(-300, 300, out))
    else:
        scales = spread / 127 * (0.7 + 0.6 * rng.random(out))
        w = g.tensor("weights", dtype, weights.shape, scales, data=weights)
        b = g.tensor("bias", "int32", [out], g.tensors[x].quantization.scale[0] * scales, data=rng.integers(-300, 300, out))
    size = [1, -(-shape[1] // stride), -(-shape[2] // stride), out]
    y = g.tensor("map", dtype, size, scale, zero + low)
    g.operator("CONV_2D", [x, w, b], [y], "Conv2DOptions", dtype, padding=padding("SAME"), strideW=stride, strideH=stride,
               dilationWFactor=1, dilationHFactor=1)
    return y, size


def reshape(g, x, shape):
    t = g.tensors[x]
    dtype = "uint8" if t.type == schema.TensorType.UINT8 else "int8"
    q = t.quantization
    wanted = g.tensor("shape", "int32", [len(shape)], data=np.array(shape))
    y = g.tensor("reshaped", dtype, shape, q.scale[0], int(q.zeroPoint[0]))
    g.operator("RESHAPE", [x, wanted], [y], "ReshapeOptions", newShape=np.array(shape, np.int32))
    return y


def dequantised(g, *tensors):
    """Adds a DEQUANTIZE for each tensor; gives their outputs."""
    real = [g.tensor("real", "float32", g.tensors[t].shape) for t in tensors]
    for q, r in zip(tensors, real):
        g.operator("DEQUANTIZE", [q], [r], "DequantizeOptions")
    return real


def network(name, dtype="uint8", ends="post_process", one_scale=False, classes=2, more=False, **options):
    """Three maps of a small trunk with heads of 3 or 2 anchors a pixel, as SSD has them; as bytes.

    more: the last map and its real values are outputs, too, behind those of the post-process.
    """
    g, rng = Graph(name), seed(name)
    low = {"uint8": 0, "int8": -128}[dtype]
    x, shape = g.tensor("input", dtype, [1, 20, 28, 3], 1 / 128, 128 + low), [1, 20, 28, 3]
    first = x
    heads, count = {"boxes": [], "scores": []}, 0
    for level, (channels, per_pixel) in enumerate(((8, 3), (12, 2), (8, 2))):
        x, shape = convolution(g, rng, x, shape, channels, 3, (4, 2, 3)[level], dtype, (0.05, 100), 0.4)
        anchors = shape[1] * shape[2] * per_pixel
        count += anchors
        same = one_scale or dtype == "int8"
        for kind, each, quantisation in (("boxes", 4, (0.06, 130)), ("scores", classes + 1, (0.04, 140))):
            scale, zero = quantisation
            q = (scale, zero) if same else (scale * (0.8 + 0.1 * level), zero + 7 * level)
            head, size = convolution(g, rng, x, shape, per_pixel * each, 1, 1, dtype, q, 0.5)
            box = [1, anchors, 1, 4] if kind == "boxes" else [1, anchors, each]
            heads[kind].append((reshape(g, head, box), box))
    made = []
    for kind, (scale, zero) in (("boxes", (0.06, 130)), ("scores", (0.04, 140))):
        whole = [1, count, *heads[kind][0][1][2:]]
        y = g.tensor(kind, dtype, whole, scale, zero + low)
        g.operator("CONCATENATION", [h for h, _ in heads[kind]], [y], "ConcatenationOptions", dtype, axis=1)
        made.append(reshape(g, y, [1, count, 4]) if kind == "boxes" else y)
    boxes, scores = made
    if ends == "raw":
        return g.finish([first], [scores, boxes])
    probabilities = g.tensor("probabilities", dtype, [1, count, classes + 1], 1 / 256, low)
    g.operator("LOGISTIC", [scores], [probabilities])
    if ends == "probabilities":
        return g.finish([first], [boxes, probabilities])
    if dtype == "int8":
        boxes, probabilities = dequantised(g, boxes, probabilities)
    anchors = anchors_tensor(g, grid(rng, count), dtype == "uint8")
    outputs = post_process(g, boxes, probabilities, anchors, OPTIONS | {"num_classes": classes} | options)
    if more:
        real = g.tensor("map_real", "float32", shape)
        g.operator("DEQUANTIZE", [x], [real], "DequantizeOptions")
        outputs = [*outputs, x, real]
    return g.finish([first], outputs)


def ssdlite_v3(name, ends="post_process", classes=4, **options):
    """SSDLite on MobileNetV3 as the converter writes it; it ends in encodings and probabilities, or the post-process."""
    import networks  # TensorFlow is loaded only here
    model = networks.convert("ssdlite_v3", *networks.SSDLITE_V3)
    if ends == "raw":
        return model
    g, inputs, outputs = Graph.of(name, model)
    boxes, probabilities = sorted(outputs, key=lambda t: g.tensors[t].shape[-1])
    anchors = anchors_tensor(g, grid(seed(name), g.tensors[boxes].shape[1]), quantised=False)
    given = dequantised(g, boxes, probabilities)
    return g.finish(inputs, post_process(g, *given, anchors, OPTIONS | {"num_classes": classes} | options))


NETWORKS = {
    "ssd_uint8": dict(max_detections=20),
    "ssd_uint8_one_scale": dict(one_scale=True, classes=1, max_detections=15, use_regular_nms=True),
    "ssd_int8": dict(dtype="int8", max_detections=20, max_classes_per_detection=2),
    "ssd_int8_more": dict(dtype="int8", max_detections=20, more=True),
    "ssd_uint8_more": dict(max_detections=20, more=True),
    "raw_uint8": dict(ends="raw"),
    "raw_int8": dict(ends="raw", dtype="int8"),
    "probabilities_uint8": dict(ends="probabilities"),
    "ssdlite_v3": dict(make=ssdlite_v3, classes=4, max_detections=25),
    "ssdlite_v3_raw": dict(make=ssdlite_v3, ends="raw"),
}


def defined(outputs, order, options):
    """The outputs with zeros in the rows that the operator leaves as they were."""
    made = dict(zip(order, outputs))
    if 3 not in made:
        return outputs
    count, per = int(made[3][0]), options["max_classes_per_detection"]
    row = np.arange(options["max_detections"] * per)
    regular = options.get("use_regular_nms", False)
    held = row < count if regular else (row // per < count) & (row % per < min(per, options["num_classes"]))
    cut = [y if k == 3 else np.where(held[:, None] if k == 0 else held, y, np.float32(0)) for k, y in zip(order, outputs)]
    return cut + outputs[len(order):]


def entry(name, model, values, order=(), options=None):
    runs, reference = [], Reference(model)
    for kind in values:
        inputs = [synthetic(kind, name, d) for d in reference.inputs]
        outputs = reference.run(inputs)
        outputs = defined(outputs, order, options) if options else outputs
        runs.append({"name": kind, "inputs": [encode(x) for x in inputs], "outputs": [encode(y) for y in outputs]})
    return {"name": name, "inputs": [describe(d) for d in reference.inputs],
            "outputs": [describe(d) for d in reference.outputs], "model": encode(np.frombuffer(model, np.uint8)),
            "cases": runs}


def network_entry(name, ends="post_process", make=network, **options):
    order = (0, 1, 2, 3) if ends == "post_process" else ()
    held = OPTIONS | {"num_classes": options.get("classes", 2)} | options if order else None
    return entry(name, make(name, ends=ends, **options), ("noise", "bell", "ramp", "low"), order, held)


def entries():
    """What detection.json.gz holds."""
    return {"operators": [entry(c["name"], single(c), c["values"], c["order"], c["options"]) for c in CASES],
            "networks": [network_entry(name, **options) for name, options in NETWORKS.items()]}
