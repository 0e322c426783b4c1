// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace airframe {

/// Random numbers for generated tasks that are the same with every standard library: the engine is fixed by the
/// standard, the distributions of <random> are not, so the two that are needed stand here.
class TaskRandom {
  public:
    /// The stream of one item.
    TaskRandom(std::string_view task, std::int64_t seed, std::int64_t item);

    /// Uniform in [0, n), n >= 1; without the bias of a plain remainder.
    [[nodiscard]] std::size_t below(std::size_t n);
    /// Uniform in [low, high].
    [[nodiscard]] int between(int low, int high) {
        return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1)));
    }
    /// `n` decimal digits, the first not 0.
    [[nodiscard]] std::string digits(int n);

    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }
    /// `n` different elements of `values` in random order; n <= values.size().
    template <class T>
    [[nodiscard]] std::vector<T> sample(std::vector<T> values, std::size_t n) {
        shuffle(values);
        values.resize(n);
        return values;
    }

  private:
    std::mt19937_64 m_engine;
};

}  // namespace airframe
