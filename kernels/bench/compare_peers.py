#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the gated delta rule of this build against other libraries' on the same shapes in one run and prints ratios.

usage: compare_peers.py path/to/airframe-kernels

Needs numpy, onnx and onnxruntime (operator com.microsoft.LinearAttention); xllamacpp (llama.cpp's operator, an AVX2
build) if it is there. One thread everywhere. A ratio is the peer's best time over ours; times in us per token and head.
Ours updates the state in place; ONNX Runtime is given a past state and returns a new one, as its operator is.
"""
import ctypes
import importlib.util
import json
import os
import subprocess
import sys
import time

import numpy as np

SHAPES = ((128, 128, 32), (96, 256, 12), (64, 64, 32))  # K, V, heads: those of the operator's bench
TOKENS = (1, 64, 512)


def ours(program, isa):
    """{(K, V, T, normalised): us} of the bench, which checks the operator first."""
    out = subprocess.run([program, "bench", "gated_delta", "--json", "--isa", isa], capture_output=True, text=True)
    if out.returncode:
        return {}
    times = {}
    for row in json.loads(out.stdout)["timings"]:
        words = row["operator"].split()
        if row["threads"] != 1 or words[4] != "forward":
            continue
        k, v = map(int, words[1].split("x"))
        times[k, v, int(words[3][2:]), "l2norm" in words] = row["best_us"]
    return times


def best_of(run, seconds):
    """The shortest of many runs, in us; at least twenty."""
    best, n, start = float("inf"), 0, time.perf_counter()
    while n < 20 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        run()
        best, n = min(best, time.perf_counter() - before), n + 1
    return best * 1e6


def onnx_runtime(k, v, heads, tokens):
    import onnxruntime
    from onnx import TensorProto, helper

    shapes = {"q": (1, tokens, heads * k), "k": (1, tokens, heads * k), "v": (1, tokens, heads * v),
              "past": (1, heads, k, v), "decay": (1, tokens, heads), "beta": (1, tokens, heads)}
    results = {"o": (1, tokens, heads * v), "present": (1, heads, k, v)}
    node = helper.make_node("LinearAttention", list(shapes), list(results), domain="com.microsoft", update_rule="gated_delta",
                            q_num_heads=heads, kv_num_heads=heads, scale=k ** -0.5)
    infos = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in x.items()] for x in (shapes, results)]
    model = helper.make_model(helper.make_graph([node], "rule", *infos), ir_version=10,
                              opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(7)
    feed = {n: random.standard_normal(s).astype(np.float32) for n, s in shapes.items()}
    for name in ("q", "k"):
        feed[name] *= np.float32(k ** -0.5)
    feed["past"] *= np.float32(0.1)
    feed["decay"] = -0.3 * random.random(shapes["decay"], dtype=np.float32)
    feed["beta"] = random.random(shapes["beta"], dtype=np.float32)
    return best_of(lambda: session.run(None, feed), 0.5) / (heads * tokens)


class LlamaCpp:
    """llama.cpp's operator through the functions of ggml that the wheel xllamacpp exports."""

    class InitParameters(ctypes.Structure):
        _fields_ = [("size", ctypes.c_size_t), ("buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]

    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        pointer, number = ctypes.c_void_p, ctypes.c_int64
        for name, result, arguments in (
                ("ggml_init", pointer, [self.InitParameters]), ("ggml_free", None, [pointer]),
                ("ggml_new_tensor_4d", pointer, [pointer, ctypes.c_int] + [number] * 4),
                ("ggml_get_data", pointer, [pointer]), ("ggml_nelements", number, [pointer]),
                ("ggml_gated_delta_net", pointer, [pointer] * 7 + [number]), ("ggml_new_graph", pointer, [pointer]),
                ("ggml_build_forward_expand", None, [pointer, pointer]),
                ("ggml_graph_compute_with_ctx", ctypes.c_int, [pointer, pointer, ctypes.c_int])):
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        self.lib.ggml_cpu_init()

    def time(self, k, heads, tokens):
        lib, random = self.lib, np.random.default_rng(7)
        context = lib.ggml_init(self.InitParameters(1 << 30, None, False))

        def tensor(values, *shape):
            made = lib.ggml_new_tensor_4d(context, 0, *shape)
            data = (ctypes.c_float * lib.ggml_nelements(made)).from_address(lib.ggml_get_data(made))
            np.frombuffer(data, dtype=np.float32)[:] = values(lib.ggml_nelements(made))
            return made

        unit = lambda n: random.standard_normal(n) * k ** -0.5
        rows = [tensor(unit, k, heads, tokens, 1) for _ in range(2)]
        rows.append(tensor(random.standard_normal, k, heads, tokens, 1))
        rows.append(tensor(lambda n: -0.3 * random.random(n), 1, heads, tokens, 1))
        rows.append(tensor(random.random, 1, heads, tokens, 1))
        rows.append(tensor(lambda n: 0.1 * random.standard_normal(n), k, k, heads, 1))
        graph = lib.ggml_new_graph(context)
        lib.ggml_build_forward_expand(graph, lib.ggml_gated_delta_net(context, *rows, 1))
        best = float("inf")
        for _ in range(20):  # each run takes its work area from the context
            best = min(best, self.once(context, graph))
        lib.ggml_free(context)
        return best / (heads * tokens)

    def once(self, context, graph):
        start = time.perf_counter()
        self.lib.ggml_graph_compute_with_ctx(context, graph, 1)
        return (time.perf_counter() - start) * 1e6


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    mine = {isa: ours(sys.argv[1], isa) for isa in ("avx512", "avx2")}
    found = importlib.util.find_spec("xllamacpp")
    llama = LlamaCpp(os.path.join(os.path.dirname(found.origin), "xllamacpp.abi3.so")) if found else None
    print(f"{'shape':22}{'ours avx512':>12}{'normalised':>12}{'avx2':>8}{'ORT':>8}{'ratio':>7}{'norm.':>7}"
          f"{'llama.cpp':>11}{'ratio':>7}{'avx2':>7}")
    for k, v, heads in SHAPES:
        for tokens in TOKENS:
            plain, full = (mine["avx512"].get((k, v, tokens, n), float("nan")) for n in (False, True))
            avx2 = mine["avx2"].get((k, v, tokens, False), float("nan"))
            ort = onnx_runtime(k, v, heads, tokens)
            line = f"{k}x{v} H={heads} T={tokens}"
            line = f"{line:22}{plain:12.3f}{full:12.3f}{avx2:8.3f}{ort:8.3f}{ort / plain:7.2f}{ort / full:7.2f}"
            if llama and k == v:
                peer = llama.time(k, heads, tokens)
                line += f"{peer:11.3f}{peer / plain:7.2f}{peer / avx2:7.2f}"
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
