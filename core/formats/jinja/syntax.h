// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/formats/jinja/value.h"

namespace airframe::jinja {

/// The tree that the parser makes of a template and the evaluator walks. Immutable after parsing.

struct Expression;
struct Statement;
using ExpressionPtr = std::unique_ptr<const Expression>;
using Body = std::vector<std::unique_ptr<const Statement>>;

struct CallArguments {
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    ExpressionPtr spread, spread_named;  ///< *list and **dict; may be null
};

struct Constant { Value value; };
struct Name { std::string name; };
struct ListLiteral { List::Kind kind; std::vector<ExpressionPtr> items; };  ///< list or tuple
struct DictLiteral { std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries; };
struct Conditional { ExpressionPtr then, test, otherwise; };  ///< `then if test else otherwise`; otherwise may be null
struct Logic { bool is_and; ExpressionPtr left, right; };
struct Not { ExpressionPtr operand; };
enum class Relation { equal, unequal, less, less_equal, greater, greater_equal, in, not_in };
struct Comparison { ExpressionPtr first; std::vector<std::pair<Relation, ExpressionPtr>> rest; };  ///< chained: a < b < c
enum class Operator { add, subtract, multiply, divide, floor_divide, remainder, power };
struct Arithmetic { Operator op; ExpressionPtr left, right; };
struct Sign { bool negative; ExpressionPtr operand; };
struct Joined { std::vector<ExpressionPtr> parts; };  ///< a ~ b
struct Attribute { ExpressionPtr object; std::string name; };
struct Item { ExpressionPtr object, index; };
struct Slice { ExpressionPtr object, start, stop, step; };  ///< each bound may be null
struct Call { ExpressionPtr callee; CallArguments arguments; };
struct FilterUse { ExpressionPtr input; std::string name; CallArguments arguments; };  ///< input null: the text of a block
struct TestUse { ExpressionPtr input; std::string name; CallArguments arguments; };

struct Expression {
    using Node = std::variant<Constant, Name, ListLiteral, DictLiteral, Conditional, Logic, Not, Comparison, Arithmetic, Sign,
                              Joined, Attribute, Item, Slice, Call, FilterUse, TestUse>;
    int line;
    int depth;  ///< of the tree below, this node included; bounded by the parser
    Node node;
};

/// What a value is given to: a name, an attribute of a namespace, or several targets.
struct Target {
    std::string name, attribute;  ///< attribute may be empty
    std::vector<Target> parts;    ///< not empty: unpack into these
};

/// Parameters of a macro; the last defaults.size() of them have defaults.
struct Signature {
    std::vector<std::string> names;
    std::vector<ExpressionPtr> defaults;
};

struct Text { std::string text; };
struct Output { ExpressionPtr value; };
struct If { std::vector<std::pair<ExpressionPtr, Body>> branches; Body otherwise; };
struct For { Target target; ExpressionPtr items, filter; Body body, otherwise; };  ///< filter may be null
struct Set { Target target; ExpressionPtr value; };
struct SetBlock { Target target; ExpressionPtr filter; Body body; };  ///< filter may be null
struct Macro { std::string name; Signature signature; Body body; };
struct CallBlock { Signature signature; ExpressionPtr call; Body body; };  ///< call is a Call
struct FilterBlock { ExpressionPtr filter; Body body; };
struct With { std::vector<std::pair<Target, ExpressionPtr>> values; Body body; };  ///< also {% generation %}: a scope
struct Break {};
struct Continue {};

struct Statement {
    using Node = std::variant<Text, Output, If, For, Set, SetBlock, Macro, CallBlock, FilterBlock, With, Break, Continue>;
    int line;
    Node node;
};

}  // namespace airframe::jinja
