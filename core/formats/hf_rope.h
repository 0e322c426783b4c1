// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/json_fields.h"
#include "core/formats/model_config.h"

namespace airframe {

/// Rotary positions of a config.json: rope_theta and rope_scaling (older), or rope_parameters with both (newer); "type" or
/// "rope_type". Needs c.context. Throws Failure(bad_input) for a kind that is not known or a value that cannot be.
void readRope(const Fields& in, ModelConfig& c, double default_theta = 10000.0);

/// The same of one object with rope_type, factor, ... into `scaling`, and its rope_theta, if any, into `theta`.
void readRopeObject(const Fields& in, const Fields& config, RopeScaling& scaling, double& theta);

}  // namespace airframe
