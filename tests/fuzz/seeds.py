#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""seeds.py OUT: small inputs to begin with, OUT/TARGET/NAME. All made here; nothing is read but our own templates."""
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).parent
OUT = pathlib.Path(sys.argv[1])


def put(target, name, content):
    (OUT / target).mkdir(parents=True, exist_ok=True)
    (OUT / target / name).write_bytes(content.encode() if isinstance(content, str) else content)


def byte_letters():
    """GPT-2's alphabet: one printable character for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(others))]


# GGUF -----------------------------------------------------------------------------------------------------------------
def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(kind, content):
    forms = {"u8": (0, "<B"), "i8": (1, "<b"), "u16": (2, "<H"), "i16": (3, "<h"), "u32": (4, "<I"), "i32": (5, "<i"),
             "f32": (6, "<f"), "bool": (7, "<?"), "u64": (10, "<Q"), "i64": (11, "<q"), "f64": (12, "<d")}
    if kind == "str":
        return 8, text(content)
    if kind.startswith("["):
        inner = kind[1:-1]
        parts = [value(inner, each) for each in content]
        number = parts[0][0] if parts else 4
        return 9, struct.pack("<IQ", number, len(content)) + b"".join(part for _, part in parts)
    number, form = forms[kind]
    return number, struct.pack(form, content)


def gguf(pairs, tensors, version=3):
    """pairs: (key, kind, content); tensors: (name, shape innermost first, type number, bytes)."""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs))
    for key, kind, content in pairs:
        number, raw = value(kind, content)
        out += text(key) + struct.pack("<I", number) + raw
    data = b""
    for name, shape, number, raw in tensors:
        out += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        out += struct.pack("<IQ", number, len(data))
        data += raw + bytes(-len(raw) % 32)
    return out + bytes(-len(out) % 32) + data


def gguf_model(architecture, pre):
    letters = byte_letters() + ["ab", "<|im_start|>", "<|im_end|>"]
    hidden, heads, inner = 32, 2, 32
    pairs = [("general.architecture", "str", architecture), (f"{architecture}.block_count", "u32", 1),
             (f"{architecture}.context_length", "u32", 64), (f"{architecture}.embedding_length", "u32", hidden),
             (f"{architecture}.feed_forward_length", "u32", inner), (f"{architecture}.attention.head_count", "u32", heads),
             (f"{architecture}.attention.head_count_kv", "u32", 1), (f"{architecture}.rope.freq_base", "f32", 10000.0),
             (f"{architecture}.attention.layer_norm_rms_epsilon", "f32", 1e-5), ("tokenizer.ggml.model", "str", "gpt2"),
             ("tokenizer.ggml.pre", "str", pre), ("tokenizer.ggml.tokens", "[str]", letters),
             ("tokenizer.ggml.token_type", "[i32]", [1] * 257 + [3, 3]), ("tokenizer.ggml.merges", "[str]", ["a b"]),
             ("tokenizer.ggml.bos_token_id", "u32", 257), ("tokenizer.ggml.eos_token_id", "u32", 258),
             ("tokenizer.chat_template", "str", "{{ messages[0].content }}")]
    q8 = lambda rows, columns: b"".join(struct.pack("<e32b", 0.5, *range(32)) for _ in range(rows * columns // 32))
    f32 = lambda count: struct.pack(f"<{count}f", *([1.0] * count))
    tensors = [("token_embd.weight", (hidden, len(letters)), 8, q8(len(letters), hidden)), ("output_norm.weight", (hidden,), 0, f32(hidden)),
               ("blk.0.attn_norm.weight", (hidden,), 0, f32(hidden)), ("blk.0.ffn_norm.weight", (hidden,), 0, f32(hidden)),
               ("blk.0.attn_q.weight", (hidden, hidden), 8, q8(hidden, hidden)), ("blk.0.attn_k.weight", (hidden, 16), 8, q8(16, hidden)),
               ("blk.0.attn_v.weight", (hidden, 16), 8, q8(16, hidden)), ("blk.0.attn_output.weight", (hidden, hidden), 8, q8(hidden, hidden))]
    tensors += [(f"blk.0.ffn_{part}.weight", (inner, hidden), 8, q8(hidden, inner)) for part in ("gate", "up", "down")]
    if architecture == "qwen2":
        tensors += [(f"blk.0.attn_{part}.bias", (size,), 0, f32(size)) for part, size in (("q", hidden), ("k", 16), ("v", 16))]
    if architecture == "qwen3":
        tensors += [(f"blk.0.attn_{part}_norm.weight", (16,), 0, f32(16)) for part in "qk"]
    return gguf(pairs, tensors)


put("gguf", "llama", gguf_model("llama", "smollm"))
put("gguf", "qwen2", gguf_model("qwen2", "qwen2"))
put("gguf", "qwen3", gguf_model("qwen3", "qwen2"))
put("gguf", "every-kind", gguf(
    [(kind, kind, 1) for kind in ("u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "u64", "i64", "f64")] +
    [("str", "str", "é"), ("list", "[i16]", [1, -2]), ("texts", "[str]", ["a", ""]), ("none", "[u8]", [])],
    [("t", (4,), 0, bytes(16)), ("h", (2, 2), 1, bytes(8))]))
put("gguf", "old", gguf([], [], version=2))


# safetensors ----------------------------------------------------------------------------------------------------------
def safetensors(header, size):
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + bytes(size)


put("safetensors", "two", safetensors({"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
                                       "b.weight": {"dtype": "BF16", "shape": [3], "data_offsets": [16, 22]}}, 22))
put("safetensors", "scalar", safetensors({"s": {"dtype": "I64", "shape": [], "data_offsets": [0, 8]}}, 8))
put("safetensors", "empty", safetensors({}, 0))
put("safetensors", "none", safetensors({"z": {"dtype": "F16", "shape": [0, 5], "data_offsets": [0, 0]}}, 0))

# config.json ----------------------------------------------------------------------------------------------------------
base = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "vocab_size": 100, "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
        "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16"}
for name, more in {
    "llama": {"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
    "llama3-rope": {"model_type": "llama", "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0, "original_max_position_embeddings": 32}},
    "yarn": {"model_type": "qwen2", "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}},
    "linear": {"model_type": "llama", "rope_scaling": {"type": "linear", "factor": 2.0}, "eos_token_id": [2, 3]},
    "mistral": {"model_type": "mistral", "sliding_window": 16},
    "qwen2": {"model_type": "qwen2", "use_sliding_window": False, "sliding_window": 64, "max_window_layers": 2},
    "qwen3": {"model_type": "qwen3", "head_dim": 16, "attention_bias": False},
    "gemma3": {"model_type": "gemma3_text", "head_dim": 8, "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 8,
               "sliding_window": 16, "sliding_window_pattern": 2, "rope_local_base_freq": 10000.0,
               "layer_types": ["sliding_attention", "full_attention"]},
    "airframe": {"model_type": "airframe", "layer_types": ["attn", "jet"], "jet_norm_eps": 1e-5,
                 "block_dims": {"jet": {"heads": 4, "k": 8, "v": 8, "generator": 16}}},
    "jet": {"model_type": "jet_nemotron", "layer_types": "['jet', 'attn']",
            "efficient_attention_config": {"jet": {"expand_v": 2.0, "num_heads": 4, "head_dim": 8, "conv_size": 4, "mode": "chunk",
                                                   "dconv_generator_reduction": 8, "dconv_implementation": "triton", "norm_eps": "1e-5"},
                                           "swa": {"window_size": 16}}},
}.items():
    put("config", name, json.dumps({**base, **more}))

# tokenizers -----------------------------------------------------------------------------------------------------------
letters = byte_letters()
vocab = {letter: i for i, letter in enumerate(letters)} | {"ab": 256, "Ġa": 257}
level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
added = [{"id": 258, "content": "<|im_start|>", "single_word": False, "lstrip": False, "rstrip": True, "normalized": False, "special": True}]


def tokenizer(model, pre, normalizer=None, post=None, decoder=level):
    return json.dumps({"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer,
                       "pre_tokenizer": pre, "post_processor": post, "decoder": decoder, "model": model}, ensure_ascii=False)


def bpe(merges, **more):
    return {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocab, "merges": merges, **more}


split = {"type": "Split", "pattern": {"Regex": r"(?i:'s|'t)|\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"}, "behavior": "Isolated", "invert": False}
put("tokenizer", "smollm", tokenizer(bpe(["a b", "Ġ a"]), {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, level]}) +
    '\n@@ tokenizer_config.json\n{"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_start|>"}, "add_bos_token": true, "chat_template": "x"}')
put("tokenizer", "qwen2", tokenizer(bpe([["a", "b"]], ignore_merges=True), {"type": "Sequence", "pretokenizers": [split, {**level, "use_regex": False}]}, {"type": "NFC"}))
put("tokenizer", "gpt2", tokenizer(bpe(["a b"]), level, None, {"type": "TemplateProcessing", "single": [
    {"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
    "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [258], "tokens": ["<|im_start|>"]}}}))
pieces = [["<unk>", 0.0], ["<0x41>", 0.0], ["\u2581", -1.0], ["a", -2.5], ["\u2581a", -1.5]]
put("tokenizer", "unigram", tokenizer({"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": True},
                                      {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
                                      {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
                                      None, {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}))
put("tokenizer", "two-files", "@@ vocab.json\n" + json.dumps(vocab) + "\n@@ merges.txt\n#version: 0.2\na b\n\u0120 a\n"
    '@@ added_tokens.json\n{"<x>": 258}\n@@ special_tokens_map.json\n{"bos_token": "<x>"}\n@@ tokenizer_config.json\n{"tokenizer_class": "GPT2Tokenizer"}')


def field(number, content):
    if isinstance(content, bytes):
        return bytes([number << 3 | 2, len(content)]) + content
    if isinstance(content, float):
        return bytes([number << 3 | 5]) + struct.pack("<f", content)
    return bytes([number << 3, content])


model = b"".join(field(1, field(1, piece.encode()) + field(2, float(score)) + field(3, kind)) for piece, score, kind in
                 [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("<0x41>", 0, 6), ("\u2581", -1, 1), ("a", -2, 1), ("\u2581a", -3, 1)])
for name, kind in (("unigram.model", 1), ("bpe.model", 2)):
    put("tokenizer", name, b"@@ tokenizer.model\n" + model + field(2, field(3, kind)) + field(3, field(3, 1) + field(4, 0) + field(5, 1)))

# chat templates: our own of the tests, whole and by line --------------------------------------------------------------
for path in sorted((HERE.parent / "formats" / "chat_templates").glob("*.jinja")):
    put("chat_template", path.stem, path.read_bytes())
    if path.stem == "values":
        for i, line in enumerate(path.read_bytes().splitlines()):
            put("chat_template", f"values-{i:02}", line)

words = ["{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "for", "in", "endfor", "if", "elif", "else", "endif", "set", "endset", "macro",
         "endmacro", "call", "endcall", "filter", "endfilter", "with", "endwith", "raw", "endraw", "generation", "endgeneration", "break",
         "continue", "namespace(", "range(", "dict(", "raise_exception(", "strftime_now(", "loop.", "loop.cycle(", "caller()", "messages",
         "tools", "content", "role", "not", "and", "or", "is", "none", "true", "**", "//", "==", "~", "|", "[::-1]", "[1:]", "%s", "%5d"]
words += ["|" + name for name in "abs attr batch center default dictsort first float format indent int items join last length list lower map max "
          "min reject rejectattr replace reverse round safe select selectattr sort string sum title tojson trim unique upper wordcount".split()]
words += ["is " + name for name in "boolean callable defined divisibleby eq even filter float gt in integer iterable lower mapping ne none "
          "number odd sameas sequence string true undefined upper".split()]
words += ["." + name + "(" for name in "capitalize count endswith find format get index items join keys ljust lstrip partition replace rfind "
          "rsplit rstrip split splitlines startswith strip title values".split()]
put(".", "chat_template.dict", "".join('"' + "".join(f"\\x{b:02x}" if chr(b) in '"\\' else chr(b) for b in word.encode()) + '"\n' for word in words))

# studies --------------------------------------------------------------------------------------------------------------
architecture = {
    "schema_version": 1, "placement": "jet*2,attn", "full_attention_layers": [2],
    "layers": [{"layer": 0, "block": "jet"}, {"layer": 1, "block": "jet"}, {"layer": 2, "block": "attn"}],
    "block_dims": {"jet": {"heads": 9, "k": 64, "v": 64, "generator": 72}}, "parameters": 1000, "storage": "float32",
    "provenance": {"program": "airframe 1", "created": "2026-05-04T10:20:30Z", "base_sha256": "0" * 64},
    "scores": [{"task": "kv", "unit": "nats per token", "value": 1.5, "low": 1.25, "high": 2.0, "items": 64}],
    "check": {"max_logit_difference": 0.001, "tokens": 12}}
for i, line in enumerate(["a" + json.dumps(architecture), "pattn*4", "pjet*14,attn,jet*4,attn,jet*10", "pjet{heads=9,k=64,v=64}*14,swa",
                          's{"pin": [3], "forbid": [1], "width": 4, "budget": 6, "weights": {"kv": 2.0}, "add": ["attn*30"]}',
                          's{"unpin": [3], "unforbid": []}', 'r{"id": 7, "op": "run", "params": {"study": "x", "items": 64}}',
                          'r{"op": "pause", "target": 7}', 'r{"op": "steer", "target": 7, "steering": {"pin": [1]}}']):
    put("study", f"{i}", line)
