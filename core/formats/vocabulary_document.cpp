// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/vocabulary_document.h"

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/formats/mapped_file.h"

namespace airframe {
namespace {

using nlohmann::json;
constexpr std::size_t max_depth = 64;

/// Builds the document from the parser's events.
class Builder final : public nlohmann::json_sax<json> {
  public:
    Builder(std::string file, VocabularyPlace place) : m_file(std::move(file)), m_place(place) {}

    VocabularyDocument take() {
        m_document.rest = std::move(m_root);
        return std::move(m_document);
    }

    bool null() override { return value(nullptr); }
    bool boolean(bool v) override { return value(v); }
    bool number_integer(number_integer_t v) override { return value(v); }
    bool number_float(number_float_t v, const string_t&) override { return value(v); }
    bool binary(binary_t&) override { return false; }  // no JSON text has it
    bool number_unsigned(number_unsigned_t v) override {
        if (m_mode != Mode::vocabulary) return value(v);
        m_document.vocabulary->emplace_back(std::move(m_key), v);
        return true;
    }
    bool string(string_t& v) override {
        if (m_mode == Mode::merges) {
            m_document.merges->push_back(std::move(v));
        } else if (m_mode == Mode::pair) {
            auto& merge = m_document.merges->back();
            if (m_halves++ == 1) merge += ' ';
            if (m_halves > 2) wrongMerge();
            merge += v;
        } else {
            return value(std::move(v));
        }
        return true;
    }
    bool key(string_t& v) override {
        const bool taken = m_mode == Mode::rest && m_open.back() == m_model &&
                           ((v == "vocab" && m_document.vocabulary) || (v == "merges" && m_document.merges));
        if (taken || (m_mode == Mode::rest && m_open.back()->contains(v))) fail("the key \"" + v + "\" occurs twice");
        m_key = std::move(v);
        return true;
    }
    bool start_object(std::size_t) override {
        const bool wanted = m_place == VocabularyPlace::whole_file ? m_open.empty() && m_mode == Mode::rest : isInModel("vocab");
        if (!wanted) return open(json::object());
        m_mode = Mode::vocabulary;
        m_document.vocabulary.emplace();
        return true;
    }
    bool start_array(std::size_t) override {
        if (m_mode == Mode::merges) {
            m_mode = Mode::pair;
            m_halves = 0;
            m_document.merges->emplace_back();
            return true;
        }
        if (m_place != VocabularyPlace::in_model || !isInModel("merges")) return open(json::array());
        m_mode = Mode::merges;
        m_document.merges.emplace();
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override {
        if (m_mode != Mode::pair) return close();
        if (m_halves != 2) wrongMerge();
        m_mode = Mode::merges;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        fail("is not valid JSON: " + toValidUtf8(error.what()));
    }

  private:
    enum class Mode { rest, vocabulary, merges, pair };

    [[noreturn]] void fail(const std::string& what) const { throw Failure(ErrorCode::bad_input, m_file, what); }
    [[noreturn]] void wrongMerge() const {
        throw Failure(ErrorCode::bad_input, m_file + ": model.merges: " + std::to_string(m_document.merges->size()),
                      "\"left right\" or [\"left\", \"right\"] was wanted");
    }
    void mustBeRest() const {
        if (m_mode == Mode::vocabulary) {
            throw Failure(ErrorCode::bad_input, m_file + ": model.vocab: \"" + m_key + "\"", "an id, a natural number, was wanted");
        }
        if (m_mode != Mode::rest) wrongMerge();
    }
    /// Whether the value that begins now is this one of the object "model" of the top.
    bool isInModel(const char* name) const {
        return m_mode == Mode::rest && m_open.size() == 2 && m_model == m_open.back() && m_key == name;
    }
    json* put(json&& v) {
        mustBeRest();
        if (m_open.empty()) return &(m_root = std::move(v));
        json& in = *m_open.back();
        if (in.is_array()) return &in.emplace_back(std::move(v));
        return &(in[std::move(m_key)] = std::move(v));
    }
    bool value(json&& v) {
        put(std::move(v));
        return true;
    }
    bool open(json&& v) {
        if (m_open.size() >= max_depth) fail("nests deeper than " + std::to_string(max_depth) + " levels");
        const bool model = m_open.size() == 1 && m_open.back()->is_object() && m_key == "model";
        m_open.push_back(put(std::move(v)));
        if (model) m_model = m_open.back();
        return true;
    }
    bool close() {
        if (m_mode != Mode::rest) m_mode = Mode::rest;
        else m_open.pop_back();
        return true;
    }

    std::string m_file;
    VocabularyPlace m_place;
    VocabularyDocument m_document;
    json m_root;
    std::vector<json*> m_open;   // containers of the rest that are not closed; values of an open one never move
    const json* m_model = nullptr;
    std::string m_key;
    Mode m_mode = Mode::rest;
    int m_halves = 0;            // of the pair that is read
};

}  // namespace

VocabularyDocument readVocabularyDocument(const std::filesystem::path& path, VocabularyPlace place) {
    const MappedFile file(path);
    const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
    const auto fail = [&](const std::string& what) { throw Failure(ErrorCode::bad_input, path.string(), what); };
    // The parser takes a NUL for the end of its input and would pass over whatever follows.
    if (text.find('\0') != std::string_view::npos) fail("holds a NUL byte");
    Builder builder(path.string(), place);
    if (!json::sax_parse(text.begin(), text.end(), &builder)) fail("is not valid JSON");
    VocabularyDocument document = builder.take();
    const bool is_object = place == VocabularyPlace::whole_file ? document.vocabulary.has_value() : document.rest.is_object();
    if (!is_object) fail("a JSON object was expected");
    return document;
}

}  // namespace airframe
