// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/base/error.h"

namespace airframe::test {

/// The Error of the Failure that `act` throws, nothing if it throws none.
template <class F>
std::optional<Error> errorOf(F&& act) {
    try {
        act();
    } catch (const Failure& failure) {
        return failure.error();
    }
    return std::nullopt;
}

}  // namespace airframe::test
