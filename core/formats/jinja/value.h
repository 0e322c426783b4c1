// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/formats/jinja/budget.h"

namespace airframe::jinja {

class Callable;
class Object;
struct Dict;
struct List;

/// A name, attribute or item that is not there. It prints as nothing and is false; anything else done with it is an error.
struct Undefined {
    std::shared_ptr<const std::string> why;  ///< "'tools' is undefined"
};

struct None {};

/// A value of a template, with the meaning that Python gives it. Immutable except for namespaces (see Object). Copies share.
/// Everything that takes memory is made through a Budget. Lives no longer than the rendering it was made in.
class Value {
  public:
    using Data = std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const std::string>,
                              std::shared_ptr<const List>, std::shared_ptr<const Dict>, std::shared_ptr<Object>,
                              std::shared_ptr<const Callable>>;

    Value() : m_data(None{}) {}
    Value(bool value) : m_data(value) {}
    Value(std::int64_t value) : m_data(value) {}
    Value(double value) : m_data(value) {}
    explicit Value(std::shared_ptr<Object> object) : m_data(std::move(object)) {}
    explicit Value(std::shared_ptr<const Callable> function) : m_data(std::move(function)) {}
    Value(const void*) = delete;  // no pointer becomes a bool

    static Value undefined(std::string why);
    static Value text(Budget& budget, std::string text);

    [[nodiscard]] const Data& data() const { return m_data; }
    [[nodiscard]] bool isUndefined() const { return std::holds_alternative<Undefined>(m_data); }
    [[nodiscard]] bool isNone() const { return std::holds_alternative<None>(m_data); }
    [[nodiscard]] bool isBool() const { return std::holds_alternative<bool>(m_data); }
    [[nodiscard]] bool isInteger() const { return std::holds_alternative<std::int64_t>(m_data); }  ///< without booleans
    [[nodiscard]] bool isFloat() const { return std::holds_alternative<double>(m_data); }
    [[nodiscard]] bool isNumber() const { return isBool() || isInteger() || isFloat(); }
    [[nodiscard]] const std::string* asText() const;  ///< nullptr if it is none; likewise below
    [[nodiscard]] const List* asList() const;
    [[nodiscard]] const Dict* asDict() const;
    [[nodiscard]] Object* asObject() const;
    [[nodiscard]] const Callable* asCallable() const;

    /// The whole number that Python would use it as (True is 1). Throws Trouble naming `what` for anything else.
    [[nodiscard]] std::int64_t integer(std::string_view what) const;
    [[nodiscard]] double number() const;      ///< of a number
    [[nodiscard]] bool truth() const;         ///< as in an if
    [[nodiscard]] int depth() const;          ///< 0 for a leaf, else levels of lists and dictionaries
    [[nodiscard]] std::string typeName() const;  ///< "str", "list", ...: Python's, for messages

  private:
    friend struct List;
    friend struct Dict;
    Data m_data;
};

/// Everything that has an order: lists, tuples, and what Python's iterables leave behind.
struct List {
    enum class Kind {
        list,
        tuple,
        range,      ///< of range(): has a length and items
        view,       ///< of dict.keys(), values(), items(): has a length, no items
        generator,  ///< of most filters: true, without length or items, can be gone through once
    };
    Kind kind = Kind::list;
    std::vector<Value> items;
    int depth = 1;
    mutable bool spent = false;  ///< a generator that was gone through; the one thing that changes

    static Value make(Budget& budget, Kind kind, std::vector<Value> items);
    [[nodiscard]] bool isSequence() const { return kind == Kind::list || kind == Kind::tuple || kind == Kind::range; }
};

/// A dictionary in insertion order.
struct Dict {
    std::vector<std::pair<Value, Value>> entries;
    std::map<std::string, std::size_t> index;  ///< text of the key -> place
    int depth = 1;

    /// Later entries replace earlier ones with an equal key. Throws Trouble for a key that cannot be one (a list).
    static Value make(Budget& budget, std::vector<std::pair<Value, Value>> entries);
    /// nullptr if absent or not a possible key.
    [[nodiscard]] const Value* find(Budget& budget, const Value& key) const;
    [[nodiscard]] const Value* find(Budget& budget, std::string_view key) const;
};

/// Something with attributes that is no dictionary: namespace(), loop.
class Object {
  public:
    virtual ~Object() = default;
    [[nodiscard]] virtual std::string typeName() const = 0;
    [[nodiscard]] virtual Value attribute(Budget& budget, const std::string& name) = 0;
    /// Throws Trouble unless it is a namespace.
    virtual void assign(const std::string& name, Value value);
};

}  // namespace airframe::jinja
