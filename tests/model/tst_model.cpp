// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>

#include "core/base/error.h"
#include "core/blocks/block_registry.h"
#include "core/blocks/jet_block.h"
#include "core/model/token_nll.h"
#include "core/supernet/supernet.h"
#include "model/reference_file.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

namespace {

/// Stops at once.
class StopControl final : public RunControl {
  public:
    [[nodiscard]] bool checkpoint() override { return false; }
    void progress(const Progress&) override {}
};

Error errorOf(const std::function<void()>& run) {
    try {
        run();
    } catch (const Failure& failure) {
        return failure.error();
    }
    return {};
}

std::shared_ptr<const Model> load(std::shared_ptr<const ModelFile> file, const char* dtype = "float32") {
    NoControl control;
    return Model::load(std::move(file), Compute::parse(dtype, "cpu"), control);
}

/// Makes the given layers of a tiny model JetBlocks, with random weights of the table's shapes.
void addJet(TinyModel& file, const std::vector<int>& layers) {
    ModelConfig& config = file.configuration();
    config.block_dims["jet"] = {{"heads", 4}, {"k", 8}, {"v", 8}, {"generator", 4}};
    const JetDims dims{config.hidden, 4, 8, 8, 4, config.jet_norm_eps};
    at::manual_seed(5);
    for (const int layer : layers) {
        config.layer[static_cast<std::size_t>(layer)].block = "jet";
        const auto shapes = JetParameters::shapes(dims);
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            const at::Tensor values = (at::randn(shapes[i]) * 0.2).contiguous();
            file.set("model.layers." + std::to_string(layer) + ".self_attn." + JetParameters::table()[i].first,
                     shapes[i],
                     std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel()));
        }
    }
}

const Placement teacher(std::vector<std::string>(4, "attn"));

}  // namespace

class ModelTest : public QObject {
    Q_OBJECT
    at::Tensor m_ids;
  private Q_SLOTS:
    void initTestCase() {
        at::manual_seed(1);
        m_ids = at::randint(0, 259, {2, 45}, at::kLong);
    }

    /// The whole forward once more, from the file's tensors and LibTorch's plainest operations in double precision.
    void forwardIsTheFormula() {
        const auto file = tinyModel();
        const ModelConfig& c = file->config();
        const auto w = [&](const std::string& name) { return readDouble(*file, name); };
        const auto norm = [&](const at::Tensor& x, const std::string& name) {
            return x / at::sqrt(x.square().mean(-1, true) + c.rms_eps) * w(name);
        };
        const Compute compute;
        const auto rotary = std::make_shared<const Rotary>(RopeSetting::of(c, false), compute);
        at::Tensor h = w("model.embed_tokens.weight").index_select(0, m_ids[0]);
        for (int i = 0; i < c.layers; ++i) {
            const std::string prefix = "model.layers." + std::to_string(i) + ".";
            const at::Tensor x = norm(h, prefix + "input_layernorm.weight");
            const auto block = findBlock("attn").make({*file, i, compute, rotary});
            h = h + block->forward(x.unsqueeze(0).to(at::kFloat), nullptr).squeeze(0).to(at::kDouble);
            const at::Tensor y = norm(h, prefix + "post_attention_layernorm.weight");
            const at::Tensor gate = y.matmul(w(prefix + "mlp.gate_proj.weight").t());
            h = h + (gate * at::sigmoid(gate) * y.matmul(w(prefix + "mlp.up_proj.weight").t()))
                        .matmul(w(prefix + "mlp.down_proj.weight").t());
        }
        const at::Tensor logits = norm(h, "model.norm.weight").matmul(w("model.embed_tokens.weight").t());
        const Supernet net(load(file), {});
        QVERIFY(distance(net.model().logits(net.forward(m_ids.narrow(0, 0, 1), teacher, nullptr)).squeeze(0), logits) <
                1e-4);
    }

    void batchEqualsSingleRuns() {
        const Supernet net(load(tinyModel()), {});
        const at::Tensor both = net.forward(m_ids, teacher, nullptr);
        for (int b = 0; b < 2; ++b)
            QVERIFY(distance(net.forward(m_ids.narrow(0, b, 1), teacher, nullptr)[0], both[b]) < 1e-5);
    }

    void hybridFromFile() {
        const auto file = tinyModel();
        addJet(*file, {1, 3});
        const Supernet net(load(file), {});
        const Placement own = Placement::parse("attn,jet,attn,jet", 4);
        const at::Tensor whole = net.forward(m_ids, own, nullptr);
        QVERIFY(whole.isfinite().all().item<bool>());
        SequenceState state = net.emptyState(own, 2, 45);
        std::vector<at::Tensor> parts;
        for (int begin = 0; begin < 45; begin += 9)
            parts.push_back(net.forward(m_ids.narrow(1, begin, 9), own, &state));
        QVERIFY(distance(at::cat(parts, 1), whole) < 1e-4);
        QCOMPARE(state.bytes(), net.cacheBytes(own, 2, 45));
        QCOMPARE(errorOf([&] { net.check(teacher); }).where, std::string("placement"));
        // The table's formula is the block's.
        for (const BlockType& type : blockTable())
            for (int layer = 0; layer < 2; ++layer) {
                const Block& block = net.model().mixer(layer);
                if (block.id() != type.id) continue;
                const auto& dims = file->config().block_dims;
                const auto found = dims.find(type.id);
                QCOMPARE(
                    type.state_bytes(file->config(), found == dims.end() ? std::map<std::string, int>{} : found->second,
                                     at::kFloat, 3, 100),
                    block.stateBytes(3, 100));
            }
    }

    void snapshotsAreIndependent() {
        const Supernet net(load(tinyModel()), {});
        SequenceState state = net.emptyState(teacher, 2, 4);
        (void)net.forward(m_ids.narrow(1, 0, 30), teacher, &state);
        SequenceState saved = state.snapshot();
        const at::Tensor a = net.forward(m_ids.narrow(1, 30, 15), teacher, &state);
        const at::Tensor b = net.forward(m_ids.narrow(1, 30, 15), teacher, &saved);
        QVERIFY(at::equal(a, b));
        QCOMPARE(saved.batch(), std::int64_t{2});
    }

    void likelihoodIsLogSoftmax() {
        // A vocabulary and length that need several slices.
        const auto model = load(tinyModel(2, 32, 4, 2, 30011));
        const Supernet net(model, {});
        const at::Tensor ids = at::randint(0, 30011, {1, 500}, at::kLong);
        const at::Tensor h = net.forward(ids, Placement(std::vector<std::string>(2, "attn")), nullptr)[0];
        const at::Tensor targets = at::randint(0, 30011, {500}, at::kLong);
        const at::Tensor logits = model->logits(h).to(at::kDouble);
        const at::Tensor exact = at::logsumexp(logits, -1) - logits.gather(1, targets.unsqueeze(1)).squeeze(1);
        QVERIFY(distance(model->nll(h, targets), exact) < 1e-4);
        QVERIFY(distance(logSumExp(model->logits(h)), at::logsumexp(logits, -1)) < 1e-5);
    }

    void bf16IsClose() {
        const auto file = tinyModel();
        const Supernet exact(load(file), {}), rounded(load(file, "bf16"), {});
        const at::Tensor a = exact.model().logits(exact.forward(m_ids, teacher, nullptr));
        const at::Tensor b = rounded.model().logits(rounded.forward(m_ids, teacher, nullptr));
        QCOMPARE(b.scalar_type(), at::kFloat);
        QVERIFY(distance(a, b) < 0.05 * a.abs().max().item<double>());
    }

    void badFilesAreNamed() {
        const auto missing = tinyModel();
        missing->remove("model.layers.2.mlp.up_proj.weight");
        Error error = errorOf([&] { (void)load(missing); });
        QCOMPARE(error.code, ErrorCode::bad_input);
        QCOMPARE(error.where, std::string("tiny.gguf, tensor model.layers.2.mlp.up_proj.weight"));

        const auto misshapen = tinyModel();
        misshapen->set("model.layers.1.self_attn.k_proj.weight", {8, 32}, std::vector<float>(256));
        error = errorOf([&] { (void)load(misshapen); });
        QCOMPARE(error.where, std::string("tiny.gguf, tensor model.layers.1.self_attn.k_proj.weight"));
        QVERIFY2(error.what.find("16 x 32") != std::string::npos && error.what.find("8 x 32") != std::string::npos,
                 error.what.c_str());

        const auto unknown = tinyModel();
        unknown->configuration().layer[2].block = "swirl";
        QCOMPARE(errorOf([&] { (void)load(unknown); }).where, std::string("block swirl"));

        const auto bare = tinyModel();
        addJet(*bare, {0});
        bare->configuration().block_dims.clear();
        QVERIFY(errorOf([&] { (void)load(bare); }).what.find("heads") != std::string::npos);
    }

    void loadingStops() {
        StopControl stop;
        QCOMPARE(errorOf([&] { (void)Model::load(tinyModel(), Compute{}, stop); }).code, ErrorCode::interrupted);
    }

    void placementErrors() {
        const auto model = load(tinyModel());
        const Supernet net(model, {});
        const Error length =
            errorOf([&] { (void)net.forward(m_ids, Placement(std::vector<std::string>(3, "attn")), nullptr); });
        QCOMPARE(length.code, ErrorCode::bad_input);
        QCOMPARE(length.where, std::string("placement"));
        QVERIFY(length.what.find('3') != std::string::npos && length.what.find('4') != std::string::npos);
        const Error absent = errorOf([&] { (void)net.emptyState(Placement::withFull(4, {0, 1}), 1, 1); });
        QCOMPARE(absent.where, std::string("placement"));
        QVERIFY2(absent.what.find("layer 2") != std::string::npos, absent.what.c_str());
        QCOMPARE(errorOf([&] { (void)net.block(4, "attn"); }).where, std::string("layer 4"));
        QCOMPARE(errorOf([&] { const Supernet bad(model, {{"jet", {}}}); }).code, ErrorCode::bad_input);
    }

  private:
    static at::Tensor readDouble(const ModelFile& file, const std::string& name) {
        at::Tensor tensor = at::empty(file.find(name)->shape, at::kFloat);
        file.readFloat(name, tensor.data_ptr<float>());
        return tensor.to(at::kDouble);
    }
};

QTEST_APPLESS_MAIN(ModelTest)
#include "tst_model.moc"
