// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine/text_output.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "app/engine/numbers.h"

namespace airframe {
namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

/// Columns as wide as their longest cell; the first row is the head.
std::string table(const Rows& rows) {
    std::vector<std::size_t> width;
    for (const auto& row : rows) {
        width.resize(std::max(width.size(), row.size()));
        for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) line += row[c] + std::string(width[c] - row[c].size() + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

double num(const json& object, const char* key) { return object.at(key).is_number() ? object.at(key).get<double>() : NAN; }
std::string str(const json& object, const char* key) { return object.at(key).get<std::string>(); }
std::string interval(const json& o) {
    return fixed(num(o, "score"), 4) + " [" + fixed(num(o, "low"), 4) + ", " + fixed(num(o, "high"), 4) + "]";
}

/// One "key value" line per field, for documents without lists.
std::string fields(const json& data) {
    Rows rows;
    for (const auto& [key, value] : data.items()) {
        if (value.is_number_float()) rows.push_back({key, fixed(value.get<double>(), 4)});
        else if (value.is_number()) rows.push_back({key, grouped(value.get<double>())});
        else if (value.is_string()) rows.push_back({key, value.get<std::string>()});
        else rows.push_back({key, value.dump()});
    }
    return table(rows);
}

std::string ids(const json& data) {
    std::string text;
    for (const auto& id : data.at("ids")) {
        if (!text.empty()) text += ',';
        text += id.dump();
    }
    return text + '\n';
}

std::string logits(const json& data) {
    Rows rows{{"pos", "logsumexp", "id:logit"}};
    for (const auto& p : data.at("positions")) {
        std::string top;
        for (std::size_t i = 0; i < std::min<std::size_t>(p.at("top").size(), 8); ++i) {
            top += p["top"][i][0].dump() + ':' + fixed(p["top"][i][1].get<double>(), 3) + ' ';
        }
        rows.push_back({p.at("pos").dump(), fixed(num(p, "logsumexp"), 4), top});
    }
    std::string text = table(rows);
    if (data.contains("nll")) {
        double sum = 0;
        for (const auto& value : data["nll"]) sum += value.get<double>();
        const auto n = static_cast<double>(data["nll"].size());
        text += "nll  " + fixed(sum / n, 4) + " mean of " + grouped(n) + " predictions\n";
    }
    return text;
}

std::string train(const json& data) {
    std::string text = grouped(num(data, "tokens")) + " tokens in " + fixed(num(data, "seconds"), 0) + " s, checkpoint " +
                       str(data, "checkpoint").substr(0, 12) + "\n";
    Rows rows{{"layer", "held-out error"}};
    for (const auto& h : data.at("heldout")) rows.push_back({h.at("layer").dump(), fixed(num(h, "error"), 4)});
    return text + table(rows);
}

std::string tasks(const json& data) {
    Rows rows{{"task", "family", "chance"}};
    for (const auto& t : data.at("tasks")) rows.push_back({str(t, "id"), str(t, "family"), fixed(num(t, "chance"), 3)});
    return table(rows);
}

/// What one placement was scored on.
std::string counts(const json& data) {
    std::string text;
    for (const auto& t : data.value("tasks", json::array()))
        text += str(t, "task") + ": " + grouped(num(t, "items")) + " items, " + grouped(num(t, "tokens")) + " scored tokens a placement\n";
    return text;
}

std::string importance(const json& data) {
    std::string text;
    for (const auto& [view, cells] : data.at("views").items()) {
        std::vector<json> sorted(cells.begin(), cells.end());
        std::stable_sort(sorted.begin(), sorted.end(), [](const json& a, const json& b) {
            const std::string ta = str(a, "task"), tb = str(b, "task");
            return ta != tb ? ta < tb : num(a, "score") > num(b, "score");
        });
        text += view + '\n';
        Rows rows{{"task", "layer", "score [95 %]", "rank", "items"}};
        for (const auto& c : sorted) {
            rows.push_back({str(c, "task"), c.at("layer").dump(), interval(c),
                            c.at("rank_low").dump() + ".." + c.at("rank_high").dump(), c.at("items").dump()});
        }
        text += table(rows) + '\n';
    }
    return text + counts(data);
}

std::string layerTokens(const json& data) {
    return "layer-tokens  " + grouped(num(data, "layer_tokens")) + " of " + grouped(num(data, "layer_tokens_whole")) +
           " without sharing\n";
}

std::string checked(const json& data) {
    if (!data.contains("beam_rank")) return "stopped before every choice was scored\n";
    const json& regret = data.at("regret");
    return table({{"", "score [95 %]", "placement"},
                  {"best of " + std::to_string(data.at("all").size()), interval(data.at("best")), str(data.at("best"), "placement")},
                  {"beam", interval(data.at("beam")), str(data.at("beam"), "placement")}}) +
           "the beam's is number " + data.at("beam_rank").dump() + "; regret " + fixed(num(regret, "mean"), 4) + " [" +
           fixed(num(regret, "low"), 4) + ", " + fixed(num(regret, "high"), 4) + "] nats per token\n" + layerTokens(data) + counts(data);
}

std::string search(const json& data) {
    if (data.contains("all")) return checked(data);
    Rows rows{{"round", "score [95 %]", "kept", "placement"}};
    for (const auto& r : data.at("rounds"))
        for (const auto& c : r.at("candidates"))
            if (c.at("kept").get<bool>()) rows.push_back({r.at("round").dump(), interval(c), "kept", str(c, "placement")});
    for (const auto& c : data.at("controls")) rows.push_back({"-", interval(c), str(c, "name"), str(c, "placement")});
    return table(rows) + "best  " + (data.at("best").is_string() ? str(data, "best") : data.at("best").dump()) + "\n" +
           layerTokens(data) + counts(data);
}

std::string scored(const json& data) {
    Rows rows{{"score [95 %]", "placement"}};
    for (const auto& p : data.at("placements")) rows.push_back({interval(p), str(p, "placement")});
    return table(rows) + layerTokens(data) + counts(data);
}

std::string lossText(const json& data) {
    std::string text = fixed(num(data, "nll"), 4) + " nats per token over " + grouped(num(data, "tokens")) + " predictions\n";
    if (!data.contains("against")) return text;
    Rows rows{{"better by [95 %]", "than", "its loss"}};
    for (const auto& a : data["against"])
        rows.push_back({fixed(num(a, "gain"), 4) + " [" + fixed(num(a, "low"), 4) + ", " + fixed(num(a, "high"), 4) + "]",
                        str(a, "placement"), fixed(num(a, "nll"), 4)});
    return text + table(rows);
}

std::string throughput(const json& data) {
    Rows rows{{"", "median", "q1", "q3", "n"}};
    for (const char* key : {"prefill_tps", "decode_tps", "ttft_ms"}) {
        const json& s = data.at(key);
        rows.push_back({key, fixed(num(s, "median"), 1), fixed(num(s, "q1"), 1), fixed(num(s, "q3"), 1), s.at("n").dump()});
    }
    return table(rows) + "cache  " + byteText(num(data, "cache_bytes")) + "\npeak   " + byteText(num(data, "peak_bytes")) +
           "\ndevice " + str(data, "device") + '\n';
}

std::string front(const json& data) {
    const auto& points = data.at("points");
    if (points.empty()) return "no placement is both scored and measured yet: run search, then throughput\n";
    Rows rows{{"front", "score [95 %]", "decode tok/s", "cache", "name", "placement"}};
    int on = 0, near = 0;
    for (const auto& p : points) {
        on += p.at("on_front").get<bool>();
        near += !p.at("dominated_beyond_error").get<bool>();
        rows.push_back({p["on_front"].get<bool>() ? "*" : "", interval(p), fixed(num(p, "decode_tps"), 1),
                        byteText(num(p, "cache_bytes")), str(p, "name"), str(p, "placement")});
    }
    return table(rows) + std::to_string(on) + " of " + std::to_string(points.size()) + " on the front, " + std::to_string(near) +
           " not dominated within error (context " + points[0].at("context").dump() + ", batch " + points[0].at("batch").dump() + ")\n";
}

std::string exported(const json& data) {
    std::string text = str(data, "path") + '\n';
    if (data.at("format") == "hf")
        for (const auto& file : data.at("files")) text += "  " + file.get<std::string>() + '\n';
    if (data.at("checked_tokens") == 0) return text + "read again: the same architecture\n";
    return text + "read again: largest logit difference " + data.at("max_logit_difference").dump() + ", " +
           fixed(100 * num(data, "relative_logit_error"), 3) + " % of the logits; matrices stored as " + str(data, "storage") +
           " within " + fixed(100 * num(data, "relative_weight_error"), 3) + " %\n";
}

/// "0-13" or "14".
std::string range(std::size_t first, std::size_t last) {
    return std::to_string(first) + (first == last ? "" : "-" + std::to_string(last));
}

std::string inspected(const json& data) {
    std::string text = str(data, "architecture") + ", " + grouped(num(data, "parameters")) + " parameters, " + str(data, "format") + " of " +
                       byteText(num(data, "bytes")) + "\n" + data.at("layers").dump() + " layers, hidden " + data.at("hidden").dump() + ", " +
                       data.at("heads").dump() + " query and " + data.at("kv_heads").dump() + " key/value heads of " + data.at("head_dim").dump() +
                       ", vocabulary " + grouped(num(data, "vocab")) + (data.at("tied").get<bool>() ? ", tied head" : "") + ", trained on " +
                       grouped(num(data, "trained_context")) + " tokens\n";
    if (data.contains("placement")) text += "placement " + str(data, "placement") + "\n";
    const json& layers = data.at("layer_table");
    Rows rows{{"layer", "block", "window", "tensors", "parameters", "size", "stored as"}};
    const auto add = [&](const std::string& name, const json& row) {
        rows.push_back({name, row.value("block", "-"), row.contains("window") ? grouped(num(row, "window")) : "-", row.at("tensors").dump(),
                        grouped(num(row, "parameters")), byteText(num(row, "bytes")), str(row, "types")});
    };
    // Layers that differ in nothing but their number share a line; its figures are of one of them.
    for (std::size_t i = 0, first = 0; i < layers.size(); ++i) {
        json next = i + 1 < layers.size() ? layers[i + 1] : json();
        if (next.is_object()) next["layer"] = i;
        if (next == layers[i]) continue;
        add(range(first, i), layers[i]);
        first = i + 1;
    }
    add("others", data.at("outside_layers"));
    text += "\n" + table(rows) + "\nmemory at " + grouped(num(data, "context")) + " tokens, batch " + data.at("batch").dump() + "\n";
    Rows memory{{"compute", "weights", "keys, values, states", "activations", "sum"}};
    for (const auto& m : data.at("memory"))
        memory.push_back({str(m, "compute"), byteText(num(m, "weights_bytes")), byteText(num(m, "states_bytes")),
                          byteText(num(m, "activations_bytes")), byteText(num(m, "total_bytes"))});
    text += table(memory);
    if (data.contains("native_lacks")) text += "native is not possible: the model has " + str(data, "native_lacks") + "\n";
    return text;
}

std::string imported(const json& data) {
    std::string text = (data.at("new").get<bool>() ? "added  " : "known  ") + str(data, "placement") + '\n';
    const std::string base = str(data, "base");
    if (base == "other") text += "it was found for another base model" + (str(data, "base_model").empty() ? "" : ": " + str(data, "base_model")) + '\n';
    if (base == "unknown") text += "it does not say for which base model it was found\n";
    for (const auto& other : data.at("other_dims")) text += "dimensions differ, " + other.get<std::string>() + "; this study's apply\n";
    for (const auto& block : data.at("untrained_blocks")) text += "no " + block.get<std::string>() + " is trained in this study yet: run train\n";
    return text;
}

std::string generated(const json& data, bool streamed) {
    return (streamed ? std::string() : str(data, "text")) + '\n';
}

}  // namespace

std::string plainText(const std::string& operation, const json& data, bool streamed) {
    static const std::map<std::string, std::string (*)(const json&)> printers = {
        {"tokenize", ids},     {"logits", logits},         {"train", train}, {"tasks", tasks},     {"importance", importance},
        {"search", search},    {"throughput", throughput}, {"front", front}, {"export", exported}, {"score", scored},
        {"loss", lossText},    {"inspect", inspected},     {"import", imported},
    };
    if (operation == "detokenize") return str(data, "text");  // raw bytes, no newline added
    if (operation == "generate") return generated(data, streamed);
    if (operation == "demo") return front(data.at("front")) + "study  " + str(data, "study") + '\n';
    const auto printer = printers.find(operation);
    return printer == printers.end() ? fields(data) : printer->second(data);
}

}  // namespace airframe
