"""TFLite itself (ai-edge-litert), one thread: answers hosts/native.js, a line of JSON for each of its.

Variants: "xnnpack", what it does by default; "plain", its own optimised kernels; "reference", its reference kernels.
Times are of invoke() alone: copying tensors in and out of it from Python would measure Python.
"""

import json
import resource
import sys
import time

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {
    "xnnpack": OpResolverType.AUTO,
    "plain": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "reference": OpResolverType.BUILTIN_REF,
}


class Lane:
    def open(self, job):
        start = time.perf_counter()
        self.interpreter = Interpreter(
            model_path=job["model"],
            num_threads=1,
            experimental_op_resolver_type=RESOLVERS[job["variant"]],
        )
        self.interpreter.allocate_tensors()
        loaded = time.perf_counter()
        detail = self.interpreter.get_input_details()[0]
        values = numpy.fromfile(job["input"], dtype=detail["dtype"]).reshape(detail["shape"])
        self.interpreter.set_tensor(detail["index"], values)
        first = self.timed(1)
        self.per_run = self.timed(1)
        return {
            "loadMs": 1000 * (loaded - start),
            "firstMs": 1000 * first,
            "secondMs": 1000 * self.per_run,
            "output": self.output(),
        }

    def output(self):
        detail = self.interpreter.get_output_details()[0]
        return self.interpreter.get_tensor(detail["index"]).flatten().tolist()

    def again(self, _):
        self.interpreter.invoke()
        return self.output()

    def timed(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self.interpreter.invoke()
        return (time.perf_counter() - start) / count

    def warm(self, ms):
        until = time.perf_counter() + ms / 1000
        while time.perf_counter() < until:
            self.per_run = min(self.per_run, self.timed(1))

    def sample(self, ms):
        count = max(1, round(0.001 / self.per_run))
        until = time.perf_counter() + ms / 1000
        samples = [self.timed(count)]
        while time.perf_counter() < until:
            samples.append(self.timed(count))
        return [1000 * s for s in samples]

    def memory(self, _):
        return {"residentBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


lane = Lane()
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": getattr(lane, request["call"])(request.get("argument"))}
    except Exception as error:  # whatever it is, the table is to say it
        answer = {"error": str(error).strip().split("\n")[0]}
    print(json.dumps(answer, separators=(",", ":")), flush=True)
