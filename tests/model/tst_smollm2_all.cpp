// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include "model/smollm2_check.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// SmolLM2-135M against the published numbers, all prompts and the whole text; and what bf16 costs.
class SmolLm2AllTest : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() {
        AIRFRAME_NEED(demoModel());
        AIRFRAME_NEED(sharedFolder() / "vectors/smollm2");
        m_net = demoSupernet();
    }
    void prompts_data() {
        QTest::addColumn<int>("index");
        for (int i = 0; i < 12; ++i) QTest::newRow(qPrintable(QString::number(i))) << i;
    }
    void prompts() {
        QFETCH(int, index);
        checkPrompt(*m_net, index);
    }
    void wholeText() { checkNll(*m_net, 0); }
    void bf16StaysClose() {
        const c10::InferenceMode inference;
        const ReferenceFile expected(sharedFolder() / "vectors/smollm2/smollm2.safetensors");
        const at::Tensor ids = expected.get("nll.ids").to(at::kLong);
        const std::int64_t n = ids.size(0) - 1;
        const auto net = demoSupernet("bf16");
        const at::Tensor h = net->forward(ids.narrow(0, 0, n).unsqueeze(0), teacherOf(*net), nullptr);
        const double mean = net->model().nll(h.squeeze(0), ids.narrow(0, 1, n)).mean().item<double>();
        const double exact = expected.get("nll.per_token").to(at::kDouble).mean().item<double>();
        qInfo("bf16 mean nll %.6f, float32 %.6f", mean, exact);
        QVERIFY(std::abs(mean - exact) < 0.01);  // what the reference grants an engine that rounds activations
    }

  private:
    std::shared_ptr<const Supernet> m_net;
};

QTEST_APPLESS_MAIN(SmolLm2AllTest)
#include "tst_smollm2_all.moc"
