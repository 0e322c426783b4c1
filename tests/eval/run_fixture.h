// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/eval/evaluation_run.h"
#include "core/study/study.h"
#include "eval/formula_scorer.h"

namespace airframe::test {

inline constexpr int formula_layers = 8;

/// A study in a temporary folder with one run in it, for tests of what runs do.
struct RunFixture {
    explicit RunFixture(const std::string& kind) {
        ModelRow model;
        model.hash = "model";
        model.path = "none.gguf";
        model.format = "gguf";
        model.architecture = "llama";
        model.layers = formula_layers;
        model.config_json = "{}";
        study = Study::create(folder.path().toStdString() + "/s.airframe", model);
        run = study->beginRun(kind, 0, "{}", "{}");
    }
    QTemporaryDir folder;
    std::unique_ptr<Study> study;
    std::int64_t run = 0;
};

/// Small made-up tasks; the formula looks at their names only.
inline std::vector<TaskData> formulaTasks(const std::vector<std::string>& names = {"task", "other"}, int items = 20) {
    std::vector<TaskData> tasks;
    for (const std::string& name : names) {
        TaskData data;
        data.task = name;
        for (int i = 0; i < items; ++i) data.items.push_back({{Choice{{1, 2, 3, i}, {{1, 4}}, {}}}});
        data.hash = hashOf(data.items);
        tasks.push_back(std::move(data));
    }
    return tasks;
}

/// A control in the manner of a program's: passes rows on, counts, stops on demand.
class TestControl final : public RunControl {
  public:
    int stop_at = -1;  ///< the checkpoint, counted from 1, at which to say stop
    int checkpoints = 0;
    std::vector<std::string> waiting;  ///< steering texts
    std::vector<Progress> seen;
    std::function<void()> at_checkpoint;

    [[nodiscard]] bool checkpoint() override {
        ++checkpoints;
        if (at_checkpoint) at_checkpoint();
        return stop_at < 0 || checkpoints < stop_at;
    }
    void progress(const Progress& progress) override { seen.push_back(progress); }
    [[nodiscard]] std::vector<std::string> steering() override { return std::exchange(waiting, {}); }
};

}  // namespace airframe::test
