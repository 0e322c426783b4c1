// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/template.h"

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/formats/jinja/evaluator.h"
#include "core/formats/jinja/parser.h"
#include "core/formats/jinja/trouble.h"
#include "core/formats/jinja/value_json.h"

namespace airframe::jinja {
namespace {

[[noreturn]] void fail(const std::string& where, int line, const std::string& what) {
    throw Failure(ErrorCode::bad_input, where + (line > 0 ? ", line " + std::to_string(line) : ""), toValidUtf8(what),
                  "give the prompt as plain text, or repair the template");
}

}  // namespace

Template::Template(const std::string& source, std::string where) : m_where(std::move(where)) {
    if (source.size() > max_source) fail(m_where, 0, "is longer than " + std::to_string(max_source >> 10) + " KiB");
    if (firstInvalidUtf8(source) != std::string::npos) {
        fail(m_where, 0, "is not UTF-8 at byte " + std::to_string(firstInvalidUtf8(source)));
    }
    try {
        Budget budget;
        m_body = Parser(tokenise(source), budget).parse();
    } catch (const Trouble& trouble) {
        fail(m_where, trouble.line(), trouble.what());
    }
}

std::string Template::render(const std::map<std::string, nlohmann::ordered_json>& variables,
                             std::chrono::system_clock::time_point now) const {
    Budget budget;
    std::map<std::string, Value> values;
    try {
        for (const auto& [name, json] : variables) values.emplace(name, fromJson(budget, json));
    } catch (const Trouble& trouble) {
        fail(m_where, 0, trouble.what());
    }
    Evaluator evaluator(budget, values, now);
    try {
        return evaluator.render(m_body);
    } catch (const Trouble& trouble) {
        fail(m_where, evaluator.line(), trouble.what());
    }
}

}  // namespace airframe::jinja
