// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/operation.h"

#include "core/engine/jobs/jobs.h"

namespace airframe {

const std::vector<Operation>& operationTable() {
    static const std::vector<Operation> table = {
        jobs::inspect(),    jobs::tokenize(), jobs::detokenize(), jobs::logits(), jobs::generate(),
        jobs::newStudy(),   jobs::train(),    jobs::loss(),       jobs::tasks(),  jobs::importance(),
        jobs::search(),     jobs::score(),    jobs::throughput(), jobs::front(),  jobs::exportPlacement(),
        jobs::importArchitecture(), jobs::demo(),
    };
    return table;
}

const Operation* findOperation(const std::string& name) {
    for (const auto& operation : operationTable())
        if (operation.name == name) return &operation;
    return nullptr;
}

}  // namespace airframe
