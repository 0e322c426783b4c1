// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/error.h"
#include "core/formats/gguf.h"
#include "core/formats/gguf_tokenizer.h"
#include "core/formats/gguf_tokenizer_writer.h"
#include "core/formats/gguf_writer.h"
#include "core/formats/sentencepiece_model.h"
#include "core/formats/tokenizer.h"
#include "support/temporary_folder.h"
#include "tiny_tokenizers.h"

using namespace airframe;
using namespace airframe::test;

/// Tokenizers written into a GGUF and read back: the same ids for every text, or refused because GGUF cannot say it.
class TestGgufTokenizer : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyKind_data();
    void everyKind();
    void scoresFromMerges();
    void mergesWithoutScores();
};

namespace {

TokenizerData thereAndBack(const TokenizerData& data, int vocab) {
    const TemporaryFolder folder;
    GgufKeys keys;
    writeGgufTokenizer(keys, data, vocab);
    const float one = 1;
    (void)writeGguf(folder / "t.gguf", keys, {{"t", storedType("F32"), {1}, [&] { return std::as_bytes(std::span(&one, 1)); }}}, nullptr);
    return ggufTokenizer(GgufFile(folder / "t.gguf"));
}

/// SentencePiece's BPE as tokenizer.model has it, a piece for each byte among it.
TokenizerData pieces() {
    const std::string mark = "\u2581";
    TokenizerData d;
    d.kind = TokenizerKind::piece_bpe;
    d.tokens = {"<unk>", "<s>", "</s>"};
    d.types = {2, 3, 3};
    for (int byte = 0; byte < 256; ++byte) {
        char text[8];
        std::snprintf(text, sizeof text, "<0x%02X>", static_cast<unsigned>(byte));
        d.tokens.emplace_back(text);
        d.types.push_back(6);
    }
    d.scores.assign(d.tokens.size(), 0);
    // Best first, so that their order is that of the scores, as SentencePiece trains them.
    for (const std::string& piece : {mark + "a", std::string("ab"), mark + "ab", std::string("aba"), mark, std::string("a"), std::string("b")}) {
        d.scores.push_back(-static_cast<double>(d.tokens.size() - 259));
        d.tokens.push_back(piece);
        d.types.push_back(1);
    }
    d.unk_id = 0;
    d.bos_id = 1;
    d.eos_id = 2;
    d.fuse_unk = d.byte_fallback = d.add_bos = true;
    d.normalizer = sentencePieceNormalizer(true);
    return d;
}

void sameIds(const TokenizerData& a, const TokenizerData& b) {
    const Tokenizer first(a, "first"), second(b, "second");
    for (const char* text : {"", "a", "ab", "abab aba", " abba  ab", "aabbaab\nab", "x\u00E9 ab", "ababababab"}) {
        QCOMPARE(second.encode(text), first.encode(text));
    }
}

}  // namespace

void TestGgufTokenizer::everyKind_data() {
    QTest::addColumn<int>("row");
    QTest::addColumn<QString>("refusal");
    const QString refusals[] = {"has rules (lstrip", "", "has rules (lstrip", "no name for this pre-tokenizer", "", "no field for its normaliser", "unigram"};
    const auto all = tinyTokenizers();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i) << (i < std::size(refusals) ? refusals[i] : "a new row");
}

void TestGgufTokenizer::everyKind() {
    QFETCH(int, row);
    QFETCH(QString, refusal);
    const TinyTokenizer tiny = tinyTokenizers()[static_cast<std::size_t>(row)];
    try {
        const Tokenizer back(thereAndBack(tiny.data, static_cast<int>(tiny.data.tokens.size()) + 2), tiny.name);
        QVERIFY2(refusal.isEmpty(), "was written");
        for (const auto& [text, ids] : tiny.encodings) QCOMPARE(back.encode(text), ids);
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::bad_input);
        QVERIFY2(!refusal.isEmpty() && QString(failure.what()).contains(refusal), failure.what());
    }
}

/// tokenizer.json has merges where tokenizer.model has scores; from either the GGUF gives the same ids.
void TestGgufTokenizer::scoresFromMerges() {
    const TokenizerData with_scores = pieces();
    const int vocab = static_cast<int>(with_scores.tokens.size());
    const TokenizerData back = thereAndBack(with_scores, vocab);
    QVERIFY(back.tokens == with_scores.tokens && back.types == with_scores.types && back.scores == with_scores.scores);
    QVERIFY(back.normalizer == with_scores.normalizer);
    sameIds(with_scores, back);
    TokenizerData with_merges = with_scores;
    const std::string mark = "\u2581";
    with_merges.scores.clear();
    with_merges.types.assign(with_merges.types.size(), 1);  // what tokenizer.json says: all are plain but two
    with_merges.types[1] = with_merges.types[2] = 3;
    with_merges.merges = {mark + " a", "a b", mark + "a b", mark + " ab", "ab a"};
    sameIds(with_scores, thereAndBack(with_merges, vocab));
    with_merges.normalizer = with_scores.normalizer;
    with_merges.normalizer.erase(with_merges.normalizer.begin());
    QVERIFY(thereAndBack(with_merges, vocab).normalizer == sentencePieceNormalizer(false));
}

void TestGgufTokenizer::mergesWithoutScores() {
    TokenizerData d = pieces();
    d.scores.clear();
    d.merges = {"a b"};  // the other pieces exist and are never made: no scores say that
    try {
        (void)thereAndBack(d, static_cast<int>(d.tokens.size()));
        QFAIL("was written");
    } catch (const Failure& failure) {
        QVERIFY2(QString(failure.what()).contains("do not follow from scores"), failure.what());
    }
}

QTEST_APPLESS_MAIN(TestGgufTokenizer)
#include "tst_gguf_tokenizer.moc"
