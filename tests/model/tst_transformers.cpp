// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include "model/reference_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// Every architecture of a Hugging Face folder against transformers' own logits: make_references.py makes the models, in the
/// newer and the older spelling of their configs.
class TransformersTest : public QObject {
    Q_OBJECT
    /// Float32 against float64 over at most four layers and logits of a few units.
    static constexpr double limit = 5e-4;
    QTemporaryDir m_folder;
    QString m_why;

    /// Every folder whose reference has one of these tensors.
    void models(std::initializer_list<const char*> needed) {
        QTest::addColumn<QString>("folder");
        if (m_why.isEmpty()) {
            for (const auto& entry : std::filesystem::directory_iterator(m_folder.path().toStdString())) {
                const ReferenceFile names(entry.path() / "expected.safetensors");
                if (std::any_of(needed.begin(), needed.end(), [&](const char* name) { return names.has(name); }))
                    QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().string());
            }
        } else {
            QTest::newRow("none") << QString();
        }
    }
    static ReferenceModel open() {
        QFETCH(QString, folder);
        return {folder.toStdString(), (folder + QStringLiteral("/expected.safetensors")).toStdString()};
    }
    static QString compared(const at::Tensor& got, const at::Tensor& want) {
        const double apart = distance(got, want);
        return apart < limit ? QString() : QStringLiteral("%1 apart").arg(apart);
    }

  private Q_SLOTS:
    void initTestCase() {
        const QString python = qEnvironmentVariable("AIRFRAME_PYTHON");
        if (python.isEmpty()) {
            m_why = QStringLiteral("AIRFRAME_PYTHON names no python with torch and transformers");
            return;
        }
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python, {QStringLiteral(AIRFRAME_SOURCE_DIR "/tests/model/make_references.py"), m_folder.path()});
        const bool done = process.waitForFinished(300000);
        QVERIFY2(done && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, process.readAll().constData());
    }

    void wholePasses_data() { models({"seq75.ids"}); }
    void wholePasses() {
        if (!m_why.isEmpty()) QSKIP(qPrintable(m_why));
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        int checked = 0;
        for (const int length : {1, 7, 75}) {
            const std::string sequence = "seq" + std::to_string(length);
            const QString wrong = compared(m.whole(m.ids(sequence)), m.reference.get(sequence + ".logits"));
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
            ++checked;
        }
        QCOMPARE(checked, 3);
    }

    /// A deep model whose positions follow the length has no exact counterpart: see core/model/README.md.
    void decoding_data() { models({"dec1.step_logits", "grown.logits"}); }
    void decoding() {
        if (!m_why.isEmpty()) QSKIP(qPrintable(m_why));
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        const at::Tensor ids = m.ids("seq75");
        if (m.reference.has("grown.logits")) {
            SequenceState state = m.small();
            const QString wrong = compared(m.fed(ids, {1}, state), m.reference.get("grown.logits"));
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
            return;
        }
        for (const int prefill : {1, 40}) {
            const std::string name = "dec" + std::to_string(prefill);
            SequenceState state = m.small();
            QString wrong = compared(m.fed(ids.narrow(1, 0, prefill), {prefill}, state)[-1], m.reference.get(name + ".prefill_logits_last")[0]);
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
            wrong = compared(m.fed(ids.narrow(1, prefill, 75 - prefill), {1}, state), m.reference.get(name + ".step_logits"));
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        }
        SequenceState state = m.small();
        const QString wrong = compared(m.fed(ids, {1, 2, 3, 20, 5, 1, 1, 30}, state), m.reference.get("seq75.logits"));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
};

QTEST_APPLESS_MAIN(TransformersTest)
#include "tst_transformers.moc"
