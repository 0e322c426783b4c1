// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/formats/gguf_model_writer.h"
#include "core/formats/model_layout.h"
#include "core/formats/tokenizer.h"

namespace airframe::test {

/// A small byte-level tokenizer: three control tokens, the 256 bytes' letters, a few merges.
inline TokenizerData sampleTokenizer() {
    TokenizerData data;
    data.pre = "smollm";
    data.tokens = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
    data.types.assign(data.tokens.size(), 3);
    for (int byte = 0; byte < 256; ++byte) {
        // GPT-2's alphabet: printable bytes stand for themselves, the others for characters from U+0100 on, in order.
        const auto printable = [](int b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255); };
        int character = byte;
        if (!printable(byte)) {
            character = 256;
            for (int before = 0; before < byte; ++before) character += printable(before) ? 0 : 1;
        }
        std::string text;
        if (character < 0x80) {
            text = static_cast<char>(character);
        } else {
            text = {static_cast<char>(0xC0 | character >> 6), static_cast<char>(0x80 | (character & 63))};
        }
        data.tokens.push_back(text);
        data.types.push_back(1);
    }
    for (const char* merge : {"h e", "t he", "i n"}) {
        data.merges.emplace_back(merge);
        std::string joined = merge;
        joined.erase(joined.find(' '), 1);
        data.tokens.push_back(joined);
        data.types.push_back(1);
    }
    data.bos_id = 1;
    data.eos_id = 2;
    return data;
}

/// A model of two layers, two heads of queries to one of keys.
inline ModelConfig sampleConfig(const std::string& architecture = "llama") {
    ModelConfig c;
    c.architecture = architecture;
    c.layers = 2;
    c.hidden = 64;
    c.intermediate = 96;
    c.heads = 4;
    c.kv_heads = 2;
    c.head_dim = 16;
    c.vocab = static_cast<int>(sampleTokenizer().tokens.size());
    c.tied = true;
    c.rms_eps = 0x1p-17;  // exact in float32, as the numbers of a GGUF are
    c.rope_theta = 50000;
    c.context = 128;
    c.bos_id = 1;
    c.eos_id = 2;
    c.layer.resize(2);
    return c;
}

/// Random values for every tensor of the config, different in each row; the sources refer to them.
struct SampleWeights {
    std::vector<std::vector<float>> values;
    std::vector<GgufTensorSource> sources;

    explicit SampleWeights(const ModelConfig& config) {
        std::mt19937 random(11);
        std::normal_distribution<float> normal(0.f, 0.05f);
        const std::vector<LayoutTensor> layout = modelLayout(config);
        values.reserve(layout.size());
        for (const LayoutTensor& tensor : layout) {
            std::size_t count = 1;
            for (const auto dim : tensor.shape) count *= static_cast<std::size_t>(dim);
            std::vector<float>& one = values.emplace_back(count);
            for (float& value : one) value = normal(random);
            sources.push_back({tensor.name, tensor.shape, [&one] { return one; }});
        }
    }
    SampleWeights(const SampleWeights&) = delete;
    SampleWeights& operator=(const SampleWeights&) = delete;
};

}  // namespace airframe::test
