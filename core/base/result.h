// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>
#include <variant>

#include "core/base/error.h"

namespace airframe {

/// A value or an Error, with the member names of std::expected (which g++ 12 lacks).
/// value() throws Failure when there is an error.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : m_data(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_data(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return m_data.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    [[nodiscard]] T& value() {
        if (!has_value()) throw Failure(error());
        return std::get<0>(m_data);
    }
    [[nodiscard]] const T& value() const {
        if (!has_value()) throw Failure(error());
        return std::get<0>(m_data);
    }
    T& operator*() { return std::get<0>(m_data); }
    T* operator->() { return &std::get<0>(m_data); }
    [[nodiscard]] const Error& error() const { return std::get<1>(m_data); }

  private:
    std::variant<T, Error> m_data;
};

}  // namespace airframe
