// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace airframe {

/// One step of what is done to text before it is cut.
struct NormalizerStep {
    enum class Kind {
        nfc, nfd, nfkc, nfkd,  ///< Unicode's normalisation forms (UAX #15)
        prepend,               ///< `content` goes before a text that is not empty
        replace,               ///< each `pattern`, a plain text, becomes `content`
    };
    Kind kind = Kind::nfc;
    std::string pattern{}, content{};
    bool operator==(const NormalizerStep&) const = default;
};

}  // namespace airframe
