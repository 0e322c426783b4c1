// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QtTest>
#include <random>

#include "core/base/error.h"
#include "core/formats/normalizer.h"
#include "core/formats/pre_tokenizer.h"
#include "core/formats/split_pattern.h"
#include "core/formats/word_scanner.h"
#include "support/failure.h"

using namespace airframe;

class TestPreTokenizer : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void scannersAreTheirExpressions_data();
    void scannersAreTheirExpressions();
    void behaviors();
    void slowExpressionsEnd();
    void normalisationInParts();
    void normalisersThatGrow();
};

void TestPreTokenizer::scannersAreTheirExpressions_data() {
    QTest::addColumn<QString>("expression");
    for (const char* expression : {gpt2_expression, qwen2_expression, llama3_expression}) QTest::newRow(expression) << expression;
}

void TestPreTokenizer::scannersAreTheirExpressions() {
    QFETCH(QString, expression);
    const SplitPattern pattern(expression.toStdString(), "test");
    const WordScanner scanner = wordScanner(expression.toStdString());
    QVERIFY(scanner);
    // One or two characters of every class that the expressions tell apart.
    const std::vector<std::string> alphabet{"a", "s", "S", "\u017F", "t", "e", "r", "l", "L", "v", "\u00E9", "\u4E2D", "1", "7", "\u00BD", "'", "'", ".",
                                            "!", "\u0301", "\U0001F600", " ", " ", "\n", "\r", "\t", "\u00A0", "\u3000", "\u180E", "\u200B"};
    std::mt19937 random(11);
    for (int round = 0; round < 100'000; ++round) {
        std::string text;
        for (auto length = 1 + random() % 9; length > 0; --length) text += alphabet[random() % alphabet.size()];
        std::vector<SplitPattern::Match> wanted;
        pattern.matches(text, wanted);
        std::size_t at = 0;
        for (const auto& match : wanted) {
            QVERIFY2(match.begin == at && scanner(text, at) == match.end, text.c_str());
            at = match.end;
        }
        QCOMPARE(at, text.size());
    }
}

void TestPreTokenizer::behaviors() {
    using Step = PreTokenizerStep;
    struct Case {
        Step step;
        std::vector<std::string> pieces;  // of "-ab--c-"
    };
    const auto split = [](Step::Behavior behavior, bool invert) {
        return Step{.kind = Step::Kind::split, .pattern = "-", .literal = true, .behavior = behavior, .invert = invert};
    };
    const Case cases[] = {
        {split(Step::Behavior::isolated, false), {"-", "ab", "-", "-", "c", "-"}},
        {split(Step::Behavior::removed, false), {"ab", "c"}},
        {split(Step::Behavior::removed, true), {"-", "-", "-", "-"}},
        {split(Step::Behavior::merged_with_previous, false), {"-", "ab-", "-", "c-"}},
        {split(Step::Behavior::merged_with_next, false), {"-ab", "-", "-c", "-"}},
        {split(Step::Behavior::contiguous, false), {"-", "ab", "--", "c", "-"}},
    };
    for (const Case& c : cases) {
        std::vector<std::string> pieces;
        PreTokenizer({c.step}, "test").split("-ab--c-", true, [&](std::string_view piece) { pieces.emplace_back(piece); });
        QCOMPARE(pieces, c.pieces);
    }
}

void TestPreTokenizer::slowExpressionsEnd() {
    // Exponential in the length of the text: PCRE2's limit of steps ends it.
    const SplitPattern pattern("(?:a|aa|aaa)+[bc]", "test");
    QElapsedTimer timer;
    timer.start();
    std::vector<SplitPattern::Match> matches;
    const auto error = test::errorOf([&] { pattern.matches(std::string(200, 'a'), matches); });
    QVERIFY(error && error->code == ErrorCode::bad_input);
    QVERIFY2(timer.elapsed() < 2000, std::to_string(timer.elapsed()).c_str());
}

void TestPreTokenizer::normalisationInParts() {
    // NFC leaves out what cannot change; NFD and NFC again, of the whole text, must give the same.
    const Normalizer nfc({{.kind = NormalizerStep::Kind::nfc}}, "test"), nfd({{.kind = NormalizerStep::Kind::nfd}}, "test"),
        both({{.kind = NormalizerStep::Kind::nfd}, {.kind = NormalizerStep::Kind::nfc}}, "test");
    const std::vector<std::string> alphabet{"a", "e", "\u00E9", "\u0301", "\u0323", "\u0345", "\u1100", "\u1161", "\u11A8", "\uAC00", "\u304B",
                                            "\u3099", "\u4E2D", "\u0438", "\u0306", "\u0915", "\u093C", "\u212B", "\u1E9B", " ", "\U0001D15E", "\uF900"};
    std::mt19937 random(5);
    std::string storage, other;
    for (int round = 0; round < 100'000; ++round) {
        std::string text;
        for (auto length = random() % 10; length > 0; --length) text += alphabet[random() % alphabet.size()];
        QCOMPARE(nfc.normalize(text, storage), both.normalize(text, other));
    }
}

void TestPreTokenizer::normalisersThatGrow() {
    std::vector<NormalizerStep> steps(20, {.kind = NormalizerStep::Kind::replace, .pattern = "a", .content = "aaaaaaaa"});
    const Normalizer grows(steps, "test");
    std::string storage;
    QVERIFY(test::errorOf([&] { (void)grows.normalize(std::string(1000, 'a'), storage); }).has_value());
    steps.resize(40);
    QVERIFY(test::errorOf([&] { (void)Normalizer(steps, "test"); }).has_value());
    const NormalizerStep nothing{.kind = NormalizerStep::Kind::replace}, huge{.kind = NormalizerStep::Kind::prepend, .content = std::string(1000, 'x')};
    QVERIFY(test::errorOf([&] { (void)Normalizer({nothing}, "test"); }).has_value());
    QVERIFY(test::errorOf([&] { (void)Normalizer({huge}, "test"); }).has_value());
}

QTEST_APPLESS_MAIN(TestPreTokenizer)
#include "tst_pre_tokenizer.moc"
