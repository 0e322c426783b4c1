// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_control.h"
#include "core/formats/model_file.h"

namespace airframe {

/// Tells how many layers of a model are read, `phase` "load" or "pack". Throws Failure(interrupted) if control stops it.
void tellLoading(RunControl& control, const ModelFile& file, const char* phase, int done, int layers);

}  // namespace airframe
