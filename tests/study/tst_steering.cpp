// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <set>

#include "core/study/random.h"
#include "core/study/search/beam.h"
#include "core/study/search/exhaustive.h"
#include "study/search_driver.h"
#include "support/failure.h"

using namespace airframe;
using airframe::test::drive;
using airframe::test::errorOf;
using airframe::test::historyOf;

namespace {

constexpr int layers = 8;

Steering steer(const std::string& json) {
    return Steering::parse(json, layers);
}

double score(const Placement& placement) {  // layers 1 and 6 are the best alone; pairs matter a little
    const double worth[layers] = {0.1, 0.9, 0.2, 0.5, 0.3, 0.4, 0.8, 0.0};
    double sum = 0;
    for (const int layer : placement.fullLayers()) sum += worth[layer];
    return sum + (placement[3] == "attn" && placement[5] == "attn" ? 0.3 : 0.0);
}

BeamSearch beam(int budget = 4, int width = 2) {
    Constraints constraints;
    constraints.layers = layers;
    constraints.budget = budget;
    constraints.width = width;
    return BeamSearch(constraints);
}

std::vector<std::vector<int>> queue(BeamSearch& search) {
    std::vector<std::vector<int>> out;
    for (const Ask& ask : search.next()) out.push_back(ask.placement.fullLayers());
    return out;
}

bool has(const std::vector<std::vector<int>>& queue, const std::vector<int>& full) {
    return std::find(queue.begin(), queue.end(), full) != queue.end();
}

std::string full(std::vector<int> chosen) {
    return Placement::withFull(layers, chosen).text();
}

std::string reasonOf(const BeamSearch& search, const std::vector<int>& chosen) {
    std::string out = "no verdict";
    for (const Verdict& verdict : search.verdicts())
        if (verdict.placement.fullLayers() == chosen) out = verdict.kept ? "kept" : verdict.cut_reason;
    return out;
}

}  // namespace

class TestSteering : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void pinFromTheNextStepOn();
    void pinBeforeTheRoot();
    void twoPinsMendTheBeam();
    void pinsOverTheBudget();
    void forbidDropsFromTheQueue();
    void forbidWhatTheBeamHas();
    void unforbidGivesBack();
    void width();
    void budget();
    void addCompetesOrIsScored();
    void addAfterTheEnd();
    void dropFromQueueAndBeam();
    void order();
    void weightsAreToldAgain();
    void previewChangesNothing();
    void senselessChoicesChangeNothing();
    void replay();
};

void TestSteering::pinFromTheNextStepOn() {
    BeamSearch search = beam();
    drive(search, score, {}, layers, 1 + 3);  // root and three of the first round
    search.apply(steer(R"({"pin":[7]})"));
    QCOMPARE(queue(search), (std::vector<std::vector<int>>{{7}}));  // the others leave the queue
    drive(search, score);
    for (const Verdict& v : search.verdicts())
        if (v.round >= 1) QCOMPARE(v.kept && v.placement[7] != "attn", false);
    QCOMPARE(reasonOf(search, {1}), std::string("pinned layer missing"));
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{1, 3, 6, 7}));
    for (const Verdict& v : search.verdicts())
        if (v.round >= 2) QVERIFY(v.placement[7] == "attn");
}

void TestSteering::pinBeforeTheRoot() {
    BeamSearch search = beam();
    search.apply(steer(R"({"pin":[2]})"));
    QCOMPARE(queue(search), (std::vector<std::vector<int>>{{2}}));
    QCOMPARE(search.round(), 0);
    QCOMPARE(search.rounds(), 4);
    drive(search, score);
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{1, 2, 3, 6}));  // .9 + .2 + .5 + .8
}

void TestSteering::twoPinsMendTheBeam() {
    BeamSearch search = beam(5);
    drive(search, score, {}, layers, 1 + 8 + 2);
    search.apply(steer(R"({"pin":[0,7]})"));  // no candidate of the open round has both
    QCOMPARE(queue(search), (std::vector<std::vector<int>>{{0, 1, 7}, {0, 6, 7}}));
    drive(search, score);
    const auto found = search.best().front().placement.fullLayers();
    QCOMPARE(found, (std::vector<int>{0, 1, 3, 6, 7}));
    for (const Verdict& v : search.verdicts())
        QVERIFY(!v.kept || v.round < 2 || (v.placement[0] == "attn" && v.placement[7] == "attn"));
}

void TestSteering::pinsOverTheBudget() {
    BeamSearch search = beam(3);
    drive(search, score);
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{1, 3, 6}));
    search.apply(steer(R"({"pin":[7]})"));  // after the end: one unpinned layer must go
    QVERIFY(!search.next().empty());
    drive(search, score);
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{1, 6, 7}));
}

void TestSteering::forbidDropsFromTheQueue() {
    BeamSearch search = beam();
    drive(search, score, {}, layers, 1);
    const auto effect = nlohmann::json::parse(search.apply(steer(R"({"forbid":[1,2]})")));
    QCOMPARE(effect.at("dropped").get<int>(), 2);
    QCOMPARE(effect.at("kept").get<int>(), 6);
    QVERIFY(!has(queue(search), {1}) && has(queue(search), {0}));
    drive(search, score);
    QCOMPARE(reasonOf(search, {1}), std::string("forbidden layer"));
    for (const Verdict& v : search.verdicts()) {
        if (v.kept) QVERIFY(v.placement[1] != "attn" && v.placement[2] != "attn");
        if (v.round == 1) QCOMPARE(v.scored, v.cut_reason != "forbidden layer");
    }
}

void TestSteering::forbidWhatTheBeamHas() {
    BeamSearch search = beam(4, 1);
    drive(search, score, {}, layers, 1 + 8 + 3);  // the beam is {1}
    search.apply(steer(R"({"forbid":[1]})"));
    const int told = drive(search, score);
    QVERIFY(told > 0);
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{3, 4, 5, 6}));  // .8 .5 .4+.3 .3
}

void TestSteering::unforbidGivesBack() {
    BeamSearch search = beam();
    search.apply(steer(R"({"forbid":[6]})"));
    drive(search, score, {}, layers, 1);
    QVERIFY(!has(queue(search), {6}));
    const auto effect = nlohmann::json::parse(search.apply(steer(R"({"unforbid":[6],"pin":[6]})")));
    QVERIFY(has(queue(search), {6}));
    QCOMPARE(effect.at("added").get<int>(), 1);
    search.apply(steer(R"({"unpin":[6]})"));
    QCOMPARE(queue(search).size(), std::size_t{8});
}

void TestSteering::width() {
    BeamSearch search = beam(2, 2);
    drive(search, score, {}, layers, 1 + 4);
    search.apply(steer(R"({"width":5})"));
    drive(search, score);
    int kept = 0;
    for (const Verdict& v : search.verdicts()) kept += v.round == 1 && v.kept;
    QCOMPARE(kept, 5);
    QCOMPARE(search.best().size(), std::size_t{5});
}

void TestSteering::budget() {
    BeamSearch search = beam(2, 2);
    drive(search, score);
    QVERIFY(search.next().empty());
    search.apply(steer(R"({"budget":3})"));  // goes on after the end
    QCOMPARE(search.rounds(), 4);
    drive(search, score);
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{1, 3, 6}));
    search.apply(steer(R"({"budget":1})"));
    QVERIFY(search.next().empty());
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{1}));
    BeamSearch shorter = beam(5, 2);
    drive(shorter, score, {}, layers, 1 + 8 + 5);  // in the round of 2
    shorter.apply(steer(R"({"budget":1})"));
    QVERIFY(shorter.next().empty());
    QCOMPARE(shorter.best().front().placement.fullLayers(), (std::vector<int>{1}));
    QCOMPARE(reasonOf(shorter, {1, 2}), std::string("over the budget"));
}

void TestSteering::addCompetesOrIsScored() {
    BeamSearch search = beam(4, 1);
    drive(search, score, {}, layers, 1 + 2);
    search.apply(steer(R"({"add":[")" + full({3, 5}) + R"(",")" + full({7}) + R"("]})"));
    QCOMPARE(search.next()[0].placement.fullLayers(), (std::vector<int>{3, 5}));  // next, in the order given
    QCOMPARE(search.next()[1].placement.fullLayers(), (std::vector<int>{7}));
    QVERIFY(search.next()[0].origin == "person" && search.next()[0].round == 1);
    const auto again = nlohmann::json::parse(search.apply(steer(R"({"add":[")" + full({3, 5}) + R"("]})")));
    QCOMPARE(again.at("added").get<int>(), 0);
    std::set<Placement> told;
    while (!search.next().empty()) {
        const Placement placement = search.next().front().placement;
        QVERIFY(told.insert(placement).second);  // nothing is scored twice
        Told entry;
        entry.placement = placement;
        entry.score = score(placement);
        search.tell(entry);
    }
    bool competed = false;
    for (const Verdict& v : search.verdicts())
        competed |= v.round == 2 && v.placement == Placement::withFull(layers, {3, 5}) && v.scored;
    QVERIFY(competed);  // scored in round 1, ranked in round 2
}

void TestSteering::addAfterTheEnd() {
    BeamSearch search = beam(2, 1);
    drive(search, score);
    search.apply(steer(R"({"add":[")" + full({0, 7}) + R"("]})"));
    QCOMPARE(queue(search), (std::vector<std::vector<int>>{{0, 7}}));
    drive(search, [](const Placement&) { return 99.0; });
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{0, 7}));
    search.apply(steer(R"({"add":[")" + full({0}) + R"(",")" + full({0, 1, 2}) + R"("]})"));
    QCOMPARE(drive(search, score), 1);  // {0} is known from round 1; {0, 1, 2} is scored only
    QCOMPARE(search.best().front().placement.fullLayers(), (std::vector<int>{0, 7}));
    QVERIFY(search.next().empty());
}

void TestSteering::dropFromQueueAndBeam() {
    BeamSearch search = beam(3, 2);
    drive(search, score, {}, layers, 1 + 8);  // kept {1} and {6}
    const auto effect = nlohmann::json::parse(search.apply(steer(R"({"drop":[")" + full({6}) + R"("],"who":"ada"})")));
    QCOMPARE(effect.at("dropped").get<int>(), 6);  // {6, x}, but not {1, 6}, which grew from {1} too
    QVERIFY(has(queue(search), {1, 6}) && !has(queue(search), {5, 6}));
    search.apply(steer(R"({"drop":[")" + full({1, 3}) + R"("]})"));
    drive(search, score);
    QCOMPARE(reasonOf(search, {5, 6}), std::string("dropped by ada"));
    QCOMPARE(reasonOf(search, {1, 3}), std::string("dropped by a person"));
    QVERIFY(!search.best().empty());
    BeamSearch emptied = beam(3, 1);
    drive(emptied, score, {}, layers, 1 + 8);
    emptied.apply(steer(R"({"drop":[")" + full({1}) + R"("]})"));
    QVERIFY(emptied.next().empty());
    emptied.apply(steer(R"({"add":[")" + full({1}) + R"("]})"));  // taken back: known, so it goes on at once
    QVERIFY(!emptied.next().empty());
}

void TestSteering::order() {
    BeamSearch search = beam();
    drive(search, score, {}, layers, 1);
    const auto effect = nlohmann::json::parse(
        search.apply(steer(R"({"order":[")" + full({5}) + R"(",")" + full({1, 2}) + R"(",")" + full({2}) + R"("]})")));
    QCOMPARE(effect.at("ordered").get<int>(), 2);
    const auto now = queue(search);
    QVERIFY(now[0] == std::vector<int>{5} && now[1] == std::vector<int>{2} && now[2] == std::vector<int>{0});
    QCOMPARE(now.size(), std::size_t{8});
}

void TestSteering::weightsAreToldAgain() {
    BeamSearch search = beam(2, 2);
    drive(search, score, {}, layers, 1 + 7);
    search.apply(steer(R"({"weights":{"kv":2}})"));
    const auto other = [](const Placement& placement) { return placement[7] == "attn" ? 5.0 : -score(placement); };
    for (int layer = 0; layer < 7; ++layer) {  // the driver's part: nothing is evaluated again
        Told told;
        told.placement = Placement::withFull(layers, {layer});
        told.score = other(told.placement);
        search.tell(told);
    }
    drive(search, other);
    QCOMPARE(reasonOf(search, {7}), std::string("kept"));
    QCOMPARE(reasonOf(search, {0}), std::string("kept"));
    QCOMPARE(reasonOf(search, {1}), std::string("below width"));
}

void TestSteering::previewChangesNothing() {
    BeamSearch search = beam();
    drive(search, score, {}, layers, 1 + 8 + 3);
    for (const char* text : {R"({"pin":[0]})", R"({"pin":[0,7]})", R"({"forbid":[1]})", R"({"budget":2,"width":7})"}) {
        const std::string before = search.save();
        const std::string promised = search.preview(steer(text));
        QCOMPARE(search.save(), before);
        BeamSearch copy = search;
        QCOMPARE(copy.apply(steer(text)), promised);
    }
}

void TestSteering::senselessChoicesChangeNothing() {
    BeamSearch search = beam(2);
    drive(search, score, {}, layers, 1 + 3);
    const std::string before = search.save();
    for (const char* text : {R"({"pin":[0,1,2]})", R"({"forbid":[0,1,2,3,4,5,6]})", R"({"budget":8,"forbid":[1]})"}) {
        const auto error = errorOf([&] { search.apply(steer(text)); });
        QVERIFY(error && error->code == ErrorCode::bad_input);
        QCOMPARE(search.save(), before);
    }
    search.apply(steer(R"({"pin":[3]})"));
    QVERIFY(errorOf([&] { search.apply(steer(R"({"forbid":[3]})")); })->where == "pin");
    ExhaustiveSearch all(search.constraints());
    drive(all, score, {}, layers, 2);
    const std::string state = all.save();
    QVERIFY(errorOf([&] { all.apply(steer(R"({"forbid":[0,1,2,4,5,6,7]})")); }).has_value());
    QCOMPARE(all.save(), state);
    const auto effect = nlohmann::json::parse(all.apply(steer(R"({"forbid":[7]})")));
    QCOMPARE(effect.at("dropped").get<int>(), 1);
}

void TestSteering::replay() {
    Random random(21);
    for (int trial = 0; trial < 40; ++trial) {
        test::Script script;
        for (int i = 0; i < 5; ++i) {
            const int a = static_cast<int>(random.below(layers)), b = static_cast<int>(random.below(layers));
            const std::string options[] = {
                "{\"pin\":[" + std::to_string(a) + "]}",     "{\"unpin\":[" + std::to_string(a) + "]}",
                "{\"forbid\":[" + std::to_string(a) + "]}",  "{\"unforbid\":[" + std::to_string(a) + "]}",
                "{\"width\":" + std::to_string(1 + b) + "}", "{\"budget\":" + std::to_string(b) + "}",
                "{\"add\":[\"" + full({a, b}) + "\"]}",      "{\"drop\":[\"" + full({a, b}) + "\"]}",
                "{\"order\":[\"" + full({a}) + "\"]}"};
            script[static_cast<int>(random.below(40))] = options[random.below(9)];
        }
        std::string first;
        for (int run = 0; run < 2; ++run) {
            BeamSearch search = beam(3, 2);
            std::set<Placement> asked;
            int told = 0;
            for (; told < 2000; ++told) {
                if (const auto it = script.find(told); it != script.end()) {
                    try {
                        search.apply(steer(it->second));
                    } catch (
                        const Failure&) {  // a choice that makes no sense at this moment: refused, the search goes on
                    }
                }
                const auto asks = search.next();
                if (asks.empty()) break;
                QVERIFY(asked.insert(asks[0].placement).second);
                Told entry;
                entry.placement = asks[0].placement;
                entry.score = score(entry.placement);
                search.tell(entry);
            }
            QVERIFY(told < 2000);  // it ends whatever a person does
            for (const Told& best : search.best()) QVERIFY(search.constraints().violation(best.placement).empty());
            if (run == 0)
                first = historyOf(search);
            else
                QCOMPARE(historyOf(search), first);
        }
    }
}

QTEST_APPLESS_MAIN(TestSteering)
#include "tst_steering.moc"
