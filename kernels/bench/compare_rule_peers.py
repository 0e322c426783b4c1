#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times gated_delta, linear_scan and delta_product against ONNX Runtime and llama.cpp on the same shapes, in one run and on one
thread, and prints ratios.

usage: compare_rule_peers.py AIRFRAME_KERNELS [gated_delta|linear_scan|delta_product ...] [--json]
  AIRFRAME_KERNELS  the program airframe-kernels

Peers come from `pip install numpy onnx onnxruntime xllamacpp`; one that is not installed is skipped with a word. Pin the run to
one core: `taskset -c 0 ...`. Times are microseconds per token and head, the best of many runs. A ratio is the peer's time
divided by ours: above 1 we are faster; the second is our AVX2 body's, which is the fair one for the xllamacpp wheel, built for
AVX2. Ours updates the state in place; ONNX Runtime is given a past state and returns a new one, as its operator is.
"""
import ctypes
import importlib.util
import json
import os
import subprocess
import sys
import time

OPERATORS = ("gated_delta", "linear_scan", "delta_product")
TOKENS = (1, 64, 512)
SECONDS = 0.5  # each peer's case is repeated for this long


def best_of(run):
    """Microseconds of the fastest of many runs, after one to warm up; at least twenty."""
    run()
    best, count, start = float("inf"), 0, time.perf_counter()
    while count < 20 or time.perf_counter() - start < SECONDS:
        began = time.perf_counter()
        run()
        best, count = min(best, time.perf_counter() - began), count + 1
    return best * 1e6


def ours(program, operator, isa):
    """Times of the bench by case. It checks the operator first and gives none if that fails."""
    report = subprocess.run([program, "bench", operator, "--json", "--isa", isa], capture_output=True, text=True)
    if report.returncode:
        print(f"{operator} with {isa}: {report.stderr.strip()}", file=sys.stderr)
        return {}
    return {t["operator"]: t["best_us"] for t in json.loads(report.stdout)["timings"] if t["threads"] == 1}


class OnnxRuntime:
    """The contributed operator LinearAttention with the rules `gated_delta`, `gated` and `linear`."""

    name = "ONNX Runtime"
    cases = [
        *((f"gated_delta {k}x{v} H={heads} T={tokens} forward{norm}", ("gated_delta", tokens, heads, k, v, False))
          for k, v, heads in ((128, 128, 32), (96, 256, 12), (64, 64, 32)) for tokens in TOKENS for norm in ("", " l2norm")),
        *((f"linear_scan {label} T={tokens}", (rule, tokens, heads, k, v, per_key))
          for label, rule, heads, k, v, per_key in (("GLA 128x256", "gated", 4, 128, 256, True),
                                                    ("GLA 128x128", "gated", 16, 128, 128, True),
                                                    ("GLA 64x64", "gated", 32, 64, 64, True),
                                                    ("RetNet 128x256", "gated", 8, 128, 256, False),
                                                    ("linear 128x128", "linear", 8, 128, 128, False))
          for tokens in TOKENS),
    ]

    def __init__(self):
        import numpy
        import onnx
        import onnxruntime
        self.numpy, self.onnx, self.runtime = numpy, onnx, onnxruntime
        self.version = onnxruntime.__version__

    def time(self, rule, tokens, heads, k, v, per_key):
        make, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        shapes = {"q": [1, tokens, heads * k], "k": [1, tokens, heads * k], "v": [1, tokens, heads * v], "state": [1, heads, k, v]}
        if rule != "linear":
            shapes["decay"] = [1, tokens, heads * k if per_key else heads]
        if rule == "gated_delta":
            shapes["beta"] = [1, tokens, heads]
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
        for name in ("q", "k"):  # of unit length, so that no state grows without bound
            feeds[name] *= self.numpy.float32(k ** -0.5)
        feeds["state"] *= self.numpy.float32(0.1)
        if "decay" in feeds:
            feeds["decay"] = self.numpy.float32(-0.3) * random.random(shapes["decay"], dtype="float32")
        if "beta" in feeds:
            feeds["beta"] = random.random(shapes["beta"], dtype="float32")
        return best_of(lambda: session.run(None, feeds)) / (tokens * heads)


class LlamaCpp:
    """ggml's operators, through the C functions that the wheel exports."""

    name = "llama.cpp"
    cases = [
        *((f"gated_delta {size}x{size} H=32 T={tokens} forward", ("delta", size, 32, tokens)) for size in (128, 64) for tokens in TOKENS),
        ("linear_scan GLA 64x64 T=64", ("gla", 64, 32, 64)), ("linear_scan GLA 128x128 T=64", ("gla", 128, 16, 64)),
        ("linear_scan Mamba2 128x64 T=64", ("ssm", 128, 32, 64)), ("delta_product T=64 64x64", ("wkv7", 64, 32, 64)),
        ("delta_product T=1 64x64", ("wkv7", 64, 32, 1)),
    ]
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
        if operator == "delta":
            unit = (3 / size) ** 0.5  # rows of length 1
            q, k, v, gate = new(-unit, unit, *rows), new(-unit, unit, *rows), new(-1, 1, *rows), new(-.3, 0, 1, heads, tokens)
            beta, state = new(0, 1, 1, heads, tokens), new(-.1, .1, size, size, heads)
            return self.call("ggml_gated_delta_net", context, q, k, v, gate, beta, state, ctypes.c_int64(1))
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
        best = float("inf")
        for _ in range(30):  # every run takes scratch from the context and keeps it
            began = time.perf_counter()
            self.call("ggml_graph_compute_with_ctx", context, graph, ctypes.c_int(1), result=ctypes.c_int)
            best = min(best, time.perf_counter() - began)
        self.call("ggml_free", context, result=None)
        return best * 1e6 / (tokens * heads)


def main():
    wanted = [a for a in sys.argv[2:] if a != "--json"] or list(OPERATORS)
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK) or not set(wanted) <= set(OPERATORS):
        sys.exit(__doc__)
    mine = {isa: {case: us for operator in wanted for case, us in ours(sys.argv[1], operator, isa).items()} for isa in ("avx512", "avx2")}
    rows, times = [], {}
    for Peer in (OnnxRuntime, LlamaCpp):
        try:
            peer = Peer()
        except (ImportError, OSError) as missing:
            print(f"{Peer.name} skipped: {missing}", file=sys.stderr)
            continue
        for case, parameters in peer.cases:
            if case.split()[0] not in wanted:
                continue
            if (peer.name, parameters) not in times:  # with and without our norms the peer does the same work
                times[peer.name, parameters] = peer.time(*parameters)
            theirs = times[peer.name, parameters]
            row = {"case": case, "peer": peer.name, "version": peer.version, "peer_us": theirs}
            for isa, known in mine.items():
                if case in known:
                    row |= {f"{isa}_us": known[case], f"{isa}_ratio": theirs / known[case]}
            rows.append(row)
    if "--json" in sys.argv:
        print(json.dumps(rows, indent=1))
        return
    print(f"load average {os.getloadavg()[0]:.2f}; " + "; ".join(sorted({f"{r['peer']} {r['version']}" for r in rows})))
    print(f"{'case':40} {'peer':13} {'peer us':>9} {'avx512 us':>9} {'ratio':>6} {'avx2 us':>9} {'ratio':>6}")
    for r in rows:
        cells = [f"{r.get(f'{isa}_us', float('nan')):9.3f} {r.get(f'{isa}_ratio', float('nan')):6.2f}" for isa in ("avx512", "avx2")]
        print(f"{r['case']:40} {r['peer']:13} {r['peer_us']:9.3f} " + " ".join(cells))


if __name__ == "__main__":
    main()
