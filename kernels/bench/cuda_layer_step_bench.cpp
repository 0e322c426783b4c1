// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/bench/cuda_weight.h"
#include "kernels/reference/layer_reference.h"

// A decode step of a whole transformer layer on a CUDA device, as single launches and as one graph.

namespace airframe::kernels::bench {
namespace {

struct LayerSizes {
    std::size_t hidden = 0, heads = 0, groups = 0, d = 0, intermediate = 0, slots = 0;
    [[nodiscard]] std::size_t qkv() const { return (heads + 2 * groups) * d; }
};

/// One sequence. Where it stands is on the device, so that a recorded step serves every position.
class LayerStep {
  public:
    LayerStep(const LayerSizes& sizes, WeightType type)
        : m_sizes(sizes), m_type(type), m_random(sizes.hidden), m_x(4 * sizes.hidden), m_length(sizeof(std::size_t)) {
        begin(Floats(sizes.hidden, 0.1f), 1);
        step();  // what a graph records must not allocate any more
        m_stream.wait();
    }
    /// The residual stream of the next token, and the cache's length with it.
    void begin(const Floats& x, std::size_t length) {
        m_stream.wait();
        m_x.upload(x.data(), 4 * x.size());
        m_length.upload(&length, sizeof length);
    }
    void step() {
        const LayerSizes& s = m_sizes;
        auto* x = static_cast<float*>(m_x.data());
        const auto* length = static_cast<const std::size_t*>(m_length.data());
        cuda::rmsNorm(x, m_norm.data(), s.hidden, eps, m_normed.data(), 1, m_stream);
        product(m_qkv, m_normed.data(), m_projected.data(), false);
        cuda::qkvRotary(
            {1, 1, s.heads, s.groups, s.d, 0, s.slots},
            {m_projected.data(), m_cosine.data(), m_sine.data(), m_q.data(), m_keys.data(), m_values.data()}, length,
            m_stream);
        cuda::attention({1, 1, s.heads, s.groups, s.d, s.slots, s.slots},
                        AttentionInputs<Bf16, Bf16>{m_q.data(), m_keys.data(), m_values.data(), nullptr, length},
                        m_mixed.data(), m_workspace, m_stream);
        product(m_o, m_mixed.data(), x, true);
        cuda::rmsNorm(x, m_norm.data(), s.hidden, eps, m_normed.data(), 1, m_stream);
        product(m_gate_up, m_normed.data(), m_gates.data(), false);
        cuda::swiglu(m_gates.data(), s.intermediate, m_gated.data(), 1, m_stream);
        product(m_down, m_gated.data(), x, true);
    }
    [[nodiscard]] const cuda::Stream& stream() const { return m_stream; }
    [[nodiscard]] Floats result() const {
        m_stream.wait();
        Floats x(m_sizes.hidden);
        m_x.download(x.data(), 4 * x.size());
        return x;
    }
    /// The same in double precision, for the tokens x from the beginning on: the last one's residual stream.
    [[nodiscard]] reference::Doubles expected(const std::vector<Floats>& tokens) const {
        const LayerSizes& s = m_sizes;
        const auto gate_up = m_gate_up.values();
        const auto half = gate_up.begin() + static_cast<std::ptrdiff_t>(s.intermediate * s.hidden);
        const reference::Doubles norm(s.hidden, 1.0);
        reference::AttentionReference block{s.hidden,       s.heads,      s.groups, s.d, theta,
                                            m_qkv.values(), m_o.values(), {},       {}};
        reference::Doubles x;
        for (const Floats& token : tokens) {
            x.assign(token.begin(), token.end());
            const auto mixed = reference::attentionBlock(block, reference::rmsNorm(x, norm, s.hidden, eps));
            for (std::size_t i = 0; i < x.size(); ++i) x[i] += mixed[i];
        }
        const auto more = reference::mlp(reference::rmsNorm(x, norm, s.hidden, eps), {gate_up.begin(), half},
                                         {half, gate_up.end()}, m_down.values(), s.hidden, s.intermediate);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] += more[i];
        return x;
    }
    /// Of weights and cache that one token reads.
    [[nodiscard]] double bytes() const {
        const LayerSizes& s = m_sizes;
        const std::size_t weights =
            s.qkv() * weightRowBytes(m_type, s.hidden) + s.hidden * weightRowBytes(m_type, s.heads * s.d) +
            2 * s.intermediate * weightRowBytes(m_type, s.hidden) + s.hidden * weightRowBytes(m_type, s.intermediate);
        return static_cast<double>(weights + 4 * s.groups * s.slots * s.d);
    }
    [[nodiscard]] double flops() const {
        const LayerSizes& s = m_sizes;
        return 2.0 * static_cast<double>(s.hidden * (s.qkv() + s.heads * s.d + 3 * s.intermediate)) +
               4.0 * static_cast<double>(s.heads * s.d * s.slots);
    }
    static constexpr float eps = 1e-5f;
    static constexpr double theta = 1e4;

  private:
    void product(const DeviceWeight& w, const Bf16* x, float* y, bool add) {
        cuda::quantizedLinear(w.matrix(), LinearInputs<Bf16>{x, 1}, {y, 0, add}, m_stream);
    }
    [[nodiscard]] DeviceWeight weight(std::size_t rows, std::size_t columns) {
        return {m_type, rows, columns, m_random, 1 / std::sqrt(static_cast<float>(columns))};
    }
    /// [slots, d] cos | cos, or -sin | sin.
    [[nodiscard]] static Floats turns(const LayerSizes& s, bool sine) {
        Floats out;
        for (std::size_t p = 0; p < s.slots; ++p)
            for (std::size_t i = 0; i < s.d; ++i) {
                const double angle =
                    static_cast<double>(p) *
                    std::pow(theta, -2.0 * static_cast<double>(i % (s.d / 2)) / static_cast<double>(s.d));
                out.push_back(static_cast<float>(!sine         ? std::cos(angle)
                                                 : i < s.d / 2 ? -std::sin(angle)
                                                               : std::sin(angle)));
            }
        return out;
    }
    template <class T>
    using Array = cuda::DeviceArray<T>;
    LayerSizes m_sizes;
    WeightType m_type;
    std::mt19937_64 m_random;
    cuda::Stream m_stream;
    cuda::DeviceMemory m_workspace, m_x, m_length;
    DeviceWeight m_qkv{weight(m_sizes.qkv(), m_sizes.hidden)}, m_o{weight(m_sizes.hidden, m_sizes.heads*m_sizes.d)},
        m_gate_up{weight(2 * m_sizes.intermediate, m_sizes.hidden)},
        m_down{weight(m_sizes.hidden, m_sizes.intermediate)};
    Array<float> m_norm{Floats(m_sizes.hidden, 1)}, m_projected{Floats(m_sizes.qkv())},
        m_gates{Floats(2 * m_sizes.intermediate)}, m_cosine{turns(m_sizes, false)}, m_sine{turns(m_sizes, true)};
    Array<Bf16> m_normed{std::vector<Bf16>(m_sizes.hidden)}, m_q{std::vector<Bf16>(m_sizes.heads * m_sizes.d)},
        m_keys{std::vector<Bf16>(m_sizes.groups * m_sizes.slots * m_sizes.d)},
        m_values{std::vector<Bf16>(m_sizes.groups * m_sizes.slots * m_sizes.d)},
        m_mixed{std::vector<Bf16>(m_sizes.heads * m_sizes.d)}, m_gated{std::vector<Bf16>(m_sizes.intermediate)};
};

}  // namespace

/// Against double precision, and recorded as a graph against the single launches: the very same numbers at every
/// position.
void checkCudaLayerStep(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const WeightType type : {WeightType::q8_0, WeightType::q4_1, WeightType::bfloat16}) {
        const LayerSizes sizes{192, 4, 2, 64, 320, 300};
        LayerStep launched(sizes, type), recorded(sizes, type);
        const cuda::Graph graph(recorded.stream(), [&] { recorded.step(); });
        std::vector<Floats> tokens;
        double worst = 0;
        for (std::size_t length = 1; length <= 5; ++length) {
            tokens.push_back(normal(random, sizes.hidden));
            launched.begin(tokens.back(), length);
            recorded.begin(tokens.back(), length);
            launched.step();
            graph.launch(recorded.stream());
            const Floats want = launched.result();
            worst = std::max(worst, DeviceGuarded(recorded.result()).error({want.begin(), want.end()}));
        }
        const std::string name = std::string("cuda layer_step ") + weightTypeName(type);
        out.push_back({name, DeviceGuarded(launched.result()).error(launched.expected(tokens)), 5e-3});
        out.push_back({name + " as a graph", worst, 0});
    }
}

void timeCudaLayerStep(std::vector<Timing>& out) {
    struct Model {
        const char* name;
        LayerSizes sizes;
        WeightType type;
    };
    for (const Model& m : {Model{"SmolLM2-135M q4_1", {576, 9, 3, 64, 1536, 2048}, WeightType::q4_1},
                           Model{"Qwen2.5-1.5B q8_0", {1536, 12, 2, 128, 8960, 2048}, WeightType::q8_0}}) {
        LayerStep step(m.sizes, m.type);
        step.begin(Floats(m.sizes.hidden, 0.1f), m.sizes.slots);
        const std::string name = std::string("cuda layer_step ") + m.name + " after 2047, ";
        timeOnDeviceInto(out, {name + "single launches", "layer", 0, 0, step.bytes(), step.flops()}, 1, step.stream(),
                         [&] { step.step(); });
        step.stream().wait();
        const cuda::Graph graph(step.stream(), [&] { step.step(); });
        timeOnDeviceInto(out, {name + "graph", "layer", 0, 0, step.bytes(), step.flops()}, 1, step.stream(),
                         [&] { graph.launch(step.stream()); });
    }
}

}  // namespace airframe::kernels::bench
