// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <functional>

#include "core/base/error.h"
#include "core/model/decoder.h"
#include "core/model/native_model.h"
#include "core/formats/native_support.h"
#include "core/supernet/supernet.h"
#include "model/apart.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

namespace {

using Logits = std::vector<float>;

std::string attention(int layer) { return "model.layers." + std::to_string(layer) + ".self_attn."; }

void addRandom(TinyModel& file, const std::string& name, std::int64_t size, double middle, double spread) {
    const at::Tensor values = (at::randn({size}) * spread + middle).contiguous();
    file.set(name, {size}, std::vector<float>(values.const_data_ptr<float>(), values.const_data_ptr<float>() + size));
}

/// A form that models have beside Llama's, put into the tiny model.
struct Form {
    const char* name;
    std::function<void(TinyModel&)> apply;
};

const std::vector<Form>& forms() {
    static const std::vector<Form> rows = {
        {"plain", [](TinyModel&) {}},
        {"biases",
         [](TinyModel& file) {
             ModelConfig& c = file.configuration();
             c.qkv_bias = true;
             for (int i = 0; i < c.layers; ++i) {
                 addRandom(file, attention(i) + "q_proj.bias", c.heads * c.head_dim, 0, 0.5);
                 for (const char* name : {"k_proj.bias", "v_proj.bias"}) addRandom(file, attention(i) + name, c.kv_heads * c.head_dim, 0, 0.5);
             }
         }},
        {"norms",
         [](TinyModel& file) {
             ModelConfig& c = file.configuration();
             c.qk_norm = true;
             for (int i = 0; i < c.layers; ++i)
                 for (const char* name : {"q_norm.weight", "k_norm.weight"}) addRandom(file, attention(i) + name, c.head_dim, 1, 0.3);
         }},
        {"windows", [](TinyModel& file) { file.configuration().layer[0].window = file.configuration().layer[2].window = 5; }},
        {"swa blocks",
         [](TinyModel& file) {
             file.configuration().layer[1].block = file.configuration().layer[3].block = "swa";
             file.configuration().block_dims["swa"]["window"] = 4;
         }},
        {"query scale", [](TinyModel& file) { file.configuration().query_scale = 0.2; }},
        {"yarn",
         [](TinyModel& file) {
             RopeScaling& s = file.configuration().rope_scaling;
             s.kind = RopeScaling::Kind::yarn;
             s.factor = 4;
             s.original_context = 8;
         }},
    };
    return rows;
}


}  // namespace

/// What the fused kernels compute of the forms that published models have, and what they refuse.
class NativeFormsTest : public QObject {
    Q_OBJECT
    static constexpr int tokens = 17;

    static std::shared_ptr<const Supernet> net(const Form& form, int hidden, const char* dtype) {
        at::manual_seed(9);
        const auto file = tinyModel(4, hidden);
        form.apply(*file);
        NoControl control;
        return std::make_shared<const Supernet>(Model::load(file, Compute::parse(dtype, "cpu"), control), Supernet::Alternatives{});
    }
    static Placement own(const Supernet& net) {
        std::vector<std::string> blocks;
        for (const LayerConfig& layer : net.model().config().layer) blocks.push_back(layer.block);
        return Placement(blocks);
    }
    /// Logits at the ends of the pieces, one after the other.
    static Logits fed(const Supernet& net, const std::vector<int>& pieces) {
        const auto decoder = makeDecoder(net, own(net));
        decoder->start(1, 4);  // less than comes: caches must grow
        Logits all;
        std::int32_t next = 0;
        for (const int piece : pieces) {
            std::vector<std::int32_t> ids;
            for (int i = 0; i < piece; ++i) ids.push_back(next++ * 37 % 259);
            const auto logits = decoder->feed(ids);
            all.insert(all.end(), logits.begin(), logits.end());
        }
        return all;
    }

  private Q_SLOTS:
    void nearerToFloat32ThanBf16_data() {
        QTest::addColumn<int>("form");
        QTest::addColumn<int>("hidden");
        for (std::size_t i = 0; i < forms().size(); ++i)
            for (const int hidden : {32, 128})  // heads of 8 elements, and of whole units of the packed weights
                QTest::newRow(qPrintable(QStringLiteral("%1, hidden %2").arg(forms()[i].name).arg(hidden))) << static_cast<int>(i) << hidden;
    }
    void nearerToFloat32ThanBf16() {
        QFETCH(int, form);
        QFETCH(int, hidden);
        const Form& row = forms()[static_cast<std::size_t>(form)];
        const auto native_net = net(row, hidden, "native");
        const std::vector<int> each(tokens, 1);  // all positions: at a single one chance may favour either
        const Logits truth = fed(*net(row, hidden, "float32"), each), native = fed(*native_net, each);
        const double far = apart(fed(*net(row, hidden, "bf16"), each), truth), near = apart(native, truth);
        QVERIFY2(near < far && near > 0, qPrintable(QStringLiteral("native %1, bf16 %2").arg(near).arg(far)));
        const std::span last = std::span(native).last(259);
        for (const std::vector<int>& pieces : {std::vector<int>{tokens}, {12, 1, 1, 1, 1, 1}, {1, 2, 3, 1, 1, 4, 1, 4}}) {
            const Logits other = fed(*native_net, pieces);
            QVERIFY(apart(std::span(other).last(259), last) < 5e-3);
        }
        if (form > 0) QVERIFY(apart(native, fed(*net(forms().front(), hidden, "float32"), each)) > 2 * far);  // the form matters

        const auto decoder = makeDecoder(*native_net, own(*native_net));
        decoder->start(3, 20);
        QCOMPARE(decoder->stateBytes(), decoder->cacheBytes(3, 20));
        const std::vector<std::int32_t> next{1, 2, 3};
        decoder->fillRandom(20, 7);
        const auto first = decoder->feed(next);
        const Logits once(first.begin(), first.end());
        decoder->fillRandom(20, 7);
        QVERIFY(apart(decoder->feed(next), once) < 1e-6);
    }

    void refused_data() {
        QTest::addColumn<int>("what");
        for (int i = 0; i < 7; ++i) QTest::newRow(std::to_string(i).c_str()) << i;
    }
    void refused() {
        QFETCH(int, what);
        ModelConfig c;
        c.layer.resize(1);
        QVERIFY(nativeLacks(c).empty());
        const std::pair<std::function<void()>, const char*> table[] = {
            {[&] { c.o_bias = true; }, "biases"},
            {[&] { c.mlp_bias = true; }, "biases"},
            {[&] { c.post_norms = true; }, "norms after"},
            {[&] { c.activation = Activation::gelu_tanh; }, "GELU"},
            {[&] { c.embedding_scale = 2; }, "embeddings"},
            {[&] { c.layer[0].local_rope = true; }, "differ between layers"},
            {[&] { c.rope_scaling.kind = RopeScaling::Kind::dynamic; }, "length"},
        };
        table[what].first();
        QVERIFY2(nativeLacks(c).find(table[what].second) != std::string::npos, nativeLacks(c).c_str());
    }
    void refusalSaysWhatToDo() {
        const Form dynamic{"dynamic", [](TinyModel& file) { file.configuration().rope_scaling.kind = RopeScaling::Kind::dynamic; }};
        QCOMPARE(net(dynamic, 32, "fastest")->model().compute().name(), std::string("bf16"));
        QCOMPARE(net(forms().front(), 32, "fastest")->model().compute().name(), std::string("native"));
        const auto refused = net(dynamic, 32, "native");
        try {
            (void)makeDecoder(*refused, own(*refused));
            QFAIL("was accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            QVERIFY(failure.error().hint.find("bf16") != std::string::npos);
        }
    }
};

QTEST_APPLESS_MAIN(NativeFormsTest)
#include "tst_native_forms.moc"
