// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
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
};

QTEST_APPLESS_MAIN(SmolLm2Test)
#include "tst_smollm2.moc"
