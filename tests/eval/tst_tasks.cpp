// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>

#include <set>

#include "core/base/error.h"
#include "core/eval/task.h"
#include "core/formats/model_file.h"
#include "support/shared_data.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;

namespace {

/// The demo model's tokenizer, or one of single bytes where the model is absent: the tasks must work with any.
std::shared_ptr<const Tokenizer> byteTokenizer() {
    return test::tinyModel(1)->tokenizer();
}

TaskSource sourceOf(const Tokenizer& tokenizer, std::int64_t seed, int items = 0) {
    TaskSource source{tokenizer, seed, items, {}};
    std::string text;
    for (int i = 0; text.size() < 40000; ++i)
        text += "Sentence number " + std::to_string(i) + " of the held-out text. ";
    source.heldout = tokenizer.encode(text);
    return source;
}

std::set<std::vector<std::int32_t>> sequences(const TaskData& data) {
    std::set<std::vector<std::int32_t>> all;
    for (const Item& item : data.items) all.insert(item.choices.front().ids);
    return all;
}

}  // namespace

/// What holds for every task of the table.
class TestTasks : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void everyTask_data() {
        QTest::addColumn<QString>("id");
        for (const TaskType& task : taskTable()) QTest::newRow(task.id.c_str()) << QString::fromStdString(task.id);
    }

    void everyTask() {
        QFETCH(QString, id);
        const TaskType& type = findTask(id.toStdString());
        const auto tokenizer = byteTokenizer();
        const TaskData data = type.make(sourceOf(*tokenizer, 7));
        QCOMPARE(data.task, type.id);
        QCOMPARE(data.seed, std::int64_t{7});
        QCOMPARE(static_cast<int>(data.items.size()), type.default_items);
        QVERIFY(type.default_items >= 16);
        QVERIFY(!type.title.empty() && !type.family.empty());

        // Deterministic; other seeds give other items; a longer evaluation begins with the shorter one's items.
        const TaskData again = type.make(sourceOf(*tokenizer, 7));
        QCOMPARE(again.hash, data.hash);
        const TaskData other = type.make(sourceOf(*tokenizer, 8));
        QVERIFY(other.hash != data.hash);
        const TaskData longer = type.make(sourceOf(*tokenizer, 7, 2 * type.default_items));
        for (std::size_t i = 0; i < data.items.size(); ++i)
            QCOMPARE(longer.items[i].choices.front().ids, data.items[i].choices.front().ids);
        QVERIFY(sequences(longer).size() >= longer.items.size() - 1);  // hardly ever the same item twice

        for (const Item& item : data.items) {
            QVERIFY(!item.choices.empty());
            if (type.chance > 0) QCOMPARE(1.0 / static_cast<double>(item.choices.size()), type.chance);
            for (const Choice& choice : item.choices) {
                QVERIFY(!choice.scored.empty());
                int last = 1;
                for (const ScoredRange& range : choice.scored) {
                    QVERIFY(range.begin >= last && range.end > range.begin);
                    QVERIFY(range.end <= static_cast<int>(choice.ids.size()));
                    last = range.end;
                }
                if (!choice.targets.empty()) QCOMPARE(static_cast<int>(choice.targets.size()), choice.scoredTokens());
                QCOMPARE(choice.scoredTokens(),
                         item.choices.front().scoredTokens());  // wrong answers as long as the right
            }
            QVERIFY(item.choices.front().targets.empty());
            for (std::size_t wrong = 1; wrong < item.choices.size(); ++wrong) {
                std::vector<std::int32_t> right;
                const Choice& first = item.choices.front();
                for (const ScoredRange& range : first.scored)
                    right.insert(right.end(), first.ids.begin() + range.begin, first.ids.begin() + range.end);
                QVERIFY(item.choices[wrong].targets != right);
            }
        }
    }

    /// Answers can be found: every scored answer of a recall task stands in the text before it.
    void answersStandInTheContext_data() {
        QTest::addColumn<QString>("id");
        for (const std::string id : {"kv", "phonebook", "needle", "copy", "induction"})
            QTest::newRow(id.c_str()) << QString::fromStdString(id);
    }

    void answersStandInTheContext() {
        QFETCH(QString, id);
        const auto tokenizer = byteTokenizer();
        const TaskData data = findTask(id.toStdString()).make(sourceOf(*tokenizer, 1));
        for (const Item& item : data.items) {
            const Choice& choice = item.choices.front();
            for (const ScoredRange& range : choice.scored) {
                const std::span ids(choice.ids);
                const std::string before = tokenizer->decode(ids.first(static_cast<std::size_t>(range.begin)));
                const std::string answer = tokenizer->decode(ids.subspan(
                    static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end - range.begin)));
                QVERIFY2(before.find(answer) != std::string::npos, (answer + " in " + before).c_str());
            }
        }
    }

    void arithmeticIsRight() {
        const auto tokenizer = byteTokenizer();
        const TaskData data = findTask("arithmetic").make(sourceOf(*tokenizer, 3));
        int lines = 0;
        for (const Item& item : data.items) {
            const QString text = QString::fromStdString(tokenizer->decode(item.choices.front().ids));
            for (const QString& line : text.split('\n', Qt::SkipEmptyParts)) {
                static const QRegularExpression form("^(\\d+)([+-])(\\d+)=(\\d+)$");
                const auto match = form.match(line);
                QVERIFY2(match.hasMatch(), qPrintable(line));
                const int a = match.captured(1).toInt(), b = match.captured(3).toInt();
                QCOMPARE(match.captured(4).toInt(), match.captured(2) == "+" ? a + b : a - b);
                ++lines;
            }
        }
        QVERIFY(lines > 100);
    }

    void lettersAreRotated() {
        const auto tokenizer = byteTokenizer();
        const TaskData data = findTask("letters").make(sourceOf(*tokenizer, 3, 40));
        std::map<char, int> right;
        for (std::size_t i = 0; i < data.items.size(); ++i) {
            const std::string text = tokenizer->decode(data.items[i].choices.front().ids);
            ++right[text.back()];
            // The option behind the right letter is the same in all four rotations of a question.
            const auto option = [&](std::size_t index) {
                const std::string t = tokenizer->decode(data.items[index].choices.front().ids);
                const auto at = t.rfind(std::string("\n") + t.back() + ". ");
                return t.substr(at + 4, t.find('\n', at + 1) - at - 4);
            };
            QCOMPARE(option(i), option(i - i % 4));
        }
        for (const char letter : std::string("ABCD")) QCOMPARE(right[letter], 10);
    }

    /// With the real vocabulary: enough scored tokens, a budget that fits, ids as the tokenizer itself would give.
    void budgetOfTheDemoModel() {
        const auto path = test::demoModel();
        AIRFRAME_NEED(path);
        const auto tokenizer = ModelFile::open(path)->tokenizer();
        for (const TaskType& type : taskTable()) {
            const TaskData data = type.make(sourceOf(*tokenizer, 1));
            qInfo("%-10s %3zu items %5lld scored of %5lld tokens", type.id.c_str(), data.items.size(),
                  static_cast<long long>(data.scoredTokens()), static_cast<long long>(data.totalTokens()));
            if (type.id != "letters") QVERIFY(data.scoredTokens() >= 1000);
            for (const Item& item : data.items) {
                const auto& ids = item.choices.front().ids;
                QVERIFY(ids.size() <= 400);
                if (type.id != "language") QCOMPARE(tokenizer->encode(tokenizer->decode(ids)), ids);
            }
        }
    }

    void languageSaysWhatItNeeds() {
        const auto tokenizer = byteTokenizer();
        TaskSource source{*tokenizer, 0, 0, std::vector<std::int32_t>(300, 65)};
        QCOMPARE(findTask("language").make(source).items.size(), std::size_t{4});  // as many as there are
        source.heldout.resize(10);
        try {
            static_cast<void>(findTask("language").make(source));
            QFAIL("held-out text that is too short was accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            QVERIFY(failure.error().line().find("held-out") != std::string::npos);
        }
    }

    void unknownTaskListsTheKnown() {
        try {
            static_cast<void>(findTask("poetry"));
            QFAIL("an unknown task was found");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            for (const TaskType& task : taskTable()) QVERIFY(failure.error().hint.find(task.id) != std::string::npos);
        }
    }
};

QTEST_APPLESS_MAIN(TestTasks)
#include "tst_tasks.moc"
