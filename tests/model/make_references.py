#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny random models with the logits that Hugging Face transformers gives them.

    python3 make_references.py OUT

Needs torch and transformers (5 or newer). Writes one folder per case: a model as transformers saves it and
expected.safetensors, computed in float64:
  seqN.ids [N] int32, seqN.logits [N, vocab]        one pass over N tokens
  decP.prefill_logits_last, decP.step_logits        the longest sequence, P tokens and then one per step
  grown.logits [N, vocab]                           row t: the last logits of one pass over t + 1 tokens. Only where rotary
                                                    positions follow the sequence's length, which in one layer (and no
                                                    more) decoding must give as well, if keys turn anew as it grows.
"""
import json
import pathlib
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file

LENGTHS = (1, 7, 75)
PREFILLS = (1, 40)
VOCAB = 130


def base(**more):
    shape = dict(vocab_size=VOCAB, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
                 num_key_value_heads=2, head_dim=16, max_position_embeddings=256, bos_token_id=1, eos_token_id=2,
                 pad_token_id=0, tie_word_embeddings=False)
    return shape | more


def rope(kind, theta=10000.0, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


LONG = dict(short_factor=[1.0 + 0.1 * i for i in range(8)], long_factor=[1.5 + 0.7 * i for i in range(8)],
            original_max_position_embeddings=32)
VISION = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, image_size=28,
              patch_size=14)
GEMMA = base(num_hidden_layers=4, sliding_window=16, query_pre_attn_scalar=20, hidden_activation="gelu_pytorch_tanh",
             tie_word_embeddings=True,
             layer_types=["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
             rope_parameters=dict(full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1e6),
                                  sliding_attention=dict(rope_type="default", rope_theta=1e4)))

# name: (config class, its arguments)
CASES = {
    "llama-plain": ("LlamaConfig", base(**rope("default"))),
    "llama-biases": ("LlamaConfig", base(attention_bias=True, mlp_bias=True, **rope("default"))),
    "llama-linear": ("LlamaConfig", base(**rope("linear", factor=4.0))),
    "llama-dynamic": ("LlamaConfig", base(num_hidden_layers=1, max_position_embeddings=32, **rope("dynamic", factor=3.0))),
    "llama-dynamic-deep": ("LlamaConfig", base(max_position_embeddings=32, **rope("dynamic", factor=3.0))),
    "llama-yarn": ("LlamaConfig", base(**rope("yarn", factor=4.0, original_max_position_embeddings=64))),
    "llama-yarn-weighed": ("LlamaConfig", base(**rope("yarn", factor=4.0, original_max_position_embeddings=64, beta_fast=8.0,
                                                      beta_slow=0.5, mscale=1.0, mscale_all_dim=0.5, truncate=False))),
    "llama-yarn-factor": ("LlamaConfig", base(**rope("yarn", factor=4.0, original_max_position_embeddings=64,
                                                     attention_factor=1.25))),
    "llama-llama3": ("LlamaConfig", base(**rope("llama3", 500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                original_max_position_embeddings=64))),
    "llama-longrope": ("LlamaConfig", base(num_hidden_layers=1, **rope("longrope", **LONG))),
    "llama-longrope-deep": ("LlamaConfig", base(**rope("longrope", factor=6.0, **LONG))),
    "mistral-window": ("MistralConfig", base(sliding_window=16, **rope("default"))),
    "mistral-full": ("MistralConfig", base(sliding_window=None, **rope("default"))),
    "qwen2-window": ("Qwen2Config", {k: v for k, v in base(hidden_size=64, use_sliding_window=True, sliding_window=16,
                                                           max_window_layers=1, **rope("default", 1e6)).items()
                                     if k != "head_dim"}),
    "qwen3-biases": ("Qwen3Config", base(attention_bias=True, **rope("default", 1e6))),
    "qwen3-window": ("Qwen3Config", base(use_sliding_window=True, sliding_window=16, max_window_layers=2,
                                         **rope("default", 1e6))),
    "gemma3-text": ("Gemma3TextConfig", GEMMA),
    "gemma3-vision": ("Gemma3Config", dict(text_config=GEMMA, vision_config=VISION, mm_tokens_per_image=4)),
}


def old_spelling(config):
    """The same description as files written before transformers 5 have it."""
    out = {key: value for key, value in config.items() if key not in ("rope_parameters", "dtype", "layer_types")}
    parameters = config["rope_parameters"]
    if "full_attention" in parameters:
        out["rope_local_base_freq"] = parameters["sliding_attention"]["rope_theta"]
        out["sliding_window_pattern"] = 3
        parameters = parameters["full_attention"]
    out["rope_theta"] = parameters["rope_theta"]
    scaling = {key: value for key, value in parameters.items() if key != "rope_theta"}
    if scaling.get("rope_type", "default") != "default":
        scaling["type"] = scaling.pop("rope_type")
        out["rope_scaling"] = scaling
    out["torch_dtype"] = "float32"
    return out


def build(config_class, arguments):
    config = getattr(transformers, config_class)(**arguments)
    config._attn_implementation = "eager"
    auto = transformers.AutoModelForImageTextToText if config_class == "Gemma3Config" else transformers.AutoModelForCausalLM
    model = auto.from_config(config, attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(7)
    for name, weight in model.named_parameters():
        values = torch.randn(weight.shape, generator=generator)
        if weight.dim() > 1:
            values *= 0.7 if "embed_tokens" in name else 1.2 / weight.shape[-1] ** 0.5
        elif name.endswith(".bias"):
            values *= 0.5
        else:
            values = values * 0.2 + (0.0 if config_class.startswith("Gemma") else 1.0)
        weight.data.copy_(values)
    return model


@torch.no_grad()
def expected(model, follows_length):
    # Frequencies that follow the length are remembered between calls: every pass starts with a model of its own then.
    def fresh():
        return model if not follows_length else type(model).from_pretrained(model.folder, attn_implementation="eager").double().eval()

    generator = torch.Generator().manual_seed(11)
    ids = torch.randint(3, VOCAB, (max(LENGTHS),), generator=generator)
    out = {}
    for length in LENGTHS:
        out[f"seq{length}.ids"] = ids[:length].to(torch.int32)
        out[f"seq{length}.logits"] = fresh()(input_ids=ids[None, :length]).logits[0].float()
    if follows_length:
        if model.config.num_hidden_layers == 1:
            out["grown.logits"] = torch.stack([fresh()(input_ids=ids[None, :n + 1]).logits[0, -1].float() for n in range(len(ids))])
        return out
    for prefill in PREFILLS:
        step = model(input_ids=ids[None, :prefill], use_cache=True)
        out[f"dec{prefill}.prefill_logits_last"] = step.logits[0, -1:].float()
        rows = []
        for token in ids[prefill:]:
            step = model(input_ids=token[None, None], past_key_values=step.past_key_values, use_cache=True)
            rows.append(step.logits[0, -1].float())
        out[f"dec{prefill}.step_logits"] = torch.stack(rows)
    return out


def main():
    root = pathlib.Path(sys.argv[1])
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    for name, (config_class, arguments) in CASES.items():
        folder = root / name
        model = build(config_class, arguments)
        model.save_pretrained(folder)
        model = type(model).from_pretrained(folder, attn_implementation="eager").double().eval()
        model.folder = folder
        kind = name.split("-")[1]
        values = expected(model, kind in ("dynamic", "longrope"))
        save_file({key: value.contiguous() for key, value in values.items()}, folder / "expected.safetensors")
        if config_class == "Gemma3Config":
            continue
        old = root / (name + "-old")
        shutil.copytree(folder, old)
        config = json.loads((folder / "config.json").read_text())
        (old / "config.json").write_text(json.dumps(old_spelling(config), indent=1))


if __name__ == "__main__":
    main()
