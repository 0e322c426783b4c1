# SPDX-License-Identifier: GPL-3.0-or-later
"""Continues texts greedily with llama.cpp (the xllamacpp wheel), tokenizer included.

usage: run_llama_cpp.py MODEL.gguf REQUEST.json

REQUEST: {"prompts": [text..], "tokens": N}. Prints a line "RESULT [{"ids": [new ids, N or
until the text ends], "text": .., "prompt_tokens": n}..]".
"""
import json
import sys

import xllamacpp


def main():
    model_file, request_file = sys.argv[1:]
    with open(request_file, encoding="utf-8") as file:
        request = json.load(file)
    params = xllamacpp.CommonParams()
    params.model.path = model_file
    params.n_ctx = 1024
    params.n_parallel = 1
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # its threads wait for each other by spinning
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32  # as Airframe's float32
    server = xllamacpp.Server(params)
    results = []
    for prompt in request["prompts"]:
        answer = server.handle_completions(
            {
                "prompt": prompt,
                "max_tokens": request["tokens"],
                "temperature": 0.0,
                "logprobs": 1,
                "cache_prompt": False,
            }
        )
        choice = answer["choices"][0]
        ids = [token["id"] for token in choice["logprobs"]["content"]]
        results.append({"ids": ids, "text": choice["text"], "prompt_tokens": answer["usage"]["prompt_tokens"]})
    print("RESULT " + json.dumps(results), flush=True)


main()
