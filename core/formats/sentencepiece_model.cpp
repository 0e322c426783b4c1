// SPDX-License-Identifier: GPL-3.0-or-later
// Field numbers: https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
#include "core/formats/sentencepiece_model.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/formats/mapped_file.h"
#include "core/formats/protobuf_reader.h"
#include "core/formats/space_mark.h"
#include "core/formats/vocabulary.h"

namespace airframe {
namespace {

/// What is read of a model, with the format's defaults.
struct Settings {
    std::int32_t model_type = 1, unk_id = 0, bos_id = 1, eos_id = 2;
    bool byte_fallback = false, suffix = false;
    bool prefix = true, remove_spaces = true, escape_spaces = true;
    std::size_t map_bytes = 0;
};

void readPiece(const ProtobufField& in, const std::string& file, TokenizerData& data) {
    std::string text;
    float score = 0;
    int type = token_type::normal;
    ProtobufReader reader(in.message(), in.where);
    for (ProtobufField field; reader.next(field);) {
        if (field.number == 1) text = field.text();
        if (field.number == 2) score = field.real();
        if (field.number == 3) type = field.integer();
    }
    const std::string where = file + ": piece " + std::to_string(data.tokens.size());
    if (text.empty()) throw Failure(ErrorCode::bad_input, where, "has no text");
    if (type < token_type::normal || type > token_type::byte) {
        throw Failure(ErrorCode::bad_input, where, "types go from 1 to 6, found " + std::to_string(type));
    }
    data.tokens.push_back(std::move(text));
    data.scores.push_back(score);
    data.types.push_back(type);
}

void readTrainer(const ProtobufField& in, Settings& settings) {
    ProtobufReader reader(in.message(), in.where);
    for (ProtobufField field; reader.next(field);) {
        switch (field.number) {
            case 3: settings.model_type = field.integer(); break;
            case 24: settings.suffix = field.boolean(); break;
            case 35: settings.byte_fallback = field.boolean(); break;
            case 40: settings.unk_id = field.integer(); break;
            case 41: settings.bos_id = field.integer(); break;
            case 42: settings.eos_id = field.integer(); break;
            default: break;
        }
    }
}

void readNormalizerSpec(const ProtobufField& in, Settings& settings) {
    ProtobufReader reader(in.message(), in.where);
    for (ProtobufField field; reader.next(field);) {
        switch (field.number) {
            case 2: settings.map_bytes = field.message().size(); break;
            case 3: settings.prefix = field.boolean(); break;
            case 4: settings.remove_spaces = field.boolean(); break;
            case 5: settings.escape_spaces = field.boolean(); break;
            default: break;
        }
    }
}

}  // namespace

std::vector<NormalizerStep> sentencePieceNormalizer(bool prefix) {
    std::vector<NormalizerStep> steps;
    if (prefix) steps.push_back({.kind = NormalizerStep::Kind::prepend, .content = std::string(space_mark)});
    steps.push_back({.kind = NormalizerStep::Kind::replace, .pattern = " ", .content = std::string(space_mark)});
    return steps;
}

TokenizerData readSentencePieceModel(const std::filesystem::path& path, int vocab) {
    const MappedFile mapped(path);
    const std::string file = path.string();
    const auto fail = [&](const std::string& field, const std::string& what) {
        throw Failure(ErrorCode::bad_input, file + ": " + field, what,
                      "convert the tokenizer to tokenizer.json with transformers, or use a model with another tokenizer");
    };
    TokenizerData data;
    Settings settings;
    ProtobufReader reader({reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()}, file);
    for (ProtobufField field; reader.next(field);) {
        if (field.number == 1) {
            if (data.tokens.size() == static_cast<std::size_t>(std::max(vocab, 0))) {
                fail("pieces", "more than the vocabulary size " + std::to_string(vocab));
            }
            readPiece(field, file, data);
        }
        if (field.number == 2) readTrainer(field, settings);
        if (field.number == 3) readNormalizerSpec(field, settings);
    }
    if (data.tokens.empty()) fail("pieces", "there are none");
    if (settings.model_type != 1 && settings.model_type != 2) {
        fail("trainer_spec.model_type", std::to_string(settings.model_type) + " is not read; unigram (1) and BPE (2) are");
    }
    if (settings.suffix) fail("trainer_spec.treat_whitespace_as_suffix", "is not supported");
    if (settings.map_bytes) fail("normalizer_spec.precompiled_charsmap", "a character map is not supported");
    if (settings.remove_spaces) fail("normalizer_spec.remove_extra_whitespaces", "is not supported");
    if (!settings.escape_spaces) fail("normalizer_spec.escape_whitespaces", "spaces that stay spaces are not supported");
    const auto id = [&](const char* field, std::int32_t value) {
        if (value >= static_cast<std::int32_t>(data.tokens.size())) {
            fail(std::string("trainer_spec.") + field, "id " + std::to_string(value) + " is outside the vocabulary of " +
                                                           std::to_string(data.tokens.size()));
        }
        return value < 0 ? -1 : value;
    };
    data.kind = settings.model_type == 2 ? TokenizerKind::piece_bpe : TokenizerKind::unigram;
    data.unk_id = id("unk_id", settings.unk_id);
    data.bos_id = id("bos_id", settings.bos_id);
    data.eos_id = id("eos_id", settings.eos_id);
    data.add_bos = data.bos_id >= 0;
    data.fuse_unk = data.float_scores = true;
    data.byte_fallback = settings.byte_fallback;
    data.normalizer = sentencePieceNormalizer(settings.prefix);
    return data;
}

}  // namespace airframe
