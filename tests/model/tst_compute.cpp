// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>

#include "core/base/error.h"
#include "core/blocks/compute.h"
#endif

using namespace airframe;

class ComputeTest : public QObject {
    Q_OBJECT
    static Error errorOf(const char* dtype, const char* device) {
        try {
            (void)Compute::parse(dtype, device);
        } catch (const Failure& failure) {
            return failure.error();
        }
        return {};
    }
  private Q_SLOTS:
    void words() {
        QCOMPARE(Compute::parse("float32", "cpu").name(), std::string("float32"));
        QCOMPARE(Compute::parse("bf16", "cpu").name(), std::string("bf16"));
        QCOMPARE(Compute::parse("native", "cpu").name(), std::string("native"));
        QCOMPARE(Compute::parse("fastest", "cpu").name(), std::string("fastest"));
        QCOMPARE(errorOf("fp8", "cpu").code, ErrorCode::options);
        QVERIFY(errorOf("fp8", "cpu").line().find("fp8") != std::string::npos);
    }
    void devices_data() {
        QTest::addColumn<QByteArray>("device");
        for (const char* device : {"", "gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:9999999999"})
            QTest::newRow(device) << QByteArray(device);
    }
    void devices() {
        QFETCH(QByteArray, device);
        QCOMPARE(errorOf("float32", device.constData()).code, ErrorCode::options);
    }
    void missingCudaIsNamed() {
        try {
            (void)Compute::parse("float32", "cuda:0");
            QSKIP("a CUDA device is here and usable");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            QCOMPARE(failure.error().where, std::string("device cuda:0"));
            QCOMPARE(failure.error().hint, std::string("use --device cpu"));
            const std::string& what = failure.error().what;
            QVERIFY2(what.find(".so") != std::string::npos || what.find("CUDA devices") != std::string::npos,
                     what.c_str());
            qInfo("%s", failure.error().line().c_str());
        }
    }
};

QTEST_APPLESS_MAIN(ComputeTest)
#include "tst_compute.moc"
