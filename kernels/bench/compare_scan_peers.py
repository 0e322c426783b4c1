#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times linear_scan and delta_product against ONNX Runtime and llama.cpp in one run, on one thread, and prints ratios.

usage: compare_scan_peers.py AIRFRAME_KERNELS [--json]
  AIRFRAME_KERNELS  the program airframe-kernels

Peers come from `pip install onnxruntime onnx xllamacpp numpy`; one that is not installed is skipped with a word. Pin the run
to one core: `taskset -c 0 ...`. All figures are microseconds per token and head, the best of many runs. A ratio is the
peer's time divided by ours: above 1 we are faster. The xllamacpp wheel is built for AVX2, not for AVX-512.
"""
import ctypes
import importlib.util
import json
import os
import subprocess
import sys
import time

SECONDS = 0.5  # each peer's case is repeated for this long


def best_of(run):
    """Seconds of the fastest run, after one to warm up."""
    run()
    best, start = float("inf"), time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best


def airframe(program):
    times = {}
    for operator in ("linear_scan", "delta_product"):
        report = subprocess.run([program, "bench", operator, "--json"], capture_output=True, text=True, check=True)
        times.update((t["operator"], t["best_us"]) for t in json.loads(report.stdout)["timings"])
    return times


class OnnxRuntime:
    """The contributed operator LinearAttention with the rules `linear` and `gated`."""
    name = "ONNX Runtime"
    cases = [(f"linear_scan {label} T={tokens}", (rule, tokens, heads, k, v, per_key))
             for label, rule, heads, k, v, per_key in (("GLA 128x256", "gated", 4, 128, 256, True),
                                                       ("GLA 128x128", "gated", 16, 128, 128, True),
                                                       ("GLA 64x64", "gated", 32, 64, 64, True),
                                                       ("RetNet 128x256", "gated", 8, 128, 256, False),
                                                       ("linear 128x128", "linear", 8, 128, 128, False))
             for tokens in (1, 64, 512)]

    def __init__(self):
        import numpy
        import onnx
        import onnxruntime
        self.numpy, self.onnx, self.runtime = numpy, onnx, onnxruntime
        self.version = onnxruntime.__version__

    def time(self, rule, tokens, heads, k, v, per_key):
        make, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        shapes = {"q": [1, tokens, heads * k], "k": [1, tokens, heads * k], "v": [1, tokens, heads * v], "state": [1, heads, k, v]}
        if rule == "gated":
            shapes["decay"] = [1, tokens, heads * k if per_key else heads]
        node = make.make_node("LinearAttention", list(shapes), ["o", "new_state"], domain="com.microsoft", update_rule=rule,
                              q_num_heads=heads, kv_num_heads=heads, scale=k ** -0.5)
        values = lambda table: [make.make_tensor_value_info(name, kind, shape) for name, shape in table.items()]
        graph = make.make_graph([node], "one", values(shapes), values({"o": shapes["v"], "new_state": shapes["state"]}))
        model = make.make_model(graph, ir_version=10,
                                opset_imports=[make.make_opsetid("", 21), make.make_opsetid("com.microsoft", 1)])
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = 1
        session = self.runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        random = self.numpy.random.default_rng(1)
        feeds = {name: random.standard_normal(shape, dtype="float32") for name, shape in shapes.items()}
        if "decay" in feeds:
            feeds["decay"] = -random.random(shapes["decay"], dtype="float32")
        return best_of(lambda: session.run(None, feeds)) * 1e6 / (tokens * heads)


class LlamaCpp:
    """ggml's operators, through the C functions that the wheel exports."""
    name = "llama.cpp"
    cases = [("linear_scan GLA 64x64 T=64", ("gla", 64, 32, 64)), ("linear_scan GLA 128x128 T=64", ("gla", 128, 16, 64)),
             ("linear_scan Mamba2 128x64 T=64", ("ssm", 128, 32, 64)), ("delta_product T=64 64x64", ("wkv7", 64, 32, 64)),
             ("delta_product T=1 64x64", ("wkv7", 64, 32, 1))]
    FLOAT, INT = 0, 26

    class Parameters(ctypes.Structure):
        _fields_ = [("size", ctypes.c_size_t), ("buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]

    def __init__(self):
        import numpy
        self.numpy = numpy
        spec = importlib.util.find_spec("xllamacpp")
        if spec is None:
            raise ImportError("xllamacpp")
        self.ggml = ctypes.CDLL(os.path.join(os.path.dirname(spec.origin), "xllamacpp.abi3.so"))
        self.ggml.ggml_cpu_init()
        self.version = f"xllamacpp, AVX-512 {'on' if self.ggml.ggml_cpu_has_avx512() else 'off'}"

    def call(self, name, *arguments, result=ctypes.c_void_p):
        """Calls a C function: tensors are c_void_p, sizes c_int64, other types as given."""
        function = getattr(self.ggml, name)
        function.restype = result
        return function(*arguments)

    def tensor(self, context, low, high, *shape):
        """A float tensor, innermost size first, filled evenly between low and high."""
        sizes = [ctypes.c_int64(n) for n in (*shape, *[1] * (4 - len(shape)))]
        made = ctypes.c_void_p(self.call("ggml_new_tensor_4d", context, ctypes.c_int(self.FLOAT), *sizes))
        count = self.call("ggml_nelements", made, result=ctypes.c_int64)
        data = (ctypes.c_float * count).from_address(self.call("ggml_get_data", made))
        self.numpy.frombuffer(data, dtype="float32")[:] = self.numpy.random.default_rng(1).uniform(low, high, count)
        return made

    def build(self, context, operator, size, heads, tokens):
        new = lambda low, high, *shape: self.tensor(context, low, high, *shape)
        rows = (size, heads, tokens)
        if operator == "gla":
            q, k, v, gate = new(-1, 1, *rows), new(-1, 1, *rows), new(-1, 1, *rows), new(0.9, 1, *rows)
            state = new(-.1, .1, size * size * heads, 1)
            return self.call("ggml_gated_linear_attn", context, k, v, q, gate, state, ctypes.c_float(size ** -0.5))
        if operator == "wkv7":
            r, w, k, v = new(-1, 1, *rows), new(.55, 1, *rows), new(-.1, .1, *rows), new(-1, 1, *rows)
            a, b, state = new(-.1, .1, *rows), new(-.1, .1, *rows), new(-.1, .1, size * size * heads, 1)
            return self.call("ggml_rwkv_wkv7", context, r, w, k, v, a, b, state)
        channels = 64  # P of Mamba2; `size` is N
        state, x = new(-.1, .1, size, channels, heads), new(-1, 1, channels, heads, tokens)
        dt, a = new(-4, -1, heads, tokens), new(-16, -1, 1, heads)
        b, c = new(-1, 1, size, 1, tokens), new(-1, 1, size, 1, tokens)
        ids = ctypes.c_void_p(self.call("ggml_new_tensor_1d", context, ctypes.c_int(self.INT), ctypes.c_int64(1)))
        ctypes.c_int32.from_address(self.call("ggml_get_data", ids)).value = 0
        return self.call("ggml_ssm_scan", context, state, x, dt, a, b, c, ids, ctypes.c_int64(1))

    def time(self, operator, size, heads, tokens):
        context = ctypes.c_void_p(self.call("ggml_init", self.Parameters(1 << 30, None, False)))
        out = ctypes.c_void_p(self.build(context, operator, size, heads, tokens))
        graph = ctypes.c_void_p(self.call("ggml_new_graph", context))
        self.call("ggml_build_forward_expand", graph, out, result=None)
        left = 200  # every run takes scratch from the context and keeps it

        def run():
            nonlocal left
            left -= 1
            if left > 0:
                self.call("ggml_graph_compute_with_ctx", context, graph, ctypes.c_int(1), result=ctypes.c_int)

        run()
        best = float("inf")
        while left > 1:
            began = time.perf_counter()
            run()
            best = min(best, time.perf_counter() - began)
        self.call("ggml_free", context, result=None)
        return best * 1e6 / (tokens * heads)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--json"]
    if len(arguments) != 1 or not os.access(arguments[0], os.X_OK):
        sys.exit(__doc__)
    ours, rows = airframe(arguments[0]), []
    for Peer in (OnnxRuntime, LlamaCpp):
        try:
            peer = Peer()
        except (ImportError, OSError) as missing:
            print(f"{Peer.name} skipped: {missing}", file=sys.stderr)
            continue
        for case, parameters in peer.cases:
            theirs = peer.time(*parameters)
            rows.append({"case": case, "peer": peer.name, "version": peer.version, "ours_us": ours[case], "peer_us": theirs,
                         "ratio": theirs / ours[case]})
    if "--json" in sys.argv:
        print(json.dumps(rows, indent=1))
        return
    print(f"load average {os.getloadavg()[0]:.2f}; " + "; ".join(sorted({f"{r['peer']} {r['version']}" for r in rows})))
    print(f"{'case':34} {'peer':14} {'ours us':>9} {'peer us':>9} {'ratio':>6}")
    for r in rows:
        print(f"{r['case']:34} {r['peer']:14} {r['ours_us']:9.3f} {r['peer_us']:9.3f} {r['ratio']:6.2f}")


if __name__ == "__main__":
    main()
