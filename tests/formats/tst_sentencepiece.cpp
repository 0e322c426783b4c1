// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>
#include <bit>
#include <fstream>

#include "core/base/error.h"
#include "core/formats/sentencepiece_model.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"
#include "support/failure.h"

using namespace airframe;
namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

namespace {

// A writer of the wire format, small enough to be obviously right.
std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
}
std::string number(unsigned field, std::int64_t value) { return varint(field << 3) + varint(static_cast<std::uint64_t>(value)); }
std::string bytes(unsigned field, const std::string& value) { return varint(field << 3 | 2) + varint(value.size()) + value; }
std::string real(unsigned field, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    std::string out = varint(field << 3 | 5);
    for (int i = 0; i < 4; ++i) out += static_cast<char>(bits >> 8 * i);
    return out;
}
std::string piece(const std::string& text, float score, int type = 1) {
    return bytes(1, bytes(1, text) + real(2, score) + (type == 1 ? "" : number(3, type)));
}

const std::string pieces = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) + piece("<0x0A>", 0, 6) + piece("\u2581", -1) +
                           piece("a", -2) + piece("b", -3) + piece("ab", -4) + piece("\u2581a", -5);
const std::string trainer = number(3, 2) + number(35, 1);
const std::string normalizer = bytes(1, "identity") + number(3, 1) + number(4, 0) + number(5, 1);
std::string model(const std::string& all_pieces, const std::string& trainer_spec, const std::string& normalizer_spec) {
    return all_pieces + bytes(2, trainer_spec) + bytes(3, normalizer_spec);
}

}  // namespace

class TestSentencePiece : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void encodes();
    void defectsAreRefused();
    void cutAnywhere();

  private:
    fs::path write(const std::string& content) const {
        const fs::path path = fs::path(m_dir.path().toStdString()) / "tokenizer.model";
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    QTemporaryDir m_dir;
};

void TestSentencePiece::encodes() {
    const fs::path path = write(model(pieces, trainer, normalizer));
    const Tokenizer tokenizer(readTokenizerFolder(path.parent_path(), 9).value(), "test");
    // "ab" has the better score than "_a"; BOS first; the newline is a byte; what has no bytes is unknown.
    QCOMPARE(tokenizer.encode("ab a"), (Ids{1, 4, 7, 8}));
    QCOMPARE(tokenizer.encode("\n<s>b\u00E9"), (Ids{1, 4, 3, 1, 4, 6, 0}));
    QCOMPARE(tokenizer.decode(Ids{8, 7, 3}), std::string(" aab\n"));
    QCOMPARE(tokenizer.id(" a"), 8);
    QCOMPARE(tokenizer.id("\n"), 3);
    const auto no_prefix = readSentencePieceModel(write(model(pieces, trainer, number(3, 0) + number(4, 0))), 9);
    QCOMPARE(Tokenizer(no_prefix, "test").encode("ab a"), (Ids{1, 7, 8}));
}

void TestSentencePiece::defectsAreRefused() {
    struct Case {
        std::string content;
        const char* named;
    };
    const Case cases[] = {
        {model(pieces, trainer, normalizer + bytes(2, "map")), "precompiled_charsmap"},
        {model(pieces, trainer, number(3, 1)), "remove_extra_whitespaces"},  // true unless the file says otherwise
        {model(pieces, trainer, normalizer + number(5, 0)), "escape_whitespaces"},
        {model(pieces, trainer + number(24, 1), normalizer), "treat_whitespace_as_suffix"},
        {model(pieces, number(3, 3), normalizer), "model_type"},
        {model(pieces, trainer + number(40, 9), normalizer), "unk_id"},
        {model(pieces, trainer + number(41, 1 << 30), normalizer), "bos_id"},
        {model(pieces, trainer + number(42, std::int64_t{1} << 40), normalizer), "field 42"},
        {model(pieces, trainer + number(35, 2), normalizer), "field 35"},
        {model("", trainer, normalizer), "pieces"},
        {model(pieces + piece("x", -6), trainer, normalizer), "pieces"},  // more than the model's rows
        {model(pieces.substr(0, pieces.size() - 13) + piece("", -6), trainer, normalizer), "piece"},
        {piece("a", -1, 7) + model("", trainer, normalizer), "piece 0"},
        {piece("\xff", -1) + model("", trainer, normalizer), "field 1"},
        {bytes(1, number(1, 5)) + model("", trainer, normalizer), "field 1"},
        {bytes(1, bytes(1, "a") + number(2, 5)) + model("", trainer, normalizer), "field 2"},
        {number(1, 5), "field 1"},
        {varint(1 << 3 | 2) + varint(~std::uint64_t{0}), "byte"},
        {varint(1 << 3 | 3), "wire type"},
        {varint(0 << 3 | 2) + varint(0), "number 0"},
        {std::string(11, '\xff'), "longer than 64 bits"},
        {std::string("{\"version\": 1}"), "tokenizer.model"},
    };
    for (const Case& c : cases) {
        const fs::path path = write(c.content);
        const auto error = test::errorOf([&] { (void)readSentencePieceModel(path, 9); });
        QVERIFY2(error.has_value(), c.named);
        QCOMPARE(error->code, ErrorCode::bad_input);
        QVERIFY2(error->line().find(c.named) != std::string::npos, error->line().c_str());
        QVERIFY2(error->line().find("tokenizer.model") != std::string::npos, error->line().c_str());
    }
    const auto error = test::errorOf([&] { Tokenizer(readSentencePieceModel(write(piece("a", std::nanf("")) + model("", trainer + number(40, 0) + number(41, -1) + number(42, -1), normalizer)), 9), "test"); });
    QVERIFY(error && error->line().find("score") != std::string::npos);
}

void TestSentencePiece::cutAnywhere() {
    // A cut between two fields leaves a sound message, every other one is refused; nothing is read beyond the end.
    const std::string whole = model(pieces, trainer, normalizer);
    int refused = 0;
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const fs::path path = write(whole.substr(0, size));
        const auto error = test::errorOf([&] { (void)readSentencePieceModel(path, 9); });
        QVERIFY(error && error->code == ErrorCode::bad_input);  // without the normaliser's settings white space would be removed
        ++refused;
    }
    QCOMPARE(refused, static_cast<int>(whole.size()) - 1);
}

QTEST_APPLESS_MAIN(TestSentencePiece)
#include "tst_sentencepiece.moc"
