// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QElapsedTimer>
#include <QtTest>

#include "core/export/export.h"
#include "core/formats/tokenizer.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"
#endif

using namespace airframe;

/// The real model out and in again: the quantised base becomes a float32 or bf16 folder.
class TestExportSmolLm2 : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void outAndIn();
};

void TestExportSmolLm2::outAndIn() {
    AIRFRAME_NEED(test::demoModel());
    NoControl control;
    const Compute compute = Compute::parse("float32", "cpu");
    const Supernet supernet(Model::load(ModelFile::open(test::demoModel()), compute, control), {});
    const test::TemporaryFolder folder;
    for (const char* storage : {"float32", "bf16"}) {
        ExportInfo info;
        info.storage = storage;
        QElapsedTimer timer;
        timer.start();
        const auto result = exportPlacement(supernet, Placement::parse("attn*30", 30), folder.path() / storage, info, control);
        qInfo("%s: %lld ms, largest logit difference %.4g", storage, static_cast<long long>(timer.elapsed()),
              result.check.max_logit_difference);
        if (info.storage == "float32") QCOMPARE(result.check.max_logit_difference, 0.0);
        const auto file = ModelFile::open(folder.path() / storage);
        QCOMPARE(file->parameters(), supernet.model().file().parameters());
        QCOMPARE(file->chatTemplate(), supernet.model().file().chatTemplate());
        QCOMPARE(file->tokenizer()->data().merges.size(), 48900u);
    }
}

QTEST_APPLESS_MAIN(TestExportSmolLm2)
#include "tst_export_smollm2.moc"
