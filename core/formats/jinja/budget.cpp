// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/budget.h"

#include <string>

#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {
/// Rough size of one list entry or dictionary pair with its share of the allocation.
constexpr std::size_t entry_bytes = 48;
}  // namespace

void Budget::step(std::size_t count) {
    if (count > max_steps - m_steps) {
        throw Trouble("does not end within " + std::to_string(max_steps) + " steps");
    }
    m_steps += count;
}

void Budget::bytes(std::size_t count) {
    if (count > max_bytes - m_bytes) {
        throw Trouble("uses more than " + std::to_string(max_bytes >> 20) + " MiB of text and lists");
    }
    m_bytes += count;
}

void Budget::text(std::size_t size) {
    if (size > max_text) throw Trouble("makes a text of more than " + std::to_string(max_text >> 20) + " MiB");
    bytes(size + entry_bytes);
}

void Budget::container(std::size_t count, int depth) {
    if (count > max_items) throw Trouble("makes a list of more than " + std::to_string(max_items) + " entries");
    if (depth > max_value_depth) {
        throw Trouble("nests lists deeper than " + std::to_string(max_value_depth) + " levels");
    }
    bytes((count + 1) * entry_bytes);
}

Budget::Level::Level(Budget& budget) : m_budget(budget) {
    if (budget.m_depth >= max_call_depth) {
        throw Trouble("nests deeper than " + std::to_string(max_call_depth) + " levels while it is rendered");
    }
    ++budget.m_depth;
}

}  // namespace airframe::jinja
