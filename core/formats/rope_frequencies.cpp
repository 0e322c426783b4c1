// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/rope_frequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.h"

namespace airframe {
namespace {

using Kind = RopeScaling::Kind;
constexpr double pi = std::numbers::pi;

std::vector<double> plain(int head_dim, double theta) {
    std::vector<double> out(static_cast<std::size_t>(head_dim / 2));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::pow(theta, -2.0 * static_cast<double>(i) / head_dim);
    return out;
}

/// Wavelengths above original / low are stretched, those below original / high are not, between them it goes over smoothly.
void llama3(std::vector<double>& frequency, const RopeScaling& s, double original) {
    for (double& f : frequency) {
        const double wavelength = 2 * pi / f;
        if (wavelength < original / s.high_freq_factor) continue;
        if (wavelength > original / s.low_freq_factor) {
            f /= s.factor;
            continue;
        }
        const double smooth = (original / wavelength - s.low_freq_factor) / (s.high_freq_factor - s.low_freq_factor);
        f = (1 - smooth) * f / s.factor + smooth * f;
    }
}

/// YaRN's eq. 16 of the temperature, generalised by DeepSeek's weight.
double mscale(double factor, double weight) { return factor <= 1 ? 1 : 0.1 * weight * std::log(factor) + 1; }

/// arXiv 2309.00071, section 3.2: dimensions that turn more than beta_fast times in the original context keep their
/// frequency, those that turn less than beta_slow times are interpolated, a ramp between.
void yarn(std::vector<double>& frequency, const RopeScaling& s, int head_dim, double theta, double original) {
    const auto dimension = [&](double turns) { return head_dim * std::log(original / (turns * 2 * pi)) / (2 * std::log(theta)); };
    double low = dimension(s.beta_fast), high = dimension(s.beta_slow);
    if (s.truncate) low = std::floor(low), high = std::ceil(high);
    low = std::max(low, 0.0), high = std::min(high, head_dim - 1.0);
    if (low == high) high += 0.001;
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        frequency[i] = frequency[i] / s.factor * ramp + frequency[i] * (1 - ramp);
    }
}

double yarnAmplitude(const RopeScaling& s) {
    if (s.attention_factor > 0) return s.attention_factor;
    if (s.mscale > 0 && s.mscale_all_dim > 0) return mscale(s.factor, s.mscale) / mscale(s.factor, s.mscale_all_dim);
    return mscale(s.factor, 1);
}

double longropeAmplitude(const RopeScaling& s, double original) {
    if (s.attention_factor > 0) return s.attention_factor;
    return s.factor <= 1 ? 1 : std::sqrt(1 + std::log(s.factor) / std::log(original));
}

}  // namespace

RopeSetting RopeSetting::of(const ModelConfig& c, bool local) {
    return {c.head_dim, local ? c.rope_local_theta : c.rope_theta, local ? RopeScaling{} : c.rope_scaling, c.context};
}

bool RopeSetting::followsLength() const { return scaling.kind == Kind::dynamic || scaling.kind == Kind::longrope; }

std::int64_t RopeSetting::regime(std::int64_t length) const {
    if (!followsLength() || length <= original()) return 0;
    return scaling.kind == Kind::dynamic ? length : original() + 1;
}

RopeFrequencies RopeSetting::frequencies(std::int64_t length) const {
    const RopeScaling& s = scaling;
    double base = theta;
    if (s.kind == Kind::dynamic && length > original()) {
        const double stretch = s.factor * static_cast<double>(length) / original() - (s.factor - 1);
        base *= std::pow(stretch, head_dim / (head_dim - 2.0));
    }
    RopeFrequencies out{plain(head_dim, base)};
    switch (s.kind) {
        case Kind::none:
        case Kind::dynamic: break;
        case Kind::linear:
            for (double& f : out.frequency) f /= s.factor;
            break;
        case Kind::llama3: llama3(out.frequency, s, original()); break;
        case Kind::yarn:
            yarn(out.frequency, s, head_dim, theta, original());
            out.amplitude = yarnAmplitude(s);
            break;
        case Kind::longrope: {
            const auto& factor = length > original() ? s.long_factor : s.short_factor;
            for (std::size_t i = 0; i < out.frequency.size(); ++i) out.frequency[i] /= factor[i];
            out.amplitude = longropeAmplitude(s, original());
            break;
        }
    }
    for (std::size_t i = 0; i < s.frequency_factors.size(); ++i) out.frequency[i] /= s.frequency_factors[i];
    return out;
}

void checkRopeScaling(const ModelConfig& c, const std::string& where) {
    const RopeScaling& s = c.rope_scaling;
    const auto wanted = [&](bool fine, const char* field, const std::string& what) {
        if (!fine) throw Failure(ErrorCode::bad_input, where + ": rotary scaling: " + field, what, "the model's description contradicts itself");
    };
    const auto positives = [&](const std::vector<double>& list, const char* field) {
        wanted(list.size() == static_cast<std::size_t>(c.head_dim / 2), field,
               std::to_string(c.head_dim / 2) + " numbers were wanted, one for two elements of a head, found " + std::to_string(list.size()));
        wanted(std::all_of(list.begin(), list.end(), [](double f) { return std::isfinite(f) && f > 0; }), field, "numbers above 0 were wanted");
    };
    wanted(std::isfinite(s.factor) && s.factor >= 1, "factor", "a number from 1 was wanted, found " + std::to_string(s.factor));
    wanted(std::isfinite(s.attention_factor) && s.attention_factor >= 0, "attention_factor", "a number from 0 was wanted");
    wanted(s.original_context >= 0, "original context", "is negative");
    if (!s.frequency_factors.empty()) positives(s.frequency_factors, "frequency factors");
    switch (s.kind) {
        case Kind::none:
        case Kind::linear: break;
        case Kind::dynamic: wanted(c.head_dim > 2, "type", "dynamic scaling needs heads of more than 2 elements"); break;
        case Kind::llama3:
            wanted(s.low_freq_factor > 0 && std::isfinite(s.high_freq_factor) && s.high_freq_factor > s.low_freq_factor, "high_freq_factor",
                   "a number above low_freq_factor, and that above 0, was wanted");
            break;
        case Kind::yarn:
            wanted(s.beta_slow > 0 && std::isfinite(s.beta_fast) && s.beta_fast >= s.beta_slow, "beta_fast",
                   "a number from beta_slow, and that above 0, was wanted");
            wanted(c.rope_theta > 1, "rope_theta", "yarn needs a base above 1");
            wanted(std::isfinite(s.mscale) && s.mscale >= 0 && std::isfinite(s.mscale_all_dim) && s.mscale_all_dim >= 0, "mscale",
                   "a number from 0 was wanted");
            break;
        case Kind::longrope:
            positives(s.short_factor, "short_factor");
            positives(s.long_factor, "long_factor");
            wanted(s.original_context != 1, "original context", "more than one token was wanted");
            break;
    }
}

}  // namespace airframe
