// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <ctime>
#include <fstream>
#include <set>

#include "core/formats/memory_need.h"
#include "core/formats/model_summary.h"
#include "core/formats/native_form.h"
#include "core/formats/tokenizer.h"
#include "formats/sparse_model.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

using namespace airframe;
using namespace airframe::test;

/// What a header tells: the layers, their sizes, and what running the model would take; in no time, whatever the size.
class TestModelSummary : public QObject {
    Q_OBJECT

    /// Pages of this process in memory, in bytes.
    static double resident() {
        std::ifstream in("/proc/self/statm");
        double all = 0, here = 0;
        in >> all >> here;
        return here * static_cast<double>(sysconf(_SC_PAGESIZE));
    }
    static constexpr double mib = 1 << 20;

  private Q_SLOTS:
    void namesOfLayers() {
        QCOMPARE(layerOfTensor("model.layers.0.mlp.up_proj.weight"), 0);
        QCOMPARE(layerOfTensor("model.layers.31.x"), 31);
        for (const char* name : {"model.embed_tokens.weight", "model.layers.", "model.layers.3", "model.layers.x.y", "model.layers.99999999999.x"})
            QCOMPARE(layerOfTensor(name), -1);
    }

    void countsEveryTensorOnce() {
        const TinyModel model(3, 32, 4, 2, 300, 1);
        const ModelSummary s = summarise(model);
        QCOMPARE(s.layers.size(), std::size_t{3});
        for (const LayerSummary& layer : s.layers) {
            QCOMPARE(layer.block, std::string("attn"));
            QCOMPARE(layer.count.tensors, 9);
            QCOMPARE(layer.count.parameters, std::int64_t{2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 3 * 64 * 32});
            QCOMPARE(layer.count.bytes, static_cast<std::uint64_t>(4 * layer.count.parameters));
            QCOMPARE(layer.typeNames(), std::string("F32"));
        }
        QCOMPARE(s.outside.count.tensors, 2);
        QCOMPARE(s.total.count.tensors, static_cast<int>(model.tensors().size()));
        QCOMPARE(s.total.count.parameters, model.parameters());
        QCOMPARE(s.total.count.bytes, model.bytes());
    }

    void demoModelsTypes() {
        const auto path = demoModel();
        AIRFRAME_NEED(path);
        const ModelSummary s = summarise(*ModelFile::open(path));
        QCOMPARE(s.layers.size(), std::size_t{30});
        QCOMPARE(s.total.types.at("Q4_1").tensors, 210);
        QCOMPARE(s.total.types.at("F32").tensors, 61);
        QCOMPARE(s.total.types.at("Q8_0").tensors, 1);
        QCOMPARE(s.layers[7].typeNames(), std::string("Q4_1, F32"));
        QCOMPARE(s.total.count.parameters, std::int64_t{134515008});
    }

    void nativeTypes_data() {
        QTest::addColumn<QStringList>("stored");
        QTest::addColumn<int>("columns");
        QTest::addColumn<QString>("held");
        QTest::newRow("as stored") << QStringList{"Q4_1", "Q4_1", "Q4_1"} << 64 << "Q4_1";
        QTest::newRow("not alike") << QStringList{"Q4_1", "Q8_0", "Q4_1"} << 64 << "Q8_16";
        QTest::newRow("alike in the end") << QStringList{"Q4_1", "Q4_K"} << 256 << "Q4_1";
        QTest::newRow("one not quantised") << QStringList{"Q4_K", "BF16"} << 256 << "BF16";
        QTest::newRow("width") << QStringList{"Q8_0"} << 48 << "BF16";
        QTest::newRow("floats") << QStringList{"F32"} << 64 << "BF16";
        QTest::newRow("half") << QStringList{"F16"} << 64 << "BF16";
        for (const auto& [stored, held] : {std::pair{"Q8_0", "Q8_0"}, {"Q4_0", "Q4_0"}, {"Q5_0", "Q8_0"}, {"IQ4_NL", "Q8_0"}, {"Q4_K", "Q4_1"},
                                           {"Q2_K", "Q4_16"}, {"Q3_K", "Q4_16"}, {"Q5_1", "Q8_16"}, {"Q5_K", "Q8_16"}, {"Q6_K", "Q8_16"}})
            QTest::newRow(stored) << QStringList{stored} << 256 << held;
        QTest::newRow("absent") << QStringList{""} << 64 << "BF16";
    }
    void nativeTypes() {
        QFETCH(QStringList, stored);
        QFETCH(int, columns);
        QFETCH(QString, held);
        std::vector<std::string> texts;
        for (const QString& type : stored) texts.push_back(type.toStdString());
        const std::vector<std::string_view> views(texts.begin(), texts.end());
        QCOMPARE(QString::fromStdString(std::string(nativeType(views, columns))), held);
    }

    /// By hand, for a model small enough to do so: D 32, F 64, 4 heads of 8, 2 key/value heads, vocabulary 300, tied.
    void weightsByHand() {
        const TinyModel model(2, 32, 4, 2, 300, 1);
        const double layer = 2 * 32 * 32 + 2 * 16 * 32 + 3 * 64 * 32, head = 300 * 32, norms = 5 * 32;
        const auto weights = [&](ComputeForm form, std::vector<std::string> blocks = {}) {
            return memoryNeed(model, {form, 10, 1, std::move(blocks)}).weights;
        };
        QCOMPARE(weights(ComputeForm::float32), 4 * (2 * layer + head + norms));
        QCOMPARE(weights(ComputeForm::bf16), 2 * (2 * layer + 2 * head) + 4 * norms);
        // Packed by units of 32 rows: a vocabulary of 320; q, k and v and others fill theirs up.
        const double packed = 2 * (32 * 32 + 2 * 32 * 32 + 32 * 32 + 3 * 64 * 32) + 320 * 32;
        const double attention = 2 * 32 * 32 + 2 * 16 * 32;  // held in bf16 for LibTorch too
        QCOMPARE(weights(ComputeForm::native), 2 * packed + 2 * 2 * attention + 4 * norms);
        // One layer's mixer replaced by a JetBlock of 4 heads, K = V = 8, generator 4.
        const double jet_matrices = 4 * 32 * 32 + 2 * 4 * 32 + 4 * 32 + 128 * 4 + 32 * 32, jet_vectors = 4 + 4 + 128 + 8;
        QCOMPARE(weights(ComputeForm::float32, {"attn", "jet"}) - weights(ComputeForm::float32), 4 * (jet_matrices + jet_vectors - attention));
        // A window changes no tensor; a block that nobody knows counts nothing.
        QCOMPARE(weights(ComputeForm::float32, {"attn", "swa"}), weights(ComputeForm::float32));
        QCOMPARE(weights(ComputeForm::float32) - weights(ComputeForm::float32, {"attn", "warp"}), 4 * attention);
    }

    void statesByHand() {
        const TinyModel model(3, 32, 4, 2, 300, 1);
        const auto need = [&](ComputeForm form, int context, int batch) {
            return memoryNeed(model, {form, context, batch, {"attn", "jet", "swa"}});
        };
        const double key_value = 2 * 2 * 8;
        const MemoryNeed wide = need(ComputeForm::float32, 5000, 3);
        QCOMPARE(wide.state.size(), std::size_t{3});
        QCOMPARE(wide.state[0], 3 * 5000 * key_value * 4);
        QCOMPARE(wide.state[1], 3 * (4 * 8 * 8 + 4 * 32) * 4.0);
        QCOMPARE(wide.state[2], 3 * 16 * key_value * 4);  // a window of 4 * 8 / 2
        QCOMPARE(wide.states, wide.state[0] + wide.state[1] + wide.state[2]);
        const MemoryNeed half = need(ComputeForm::bf16, 100, 1);
        QCOMPARE(half.state[0], 100 * key_value * 2);
        QCOMPARE(half.state[1], 4 * 8 * 8 * 4 + 4 * 32 * 2.0);
        QCOMPARE(half.state[2], 16 * key_value * 2);
        QCOMPARE(need(ComputeForm::native, 100, 1).state[1], (4 * 8 * 8 + 4 * 32) * 4.0);
        QCOMPARE(need(ComputeForm::native, 100, 1).state[0], 100 * key_value * 2);
        // Activations stop growing with the context where prompts are read by chunks.
        QCOMPARE(wide.activations, need(ComputeForm::float32, 512, 3).activations);
        QVERIFY(wide.activations > need(ComputeForm::float32, 100, 3).activations);
        QCOMPARE(wide.total(), wide.weights + wide.states + wide.activations);
    }

    /// What nobody has the memory for is still a number, not an overflow.
    void enormousAsksGiveNumbers() {
        const TinyModel model(2, 32, 4, 2, 300, 1);
        const MemoryNeed need = memoryNeed(model, {ComputeForm::float32, 1 << 30, 1 << 30});
        QVERIFY(std::isfinite(need.total()) && need.states > 1e18);
    }

    void tenGigabytes_data() {
        QTest::addColumn<bool>("gguf");
        QTest::newRow("safetensors") << false;
        QTest::newRow("GGUF with 128,256 tokens") << true;
    }
    void tenGigabytes() {
        QFETCH(bool, gguf);
        const TemporaryFolder folder;
        const ModelConfig shape = largeLlama();
        const auto path = gguf ? folder / "large.gguf" : folder / "large";
        const std::uint64_t bytes = gguf ? writeSparseGguf(path, shape) : writeSparseFolder(path, shape);
        QVERIFY2(bytes > 10e9, qPrintable(QString::number(bytes)));
        const double before = resident();
        // Processor time, which is what passes on a machine that does nothing else: no byte of it waits for a disk.
        double fastest = 1e9;
        for (int i = 0; i < 5; ++i) {
            const std::clock_t start = std::clock();
            const auto file = ModelFile::open(path);
            const ModelSummary s = summarise(*file);
            double total = 0;
            for (const ComputeForm form : compute_forms) total += memoryNeed(*file, {form, 32768, 4}).total();
            fastest = std::min(fastest, 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
            QCOMPARE(s.layers.size(), static_cast<std::size_t>(shape.layers));
            QCOMPARE(s.total.count.parameters, file->parameters());
            QVERIFY(total > 5e10);
            // The last byte of a hole is never looked at.
            QVERIFY2(resident() - before < (gguf ? 128 : 24) * mib, qPrintable(QString::number((resident() - before) / mib)));
        }
        qInfo() << bytes / 1e9 << "GB in" << fastest << "ms," << (resident() - before) / mib << "MiB resident";
        QVERIFY2(fastest < 200, qPrintable(QString("%1 ms").arg(fastest)));
    }
};

QTEST_APPLESS_MAIN(TestModelSummary)
#include "tst_model_summary.moc"
