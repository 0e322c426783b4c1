#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole-model speed against llama.cpp on the same GGUF file, in one run: prefill of 141 tokens and greedy decoding after
141, 557 and 2,061 tokens at batch 1, with one and two threads. Prints tokens per second and the ratio ours / llama.cpp.

  compare_model_peers.py ENGINE STUDY [PLACEMENT...]

ENGINE is airframe-engine, STUDY a study of a GGUF model; placements default to attn everywhere. Needs llama-cpp-python,
built for this processor:  CMAKE_ARGS=-DGGML_NATIVE=ON pip install --no-binary llama-cpp-python llama-cpp-python
"""
import json
import sqlite3
import subprocess
import sys
import time

import llama_cpp

CONTEXTS = (141, 557, 2061)
STEPS, REPEATS = 32, 3


def median(values):
    return sorted(values)[len(values) // 2]


class Peer:
    """llama.cpp with a given number of threads; a decode step is one llama_decode call (ours also finds the likeliest token)."""

    def __init__(self, model, threads):
        self.llm = llama_cpp.Llama(model_path=model, n_ctx=2304, n_batch=512, n_ubatch=512, n_threads=threads,
                                   n_threads_batch=threads, verbose=False)
        self.tokens = [(i * 7919) % 40000 + 100 for i in range(CONTEXTS[-1])]

    def step(self, token):
        """One token by llama_decode itself: Python's wrapper would copy the logits."""
        data = (llama_cpp.llama_token * 1)(token)
        if llama_cpp.llama_decode(self.llm._ctx.ctx, llama_cpp.llama_batch_get_one(data, 1)):
            sys.exit("error: llama_decode failed")

    def prefill(self):
        speeds = []
        for _ in range(REPEATS + 1):
            self.llm.reset()
            start = time.perf_counter()
            self.llm.eval(self.tokens[:CONTEXTS[0]])
            speeds.append(CONTEXTS[0] / (time.perf_counter() - start))
        return median(speeds[1:])

    def decode(self, context):
        speeds = []
        for _ in range(REPEATS):
            self.llm.reset()
            self.llm.eval(self.tokens[:context])
            start = time.perf_counter()
            for step in range(STEPS):
                self.step(100 + step)
            speeds.append(STEPS / (time.perf_counter() - start))
        return median(speeds)


def ours(engine, study, placement, context, threads):
    command = [engine, "throughput", "--study", study, "--placement", placement, "--context", str(context), "--batch", "1",
               "--decode-tokens", str(STEPS), "--repeats", str(REPEATS), "--prefill-limit", str(CONTEXTS[0]), "--threads",
               str(threads), "--compute", "native", "--json"]
    row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    row = row.get("measurement", row)
    return row["prefill_tps"]["median"], row["decode_tps"]["median"]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    engine, study = sys.argv[1:3]
    path, layers = sqlite3.connect(f"file:{study}?mode=ro", uri=True).execute("select path, layers from model").fetchone()
    placements = sys.argv[3:] or [f"attn*{layers}"]
    print(f"llama-cpp-python {llama_cpp.__version__}, {path}")
    for threads in (1, 2):
        peer = Peer(path, threads)
        theirs = {"prefill": peer.prefill(), **{context: peer.decode(context) for context in CONTEXTS}}
        del peer
        for placement in placements:
            for context in CONTEXTS:
                prefill, decode = ours(engine, study, placement, context, threads)
                if context == CONTEXTS[0]:
                    print(f"{threads} thread(s) {placement:24} prefill {CONTEXTS[0]:5}: {prefill:7.0f} / {theirs['prefill']:6.0f} tok/s "
                          f"= {prefill / theirs['prefill']:.2f}x")
                print(f"{threads} thread(s) {placement:24} decode  {context:5}: {decode:7.1f} / {theirs[context]:6.1f} tok/s "
                      f"= {decode / theirs[context]:.2f}x")


if __name__ == "__main__":
    main()
