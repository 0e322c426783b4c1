// SPDX-License-Identifier: GPL-3.0-or-later
#include <zstd.h>

#include <QtTest>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "core/base/error.h"
#include "core/base/on_demand.h"
#include "core/base/result.h"
#include "core/base/sha256.h"
#include "core/base/text_file.h"
#include "core/base/utf8.h"
#include "support/failure.h"
#include "support/temporary_folder.h"

using namespace airframe;
using airframe::test::errorOf;

class TestBase : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void errorLine();
    void result();
    void utf8_data();
    void utf8();
    void utf8Prefix();
    void sha256KnownAnswers();
    void textFile();
    void textFileRefuses();
    void textFolders();
    void onDemand();
};

void TestBase::errorLine() {
    QCOMPARE(Failure(ErrorCode::no_room, "a.txt", "is full", "free some").error().line(),
             std::string("error: a.txt: is full; free some"));
    QCOMPARE((Error{ErrorCode::bad_input, "x", "two\nlines", ""}.line()), std::string("error: x: two lines"));
    QCOMPARE(static_cast<int>(ErrorCode::interrupted), 5);
}

void TestBase::result() {
    Result<int> good(7);
    QVERIFY(good && *good == 7);
    Result<int> bad(Error{ErrorCode::bad_input, "here", "wrong", ""});
    QVERIFY(!bad);
    const auto error = errorOf([&] { (void)bad.value(); });
    QVERIFY(error && error->where == "here");
}

void TestBase::utf8_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("bad");  // offset, -1 = sound
    QTest::addColumn<QByteArray>("mended");
    const QByteArray r = "\xEF\xBF\xBD";
    const auto row = [&](const char* name, QByteArray bytes, int bad, QByteArray mended) {
        QTest::newRow(name) << bytes << bad << mended;
    };
    row("ascii", "abc", -1, "abc");
    row("empty", "", -1, "");
    row("two, three, four bytes", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", -1, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    row("lone continuation", "a\x80z", 1, "a" + r + "z");
    row("overlong slash", QByteArray("\xC0\xAF"), 0, r + r);
    row("overlong three", QByteArray("\xE0\x80\x80"), 0, r + r + r);
    row("surrogate", QByteArray("\xED\xA0\x80"), 0, r + r + r);
    row("above U+10FFFF", QByteArray("\xF4\x90\x80\x80"), 0, r + r + r + r);
    row("cut off", "ab\xE2\x82", 2, "ab" + r);
    row("cut off, then text", "\xF0\x9F\x98x", 0, r + "x");
    row("highest", "\xF4\x8F\xBF\xBF", -1, "\xF4\x8F\xBF\xBF");
    row("FF", "\xFF", 0, r);
}

void TestBase::utf8() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, bad);
    QFETCH(QByteArray, mended);
    const std::size_t found = firstInvalidUtf8(bytes.toStdString());
    QCOMPARE(found == std::string::npos ? -1 : static_cast<int>(found), bad);
    QCOMPARE(QByteArray::fromStdString(toValidUtf8(bytes.toStdString())), mended);
    QCOMPARE(firstInvalidUtf8(toValidUtf8(bytes.toStdString())), std::string::npos);
}

void TestBase::utf8Prefix() {
    const std::string text = "a\xC3\xA9\xF0\x9F\x98\x80";
    const std::size_t complete[] = {0, 1, 1, 3, 3, 3, 3, 7};
    for (std::size_t n = 0; n <= text.size(); ++n) QCOMPARE(completeUtf8Prefix(text.substr(0, n)), complete[n]);
    QCOMPARE(completeUtf8Prefix("a\xFF"), std::size_t{2});  // will never become sound: not worth waiting for
}

void TestBase::sha256KnownAnswers() {  // FIPS 180-4 examples
    QCOMPARE(sha256(std::string_view("")),
             std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    QCOMPARE(sha256(std::string_view("abc")),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    const test::TemporaryFolder folder;
    const std::string million(1'000'000, 'a');
    const std::string wanted = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    QCOMPARE(sha256(std::string_view(million)), wanted);
    QCOMPARE(sha256File(folder.write("million", million)), wanted);
    const auto error = errorOf([&] { (void)sha256File(folder / "none"); });
    QVERIFY(error && error->code == ErrorCode::bad_input && error->where == (folder / "none").string());
}

void TestBase::textFile() {
    const test::TemporaryFolder folder;
    const std::string text =
        "Gr\xC3\xBC\xC3\x9F"
        "e\nzwei\0drei" +
        std::string(300'000, 'x');
    QCOMPARE(readTextFile(folder.write("a.txt", text)), text);
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
    QCOMPARE(readTextFile(folder.write("a.txt.zst", packed)), text);
    QCOMPARE(readTextFile(folder.write("two.txt.zst", packed + packed)), text + text);  // frames follow one another
}

void TestBase::textFileRefuses() {
    const test::TemporaryFolder folder;
    std::string packed(ZSTD_compressBound(5000), '\0');
    const std::string text(5000, 'y');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
    const auto refused = [&](const std::filesystem::path& path, const char* what) {
        const auto error = errorOf([&] { (void)readTextFile(path); });
        if (!error || error->code != ErrorCode::bad_input || error->where != path.string()) return false;
        return error->what.find(what) != std::string::npos;
    };
    QVERIFY(refused(folder / "none.txt", "no such file"));
    QVERIFY(refused(folder.path(), "folder"));
    QVERIFY(refused(folder.write("empty.txt", ""), "empty"));
    QVERIFY(refused(folder.write("latin1.txt", "caf\xE9!"), "byte 3"));
    QVERIFY(refused(folder.write("noise.zst", "this is no archive"), "zstd"));
    QVERIFY(refused(folder.write("short.zst", packed.substr(0, packed.size() - 3)), "zstd"));
    QVERIFY(refused(folder.write("nothing.zst", ""), "too early"));
}

void TestBase::textFolders() {
    const test::TemporaryFolder folder;
    folder.write("b/two.md", "2");
    folder.write("b/.hidden.txt", "h");
    folder.write(".git/three.txt", "3");
    folder.write("a.txt", "1");
    folder.write("c/pack.txt.zst", "z");
    folder.write("c/photo.png", "p");
    const auto found = findTextFiles({folder.path()});
    QCOMPARE(found,
             (std::vector<std::filesystem::path>{folder / "a.txt", folder / "b/two.md", folder / "c/pack.txt.zst"}));
    QCOMPARE(findTextFiles({folder / "c/photo.png"}).size(), std::size_t{1});  // a file named by a person is taken
    std::filesystem::create_directories(folder / "bare");
    QVERIFY(errorOf([&] { (void)findTextFiles({folder / "bare"}); }).has_value());
    QVERIFY(errorOf([&] { (void)findTextFiles({folder / "none"}); }).has_value());
}

void TestBase::onDemand() {
    std::atomic<int> made = 0;
    const OnDemand<int> value([&] {
        if (++made == 1) throw std::runtime_error("not yet");
        return 7;
    });
    const OnDemand<int> copy = value;
    QCOMPARE(made.load(), 0);
    QVERIFY_EXCEPTION_THROWN((void)*value, std::runtime_error);
    std::vector<std::thread> askers;
    std::atomic<int> sum = 0;
    for (int i = 0; i < 8; ++i) askers.emplace_back([&] { sum += *copy; });
    for (std::thread& asker : askers) asker.join();
    QCOMPARE(sum.load(), 56);
    QCOMPARE(made.load(), 2);  // the second attempt is shared by all, copies too
    QCOMPARE(*value, 7);
}

QTEST_APPLESS_MAIN(TestBase)
#include "tst_base.moc"
