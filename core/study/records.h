// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace airframe {

// One struct per kind of row of a study, as typed values. Times are UTC milliseconds; hashes are SHA-256 in hexadecimal;
// ids are SQLite row ids (0 = not stored yet); `uuid` is a random 128-bit public id. JSON fields hold one JSON document.

struct ModelRow {
    std::int64_t id = 0;
    std::string hash, path, format, architecture;
    int layers = 0;
    std::string config_json;  ///< hidden, heads, kv_heads, head_dim, vocab, tied, parameters, context, ...
};

/// "finished" results stay whatever the state of the run. `interrupted`: its process died.
enum class RunState { running, paused, done, stopped, interrupted, failed };
[[nodiscard]] std::string toString(RunState state);
[[nodiscard]] RunState runStateFrom(const std::string& text);

struct RunRow {
    std::int64_t id = 0;
    std::string uuid;
    std::string kind;  ///< "train", "importance", "search", "score", "throughput", "generate", "export"
    RunState state = RunState::running;
    std::int64_t seed = 0;
    std::string params_json;  ///< what was asked, enough to run it again
    std::string env_json;     ///< program version, cpu, threads, LibTorch version, compute type
    std::int64_t created = 0, ended = 0;
    std::string note;         ///< a person's
    std::string error_json;   ///< set when failed
    double done = 0, total = 0;  ///< last known progress, in the run's unit
};

/// A point of a curve. Layer -1 = whole model.
struct SampleRow {
    std::int64_t id = 0, run_id = 0;
    std::int64_t step = 0;    ///< tokens for training curves
    std::string name;         ///< "loss", "heldout", "lr", "tokens_per_s"
    int layer = -1;
    double value = 0;
    std::int64_t t = 0;
};

/// A training checkpoint whose weights lie in <study>.weights/.
struct CheckpointRow {
    std::int64_t id = 0, run_id = 0;
    std::string hash;         ///< of the weights file (float32 weights of all alternatives)
    std::string weights_file; ///< name inside <study>.weights/
    std::string state_file;   ///< optimiser and master weights, "" once the run is done
    std::int64_t tokens = 0, step = 0, created = 0;
    std::string block = "jet";
    std::string json;         ///< held-out error per layer and the like
};

struct CandidateRow {
    std::int64_t id = 0;
    std::string uuid;
    std::string placement;  ///< canonical text, unique
    int full_layers = 0;
    bool starred = false;
};

/// Score of one item. All negative log-likelihoods are in nats.
struct ItemScore {
    int item = 0;
    double nll = 0;      ///< of the right answer, per token (length-normalised)
    double margin = 0;   ///< best wrong answer's nll - right answer's nll; 0 where there is no wrong answer
    int tokens = 0;      ///< scored tokens of the right answer
};

/// What makes an evaluation the same evaluation; unique in the study, never computed twice.
struct EvaluationKey {
    std::string placement;        ///< canonical text
    std::string model_hash;
    std::string checkpoint_hash;  ///< "" when the placement is attn only
    std::string task;             ///< task id
    std::string data_hash;        ///< of the task's items as token ids
    std::string compute;          ///< "float32", "bf16"
    std::int64_t seed = 0;        ///< of the generated items
    int evaluator_version = 0;
    friend bool operator==(const EvaluationKey&, const EvaluationKey&) = default;
};

struct EvaluationRow {
    std::int64_t id = 0, run_id = 0;
    EvaluationKey key;
    double nll = 0;      ///< mean over items of ItemScore::nll
    double margin = 0;
    int items = 0;
    std::int64_t tokens = 0;  ///< scored tokens
    double seconds = 0;
    std::int64_t created = 0;
    std::vector<ItemScore> scores;  ///< filled when asked for
};

/// A candidate in one round of a search.
struct ProposalRow {
    std::int64_t id = 0, run_id = 0;
    int round = 0;
    std::string placement;
    std::string parent;      ///< canonical text, "" in round 0
    std::string origin;      ///< "search", "person", "control"
    std::string name;        ///< for controls: "uniform", "last", "random-3"
    std::string state;       ///< "queued", "running", "done", "failed", "dropped"
    double score = 0, low = 0, high = 0;  ///< mean gain over the all-linear base, nats; higher is better; 95 % interval
    bool kept = false;
    std::string cut_reason;  ///< why it was not kept: "below width", "forbidden layer", ...
    int queue_pos = 0;
};

/// A measured speed. Medians and quartiles over the repeats; speeds in tokens per second over the whole batch.
struct MeasurementRow {
    std::int64_t id = 0, run_id = 0;
    std::string placement, checkpoint_hash, compute, device;
    int context = 0, batch = 0, threads = 0;
    struct Spread { double median = 0, q1 = 0, q3 = 0; int n = 0; };
    Spread prefill_tps, decode_tps, ttft_ms;
    std::int64_t cache_bytes = 0, peak_bytes = 0;
    bool fits = true;          ///< false: did not fit in memory, which is a result
    std::string repeats_json;  ///< the raw repeats
    std::int64_t created = 0;
};

/// A command from a person or a program to a run; the steering log and the command queue in one.
struct ControlRow {
    std::int64_t id = 0, run_id = 0;
    std::int64_t at = 0;
    std::string who;           ///< user name, or "engine"
    std::string kind;          ///< "pause", "resume", "stop", "steer", "detach"
    std::string payload_json;  ///< for steer: see steering.h
    std::string effect_json;   ///< filled on consumption: what it changed
    std::int64_t consumed = 0; ///< 0 = waiting
    std::int64_t consumed_step = -1;
};

struct GenerationRow {
    std::int64_t id = 0;
    std::string slot, placement, prompt, sampling_json, text, ids_json, stats_json;
    std::int64_t seed = 0, created = 0;
};

}  // namespace airframe
