// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ATen.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/safetensors.h"
#include "support/shared_data.h"

namespace airframe::test {

inline std::filesystem::path blockVectors() {
    return sharedFolder() / "vectors/blocks";
}

inline nlohmann::json blockIndex() {
    std::ifstream in(blockVectors() / "index.json");
    return nlohmann::json::parse(in);
}

/// The float64 tensors of one file, converted to `type`; an undefined tensor for a name that is not there.
class Vectors {
  public:
    Vectors(const std::filesystem::path& path, at::ScalarType type) : m_file(path), m_type(type) {}
    [[nodiscard]] at::Tensor operator()(const std::string& name) const {
        const auto* t = m_file.find(name);
        if (!t) return {};
        auto out = at::empty(t->shape, at::kDouble);
        std::memcpy(out.mutable_data_ptr(), t->bytes.data(), t->bytes.size());
        return out.to(m_type);
    }

  private:
    SafetensorsFile m_file;
    at::ScalarType m_type;
};

/// max |x - expected| / max |expected|, the measure of the vectors' README; infinite if either holds a NaN.
inline double relativeError(const at::Tensor& x, const at::Tensor& expected) {
    if (x.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
    const auto e = expected.to(at::kDouble);
    const double scale = e.abs().max().item<double>();
    const double worst = (x.to(at::kDouble) - e).abs().max().item<double>();
    if (!(worst == worst) || !(scale == scale)) return std::numeric_limits<double>::infinity();
    return scale > 0 ? worst / scale : worst;
}

}  // namespace airframe::test

/// QVERIFY that `x` is within `limit` of `expected`, telling tensor and error if not.
#define AIRFRAME_CLOSE(x, expected, limit, what)                                                     \
    do {                                                                                             \
        const double error_ = airframe::test::relativeError(x, expected);                            \
        QVERIFY2(error_ <= (limit),                                                                  \
                 qPrintable(QString("%1: error %2").arg(QString::fromStdString(what)).arg(error_))); \
    } while (false)
