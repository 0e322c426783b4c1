// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/blocks/jet_block.h"
#include "core/formats/json_file.h"
#include "core/model/decoder.h"
#include "model/reference_model.h"
#include "support/shared_data.h"
#endif

using namespace airframe;
using namespace airframe::test;

#define AIRFRAME_NEAR(got, want, limit) \
    do {                                \
        const double apart = distance(got, want); \
        QVERIFY2(apart < (limit), qPrintable(QStringLiteral("%1 apart").arg(apart))); \
    } while (false)

/// Tiny checkpoints of ../shared/vectors/models: logits, residual stream and states within the README's tolerances for
/// float32, in one pass, through a cache in pieces, and token by token after a prefill.
class TinyReferencesTest : public QObject {
    Q_OBJECT
    static constexpr double logit_limit = 5e-4, state_limit = 1e-4;

    /// Every checkpoint whose reference has one of these tensors.
    static void models(std::initializer_list<const char*> needed) {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("expected");
        const std::filesystem::path root = sharedFolder() / "vectors/models";
        AIRFRAME_NEED(root);
        for (const auto& folder : {root, root / "gguf"})
            for (const auto& entry : std::filesystem::directory_iterator(folder)) {
                const bool gguf = entry.path().extension() == ".gguf";
                if (!gguf && !std::filesystem::exists(entry.path() / "config.json")) continue;
                const auto expected = gguf ? folder / (entry.path().stem().string() + ".expected.safetensors") : entry.path() / "expected.safetensors";
                const ReferenceFile names(expected);
                if (std::any_of(needed.begin(), needed.end(), [&](const char* name) { return names.has(name); }))
                    QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().string()) << QString::fromStdString(expected.string());
            }
    }
    static ReferenceModel open(const char* dtype = "float32") {
        QFETCH(QString, model);
        QFETCH(QString, expected);
        return {model.toStdString(), expected.toStdString(), dtype};
    }
    /// How far the decoder of a compute type is from the reference, token by token: relative root-mean-square difference of all
    /// logits of the longest sequence.
    static double apart(const char* dtype) {
        const ReferenceModel m = open(dtype);
        const at::Tensor ids = m.ids(m.longest()).squeeze(0).to(at::kInt).contiguous(), wanted = m.reference.get(m.longest() + ".logits");
        const auto decoder = makeDecoder(*m.net, m.own);
        decoder->start(1, 4);
        double difference = 0, size = 0;
        for (std::int64_t t = 0; t < ids.size(0); ++t) {
            const auto logits = decoder->feed({ids.const_data_ptr<std::int32_t>() + t, 1});
            const at::Tensor got = at::from_blob(const_cast<float*>(logits.data()), {wanted.size(1)}), want = wanted[t];
            difference += (got - want).square().sum().item<double>();
            size += want.square().sum().item<double>();
        }
        return std::sqrt(difference / size);
    }
    static void checkStates(const ReferenceModel& m, SequenceState& state, const std::string& name) {
        for (int layer = 0; layer < m.net->layers(); ++layer) {
            const std::string suffix = "_state." + std::to_string(layer);
            if (m.own[layer] != "jet" || !m.reference.has(name + ".conv" + suffix)) continue;
            const JetCarry& carry = jetCarryOf(*state.layer(layer));
            AIRFRAME_NEAR(carry.conv, m.reference.get(name + ".conv" + suffix), state_limit);
            AIRFRAME_NEAR(carry.recurrent, m.reference.get(name + ".recurrent" + suffix), state_limit);
        }
    }

  private Q_SLOTS:
    void logits_data() { models({"seq7.ids"}); }
    void logits() {
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        std::vector<std::int64_t> growing(32);
        std::iota(growing.begin(), growing.end(), 1);
        int checked = 0;
        for (const int length : {1, 7, 60, 131}) {
            const std::string sequence = "seq" + std::to_string(length);
            if (!m.reference.has(sequence + ".ids")) continue;
            ++checked;
            const at::Tensor ids = m.ids(sequence), wanted = m.reference.get(sequence + ".logits");
            AIRFRAME_NEAR(m.whole(ids), wanted, logit_limit);
            SequenceState state = m.small();
            AIRFRAME_NEAR(m.fed(ids, growing, state), wanted, logit_limit);
        }
        QCOMPARE(checked, 3);
    }

    /// The stream after each layer at the last position.
    void hidden_data() { models({"seq131.hidden.0"}); }
    void hidden() {
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        at::Tensor h = m.net->model().embed(m.ids("seq131"));
        for (int layer = 0; layer < m.net->layers(); ++layer) {
            h = m.net->layer(layer, m.own[layer], h, nullptr);
            AIRFRAME_NEAR(h[0][-1], m.reference.get("seq131.hidden." + std::to_string(layer)), logit_limit);
        }
    }

    /// A prefill of P tokens, then one token a step; the recurrent states and windows of jet layers on the way.
    void decode_data() { models({"dec100.step_logits"}); }
    void decode() {
        QFETCH(QString, expected);
        const ReferenceFile names(expected.toStdString());
        std::vector<int> prefills;
        for (int prefill = 1; prefill < 131; ++prefill)
            if (names.has("dec" + std::to_string(prefill) + ".step_logits")) prefills.push_back(prefill);
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        const at::Tensor ids = m.ids(m.longest());
        for (const int prefill : prefills) {
            const std::string name = "dec" + std::to_string(prefill);
            SequenceState state = m.small();
            AIRFRAME_NEAR(m.fed(ids.narrow(1, 0, prefill), {prefill}, state)[-1], m.reference.get(name + ".prefill_logits_last")[0], logit_limit);
            checkStates(m, state, name);
            AIRFRAME_NEAR(m.fed(ids.narrow(1, prefill, ids.size(1) - prefill), {1}, state), m.reference.get(name + ".step_logits"), logit_limit);
            checkStates(m, state, "end");
        }
    }

    /// The pieces that expected.json names: some shorter than the convolution, one longer than a chunk.
    void chunkedPrefill_data() { models({"end.conv_state.0", "end.conv_state.1"}); }
    void chunkedPrefill() {
        QFETCH(QString, expected);
        const nlohmann::json json = readJsonFile(std::filesystem::path(expected.toStdString()).replace_extension(".json"));
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        SequenceState state = m.small();
        AIRFRAME_NEAR(m.fed(m.ids("seq131"), json.at("chunked_prefill").at("pieces").get<std::vector<std::int64_t>>(), state), m.reference.get("seq131.logits"),
                      logit_limit);
        checkStates(m, state, "end");
    }

    /// The fused kernels round less often than LibTorch's bf16, so they must lie nearer to the reference.
    void native_data() { models({"seq7.ids"}); }
    void native() {
        const c10::InferenceMode inference;
        const double near = apart("native"), far = apart("bf16");
        QVERIFY2(near < far && near > 0, qPrintable(QStringLiteral("native %1, bf16 %2").arg(near).arg(far)));
    }

    /// Sequences of different lengths are run one by one here, never padded to a batch; a batch of equal ones gives each what
    /// it gets alone, states included.
    void batchEqualsOneByOne_data() { models({"seq7.ids"}); }
    void batchEqualsOneByOne() {
        const c10::InferenceMode inference;
        const ReferenceModel m = open();
        const at::Tensor ids = m.ids(m.longest()).squeeze(0), both = at::stack({ids, ids.flip(0)});
        SequenceState together = m.net->emptyState(m.own, 2, 1);
        std::vector<SequenceState> alone;
        for (int b = 0; b < 2; ++b) alone.push_back(m.small());
        for (std::int64_t begin = 0, count = 21; begin < both.size(1); begin += count, count = 1 + count % 5) {
            count = std::min(count, both.size(1) - begin);
            const at::Tensor batch = m.net->forward(both.narrow(1, begin, count), m.own, &together);
            for (int b = 0; b < 2; ++b)
                AIRFRAME_NEAR(batch[b], m.net->forward(both.narrow(0, b, 1).narrow(1, begin, count), m.own, &alone[static_cast<std::size_t>(b)])[0], state_limit);
        }
    }
};

QTEST_APPLESS_MAIN(TinyReferencesTest)
#include "tst_tiny_references.moc"
