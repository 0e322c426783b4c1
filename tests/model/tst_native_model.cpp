// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "core/base/error.h"
#include "core/eval/native_scorer.h"
#include "core/eval/text_loss.h"
#include "core/formats/model_file.h"
#include "core/model/decoder.h"
#include "core/model/generator.h"
#include "core/model/native_model.h"
#include "eval/tiny_supernet.h"
#include "model/apart.h"
#include "support/shared_data.h"
#endif

using namespace airframe;
using namespace airframe::test;

namespace {

using Ids = std::vector<std::int32_t>;
using Logits = std::vector<float>;

/// Logits after feeding `ids` [B, T] in `pieces` of T.
Logits fed(const Supernet& net, const Placement& placement, const Ids& ids, int batch, const std::vector<int>& pieces) {
    const auto decoder = makeDecoder(net, placement);
    decoder->start(batch, 4);  // less than comes: caches must grow
    const std::size_t tokens = ids.size() / static_cast<std::size_t>(batch);
    std::span<const float> logits;
    std::size_t done = 0;
    for (const int piece : pieces) {
        Ids part;
        for (int b = 0; b < batch; ++b) {
            const auto from = ids.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(b) * tokens + done);
            part.insert(part.end(), from, from + piece);
        }
        logits = decoder->feed(part);
        done += static_cast<std::size_t>(piece);
    }
    return {logits.begin(), logits.end()};
}

}  // namespace

class NativeModelTest : public QObject {
    Q_OBJECT
    const std::shared_ptr<const Supernet> m_native = tinySupernet(4, "native"), m_float = tinySupernet(4, "float32"),
                                          m_bf16 = tinySupernet(4, "bf16");
    const Ids m_ids{72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100, 33, 10};

    static void placements() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"attn*4", "jet*4", "jet,attn,jet*2", "attn,jet*2,attn"}) QTest::newRow(text) << QString(text);
    }
    static Placement placement() {
        QFETCH(QString, text);
        return Placement::parse(text.toStdString(), 4);
    }

  private Q_SLOTS:
    /// It rounds less often than LibTorch's bf16, so it must lie nearer to float32.
    void logitsLieNearerToFloat32ThanBf16_data() { placements(); }
    void logitsLieNearerToFloat32ThanBf16() {
        const Placement at = placement();
        const Logits truth = fed(*m_float, at, m_ids, 1, {13});
        const double native = apart(fed(*m_native, at, m_ids, 1, {13}), truth), bf16 = apart(fed(*m_bf16, at, m_ids, 1, {13}), truth);
        QVERIFY2(native < bf16, qPrintable(QString("native %1, bf16 %2").arg(native).arg(bf16)));
        QVERIFY(native > 0);
    }
    /// The same of files in every quantised type, whose integers are multiplied as they are.
    void quantisedFiles_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"llama-q4_1", "llama-mixed-untied", "qwen2-k-quants"}) QTest::newRow(name) << QString(name);
    }
    void quantisedFiles() {
        QFETCH(QString, name);
        const auto path = sharedFolder() / "vectors/models/gguf" / (name.toStdString() + ".gguf");
        AIRFRAME_NEED(path);
        const auto logits = [&](const char* compute) {
            NoControl control;
            const Supernet net(Model::load(ModelFile::open(path), Compute::parse(compute, "cpu"), control), {});
            Logits all;  // of every position: at a single one chance may favour either
            for (std::size_t n = 1; n <= m_ids.size(); ++n) {
                const Ids ids(m_ids.begin(), m_ids.begin() + static_cast<std::ptrdiff_t>(n));
                const Logits last = fed(net, Placement::parse("attn*2", 2), ids, 1, {static_cast<int>(n)});
                all.insert(all.end(), last.begin(), last.end());
            }
            return all;
        };
        const Logits truth = logits("float32");
        const double native = apart(logits("native"), truth), bf16 = apart(logits("bf16"), truth);
        qInfo("native %.2g, bf16 %.2g of the logits", native, bf16);
        QVERIFY(native < bf16 && native > 0);
    }
    void piecesAndBatchesDoNotMatter_data() { placements(); }
    void piecesAndBatchesDoNotMatter() {
        const Placement at = placement();
        const Logits whole = fed(*m_native, at, m_ids, 1, {13});
        for (const std::vector<int>& pieces : {std::vector<int>{12, 1}, {1, 2, 3, 1, 1, 4, 1}, std::vector<int>(13, 1)})
            QVERIFY(apart(fed(*m_native, at, m_ids, 1, pieces), whole) < 5e-3);
        Ids two = m_ids;
        two.insert(two.end(), m_ids.rbegin(), m_ids.rend());
        const Logits both = fed(*m_native, at, two, 2, {11, 1, 1}), second = fed(*m_native, at, Ids(m_ids.rbegin(), m_ids.rend()), 1, {13});
        QVERIFY(apart(std::span(both).first(whole.size()), whole) < 5e-3);
        QVERIFY(apart(std::span(both).last(second.size()), second) < 5e-3);
    }
    void lossIsThatOfTheLogits() {
        const Placement at = Placement::parse("jet,attn*3", 4);
        const std::vector<double> nll = m_native->native().nll(at, m_ids, 2);
        QCOMPARE(nll.size(), m_ids.size() - 1);
        for (std::size_t i = 0; i + 1 < m_ids.size(); ++i) {
            const Logits logits = fed(*m_native, at, Ids(m_ids.begin(), m_ids.begin() + static_cast<std::ptrdiff_t>(i) + 1), 1, {static_cast<int>(i) + 1});
            double sum = 0;
            for (const float x : logits) sum += std::exp(double{x});
            QVERIFY(std::abs(nll[i] - (std::log(sum) - double{logits[static_cast<std::size_t>(m_ids[i + 1])]})) < 2e-2);
        }
        NoControl control;
        const TaskData windows = textWindows(m_ids, 8);
        const auto losses = textLosses(nativeScorer(m_native), {at}, windows, control);
        QCOMPARE(losses.front().tokens, std::int64_t{11});
        QVERIFY(m_native->native().nll(at, Ids{5}, 1).empty());
    }
    void memoryIsCounted_data() { placements(); }
    void memoryIsCounted() {
        const Placement at = placement();
        const auto decoder = makeDecoder(*m_native, at);
        decoder->start(3, 20);
        QCOMPARE(decoder->stateBytes(), decoder->cacheBytes(3, 20));
        decoder->fillRandom(20, 7);
        const Ids next{1, 2, 3};
        const auto first = decoder->feed(next);
        const Logits once(first.begin(), first.end());
        decoder->fillRandom(20, 7);
        const auto again = decoder->feed(next);
        for (std::size_t i = 0; i < once.size(); ++i) QVERIFY(std::isfinite(once[i]));
        QVERIFY(apart(again, once) < 1e-6);
    }
    void unknownBlocksAreRefused() {
        QVERIFY_EXCEPTION_THROWN((void)makeDecoder(*m_native, Placement::parse("swa*4", 4)), Failure);
    }
    void onlyTheProcessorRunsIt() { QVERIFY_EXCEPTION_THROWN((void)Compute::parse("native", "cuda:0"), Failure); }
};

QTEST_APPLESS_MAIN(NativeModelTest)
#include "tst_native_model.moc"
