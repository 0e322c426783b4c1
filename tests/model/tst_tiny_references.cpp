// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>

#include "core/base/error.h"
#include "core/supernet/supernet.h"
#include "model/reference_file.h"
#include "support/shared_data.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// Tiny checkpoints of ../shared/vectors/models: every sequence's logits within 5e-4, the README's tolerance for
/// float32.
class TinyReferencesTest : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void logits_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("expected");
        const std::filesystem::path root = sharedFolder() / "vectors/models";
        AIRFRAME_NEED(root);
        for (const auto& entry : std::filesystem::directory_iterator(root)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("llama"))
                QTest::newRow(name.c_str()) << QString::fromStdString(entry.path().string())
                                            << QString::fromStdString((entry.path() / "expected.safetensors").string());
        }
        for (const auto& entry : std::filesystem::directory_iterator(root / "gguf")) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("llama") && name.ends_with(".gguf"))
                QTest::newRow(name.c_str())
                    << QString::fromStdString(entry.path().string())
                    << QString::fromStdString(
                           (root / "gguf" / (entry.path().stem().string() + ".expected.safetensors")).string());
        }
    }

    void logits() {
        QFETCH(QString, model);
        QFETCH(QString, expected);
        const c10::InferenceMode inference;
        NoControl control;
        std::shared_ptr<const Model> loaded;
        try {
            loaded = Model::load(ModelFile::open(model.toStdString()), Compute{}, control);
        } catch (const Failure& failure) {
            QSKIP(("not read yet: " + failure.error().line()).c_str());
        }
        const Supernet net(loaded, {});
        const ReferenceFile reference(expected.toStdString());
        const Placement teacher(std::vector<std::string>(static_cast<std::size_t>(net.layers()), "attn"));
        int checked = 0;
        for (const int length : {1, 7, 60, 131}) {
            const std::string prefix = "seq" + std::to_string(length) + ".";
            if (!reference.has(prefix + "ids")) continue;
            ++checked;
            const at::Tensor ids = reference.get(prefix + "ids").to(at::kLong).unsqueeze(0);
            const at::Tensor logits = loaded->logits(net.forward(ids, teacher, nullptr)).squeeze(0);
            QVERIFY(distance(logits, reference.get(prefix + "logits")) < 5e-4);
            // The same through a cache, in pieces of 1, 2, 3, ... tokens.
            SequenceState state = net.emptyState(teacher, 1, 1);
            std::vector<at::Tensor> pieces;
            for (std::int64_t begin = 0, n = 1; begin < ids.size(1); begin += n++) {
                n = std::min(n, ids.size(1) - begin);
                pieces.push_back(net.forward(ids.narrow(1, begin, n), teacher, &state));
            }
            QVERIFY(distance(loaded->logits(at::cat(pieces, 1)).squeeze(0), reference.get(prefix + "logits")) < 5e-4);
        }
        QCOMPARE(checked, 3);
    }
};

QTEST_APPLESS_MAIN(TinyReferencesTest)
#include "tst_tiny_references.moc"
