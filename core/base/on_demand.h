// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace airframe {

/// A value that is made when it is first asked for, and kept. Copies share it. Any thread may ask; one makes it, the others
/// wait. What making throws goes to whoever asked, and the next to ask tries again.
template <class T>
class OnDemand {
  public:
    OnDemand() = default;
    explicit OnDemand(std::function<T()> make) : m_slot(std::make_shared<Slot>()) { m_slot->make = std::move(make); }

    /// Undefined for a default-constructed one.
    const T& operator*() const {
        std::call_once(m_slot->once, [this] {
            m_slot->value = m_slot->make();
            m_slot->make = nullptr;  // frees what it holds
        });
        return m_slot->value;
    }
    const T* operator->() const { return &**this; }

  private:
    struct Slot {
        std::once_flag once;
        std::function<T()> make;
        T value{};
    };
    std::shared_ptr<Slot> m_slot;
};

}  // namespace airframe
