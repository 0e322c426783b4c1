# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference tokenizations by the packages `tokenizers` and `sentencepiece`, for tst_tokenizer_peers.

tokenizer_peer.py make OUT SEED COUNT   writes OUT/strings.json (COUNT generated texts) and one folder per configuration:
                                        a tokenizer trained on generated text, and ids.json with its tokens for every text.
                                        OUT/smollm2/tokenizer.json, if it is there, is taken as one more configuration.
tokenizer_peer.py time TOKENIZER TEXT   prints {"encode": s, "batch": s, "load": s}: seconds of one thread for the whole text.
"""
import json
import os
import random
import sys
import time
import unicodedata

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tokenizers as hf  # noqa: E402
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

GPT4O = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
# What llama.cpp does with a GGUF file that names no pre-tokenizer.
DEFAULT = [
    r"[\p{P}\$\+<=>\^~\|]+",
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)",
    r"\p{N}+",
    r"[0-9][0-9][0-9]",
]
MARK = "\u2581"


def is_known(character, forms):
    """Whether the package's tables, which are of an older Unicode than its expressions', have this character's normal forms and
    its order among combining marks."""
    if any(form.normalize_str(character) != unicodedata.normalize(name, character) for name, form in forms.items()):
        return False
    mark = unicodedata.combining(character)
    if not mark:
        return True
    # U+0345 has the highest class of all, U+0334 the lowest.
    return all(forms["NFC"].normalize_str(text) == unicodedata.normalize("NFC", text)
               for text in ("x\u0345" + character, "x" + character + "\u0334"))


def character_pools():
    """Characters by category, without those not assigned, surrogates, private use, and those that the package knows not yet."""
    forms = {"NFC": normalizers.NFC(), "NFD": normalizers.NFD(), "NFKC": normalizers.NFKC(), "NFKD": normalizers.NFKD()}
    pools = {}
    for code in range(0x110000):
        category = unicodedata.category(chr(code))
        if category not in ("Cn", "Cs", "Co") and is_known(chr(code), forms):
            pools.setdefault(category, []).append(chr(code))
    return pools


POOLS = character_pools() if sys.argv[1] == "make" else {}


class Texts:
    """Seeded texts that go where tokenizers differ: classes of characters, white space, digits, marks, code, added tokens."""

    SPACES = [chr(c) for c in (9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x1680, 0x2000, 0x2003, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)]
    NEAR_SPACES = [chr(c) for c in (0x1C, 0x1F, 0x180E, 0x200B, 0x200D, 0x2060, 0xFEFF, 0x2581, 0)]
    WORDS = """the of and to a in that it is was I for on you he be with as by at have are this not but had his they from
        she which or we an there were one do been their has would what will all if can said who so time some into could model
        layer attention token kernel linear matrix straße naïve café Ärger élève señor привет мир данные система Ελλάδα λόγος
        日本語 漢字 中文 文章 한국어 단어 안녕 مرحبا عالم שלום हिन्दी नमस्ते ไทย tiếng Việt İstanbul ǅungla ﬁne Åse""".split()
    CODE = ["for (int i = 0; i < n; ++i) {\n\treturn x[i];\n}\n", "def f(x):\n    return x ** 2  # sq\n", "<div class=\"a\">&nbsp;</div>",
            "SELECT * FROM t WHERE a='b';", "https://example.org/a?b=c&d=1#e", "\\begin{x}\\alpha_{1}^{2}\\end{x}", "{\"k\": [1, 2.5e-3, null]}",
            "a->b::c<T>&& d", "#!/bin/sh\r\nset -e\r\n", "== != <= >= << >> || && ++ -- // /* */"]
    CONTRACTIONS = ["'s", "'S", "'t", "'re", "'RE", "'Re", "'ve", "'m", "'ll", "'LL", "'lL", "'d", "'\u017f", "'\u212a", "\u2019s", "''s", "'x", "'", "'l", "'r"]
    EMOJI = ["😀", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤️", "1️⃣", "✈"]
    DIGITS = ["0", "7", "42", "123", "1234", "1234567", "3.14", "1,000", "-5", "٣٤", "१२", "²³", "½", "Ⅷ", "①", "〇", "三", "𝟘𝟙"]
    ADDED = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<left>", "<right>", "<both>", "<word>", "<né>",
             "<|im_", "<s>", "</s>", "<unk>", "<0x41>"]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pools = POOLS
        self.categories = sorted(self.pools)
        marks = self.pools["Mn"]
        self.composing = [m for m in marks if unicodedata.combining(m)]
        self.hangul = [chr(c) for c in list(range(0x1100, 0x1113)) + list(range(0x1161, 0x1176)) + list(range(0x11A8, 0x11C3))]

    def part(self):
        r = self.random
        kind = r.randrange(14)
        if kind <= 2:
            return " ".join(r.choice(self.WORDS) for _ in range(r.randint(1, 5)))
        if kind == 3:
            return "".join(r.choice(self.SPACES if r.random() < 0.6 else [" ", "\n"]) for _ in range(r.randint(1, 6)))
        if kind == 4:
            return r.choice([" ", "\n", "\t", "\r\n", "  \n"]) * r.randint(1, 20)
        if kind == 5:
            return r.choice(self.DIGITS) + (r.choice(self.DIGITS) if r.random() < 0.5 else "")
        if kind == 6:
            return r.choice(["a", "e", "o", "A", "n", "и", "क", "あ", " "]) + "".join(r.choice(self.composing) for _ in range(r.randint(1, 4)))
        if kind == 7:
            return r.choice(self.EMOJI) * r.randint(1, 3)
        if kind == 8:
            return r.choice(self.CODE)
        if kind == 9:
            return r.choice(self.WORDS) + r.choice(self.CONTRACTIONS) + (r.choice(self.WORDS) if r.random() < 0.3 else "")
        if kind == 10:
            category = r.choice(self.categories)
            return "".join(r.choice(self.pools[category]) for _ in range(r.randint(1, 6)))
        if kind == 11:
            return "".join(r.choice(self.pools[r.choice(self.categories)]) for _ in range(r.randint(1, 8)))
        if kind == 12:
            return r.choice(["", " ", "  ", "x"]) + r.choice(self.ADDED) + r.choice(["", " ", "\n", "x"])
        if r.random() < 0.5:
            return "".join(r.choice(self.hangul) for _ in range(r.randint(1, 5)))
        return r.choice(self.NEAR_SPACES) + r.choice(self.WORDS) + r.choice(self.NEAR_SPACES)

    def text(self):
        between = self.random.choice(["", " ", ""])
        return between.join(self.part() for _ in range(self.random.randint(1, 8)))

    def prose(self):
        return " ".join(self.random.choice(self.WORDS) for _ in range(30)) + self.random.choice([".\n", "!\n\n", "; "])


def corpus(seed):
    texts = Texts(seed)
    for i in range(6000):
        yield texts.prose() if i % 2 else texts.text()


def split(pattern, behavior="isolated"):
    return pre_tokenizers.Split(hf.Regex(pattern), behavior)


def bytes_after(*steps):
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_bpe(pre, normalizer=None, vocab=1500):
    tokenizer = hf.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocab, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(corpus(1), trainer)
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([hf.AddedToken("<tool_call>", normalized=False), hf.AddedToken("</tool_call>", normalized=False)])
    return tokenizer


def with_rules(tokenizer):
    tokenizer.add_tokens([hf.AddedToken("<left>", lstrip=True, normalized=False), hf.AddedToken("<right>", rstrip=True, normalized=False),
                          hf.AddedToken("<both>", lstrip=True, rstrip=True, normalized=False), hf.AddedToken("<word>", single_word=True, normalized=False),
                          hf.AddedToken("<n\u00e9>", normalized=True)])
    return tokenizer


def llama3():
    tokenizer = byte_bpe(bytes_after(split(LLAMA3)))
    text = json.loads(tokenizer.to_str())
    text["model"]["ignore_merges"] = True
    # Tokens that no merge makes: only whole pieces become them.
    for word in ["attention", "Ġkernel", "matrix"]:
        text["model"]["vocab"].setdefault(word, max([*text["model"]["vocab"].values(), *[t["id"] for t in text["added_tokens"]]]) + 1)
    tokenizer = hf.Tokenizer.from_str(json.dumps(text))
    start = tokenizer.token_to_id("<|endoftext|>")
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
        single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|> $B", special_tokens=[("<|endoftext|>", start)])])
    return tokenizer


def pieces(fallback, normalizer, pre):
    """As in Llama 2: merges over characters."""
    tokenizer = hf.Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=fallback))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>", "<s>", "</s>"] + (["<0x%02X>" % b for b in range(256)] if fallback else [])
    trainer = trainers.BpeTrainer(vocab_size=2000, limit_alphabet=300, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(corpus(2), trainer)
    text = json.loads(tokenizer.to_str())
    text["added_tokens"] = text["added_tokens"][:3]
    tokenizer = hf.Tokenizer.from_str(json.dumps(text))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre
    tokenizer.decoder = decoders.Sequence([decoders.Replace(MARK, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def unigram():
    tokenizer = hf.Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=1500, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False)
    texts = Texts(3)  # every character of the training text becomes a token, so only those of WORDS
    tokenizer.train_from_iterator((texts.prose() for _ in range(3000)), trainer)
    return tokenizer


def tokenizers_by_name():
    prefix = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    return {
        "smollm": lambda: byte_bpe(pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)])),
        "gpt2": lambda: with_rules(byte_bpe(pre_tokenizers.ByteLevel(add_prefix_space=False))),
        "gpt2-prefix": lambda: byte_bpe(pre_tokenizers.ByteLevel(add_prefix_space=True)),
        "qwen2": lambda: with_rules(byte_bpe(bytes_after(split(QWEN2)), normalizers.NFC())),
        "llama3": llama3,
        "default": lambda: byte_bpe(bytes_after(*[split(p) for p in DEFAULT])),
        "gpt4o": lambda: byte_bpe(bytes_after(split(GPT4O))),
        "behaviors": lambda: byte_bpe(bytes_after(split(r"\p{Lu}", "merged_with_next"), split(r"[.,;]", "merged_with_previous"),
                                                  split(r"\s{2,}", "removed"), split(r"\p{P}", "contiguous"), pre_tokenizers.Digits(False)),
                                      normalizers.NFD()),
        "llama2": lambda: pieces(True, prefix, None),
        "pieces-unknown": lambda: pieces(False, prefix, None),
        "pieces-metaspace": lambda: pieces(True, normalizers.NFKC(), pre_tokenizers.Metaspace(prepend_scheme="first", split=False)),
        "unigram": unigram,
    }


def sentencepiece_models(out):
    import sentencepiece as sp
    path = os.path.join(out, "corpus.txt")
    with open(path, "w", encoding="utf-8") as file:
        for text in corpus(4):
            file.write(text.replace("\n", " ").replace("\r", " ").replace("\0", "") + "\n")
    for name, kind, prefix, fallback in [("sp-bpe", "bpe", True, True), ("sp-bpe-unknown", "bpe", False, False),
                                         ("sp-unigram", "unigram", True, True), ("sp-unigram-unknown", "unigram", False, False)]:
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        sp.SentencePieceTrainer.train(input=path, model_prefix=os.path.join(folder, "tokenizer"), model_type=kind, vocab_size=1500,
                                      character_coverage=0.98, hard_vocab_limit=False, normalization_rule_name="identity", remove_extra_whitespaces=False,
                                      add_dummy_prefix=prefix, byte_fallback=fallback, max_sentence_length=100000, minloglevel=2)
        yield name, folder, sp.SentencePieceProcessor(model_file=os.path.join(folder, "tokenizer.model"))


def write_gguf(folder, model):
    """The same vocabulary as GGUF's `llama`."""
    import gguf
    import numpy
    writer = gguf.GGUFWriter(os.path.join(folder, "tokenizer.gguf"), "llama")
    count = model.get_piece_size()
    kinds = [2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i) else 1 for i in range(count)]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([model.id_to_piece(i) for i in range(count)])
    writer.add_token_scores([model.get_score(i) for i in range(count)])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_tensor("token_embd.weight", numpy.zeros((count, 1), dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make(out, seed, count):
    texts = Texts(seed)
    strings = [texts.text() for _ in range(count)]
    with open(os.path.join(out, "strings.json"), "w") as file:
        json.dump({"strings": strings}, file)

    def write(folder, content):
        with open(os.path.join(folder, "ids.json"), "w") as file:
            json.dump(content, file)

    def with_package(folder, tokenizer):
        ids = [e.ids for e in tokenizer.encode_batch(strings)]
        tokenizer.encode_special_tokens = True
        content = {"ids": ids}
        # The package's unigram model knows its special tokens, and makes them of plain text as well; ours are only ever asked for.
        if not isinstance(tokenizer.model, models.Unigram):
            content["plain"] = [e.ids for e in tokenizer.encode_batch(strings)]
        write(folder, content)

    smollm2 = os.path.join(out, "smollm2")
    if os.path.exists(smollm2):
        with_package(smollm2, hf.Tokenizer.from_file(os.path.join(smollm2, "tokenizer.json")))
    for name, build in tokenizers_by_name().items():
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        build().save(os.path.join(folder, "tokenizer.json"))
        with_package(folder, hf.Tokenizer.from_file(os.path.join(folder, "tokenizer.json")))
    for name, folder, model in sentencepiece_models(out):
        write(folder, {"plain": [[model.bos_id()] + model.encode(s) for s in strings]})
        if name == "sp-bpe":
            write_gguf(folder, model)


def timed(path, text_path):
    def best(action, times):
        seconds = []
        for _ in range(times):
            start = time.perf_counter()
            action()
            seconds.append(time.perf_counter() - start)
        return min(seconds)

    with open(text_path, encoding="utf-8", newline="") as file:
        text = file.read()
    load = best(lambda: hf.Tokenizer.from_file(path), 3)
    tokenizer = hf.Tokenizer.from_file(path)
    lines = text.splitlines(keepends=True)
    whole = best(lambda: tokenizer.encode(text, add_special_tokens=False), 1)
    batch = best(lambda: tokenizer.encode_batch_fast(lines, add_special_tokens=False), 2)
    print(json.dumps({"encode": whole, "batch": batch, "load": load, "version": hf.__version__}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        timed(sys.argv[2], sys.argv[3])
