// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/steering.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace airframe {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const std::string& field, const std::string& what) {
    throw Failure(ErrorCode::bad_input, "steering", "field \"" + field + "\" " + what,
                  "core/study/README.md shows the fields of a steering message");
}

std::string shown(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int wholeNumber(const std::string& field, const Json& value, int low, int high) {
    if (!value.is_number_integer() || value < low || value > high)
        fail(field, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ", found " +
                        shown(value));
    return value.get<int>();
}

const Json& list(const std::string& field, const Json& value) {
    if (!value.is_array()) fail(field, "must be a list, found " + shown(value));
    return value;
}

std::vector<int> layerList(const std::string& field, const Json& value, int layers) {
    std::vector<int> out;
    for (const Json& entry : list(field, value)) out.push_back(wholeNumber(field, entry, 0, layers - 1));
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<Placement> placementList(const std::string& field, const Json& value, int layers) {
    std::vector<Placement> out;
    for (const Json& entry : list(field, value)) {
        if (!entry.is_string()) fail(field, "must hold placements as text, found " + shown(entry));
        try {
            Placement placement = Placement::parse(entry.get<std::string>(), layers);
            if (std::find(out.begin(), out.end(), placement) == out.end()) out.push_back(std::move(placement));
        } catch (const Failure& failure) {
            fail(field, "has the placement " + shown(entry) + ", which " + failure.error().what);
        }
    }
    return out;
}

std::string text(const std::string& field, const Json& value) {
    if (!value.is_string()) fail(field, "must be text, found " + shown(value));
    return value.get<std::string>();
}

void refuseBoth(const std::vector<int>& a, const std::vector<int>& b, const std::string& field,
                const std::string& other) {
    for (const int layer : a)
        if (std::find(b.begin(), b.end(), layer) != b.end())
            fail(field, "and \"" + other + "\" both name layer " + std::to_string(layer));
}

Json texts(const std::vector<Placement>& placements) {
    Json out = Json::array();
    for (const Placement& placement : placements) out.push_back(placement.text());
    return out;
}

}  // namespace

Steering Steering::parse(const std::string& source, int layers) {
    const Json message = Json::parse(source, nullptr, false);
    if (!message.is_object())
        throw Failure(ErrorCode::bad_input, "steering", "is not a JSON object", "send {\"pin\":[3]} or the like");
    Steering out;
    for (const auto& item : message.items()) {
        const std::string& field = item.key();
        const Json& value = item.value();
        if (field == "pin")
            out.pin = layerList(field, value, layers);
        else if (field == "unpin")
            out.unpin = layerList(field, value, layers);
        else if (field == "forbid")
            out.forbid = layerList(field, value, layers);
        else if (field == "unforbid")
            out.unforbid = layerList(field, value, layers);
        else if (field == "width")
            out.width = wholeNumber(field, value, 1, 1'000'000);
        else if (field == "budget")
            out.budget = wholeNumber(field, value, 0, layers);
        else if (field == "add")
            out.add = placementList(field, value, layers);
        else if (field == "drop")
            out.drop = placementList(field, value, layers);
        else if (field == "order")
            out.order = placementList(field, value, layers);
        else if (field == "reason")
            out.reason = text(field, value);
        else if (field == "who")
            out.who = text(field, value);
        else if (field == "weights") {
            if (!value.is_object()) fail(field, "must be an object of task ids and numbers, found " + shown(value));
            for (const auto& weight : value.items()) {
                if (!weight.value().is_number() || !(weight.value().get<double>() >= 0) ||
                    !std::isfinite(weight.value().get<double>()))
                    fail(field, "gives task \"" + weight.key() + "\" " + shown(weight.value()) +
                                    ", a number of at least 0 was wanted");
                out.weights[weight.key()] = weight.value().get<double>();
            }
        } else
            fail(field, "is unknown");
    }
    refuseBoth(out.pin, out.forbid, "pin", "forbid");
    refuseBoth(out.pin, out.unpin, "pin", "unpin");
    refuseBoth(out.forbid, out.unforbid, "forbid", "unforbid");
    return out;
}

std::string Steering::json() const {
    Json out = Json::object();
    if (!pin.empty()) out["pin"] = pin;
    if (!unpin.empty()) out["unpin"] = unpin;
    if (!forbid.empty()) out["forbid"] = forbid;
    if (!unforbid.empty()) out["unforbid"] = unforbid;
    if (width) out["width"] = *width;
    if (budget) out["budget"] = *budget;
    if (!weights.empty()) out["weights"] = weights;
    if (!add.empty()) out["add"] = texts(add);
    if (!drop.empty()) out["drop"] = texts(drop);
    if (!order.empty()) out["order"] = texts(order);
    if (!reason.empty()) out["reason"] = reason;
    if (!who.empty()) out["who"] = who;
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace airframe
