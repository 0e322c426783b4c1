# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs an exported folder under transformers, as a user would, and writes what it gives.

usage: run_export.py REQUESTS.json

REQUESTS: a list of {"folder", "ids": [..], "prompt": [..], "tokens": N, "check": bool, "logits": FILE}. For each, writes the
logits of `ids` to FILE, as float32 [2, T, vocabulary]: computed in float64, and in float32. Prints a line of JSON: {"class": ..,
"greedy": [the N ids that greedy decoding in float32 adds to `prompt`]} or {"error": ..}. With "check", what must hold whatever
the weights are is tried first: a cache and pieces of a prompt change nothing, nor does padding on the left or another batch
member; a saved copy is the same model.
"""
import json
import sys
import tempfile

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.manual_seed(3)
TOLERANCE = 2e-4  # of float32 sums in another order, relative to the largest logit


def near(a, b, what):
    difference = (a - b).abs().max().item()
    limit = TOLERANCE * max(1.0, b.abs().max().item())
    if not difference <= limit:
        raise AssertionError(f"{what}: logits differ by {difference}, {limit} was allowed")


def cache_of(out):
    return out["cache"] if "cache" in out else out["past_key_values"]


def pieces(model, ids, sizes):
    """Logits of ids given in pieces, by one cache."""
    cache, logits, begin = None, [], 0
    for size in sizes:
        out = model(ids[:, begin : begin + size], past_key_values=cache, use_cache=True)
        cache, begin = cache_of(out), begin + size
        logits.append(out.logits)
    return torch.cat(logits, 1)


def check(model, ids):
    whole = model(ids).logits
    length = ids.shape[1]
    near(pieces(model, ids, [length - 5] + [1] * 5), whole, "prefill, then token by token")
    near(pieces(model, ids, [3, 1, 2, length - 6]), whole, "pieces")
    short = ids[:, : length // 2]
    pad = length - short.shape[1]
    batch = torch.cat((ids, torch.cat((ids.new_zeros(1, pad), short), 1)))
    mask = torch.ones_like(batch)
    mask[1, :pad] = 0
    padded = model(batch, attention_mask=mask).logits
    near(padded[:1], whole, "beside a padded text")
    near(padded[1:, pad:], model(short).logits, "padded on the left")
    alone = model.generate(short, max_new_tokens=6, do_sample=False, eos_token_id=None, pad_token_id=0)[0, short.shape[1] :]
    together = model.generate(
        batch, attention_mask=mask, max_new_tokens=6, do_sample=False, eos_token_id=None, pad_token_id=0
    )[1, length:]
    if not torch.equal(alone, together):
        raise AssertionError(f"greedy text of a padded batch: {together.tolist()}, alone {alone.tolist()}")
    beams = model.generate(short, max_new_tokens=5, num_beams=3, do_sample=False, eos_token_id=None, pad_token_id=0)
    plain = model.generate(
        short, max_new_tokens=5, num_beams=3, do_sample=False, eos_token_id=None, pad_token_id=0, use_cache=False
    )
    if not torch.equal(beams, plain):
        raise AssertionError("beam search with a cache finds other texts than without")
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        copy = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True, dtype=torch.float32)
        near(copy(ids).logits, whole, "a saved copy")


def run(request):
    model, report = AutoModelForCausalLM.from_pretrained(
        request["folder"], trust_remote_code=True, dtype=torch.float32, output_loading_info=True
    )
    wrong = {key: sorted(map(str, report[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report.get(key)}
    if wrong:
        raise AssertionError(f"weights that do not belong together: {wrong}")
    model.eval()
    ids = torch.tensor([request["ids"]])
    if request["check"]:
        check(model, ids)
    single = model(ids).logits[0]
    prompt = torch.tensor([request["prompt"]])
    text = model.generate(prompt, max_new_tokens=request["tokens"], do_sample=False, eos_token_id=None, pad_token_id=0)
    double = model.double()
    exact = double.lm_head(double.model(ids).last_hidden_state)[0]
    torch.stack((exact.float(), single)).numpy().tofile(request["logits"])
    return {
        "class": type(model).__name__,
        "greedy": text[0, prompt.shape[1] :].tolist(),
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        requests = json.load(file)
    for request in requests:
        try:
            with torch.no_grad():
                answer = run(request)
        except Exception as error:  # each folder is judged for itself
            answer = {"error": f"{type(error).__name__}: {error}"}
        print("RESULT " + json.dumps(answer), flush=True)


main()
