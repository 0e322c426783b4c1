// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>
#include <set>

#include "core/study/random.h"
#include "core/study/search/beam.h"
#include "core/study/search/exhaustive.h"
#include "core/study/search/make_search.h"
#include "core/study/search/random_search.h"
#include "study/search_driver.h"
#include "support/failure.h"

using namespace airframe;
using airframe::test::drive;
using airframe::test::errorOf;
using airframe::test::historyOf;
using airframe::test::Score;

namespace {

Constraints plain(int layers, int budget, int width) {
    Constraints out;
    out.layers = layers;
    out.budget = budget;
    out.width = width;
    return out;
}

/// A different fixed number for every set: no structure that a greedy choice could use.
Score rugged(std::uint64_t seed) {
    return [seed](const Placement& placement) {
        std::uint64_t key = seed;
        for (const int layer : placement.fullLayers())
            key = Random(key * 131 + static_cast<std::uint64_t>(layer) + 1).next();
        return static_cast<double>(Random(key).below(1'000'000)) / 1e6;
    };
}

Score additive(std::uint64_t seed) {
    return [seed](const Placement& placement) {
        double sum = 0;
        for (const int layer : placement.fullLayers())
            sum += static_cast<double>(Random(seed + 77 * static_cast<std::uint64_t>(layer)).below(1000));
        return sum;
    };
}

}  // namespace

class TestSearch : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void beamOfAnyWidthIsExhaustive();
    void greedyIsBestForAdditiveScores();
    void beamRounds();
    void pinsAndForbids();
    void failures();
    void knownScoresAreNotAskedAgain();
    void exhaustiveCounts();
    void randomDraws();
    void controlPlacements();
    void badOptions();
    void saveRestore();
    void restoreRefuses();
};

void TestSearch::beamOfAnyWidthIsExhaustive() {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const int layers = 5 + static_cast<int>(seed % 4), budget = 1 + static_cast<int>(seed % 4);
        BeamSearch beam(plain(layers, budget, 1'000'000));
        ExhaustiveSearch all(plain(layers, budget, 1'000'000));
        drive(beam, rugged(seed));
        drive(all, rugged(seed));
        const auto a = beam.best(), b = all.best();
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(a[i].placement == b[i].placement && a[i].score == b[i].score);
    }
}

void TestSearch::greedyIsBestForAdditiveScores() {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto greedy = makeSearch({{"kind", "greedy"}, {"layers", 12}, {"budget", 4}});
        ExhaustiveSearch all(plain(12, 4, 1));
        const int evaluations = drive(*greedy, additive(seed));
        drive(all, additive(seed));
        QCOMPARE(evaluations, 1 + 12 + 11 + 10 + 9);
        QCOMPARE(greedy->best().front().score, all.best().front().score);
    }
}

void TestSearch::beamRounds() {
    BeamSearch beam(plain(30, 6, 4));
    QCOMPARE(beam.rounds(), 7);
    const auto root = beam.next();
    QCOMPARE(root.size(), std::size_t{1});
    QCOMPARE(root[0].placement.text(), std::string("jet*30"));
    QVERIFY(root[0].parent.empty() && root[0].origin == "search");
    drive(beam, additive(3), {}, 30, 1);
    QCOMPARE(beam.round(), 1);
    QCOMPARE(beam.next().size(), std::size_t{30});
    QCOMPARE(beam.next()[7].parent, std::string("jet*30"));
    drive(beam, additive(3));
    QVERIFY(beam.next().empty());
    QCOMPARE(beam.rounds(), 7);
    QCOMPARE(beam.best().size(), std::size_t{4});
    int last = 0;
    std::map<int, int> kept;
    std::set<Placement> seen;
    for (const Verdict& v : beam.verdicts()) {
        QVERIFY(v.round >= last);
        last = v.round;
        kept[v.round] += v.kept ? 1 : 0;
        QCOMPARE(static_cast<int>(v.placement.fullLayers().size()), v.round);
        QVERIFY(seen.insert(v.placement).second);  // no set twice
        QCOMPARE(v.cut_reason, std::string(v.kept ? "" : "below width"));
    }
    for (int round = 1; round <= 6; ++round) QCOMPARE(kept[round], 4);
}

void TestSearch::pinsAndForbids() {
    Constraints constraints = plain(10, 4, 3);
    constraints.pinned = {2, 7};
    constraints.forbidden = {0, 9};
    BeamSearch beam(constraints);
    QCOMPARE(beam.rounds(), 3);
    QCOMPARE(beam.next().front().placement.fullLayers(), (std::vector<int>{2, 7}));
    drive(beam, rugged(4));
    for (const Verdict& v : beam.verdicts()) QVERIFY(constraints.violation(v.placement).empty());
    constraints.budget = 2;
    BeamSearch only_root(constraints);
    QCOMPARE(drive(only_root, rugged(4)), 1);
    QCOMPARE(only_root.best().size(), std::size_t{1});
}

void TestSearch::failures() {
    BeamSearch beam(plain(6, 3, 2));
    const Score full_three_fails = [](const Placement& p) {
        return p[3] == "attn" ? std::nan("") : static_cast<double>(p.fullLayers().size());
    };
    drive(beam, full_three_fails);
    QCOMPARE(beam.best().size(), std::size_t{2});
    int failed = 0;
    for (const Verdict& v : beam.verdicts()) {
        failed += v.cut_reason == "failed";
        QVERIFY(!v.kept || v.placement[3] != "attn");
    }
    QCOMPARE(failed, 1 + 2 + 2);  // {3}, {i,3} of the two kept, {i,j,3} of the two kept
    BeamSearch hopeless(plain(6, 3, 2));
    QCOMPARE(drive(hopeless, [](const Placement& p) { return p.fullLayers().size() == 2 ? INFINITY : 1.0; }),
             1 + 6 + 9);
    QVERIFY(hopeless.next().empty());
    QCOMPARE(hopeless.best().front().placement.fullLayers().size(), std::size_t{1});
}

void TestSearch::knownScoresAreNotAskedAgain() {
    BeamSearch beam(plain(8, 3, 2));
    for (int layer = 0; layer < 8; ++layer) {  // from an earlier run
        Told told;
        told.placement = Placement::withFull(8, {layer});
        told.score = additive(1)(told.placement);
        beam.tell(told);
    }
    BeamSearch fresh(plain(8, 3, 2));
    const int all = drive(fresh, additive(1)), rest = drive(beam, additive(1));
    QCOMPARE(rest, all - 8);
    QCOMPARE(beam.best().front().placement, fresh.best().front().placement);
    // Told again after new weights: the new score ranks.
    const auto second = fresh.best()[1];
    Told better = second;
    better.score = 1e9;
    fresh.tell(better);
    QCOMPARE(fresh.best().front().placement, second.placement);
}

void TestSearch::exhaustiveCounts() {
    ExhaustiveSearch pairs(plain(30, 2, 1), {1, 5, 9, 9, 12, 13, 14, 20, 21, 25, 29});
    QCOMPARE(pairs.next().size(), std::size_t{45});
    Constraints pinned = plain(8, 3, 1);
    pinned.pinned = {4};
    pinned.forbidden = {0};
    ExhaustiveSearch some(pinned);
    QCOMPARE(some.next().size(), std::size_t{15});  // 2 of the other 6
    for (const Ask& ask : some.next()) QVERIFY(ask.placement[4] == "attn" && ask.placement[0] == "jet");
    QCOMPARE(ExhaustiveSearch(plain(5, 0, 1)).next().size(), std::size_t{1});
    QCOMPARE(ExhaustiveSearch(plain(5, 5, 1)).next().size(), std::size_t{1});
    QVERIFY(errorOf([] { ExhaustiveSearch many(plain(60, 30, 1)); }).has_value());
    QVERIFY(errorOf([] { ExhaustiveSearch few(plain(8, 3, 1), {1, 2}); }).has_value());
    QVERIFY(errorOf([] { ExhaustiveSearch outside(plain(8, 1, 1), {8}); }).has_value());
}

void TestSearch::randomDraws() {
    RandomSearch a(plain(30, 6, 2), 20, 5), b(plain(30, 6, 2), 20, 5), c(plain(30, 6, 2), 20, 6);
    QCOMPARE(a.next().size(), std::size_t{20});
    std::set<Placement> different;
    std::vector<int> counts(30, 0);
    for (std::size_t i = 0; i < 20; ++i) {
        QVERIFY(a.next()[i].placement == b.next()[i].placement);
        different.insert(a.next()[i].placement);
        QCOMPARE(a.next()[i].placement.fullLayers().size(), std::size_t{6});
    }
    QCOMPARE(different.size(), std::size_t{20});
    QVERIFY(a.next()[0].placement != c.next()[0].placement);
    for (const Ask& ask : RandomSearch(plain(30, 6, 1), 2000, 1).next())
        for (const int layer : ask.placement.fullLayers()) ++counts[static_cast<std::size_t>(layer)];
    for (const int count : counts) QVERIFY(std::abs(count - 400) < 90);  // 5 standard deviations
    QCOMPARE(RandomSearch(plain(3, 1, 1), 8, 1).next().size(), std::size_t{3});
    drive(a, additive(1));
    QCOMPARE(a.best().size(), std::size_t{2});
    QCOMPARE(a.verdicts().size(), std::size_t{20});
}

void TestSearch::controlPlacements() {
    const auto all = controls(30, 6, 1);
    QCOMPARE(all.size(), std::size_t{10});
    QVERIFY(all[0].first == "uniform" && all[0].second == Placement::uniform(30, 6));
    QVERIFY(all[1].first == "last" && all[1].second == Placement::last(30, 6));
    QCOMPARE(all[9].first, std::string("random-8"));
    for (const auto& [name, placement] : all) QCOMPARE(placement.fullLayers().size(), std::size_t{6});
    QVERIFY(controls(30, 6, 1)[5].second == all[5].second);
    QVERIFY(controls(30, 6, 2)[5].second != all[5].second);
}

void TestSearch::badOptions() {
    const auto refused = [](const nlohmann::json& options, const char* where) {
        const auto error = errorOf([&] { (void)makeSearch(options); });
        return error && error->code == ErrorCode::bad_input && error->where == where;
    };
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}}, "search"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", "4"}, {"budget", 1}}, "search"));
    QVERIFY(refused({{"kind", "spiral"}, {"layers", 4}, {"budget", 1}}, "search"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 5}}, "full layers"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 1}, {"pin", {1, 2}}}, "full layers"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 4}, {"forbid", {1}}}, "full layers"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 2}, {"pin", {4}}}, "pin"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 2}, {"pin", {1}}, {"forbid", {1}}}, "pin"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 2}, {"width", 0}}, "width"));
    QVERIFY(refused({{"kind", "beam"}, {"layers", 4}, {"budget", 2}, {"base", "attn"}}, "base"));
    QVERIFY(refused({{"kind", "random"}, {"layers", 4}, {"budget", 2}, {"draws", 0}}, "draws"));
}

void TestSearch::saveRestore() {
    const std::vector<nlohmann::json> kinds = {
        {{"kind", "beam"}, {"layers", 9}, {"budget", 4}, {"width", 3}, {"pin", {2}}},
        {{"kind", "exhaustive"}, {"layers", 9}, {"budget", 3}, {"among", {1, 2, 3, 4, 8}}},
        {{"kind", "random"}, {"layers", 9}, {"budget", 3}, {"seed", 4}}};
    const test::Script script = {{3, R"({"forbid":[1],"add":["jet*6,attn*3"]})"},
                                 {6, R"({"width":2,"drop":["jet*2,attn,jet*5,attn"],"who":"ada"})"}};
    Random random(2);
    for (const nlohmann::json& options : kinds) {
        const auto whole = makeSearch(options);
        const int total = drive(*whole, rugged(5), script, 9);
        QVERIFY(total > 5);
        for (int trial = 0; trial < 12; ++trial) {
            auto search = makeSearch(options);
            int told = 0;
            while (true) {  // cut at random places, each time continued by another object
                const int piece = 1 + static_cast<int>(random.below(5));
                const int done = drive(*search, rugged(5), script, 9, piece, told);
                told += done;
                auto next = restoreSearch(search->save());
                QCOMPARE(next->save(), search->save());
                search = std::move(next);
                if (done < piece) break;
            }
            QCOMPARE(told, total);
            QCOMPARE(historyOf(*search), historyOf(*whole));
        }
    }
}

void TestSearch::restoreRefuses() {
    BeamSearch beam(plain(6, 2, 2));
    drive(beam, rugged(1), {}, 6, 4);
    const std::string good = beam.save();
    const auto refused = [&](const std::string& state) {
        const auto error = errorOf([&] { beam.restore(state); });
        const auto made = errorOf([&] { (void)restoreSearch(state); });
        return error && error->code == ErrorCode::bad_input && made && beam.save() == good;
    };
    QVERIFY(refused(""));
    QVERIFY(refused("{}"));
    QVERIFY(refused("[1,2]"));
    nlohmann::json state = nlohmann::json::parse(good);
    state["version"] = 2;
    QVERIFY(refused(state.dump()));
    const nlohmann::json whole = nlohmann::json::parse(good);
    for (const auto& item : whole.items()) {
        nlohmann::json less = whole;
        less.erase(item.key());
        QVERIFY2(refused(less.dump()), item.key().c_str());
    }
    QVERIFY(errorOf([&] { beam.restore(RandomSearch(plain(6, 2, 2)).save()); })->where == "search state");
}

QTEST_APPLESS_MAIN(TestSearch)
#include "tst_search.moc"
