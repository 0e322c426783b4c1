// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>

#include <QtTest>

#include "core/base/error.h"
#include "core/formats/model_file.h"
#include "malformed_list.h"
#include "support/sanitized.h"

using namespace airframe;

/// Every entry of the list of broken and sound inputs.
class TestMalformed : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyEntry_data();
    void everyEntry();
    void cleanupTestCase();

  private:
    int m_refused = 0, m_opened = 0;
};

void TestMalformed::everyEntry_data() {
    AIRFRAME_NEED(test::malformedList());
    test::addMalformedRows();
}

void TestMalformed::everyEntry() {
    QFETCH(QString, path);
    QFETCH(bool, sound);
    // A length field must never become an allocation: with this little address space it would fail as bad_alloc.
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
    rlimit small{std::size_t{1} << 30, before.rlim_max};
    if (!sanitized) setrlimit(RLIMIT_AS, &small);
    std::string message;
    bool opened = false;
    try {
        (void)ModelFile::open(path.toStdString());
        opened = true;
    } catch (const Failure& failure) {
        message = failure.error().line();
        if (failure.error().code != ErrorCode::bad_input) message = "wrong code: " + message;
    } catch (const std::exception& error) {
        message = std::string("wrong exception: ") + error.what();
    }
    setrlimit(RLIMIT_AS, &before);
    const QString text = QString::fromStdString(message);
    QVERIFY2(!text.startsWith("wrong"), message.c_str());
    if (sound) {
        QVERIFY2(opened, message.c_str());
        ++m_opened;
        return;
    }
    QVERIFY2(!opened, "was accepted");
    QVERIFY2(text.contains(path.section('/', -1)), message.c_str());  // names the file or folder
    QVERIFY2(!text.contains('\n'), message.c_str());
    if (qEnvironmentVariableIsSet("AIRFRAME_VERBOSE")) qInfo("%s", message.c_str());
    ++m_refused;
}

void TestMalformed::cleanupTestCase() {
    qInfo("%d refused, %d opened", m_refused, m_opened);
}

QTEST_APPLESS_MAIN(TestMalformed)
#include "tst_malformed.moc"
