// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cstring>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/gguf_config.h"
#include "core/formats/gguf_names.h"
#include "core/formats/gguf_parts.h"
#include "core/formats/gguf_rope.h"
#include "core/formats/gguf_tokenizer_writer.h"
#include "core/formats/gguf_writer.h"
#include "core/formats/model_file.h"
#include "gguf_sample.h"
#include "support/temporary_folder.h"

using namespace airframe;
using namespace airframe::test;
namespace fs = std::filesystem;

/// Models split into several files: opened by any of them, refused when a part is missing, strange or elsewhere.
class TestGgufParts : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void anyPartOpensAll_data();
    void anyPartOpensAll();
    void relativePath();
    void hubCache();
    void refusals_data();
    void refusals();
};

namespace {

/// What is written into the parts; a test changes one thing.
struct Split {
    ModelConfig config = sampleConfig("qwen3");
    int count = 3;
    int tensors_more = 0;                ///< added to split.tensors.count of part 2
    int count_more = 0, number_more = 0; ///< added to split.count and split.no of part 2
    bool twice = false;                  ///< part 3 repeats a tensor of part 2
    bool lost = false;                   ///< part 3 lacks its last tensor

    Split() { config.qk_norm = true; }

    static fs::path name(const fs::path& folder, int part, int count) {
        char text[40];
        std::snprintf(text, sizeof text, "m-%05d-of-%05d.gguf", part, count);
        return folder / text;
    }

    /// Part 1 holds metadata only, as gguf-split can write it; the others share the tensors.
    void write(const fs::path& folder, const SampleWeights& weights) const {
        const GgufArchitecture& architecture = *ggufArchitecture("qwen3");
        const auto all = static_cast<int>(weights.sources.size());
        for (int part = 1; part <= count; ++part) {
            GgufKeys keys;
            if (part == 1) {
                keys.addText("general.architecture", "qwen3");
                writeGgufConfig(keys, architecture, config);
                (void)writeGgufRope(keys, architecture, config);
                writeGgufTokenizer(keys, sampleTokenizer(), config.vocab);
            }
            keys.addU16("split.no", static_cast<std::uint16_t>(part - 1 + (part == 2 ? number_more : 0)));
            keys.addU16("split.count", static_cast<std::uint16_t>(count + (part == 2 ? count_more : 0)));
            keys.addI32("split.tensors.count", all + (part == 2 ? tensors_more : 0));
            std::vector<GgufTensorBytes> tensors;
            for (int t = 0; t < all; ++t) {
                const bool second = t < all / 2;
                const bool here = part == (second ? 2 : 3) || (twice && part == 3 && t == 0);
                if (!here || (lost && t == all - 1)) continue;
                const GgufTensorSource& source = weights.sources[static_cast<std::size_t>(t)];
                const std::vector<float>& values = weights.values[static_cast<std::size_t>(t)];
                tensors.push_back({hfToGgufName(source.hf_name, false), storedType("F32"), source.shape, [&values] { return std::as_bytes(std::span(values)); }});
            }
            (void)writeGguf(name(folder, part, count), keys, tensors, nullptr);
        }
    }
};

}  // namespace

void TestGgufParts::anyPartOpensAll_data() {
    QTest::addColumn<int>("part");
    for (int part = 1; part <= 3; ++part) QTest::addRow("part %d", part) << part;
}

void TestGgufParts::anyPartOpensAll() {
    QFETCH(int, part);
    const Split split;
    const TemporaryFolder folder;
    const SampleWeights weights(split.config);
    split.write(folder.path(), weights);
    const auto file = ModelFile::open(Split::name(folder.path(), part, 3));
    QCOMPARE(file->path(), Split::name(folder.path(), 1, 3));  // the same model, whichever part was named
    QCOMPARE(file->tensors().size(), weights.sources.size());
    for (std::size_t t = 0; t < weights.sources.size(); ++t) {
        std::vector<float> back(weights.values[t].size());
        file->readFloat(weights.sources[t].hf_name, back.data());
        QVERIFY(back == weights.values[t]);
    }
    std::string hashes;
    std::uint64_t bytes = 0;
    for (int i = 1; i <= 3; ++i) {
        hashes += sha256File(Split::name(folder.path(), i, 3));
        bytes += fs::file_size(Split::name(folder.path(), i, 3));
    }
    QCOMPARE(file->hash(), sha256(std::string_view(hashes)));
    QCOMPARE(file->bytes(), bytes);
}

void TestGgufParts::relativePath() {
    const Split split;
    const TemporaryFolder folder;
    split.write(folder.path(), SampleWeights(split.config));
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    std::size_t parts = 0;
    try {
        parts = GgufParts("m-00002-of-00003.gguf").files().size();
    } catch (const Failure& failure) {
        qWarning("%s", failure.what());
    }
    fs::current_path(before);
    QCOMPARE(parts, std::size_t{3});
}

/// The hub keeps a model's files as links into "blobs".
void TestGgufParts::hubCache() {
    const Split split;
    const TemporaryFolder folder;
    split.write(folder / "blobs", SampleWeights(split.config));
    fs::create_directories(folder / "snapshots/1234");
    for (int part = 1; part <= 3; ++part) {
        const fs::path name = Split::name("", part, 3);
        fs::create_symlink(fs::path("../../blobs") / name, folder.path() / "snapshots/1234" / name);
    }
    QCOMPARE(GgufParts(Split::name(folder / "snapshots/1234", 1, 3)).files().size(), std::size_t{3});
}

void TestGgufParts::refusals_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("message");
    int kind = 0;
    for (const char* message : {"00003-of-00003.gguf: the part is missing", "outside the model's folder", "are not those of part 2", "are not those of part 2",
                                "are not those of part 2", "is in another part too", "the parts hold", "must end in -00001-of-00003.gguf",
                                "the part is missing", "is beyond the 2 parts", "00002-of-00003.gguf: the file is empty"}) {
        QTest::addRow("%d", kind) << kind << QString(message);
        ++kind;
    }
}

void TestGgufParts::refusals() {
    QFETCH(int, kind);
    QFETCH(QString, message);
    Split split;
    const TemporaryFolder folder, outside;
    const SampleWeights weights(split.config);
    if (kind == 2) split.tensors_more = 1;
    if (kind == 3) split.count_more = 1;
    if (kind == 4) split.number_more = 1;
    if (kind == 5) split.twice = true;
    if (kind == 6) split.lost = true;
    split.write(folder.path(), weights);
    fs::path first = Split::name(folder.path(), 1, 3);
    const fs::path second = Split::name(folder.path(), 2, 3), third = Split::name(folder.path(), 3, 3);
    if (kind == 0) fs::remove(third);
    if (kind == 1) {
        fs::rename(third, outside / "elsewhere.gguf");
        fs::create_symlink(outside / "elsewhere.gguf", third);
    }
    if (kind == 7) {
        fs::rename(first, folder / "renamed.gguf");
        first = folder / "renamed.gguf";
    }
    if (kind == 8) {
        fs::remove(third);
        fs::create_symlink(folder / "nowhere.gguf", third);
    }
    if (kind == 9) {
        GgufKeys keys;
        keys.addU16("split.no", 2);
        keys.addU16("split.count", 2);
        keys.addI32("split.tensors.count", 1);
        (void)writeGguf(first, keys, {}, nullptr);
    }
    if (kind == 10) fs::resize_file(second, 0);
    try {
        (void)ModelFile::open(first);
        QFAIL("was opened");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::bad_input);
        QVERIFY2(QString(failure.what()).contains(message), failure.what());
    }
}

QTEST_APPLESS_MAIN(TestGgufParts)
#include "tst_gguf_parts.moc"
