// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>
#include <algorithm>
#include <fstream>
#include <set>

#include "core/base/error.h"
#include "core/supernet/text_corpus.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// Text into windows: documents, held-out windows, the order of training.
class TestTextCorpus : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void documentsEndWithTheSpecialToken();
    void heldOutDependsOnTheTextAlone();
    void everyWindowOncePerPass();
    void shortTextIsNamed();
};

static std::filesystem::path write(const QTemporaryDir& dir, const char* name, const std::string& text) {
    const auto path = std::filesystem::path(dir.path().toStdString()) / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

static std::string manyLines(int lines) {
    std::string text;
    for (int i = 0; i < lines; ++i) text += "line " + std::to_string(i * 7919 % 1000) + " of the text\n\n";
    return text;
}

void TestTextCorpus::documentsEndWithTheSpecialToken() {
    QTemporaryDir dir;
    NoControl control;
    const auto file = write(dir, "a.txt", "abcd\n<|endoftext|>\nefgh\n<|endoftext|>\n");
    const auto corpus = readCorpus({file}, *tinyModel()->tokenizer(), 4, 1, 1, control);
    const std::vector<std::int32_t> want = {'a', 'b', 'c', 'd', '\n', 256, 'e', 'f', 'g', 'h', '\n', 256};
    std::vector<std::int32_t> found = corpus.ids;
    const auto tokenizer = tinyModel()->tokenizer();
    std::vector<std::int32_t> expected;
    for (const auto id : want)
        expected.push_back(id == 256 ? 256 : tokenizer->encode(std::string(1, static_cast<char>(id)))[0]);
    QVERIFY(found == expected);
    QCOMPARE(corpus.windows(), 3);
}

void TestTextCorpus::heldOutDependsOnTheTextAlone() {
    QTemporaryDir dir;
    NoControl control;
    const auto file = write(dir, "a.txt", manyLines(8000)), other = write(dir, "b.txt", manyLines(9000));
    const auto tokenizer = tinyModel()->tokenizer();
    const auto a = readCorpus({file}, *tokenizer, 64, 16, 1, control),
               b = readCorpus({file}, *tokenizer, 64, 16, 2, control);
    QVERIFY(a.ids == b.ids && a.heldout == b.heldout);
    QCOMPARE(a.heldout.size(), std::size_t(16));
    QCOMPARE(a.heldoutIds().size(), std::size_t(16 * 64));
    QVERIFY(readCorpus({other}, *tokenizer, 64, 16, 1, control).heldout != a.heldout);
    for (const auto n : a.heldout) QVERIFY(!std::binary_search(a.training.begin(), a.training.end(), n));
}

void TestTextCorpus::everyWindowOncePerPass() {
    QTemporaryDir dir;
    NoControl control;
    const auto corpus = readCorpus({write(dir, "a.txt", manyLines(300))}, *tinyModel()->tokenizer(), 64, 8, 1, control);
    const auto n = static_cast<std::int64_t>(corpus.training.size());
    const auto order = windowsAt(corpus, 5, 0, 2 * n);
    const std::set<std::int64_t> first(order.begin(), order.begin() + n), second(order.begin() + n, order.end());
    QCOMPARE(static_cast<std::int64_t>(first.size()), n);
    QCOMPARE(static_cast<std::int64_t>(second.size()), n);
    QVERIFY(!std::equal(order.begin(), order.begin() + n, order.begin() + n));
    QVERIFY(windowsAt(corpus, 5, n - 1, 3) == std::vector<std::int64_t>(order.begin() + n - 1, order.begin() + n + 2));
    QVERIFY(windowsAt(corpus, 6, 0, n) != std::vector<std::int64_t>(order.begin(), order.begin() + n));
    QCOMPARE(corpus.batch({order[0], order[1]}).size(0), 2);
}

void TestTextCorpus::shortTextIsNamed() {
    QTemporaryDir dir;
    NoControl control;
    const auto file = write(dir, "tiny.txt", "too short");
    try {
        static_cast<void>(readCorpus({file}, *tinyModel()->tokenizer(), 64, 8, 1, control));
        QFAIL("a text of nine tokens was accepted");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::bad_input);
        QVERIFY(failure.error().where.find("tiny.txt") != std::string::npos);
    }
}

QTEST_APPLESS_MAIN(TestTextCorpus)
#include "tst_text_corpus.moc"
