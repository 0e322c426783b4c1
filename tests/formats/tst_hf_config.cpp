// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/hf_config.h"

using namespace airframe;
using nlohmann::json;

namespace {

/// What every architecture has.
json shape(const char* type, int layers = 4) {
    return {{"model_type", type},        {"num_hidden_layers", layers}, {"hidden_size", 64},         {"intermediate_size", 96},
            {"num_attention_heads", 4},  {"num_key_value_heads", 2},    {"vocab_size", 100},         {"max_position_embeddings", 512},
            {"rms_norm_eps", 1e-6},      {"rope_theta", 10000.0},       {"tie_word_embeddings", true}};
}

json with(json object, const json& changes) {
    object.update(changes);
    return object;
}

/// The released 2B's fields that say what its blocks are (arXiv 2508.15884, released configuration).
json jet(const json& jet_changes = json::object(), const json& changes = json::object()) {
    json block = {{"mode", "chunk"}, {"num_heads", 12}, {"head_dim", 96}, {"expand_v", 2.6666666667}, {"conv_size", 4},
                  {"norm_eps", "1e-5"}, {"dconv_generator_reduction", 8}, {"dconv_implementation", "triton"}};
    block.update(jet_changes);
    return with(with(shape("jet_nemotron"), {{"layer_types", {"jet", "attn", "swa", "jet"}},
                                             {"efficient_attention_config", {{"swa", {{"window_size", 1152}}}, {"jet", block}}}}),
                changes);
}

json gemma(const json& changes = json::object()) {
    json out = with(shape("gemma3_text", 7), {{"head_dim", 16}, {"hidden_activation", "gelu_pytorch_tanh"}, {"sliding_window", 32},
                                              {"query_pre_attn_scalar", 20}, {"rope_local_base_freq", 5000.0}, {"rope_theta", 1e6}});
    out.erase("tie_word_embeddings");
    return with(out, changes);
}

std::vector<int> windows(const ModelConfig& c) {
    std::vector<int> out;
    for (const LayerConfig& layer : c.layer) out.push_back(layer.window);
    return out;
}

}  // namespace

/// config.json of every architecture: what is read, and what is refused with which field named.
class HfConfigTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;

    ModelConfig read(const json& config) const {
        const auto path = std::filesystem::path(m_dir.path().toStdString()) / "config.json";
        std::ofstream(path) << config.dump();
        return readHfConfig(path);
    }

  private Q_SLOTS:
    void llama() {
        const ModelConfig plain = read(shape("llama"));
        QVERIFY(!plain.qkv_bias && !plain.o_bias && !plain.mlp_bias && !plain.qk_norm && !plain.post_norms);
        QCOMPARE(plain.head_dim, 16);
        QVERIFY(plain.rope_scaling.kind == RopeScaling::Kind::none);
        const ModelConfig biased = read(with(shape("llama"), {{"attention_bias", true}, {"mlp_bias", true}, {"head_dim", 24}}));
        QVERIFY(biased.qkv_bias && biased.o_bias && biased.mlp_bias);
        QCOMPARE(biased.head_dim, 24);
        json alone = shape("llama");
        alone.erase("num_key_value_heads");
        QCOMPARE(read(alone).kv_heads, 4);
    }
    void mistral() {
        QCOMPARE(windows(read(with(shape("mistral"), {{"sliding_window", 20}}))), std::vector<int>(4, 20));
        QCOMPARE(windows(read(with(shape("mistral"), {{"sliding_window", nullptr}}))), std::vector<int>(4, 0));
        QCOMPARE(windows(read(shape("mistral"))), std::vector<int>(4, 4096));  // the first release's default
    }
    void qwen() {
        const json off = {{"sliding_window", 20}, {"use_sliding_window", false}, {"max_window_layers", 1}};
        const json on = with(off, {{"use_sliding_window", true}});
        for (const char* type : {"qwen2", "qwen3"}) {
            QCOMPARE(windows(read(with(shape(type), off))), std::vector<int>(4, 0));
            QCOMPARE(windows(read(with(shape(type), on))), (std::vector<int>{0, 20, 20, 20}));
            QCOMPARE(windows(read(with(with(shape(type), on), {{"layer_types", {"sliding_attention", "full_attention", "full_attention", "sliding_attention"}}}))),
                     (std::vector<int>{20, 0, 0, 20}));
        }
        const ModelConfig two = read(shape("qwen2")), three = read(shape("qwen3"));
        QVERIFY(two.qkv_bias && !two.o_bias && !two.qk_norm);
        QVERIFY(!three.qkv_bias && three.qk_norm);
        QCOMPARE(two.head_dim, 16);
        QCOMPARE(three.head_dim, 128);  // what its authors' code takes when the file does not say
    }
    void gemma3() {
        const ModelConfig c = read(gemma());
        QCOMPARE(c.architecture, std::string("gemma3"));
        QVERIFY(c.tied && c.qk_norm && c.post_norms && c.norm_plus_one && c.activation == Activation::gelu_tanh);
        QCOMPARE(windows(c), (std::vector<int>{32, 32, 32, 32, 32, 0, 32}));
        for (const LayerConfig& layer : c.layer) QCOMPARE(layer.local_rope, layer.window > 0);
        QCOMPARE(c.embedding_scale, 8.0);
        QCOMPARE(c.query_scale, 1 / std::sqrt(20.0));
        QCOMPARE(c.rope_local_theta, 5000.0);
        QCOMPARE(windows(read(gemma({{"sliding_window_pattern", 2}}))), (std::vector<int>{32, 0, 32, 0, 32, 0, 32}));
        const ModelConfig newer = read(gemma({{"rope_parameters", {{"full_attention", {{"rope_type", "linear"}, {"factor", 8.0}, {"rope_theta", 2e6}}},
                                                                   {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 3000.0}}}}}}));
        QCOMPARE(newer.rope_theta, 2e6);
        QCOMPARE(newer.rope_local_theta, 3000.0);
        QCOMPARE(newer.rope_scaling.factor, 8.0);
    }
    /// The published 4B says little more than this.
    void gemma3WithVision() {
        const ModelConfig c = read({{"model_type", "gemma3"}, {"eos_token_id", {1, 106}},
                                    {"text_config", {{"hidden_size", 2560}, {"intermediate_size", 10240}, {"model_type", "gemma3_text"}, {"num_hidden_layers", 34},
                                                     {"rope_scaling", {{"factor", 8.0}, {"rope_type", "linear"}}}, {"sliding_window", 1024}}},
                                    {"vision_config", {{"hidden_size", 1152}}}});
        QCOMPARE(c.heads, 8);
        QCOMPARE(c.kv_heads, 4);
        QCOMPARE(c.head_dim, 256);
        QCOMPARE(c.vocab, 262208);
        QCOMPARE(c.rope_theta, 1e6);
        QCOMPARE(c.rope_local_theta, 1e4);
        QCOMPARE(c.query_scale, 1.0 / 16);
        QCOMPARE(c.eos_id, 1);
        QCOMPARE(c.layer[5].window, 0);
        QCOMPARE(c.layer[6].window, 1024);
    }
    void jetNemotron() {
        for (const json& types : {json{"jet", "attn", "swa", "jet"}, json("['jet', \"attn\" ,'swa','jet']")}) {
            const ModelConfig c = read(jet(json::object(), {{"layer_types", types}}));
            QCOMPARE(c.layer[0].block, std::string("jet"));
            QCOMPARE(c.layer[1].block, std::string("attn"));
            QCOMPARE(c.layer[2].block, std::string("swa"));
            QVERIFY(c.block_dims.at("jet") == (std::map<std::string, int>{{"heads", 12}, {"k", 96}, {"v", 256}, {"generator", 384}}));
            QCOMPARE(c.block_dims.at("swa").at("window"), 1152);
            QCOMPARE(c.jet_norm_eps, 1e-5);
            QVERIFY(c.qkv_bias && !c.o_bias);
        }
        const ModelConfig four = read(jet({{"num_heads", 16}, {"head_dim", 128}, {"expand_v", 2}, {"norm_eps", 2e-5}}));
        QVERIFY(four.block_dims.at("jet") == (std::map<std::string, int>{{"heads", 16}, {"k", 128}, {"v", 256}, {"generator", 512}}));
        QCOMPARE(four.jet_norm_eps, 2e-5);
    }
    void bothSpellingsOfScaling() {
        const json yarn = {{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 128}, {"attention_factor", 1.5}};
        json newer = yarn;
        newer.erase("type");
        newer.update({{"rope_type", "yarn"}, {"rope_theta", 777.0}});
        json config = with(shape("llama"), {{"rope_parameters", newer}});
        config.erase("rope_theta");
        for (const ModelConfig& c : {read(with(shape("llama"), {{"rope_scaling", yarn}, {"rope_theta", 777.0}})), read(config)}) {
            QVERIFY(c.rope_scaling.kind == RopeScaling::Kind::yarn);
            QCOMPARE(c.rope_scaling.factor, 4.0);
            QCOMPARE(c.rope_scaling.original_context, 128);
            QCOMPARE(c.rope_scaling.attention_factor, 1.5);
            QCOMPARE(c.rope_theta, 777.0);
        }
    }

    /// Our own hybrids: everything that a base model may have.
    void airframe() {
        const json all = {{"layer_types", {"jet", "attn", "swa", "attn"}},
                          {"block_dims", {{"jet", {{"heads", 2}, {"k", 8}, {"v", 12}, {"generator", 3}}}, {"swa", {{"window", 7}}}}},
                          {"jet_norm_eps", 2e-5}, {"qkv_bias", true}, {"o_bias", true}, {"mlp_bias", true}, {"qk_norm", true}, {"post_norms", true},
                          {"norm_plus_one", true}, {"hidden_act", "gelu_pytorch_tanh"}, {"embedding_scale", 8.0}, {"query_scale", 0.25},
                          {"layer_windows", {0, 9, 0, 0}}, {"local_rope_layers", {1}}, {"rope_local_base_freq", 123.0}};
        const ModelConfig c = read(with(shape("airframe"), all));
        QVERIFY(c.qkv_bias && c.o_bias && c.mlp_bias && c.qk_norm && c.post_norms && c.norm_plus_one && c.activation == Activation::gelu_tanh);
        QCOMPARE(windows(c), (std::vector<int>{0, 9, 0, 0}));
        QVERIFY(c.layer[1].local_rope && !c.layer[3].local_rope);
        QCOMPARE(c.layer[2].block, std::string("swa"));
        QCOMPARE(c.block_dims.at("swa").at("window"), 7);
        QCOMPARE(c.embedding_scale, 8.0);
        QCOMPARE(c.query_scale, 0.25);
        QCOMPARE(c.rope_local_theta, 123.0);
        QCOMPARE(c.jet_norm_eps, 2e-5);
    }

    void refused_data() {
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("field");
        const auto row = [](const char* name, const json& config, const char* field) { QTest::newRow(name) << QString::fromStdString(config.dump()) << QString(field); };
        const auto scaling = [](const json& object) { return with(shape("llama"), {{"rope_scaling", object}}); };
        const json longrope = {{"rope_type", "longrope"}, {"short_factor", std::vector<double>(8, 1.0)}, {"long_factor", std::vector<double>(8, 2.0)}};
        row("type", with(shape("llama"), {{"model_type", "mamba"}}), "model_type");
        row("no kv heads", [] { json j = shape("mistral"); j.erase("num_key_value_heads"); return j; }(), "num_key_value_heads");
        row("heads", with(shape("llama"), {{"num_key_value_heads", 3}}), "key/value heads");
        row("activation", with(shape("qwen2"), {{"hidden_act", "relu"}}), "hidden_act");
        row("scaling kind", scaling({{"type", "mrope"}, {"factor", 2.0}}), "type");
        row("scaling factor missing", scaling({{"type", "linear"}}), "factor");
        row("scaling factor", scaling({{"type", "linear"}, {"factor", 0.5}}), "factor");
        row("scaling factor text", scaling({{"type", "linear"}, {"factor", "2"}}), "factor");
        row("partial", with(shape("llama"), {{"partial_rotary_factor", 0.5}}), "partial_rotary_factor");
        row("llama3 context", scaling({{"rope_type", "llama3"}, {"factor", 8.0}, {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0}}), "original_max_position_embeddings");
        row("llama3 order", scaling({{"rope_type", "llama3"}, {"factor", 8.0}, {"low_freq_factor", 4.0}, {"high_freq_factor", 4.0}, {"original_max_position_embeddings", 64}}), "high_freq_factor");
        row("yarn amplitude", scaling({{"rope_type", "yarn"}, {"factor", 4.0}, {"attention_factor", -1.0}}), "attention_factor");
        row("yarn betas", scaling({{"rope_type", "yarn"}, {"factor", 4.0}, {"beta_fast", 1.0}, {"beta_slow", 2.0}}), "beta_fast");
        row("longrope list", scaling(with(longrope, {{"short_factor", {1.0, 2.0}}})), "short_factor");
        row("longrope zero", scaling(with(longrope, {{"long_factor", std::vector<double>(8, 0.0)}, {"short_factor", std::vector<double>(8, 1.0)}})), "long_factor");
        row("two scalings", with(shape("llama"), {{"rope_scaling", {{"type", "linear"}, {"factor", 2.0}}}, {"rope_parameters", {{"type", "linear"}, {"factor", 4.0}}}}), "rope_parameters");
        row("window", with(shape("mistral"), {{"sliding_window", 0}}), "sliding_window");
        row("window text", with(shape("mistral"), {{"sliding_window", "4096"}}), "sliding_window");
        row("slides without window", with(shape("qwen3"), {{"layer_types", {"sliding_attention", "full_attention", "full_attention", "full_attention"}}}), "layer_types");
        row("layer type", with(shape("qwen3"), {{"layer_types", {"chunked_attention", "full_attention", "full_attention", "full_attention"}}}), "layer_types");
        row("layer count", with(shape("qwen3"), {{"layer_types", {"full_attention"}}}), "layer_types");
        row("soft capping", gemma({{"final_logit_softcapping", 30.0}}), "final_logit_softcapping");
        row("attention soft capping", gemma({{"attn_logit_softcapping", 50.0}}), "attn_logit_softcapping");
        row("both directions", gemma({{"use_bidirectional_attention", true}}), "use_bidirectional_attention");
        row("query scale", gemma({{"query_pre_attn_scalar", 0}}), "query_pre_attn_scalar");
        row("pattern", gemma({{"sliding_window_pattern", 0}}), "sliding_window_pattern");
        row("text half", {{"model_type", "gemma3"}, {"text_config", 7}}, "text_config");
        row("mrope", jet(json::object(), {{"use_mrope", true}}), "use_mrope");
        row("epsilon text", jet({{"norm_eps", "small"}}), "norm_eps");
        row("epsilon infinite", jet({{"norm_eps", "inf"}}), "norm_eps");
        row("epsilon negative", jet({{"norm_eps", "-1e-5"}}), "jet norm epsilon");
        row("epsilon rest", jet({{"norm_eps", "1e-5x"}}), "norm_eps");
        row("expand", jet({{"expand_v", 2.7}}), "expand_v");
        row("expand huge", jet({{"expand_v", 1e300}}), "expand_v");
        row("expand negative", jet({{"expand_v", -2}}), "expand_v");
        row("taps", jet({{"conv_size", 3}}), "conv_size");
        row("generator", jet({{"dconv_generator_reduction", 100000}}), "dconv_generator_reduction");
        row("jet heads", jet({{"num_heads", 0}}), "num_heads");
        row("windows of ours", with(shape("airframe"), {{"layer_types", {"attn", "attn", "attn", "attn"}}, {"layer_windows", {1, 2}}}), "layer_windows");
        row("negative window", with(shape("airframe"), {{"layer_types", {"attn", "attn", "attn", "attn"}}, {"layer_windows", {1, 2, 3, -4}}}), "window");
        row("local layers of ours", with(shape("airframe"), {{"layer_types", {"attn", "attn", "attn", "attn"}}, {"local_rope_layers", {4}}}), "local_rope_layers");
        row("swa of ours", with(shape("airframe"), {{"layer_types", {"attn", "attn", "attn", "swa"}}}), "block dimensions");
        row("embedding scale", with(shape("airframe"), {{"layer_types", {"attn", "attn", "attn", "attn"}}, {"embedding_scale", 0}}), "embedding scale");
        row("unknown block", jet(json::object(), {{"layer_types", {"jet", "attn", "swa", "mamba9"}}}), "layer_types");
        for (const char* text : {"", "jet", "[jet, attn, swa, jet]", "['jet','attn','swa','jet'", "['jet','attn','swa','jet'] + x", "['jet']*4", "[]", "['jet' 'attn','swa','jet']", "['jet','attn','swa',]"})
            row((std::string("types ") + text).c_str(), jet(json::object(), {{"layer_types", text}}), "layer_types");
        row("no jet", jet(json::object(), {{"efficient_attention_config", {{"swa", {{"window_size", 16}}}}}}), "jet");
        row("swa window", jet(json::object(), {{"efficient_attention_config", {{"swa", {{"window_size", 0}}}, {"jet", jet()["efficient_attention_config"]["jet"]}}}}), "window_size");
    }
    void refused() {
        QFETCH(QString, config);
        QFETCH(QString, field);
        try {
            (void)read(json::parse(config.toStdString()));
            QFAIL("was accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            QVERIFY2(failure.error().where.find("config.json") != std::string::npos, failure.error().line().c_str());
            QVERIFY2(failure.error().where.ends_with(field.toStdString()), failure.error().line().c_str());
        }
    }
};

QTEST_APPLESS_MAIN(HfConfigTest)
#include "tst_hf_config.moc"
