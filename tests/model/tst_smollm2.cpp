// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include "core/model/native_model.h"
#include "model/smollm2_check.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// SmolLM2-135M against published logits, likelihoods and greedy text: three prompts and the start of the text.
class SmolLm2Test : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void threePrompts() {
        AIRFRAME_NEED(demoModel());
        AIRFRAME_NEED(sharedFolder() / "vectors/smollm2");
        const auto net = demoSupernet();
        checkPrompt(*net, 1);
        for (const int index : {0, 5}) checkPrompt(*net, index, 12);
        checkNll(*net, 100);
    }
    /// How far the fused kernels, with the file's 4-bit weights and bf16 activations, lie from the published float32 losses.
    void nativeStaysNear() {
        AIRFRAME_NEED(demoModel());
        AIRFRAME_NEED(sharedFolder() / "vectors/smollm2");
        const auto net = demoSupernet("native");
        const ReferenceFile expected(sharedFolder() / "vectors/smollm2/smollm2.safetensors");
        const at::Tensor ids = expected.get("nll.ids").narrow(0, 0, 256).to(at::kInt).contiguous();
        const auto nll = net->native().nll(teacherOf(*net), {ids.const_data_ptr<std::int32_t>(), 256}, 2);
        const at::Tensor wanted = expected.get("nll.per_token").narrow(0, 0, 255).to(at::kDouble);
        const at::Tensor difference = at::tensor(at::ArrayRef<double>(nll)) - wanted;
        const double mean = difference.mean().item<double>(), rms = difference.square().mean().sqrt().item<double>();
        qInfo("native against published float32: mean loss %+.5f, root mean square per token %.5f nats", mean, rms);
        // Activations are rounded to 8 bits where products read them: a few hundredths per token, which cancel in the mean.
        QVERIFY(rms < 0.1);
        QVERIFY(std::abs(mean) < 0.01);
    }
};

QTEST_APPLESS_MAIN(SmolLm2Test)
#include "tst_smollm2.moc"
