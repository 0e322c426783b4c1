// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/loop.h"

#include "core/formats/jinja/callable.h"
#include "core/formats/jinja/trouble.h"

namespace airframe::jinja {
namespace {

/// loop.cycle(a, b, ...): its arguments in turn, round by round.
class Cycle final : public Callable {
  public:
    explicit Cycle(std::shared_ptr<const Loop> loop) : m_loop(std::move(loop)) {}
    Value call(Evaluator&, const Arguments& arguments) const override {
        if (arguments.positional.empty()) throw Trouble("loop.cycle() is given nothing to go through");
        return arguments.positional[m_loop->round() % arguments.positional.size()];
    }

  private:
    std::shared_ptr<const Loop> m_loop;
};

}  // namespace

Value Loop::attribute(Budget&, const std::string& name) {
    const auto round = static_cast<std::int64_t>(m_round), size = static_cast<std::int64_t>(m_items->items.size());
    if (name == "index") return round + 1;
    if (name == "index0") return round;
    if (name == "first") return round == 0;
    if (name == "last") return round + 1 == size;
    if (name == "length") return size;
    if (name == "revindex") return size - round;
    if (name == "revindex0") return size - round - 1;
    if (name == "depth") return std::int64_t{1};
    if (name == "depth0") return std::int64_t{0};
    if (name == "previtem") return round > 0 ? m_items->items[m_round - 1] : Value::undefined("there is no previous item");
    if (name == "nextitem") return round + 1 < size ? m_items->items[m_round + 1] : Value::undefined("there is no next item");
    if (name == "cycle") return Value(std::shared_ptr<const Callable>(std::make_shared<Cycle>(shared_from_this())));
    return Value::undefined("loop has no attribute '" + name + "'");
}

}  // namespace airframe::jinja
