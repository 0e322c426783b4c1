// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/loading.h"

#include "core/base/error.h"

namespace airframe {

void tellLoading(RunControl& control, const ModelFile& file, const char* phase, int done, int layers) {
    if (!control.checkpoint()) throw Failure(ErrorCode::interrupted, file.path().string(), "loading was stopped", "");
    Progress progress;
    progress.phase = phase;
    progress.unit = "layers";
    progress.done = done;
    progress.total = layers;
    control.progress(progress);
}

}  // namespace airframe
