// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text_file.h"
#include "core/eval/task.h"

namespace airframe {
namespace {

using nlohmann::json;

/// Reads one line's fields and says which one is wrong.
class Line {
  public:
    Line(std::string where, const std::string& text) : m_where(std::move(where)) {
        m_json = json::parse(text, nullptr, false);
        if (m_json.is_discarded()) fail("is not JSON", "one JSON object is wanted on every line");
        if (!m_json.is_object()) fail("is not a JSON object", "one JSON object is wanted on every line");
    }

    [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const {
        throw Failure(ErrorCode::bad_input, m_where, what, hint);
    }

    [[nodiscard]] const json& field(const char* name) const {
        const auto found = m_json.find(name);
        if (found == m_json.end()) fail(std::string("field \"") + name + "\" is missing");
        return *found;
    }

    [[nodiscard]] std::string text(const char* name) const {
        const json& value = field(name);
        if (!value.is_string())
            fail(std::string("field \"") + name + "\": a string is wanted, found " + value.type_name());
        return value.get<std::string>();
    }

    /// The continuations, the right one first.
    [[nodiscard]] std::vector<std::string> continuations() const {
        const json& choices = field("choices");
        if (!choices.is_array())
            fail(std::string("field \"choices\": an array is wanted, found ") + choices.type_name());
        if (choices.empty()) return {text("answer")};
        std::vector<std::string> all;
        for (const json& choice : choices) {
            if (!choice.is_string())
                fail("field \"choices\": strings are wanted, found " + std::string(choice.type_name()));
            all.push_back(choice.get<std::string>());
        }
        const json& answer = field("answer");
        if (!answer.is_number_integer())
            fail(std::string("field \"answer\": the index of a choice is wanted, found ") + answer.type_name());
        const auto right = answer.get<std::int64_t>();
        if (right < 0 || right >= static_cast<std::int64_t>(all.size()))
            fail("field \"answer\": " + std::to_string(right) + " is not the index of one of " +
                 std::to_string(all.size()) + " choices");
        std::rotate(all.begin(), all.begin() + right, all.begin() + right + 1);
        return all;
    }

    /// Bytes at the end of each continuation that alone are scored: meta.suffix, where all continuations end in it
    /// (Winogrande's "partial" score: the options come before the shared rest). 0 = the whole continuation.
    [[nodiscard]] std::size_t sharedSuffix(const std::vector<std::string>& continuations) const {
        const auto meta = m_json.find("meta");
        if (meta == m_json.end() || !meta->is_object() || !meta->contains("suffix")) return 0;
        const json& value = meta->at("suffix");
        if (!value.is_string()) fail("field \"meta.suffix\": a string is wanted");
        const auto suffix = value.get<std::string>();
        const bool shared = std::all_of(continuations.begin(), continuations.end(),
                                        [&](const std::string& text) { return text.ends_with(suffix); });
        return shared ? suffix.size() : 0;
    }

    [[nodiscard]] const std::string& where() const { return m_where; }

  private:
    std::string m_where;
    json m_json;
};

/// Where a text without anything before it starts: the document separator, else the BOS token, else nothing.
std::vector<std::int32_t> startOfText(const Tokenizer& tokenizer) {
    if (tokenizer.data().add_bos) return {};  // encode puts it there
    if (const auto id = tokenizer.id("<|endoftext|>"); id >= 0) return {id};
    if (tokenizer.data().bos_id >= 0) return {tokenizer.data().bos_id};
    return {};
}

/// Context and continuation are joined and encoded as one text; scored are the tokens that reach into the part to be
/// scored, so a token over the border counts.
Choice joined(const Line& line, const Tokenizer& tokenizer, const std::string& context, const std::string& continuation,
              std::size_t suffix) {
    const bool space = !context.empty() && std::string(" \t\r\n").find(context.back()) == std::string::npos;
    const std::string whole = context + (space ? " " : "") + continuation;
    const std::size_t border = suffix > 0 ? whole.size() - suffix : context.size();
    Choice choice;
    if (context.empty()) choice.ids = startOfText(tokenizer);
    const std::size_t before = choice.ids.size() + (tokenizer.data().add_bos ? 1 : 0);
    const auto ids = tokenizer.encode(whole, false);
    choice.ids.insert(choice.ids.end(), ids.begin(), ids.end());
    std::size_t bytes = 0, begin = before;
    while (begin < choice.ids.size()) {
        bytes += tokenizer.decode({&choice.ids[begin], 1}).size();
        if (bytes > border) break;
        ++begin;
    }
    begin = std::max<std::size_t>(begin, 1);
    if (begin >= choice.ids.size()) line.fail("a continuation leaves no token to score: \"" + continuation + "\"");
    choice.scored = {{static_cast<int>(begin), static_cast<int>(choice.ids.size())}};
    return choice;
}

}  // namespace

TaskData loadTaskFile(const std::filesystem::path& path, const Tokenizer& tokenizer, int max_items) {
    std::istringstream lines(readTextFile(path));
    TaskData data;
    data.task = path.stem().string();
    if (path.extension() == ".zst") data.task = path.stem().stem().string();
    std::string text;
    for (int number = 1; std::getline(lines, text); ++number) {
        if (max_items > 0 && static_cast<int>(data.items.size()) >= max_items) break;
        if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
        const Line line(path.string() + ":" + std::to_string(number), text);
        const std::string context = line.text("context");
        const auto continuations = line.continuations();
        const std::size_t suffix = line.sharedSuffix(continuations);
        Item item;
        for (const std::string& continuation : continuations)
            item.choices.push_back(joined(line, tokenizer, context, continuation, suffix));
        data.items.push_back(std::move(item));
    }
    if (data.items.empty())
        throw Failure(ErrorCode::bad_input, path.string(), "holds no items", "one JSON object a line is wanted");
    data.hash = hashOf(data.items);
    return data;
}

}  // namespace airframe
