// SPDX-License-Identifier: GPL-3.0-or-later
#include <SQLiteCpp/SQLiteCpp.h>

#include <QtTest>

#include <cmath>

#include "core/study/process_owner.h"
#include "core/study/study.h"
#include "support/failure.h"
#include "support/temporary_folder.h"

using namespace airframe;
using airframe::test::errorOf;
namespace fs = std::filesystem;

namespace {

const ModelRow model = {0, "abcd", "/models/m.gguf", "gguf", "llama", 4, R"({"hidden":8})"};

SQLite::Database raw(const fs::path& path) {
    return SQLite::Database(path.string(), SQLite::OPEN_READWRITE);
}

EvaluationRow someEvaluation(std::int64_t run) {
    EvaluationRow row;
    row.run_id = run;
    row.key = {"jet*2,attn*2", "abcd", "ck", "kv", "data", "bf16", -5, 3};
    row.nll = 1.25;
    row.margin = -0.5;
    row.items = 2;
    row.tokens = 11;
    row.seconds = 0.5;
    row.created = 77;
    row.scores = {{0, 1.0 / 3.0, -1e-300, 5}, {7, 2.5, 0, 6}};
    return row;
}

}  // namespace

class TestStudy : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void init() { m_folder.emplace(); }
    void cleanup() { m_folder.reset(); }
    void runs();
    void interrupted();
    void curvesAndCheckpoints();
    void evaluationOnce();
    void searches();
    void measurementsAndGenerations();
    void controls();
    void windowRows();
    void idsAreNeverUsedAgain();

  private:
    [[nodiscard]] fs::path file(const std::string& name = "s.airframe") const { return *m_folder / name; }
    [[nodiscard]] std::unique_ptr<Study> fresh() const { return Study::create(file(), model); }

    std::optional<test::TemporaryFolder> m_folder;
};

void TestStudy::runs() {
    const auto study = fresh();
    const std::int64_t a = study->beginRun("train", -3, R"({"minutes":1})", R"({"cpu":"x"})");
    const std::int64_t b = study->beginRun("search", 4, "{}", R"({"cpu":"x"})");
    QVERIFY(b > a);
    RunRow row = study->run(a);
    QVERIFY(row.state == RunState::running && row.created > 0 && row.ended == 0);
    QCOMPARE(row.seed, std::int64_t{-3});
    QCOMPARE(row.params_json, std::string(R"({"minutes":1})"));
    QCOMPARE(row.env_json, std::string(R"({"cpu":"x"})"));
    QCOMPARE(row.uuid.size(), std::size_t{32});
    study->setRunProgress(a, 3.5, 9);
    for (const RunState state :
         {RunState::paused, RunState::done, RunState::stopped, RunState::failed, RunState::interrupted}) {
        study->setRunState(a, state, R"({"code":4})");
        row = study->run(a);
        QVERIFY(row.state == state && (row.ended != 0) == (state != RunState::paused));
        QVERIFY(runStateFrom(toString(state)) == state);
    }
    QCOMPARE(row.error_json, std::string(R"({"code":4})"));
    QVERIFY(row.done == 3.5 && row.total == 9);
    QVERIFY(!study->ownerAlive(a) && study->ownerAlive(b));
    study->adoptRun(a);
    QVERIFY(study->ownerAlive(a) && study->run(a).state == RunState::running && study->run(a).error_json.empty());
    QCOMPARE(study->runs().size(), std::size_t{2});
    QCOMPARE(study->runs("search").size(), std::size_t{1});
    QVERIFY(errorOf([&] { (void)study->run(99); })->code == ErrorCode::bad_input);
    QVERIFY(errorOf([&] { study->adoptRun(99); }).has_value());
    QVERIFY(errorOf([] { (void)runStateFrom("asleep"); }).has_value());
}

void TestStudy::interrupted() {
    std::int64_t ours = 0, gone = 0, reused = 0, other_boot = 0, elsewhere = 0;
    {
        const auto study = fresh();
        ours = study->beginRun("train", 1, "{}", "{}");
        gone = study->beginRun("train", 1, "{}", "{}");
        reused = study->beginRun("train", 1, "{}", "{}");
        other_boot = study->beginRun("train", 1, "{}", "{}");
        elsewhere = study->beginRun("train", 1, "{}", "{}");
    }
    SQLite::Database db = raw(file());
    db.exec("UPDATE owner SET pid = 4999999 WHERE run_id = " + std::to_string(gone));
    db.exec("UPDATE owner SET pid_start = pid_start - 1 WHERE run_id = " + std::to_string(reused));
    db.exec("UPDATE owner SET boot_id = 'yesterday' WHERE run_id = " + std::to_string(other_boot));
    db.exec("UPDATE owner SET host = 'container' WHERE run_id = " + std::to_string(elsewhere));
    const auto study = Study::open(file());
    QVERIFY(study->run(ours).state == RunState::running);
    QVERIFY(study->run(elsewhere).state == RunState::running);  // cannot be seen, so it is not declared dead
    for (const std::int64_t run : {gone, reused, other_boot}) QVERIFY(study->run(run).state == RunState::interrupted);
    QVERIFY(ProcessOwner::self().alive());
}

void TestStudy::curvesAndCheckpoints() {
    const auto study = fresh();
    const std::int64_t run = study->beginRun("train", 1, "{}", "{}");
    const double odd[] = {0.1, -0.0, 1e308, std::nan(""), INFINITY, -INFINITY};
    std::vector<SampleRow> samples;
    for (int i = 0; i < 6; ++i) samples.push_back({0, run, i * 100, "loss", i - 1, odd[i], 1000 + i});
    study->addSamples(samples);
    study->addSamples({});
    auto back = study->samples(run);
    QCOMPARE(back.size(), std::size_t{6});
    for (int i = 0; i < 6; ++i) {
        const SampleRow& row = back[static_cast<std::size_t>(i)];
        QVERIFY(row.step == i * 100 && row.layer == i - 1 && row.t == 1000 + i && row.name == "loss" &&
                row.run_id == run);
        QVERIFY(std::isnan(odd[i]) ? std::isnan(row.value) : row.value == odd[i]);
    }
    QCOMPARE(study->samples(run, back[3].id).size(), std::size_t{2});
    study->dropSamplesAfter(run, 200);
    QCOMPARE(study->samples(run).size(), std::size_t{3});
    study->addSamples({samples[3]});
    QVERIFY(study->samples(run).back().id > back.back().id);  // a reader that asks for later ids misses nothing

    QVERIFY(!study->latestCheckpoint());
    CheckpointRow checkpoint{0, run, "h1", "w1", "s1", 512, 3, 99, "jet", R"({"heldout":[1]})"};
    const std::int64_t first = study->addCheckpoint(checkpoint);
    checkpoint.hash = "h2";
    checkpoint.block = "other";
    const std::int64_t second = study->addCheckpoint(checkpoint);
    const CheckpointRow row = *study->latestCheckpoint();
    QVERIFY(row.id == first && row.run_id == run && row.hash == "h1" && row.weights_file == "w1" &&
            row.state_file == "s1" && row.tokens == 512 && row.step == 3 && row.created == 99 && row.block == "jet" &&
            row.json == checkpoint.json);
    QCOMPARE(study->latestCheckpoint("other")->id, second);
    study->forgetCheckpointState(first);
    QCOMPARE(study->checkpoints(run).front().state_file, std::string());
    study->removeCheckpoint(first);
    QCOMPARE(study->checkpoints().size(), std::size_t{1});
    QVERIFY(study->checkpoints(99).empty());
    QVERIFY(fs::is_directory(study->weightsFolder()));
    QCOMPARE(study->weightsFolder(), file("s.airframe.weights"));
}

void TestStudy::evaluationOnce() {
    const auto study = fresh();
    const std::int64_t run = study->beginRun("search", 1, "{}", "{}");
    EvaluationRow row = someEvaluation(run);
    QVERIFY(!study->findEvaluation(row.key));
    QVERIFY(study->addEvaluation(row));
    EvaluationRow again = row;
    again.nll = 9;
    QVERIFY(!study->addEvaluation(again));
    const EvaluationRow found = *study->findEvaluation(row.key);
    QVERIFY(found.key == row.key && found.nll == 1.25 && found.margin == -0.5 && found.items == 2 &&
            found.tokens == 11 && found.seconds == 0.5 && found.created == 77 && found.run_id == run);
    QCOMPARE(found.scores.size(), std::size_t{2});
    for (std::size_t i = 0; i < 2; ++i)
        QVERIFY(found.scores[i].item == row.scores[i].item && found.scores[i].nll == row.scores[i].nll &&
                found.scores[i].margin == row.scores[i].margin && found.scores[i].tokens == row.scores[i].tokens);
    QVERIFY(study->findEvaluation(row.key, false)->scores.empty());
    // Every part of the key makes another evaluation.
    const auto differs = [&](auto change) {
        EvaluationRow other = row;
        other.run_id = 0;
        change(other.key);
        return study->addEvaluation(other) && study->findEvaluation(other.key)->run_id == 0;
    };
    QVERIFY(differs([](EvaluationKey& k) { k.placement = "attn,jet*3"; }));
    QVERIFY(differs([](EvaluationKey& k) { k.model_hash = "m"; }));
    QVERIFY(differs([](EvaluationKey& k) { k.checkpoint_hash = ""; }));
    QVERIFY(differs([](EvaluationKey& k) { k.task = "copy"; }));
    QVERIFY(differs([](EvaluationKey& k) { k.data_hash = "d"; }));
    QVERIFY(differs([](EvaluationKey& k) { k.compute = "float32"; }));
    QVERIFY(differs([](EvaluationKey& k) { k.seed = 6; }));
    QVERIFY(differs([](EvaluationKey& k) { k.evaluator_version = 4; }));
    QCOMPARE(study->evaluations().size(), std::size_t{9});
    QVERIFY(study->evaluations(true).front().scores.size() == 2 && study->evaluations().front().scores.empty());
    QCOMPARE(study->evaluations(false, found.id).size(), std::size_t{8});
    row.key.placement = "jet*3";
    const auto error = errorOf([&] { (void)study->addEvaluation(row); });
    QVERIFY(error && error->what.find("3 layers, the model has 4") != std::string::npos);

    QCOMPARE(study->candidates().size(), std::size_t{2});
    const CandidateRow candidate = study->candidate("jet,jet,attn*2");  // written another way, the same candidate
    QVERIFY(candidate.placement == "jet*2,attn*2" && candidate.full_layers == 2 && !candidate.starred &&
            candidate.uuid.size() == 32);
    study->star("jet*2,attn*2", true);
    QVERIFY(study->candidate("jet*2,attn*2").starred);
    study->star("jet*2,attn*2", false);
    QVERIFY(!study->candidate("jet*2,attn*2").starred);
    QVERIFY(study->candidate("attn*4").id > candidate.id);
}

void TestStudy::searches() {
    const auto study = fresh();
    const std::int64_t run = study->beginRun("search", 1, "{}", "{}");
    ProposalRow row{0,        run, 2,    "jet,attn*3", "jet*2,attn*2", "person",      "uniform",
                    "queued", 0.5, 0.25, 0.75,         true,           "below width", 3};
    row.id = study->addProposal(row);
    ProposalRow root{0, run, 0, "jet*4", "", "search", "", "done", 0, 0, 0, false, "", 0};
    root.id = study->addProposal(root);
    QCOMPARE(study->proposals(run)[1].parent, std::string());
    const auto same = [](const ProposalRow& a, const ProposalRow& b) {
        return a.id == b.id && a.run_id == b.run_id && a.round == b.round && a.placement == b.placement &&
               a.parent == b.parent && a.origin == b.origin && a.name == b.name && a.state == b.state &&
               a.score == b.score && a.low == b.low && a.high == b.high && a.kept == b.kept &&
               a.cut_reason == b.cut_reason && a.queue_pos == b.queue_pos;
    };
    QVERIFY(same(study->proposals(run).front(), row));
    row.state = "done";
    row.kept = false;
    row.parent = "";
    study->updateProposal(row);
    QVERIFY(same(study->proposals(run).front(), row));
    row.id = 99;
    QVERIFY(errorOf([&] { study->updateProposal(row); }).has_value());
    QCOMPARE(study->searchState(run), std::string());
    study->saveSearchState(run, R"({"a":1})");
    study->saveSearchState(run, R"({"a":2})");
    QCOMPARE(study->searchState(run), std::string(R"({"a":2})"));
}

void TestStudy::measurementsAndGenerations() {
    const auto study = fresh();
    MeasurementRow row{
        0,         0, "jet*4", "ck",  "bf16", "Some CPU", 8192, 8, 2, {100, 90, 110, 5}, {50, 49, 51, 4}, {7, 6, 8, 3},
        1LL << 40, 5, false,   "[1]", 42};
    row.id = study->addMeasurement(row);
    const MeasurementRow m = study->measurements().front();
    QVERIFY(m.id == row.id && m.run_id == 0 && m.placement == "jet*4" && m.checkpoint_hash == "ck" &&
            m.compute == "bf16" && m.device == "Some CPU" && m.context == 8192 && m.batch == 8 && m.threads == 2 &&
            m.cache_bytes == 1LL << 40 && m.peak_bytes == 5 && !m.fits && m.repeats_json == "[1]" && m.created == 42);
    QVERIFY(m.prefill_tps.median == 100 && m.prefill_tps.q1 == 90 && m.prefill_tps.q3 == 110 && m.prefill_tps.n == 5);
    QVERIFY(m.decode_tps.median == 50 && m.decode_tps.q3 == 51 && m.decode_tps.n == 4 && m.ttft_ms.q1 == 6 &&
            m.ttft_ms.n == 3);
    QVERIFY(study->measurements(row.id).empty());
    GenerationRow g{0, "A", "attn*4", "hi", "{}", "text \xF0\x9F\x98\x80", "[1,2]", R"({"tps":1})", 1LL << 62, 43};
    g.id = study->addGeneration(g);
    const GenerationRow back = study->generations().front();
    QVERIFY(back.id == g.id && back.slot == "A" && back.placement == "attn*4" && back.prompt == "hi" &&
            back.sampling_json == "{}" && back.text == g.text && back.ids_json == "[1,2]" &&
            back.stats_json == g.stats_json && back.seed == 1LL << 62 && back.created == 43);
}

void TestStudy::controls() {
    const auto study = fresh();
    const std::int64_t run = study->beginRun("search", 1, "{}", "{}"), other = study->beginRun("train", 1, "{}", "{}");
    const std::int64_t steer = study->addControl({0, run, 5, "ada", "steer", R"({"pin":[1]})", "", 0, -1});
    const std::int64_t stop = study->addControl({0, run, 0, "ada", "stop", "", "", 0, -1});
    (void)study->addControl({0, other, 0, "engine", "pause", "", "", 0, -1});
    auto waiting = study->pendingControls(run);
    QCOMPARE(waiting.size(), std::size_t{2});
    QVERIFY(waiting[0].id == steer && waiting[0].at == 5 && waiting[0].who == "ada" && waiting[0].kind == "steer" &&
            waiting[0].payload_json == R"({"pin":[1]})" && waiting[1].id == stop && waiting[1].at > 0);
    study->consumeControl(steer, 17, R"({"kept":1})");
    QCOMPARE(study->pendingControls(run).size(), std::size_t{1});
    const ControlRow done = study->controls(run).front();
    QVERIFY(done.consumed > 0 && done.consumed_step == 17 && done.effect_json == R"({"kept":1})");
    QCOMPARE(study->controls().size(), std::size_t{3});
}

void TestStudy::windowRows() {
    const auto study = fresh();
    QCOMPARE(study->viewState("front"), std::string());
    study->setViewState("front", "1");
    study->setViewState("front", "2");
    QCOMPARE(study->viewState("front"), std::string("2"));
    study->setNote("run", "u1", "first");
    study->setNote("run", "u1", "second");
    QCOMPARE(study->note("run", "u1"), std::string("second"));
    QCOMPARE(study->note("candidate", "u1"), std::string());
}

void TestStudy::idsAreNeverUsedAgain() {
    const auto study = fresh();
    const std::int64_t run = study->beginRun("train", 1, "{}", "{}");
    const std::int64_t first = study->addCheckpoint({0, run, "h", "w", "s", 1, 1, 1, "jet", "{}"});
    study->removeCheckpoint(first);
    QVERIFY(study->addCheckpoint({0, run, "h", "w", "s", 1, 1, 1, "jet", "{}"}) > first);
}

QTEST_APPLESS_MAIN(TestStudy)
#include "tst_study.moc"
