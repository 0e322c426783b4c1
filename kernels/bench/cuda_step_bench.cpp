// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::bench {
namespace {

/// A decode step of Jet-Nemotron-2B's token mixer between its projections: convolution, rule, output norm; state and
/// window in place.
class JetStep {
  public:
    JetStep() { step(); }
    /// As single launches.
    void step() {
        cuda::generatedConv(
            {1, 1, value},
            GeneratedInputs{m_u.data(), m_hidden.data(), m_weight.data(), m_bias.data(), m_window.data(), generator},
            {m_v.data(), m_window.data()}, m_stream);
        cuda::gatedDelta({1, 1, heads, k, v},
                         {m_q.data(), m_k.data(), m_v.data(), m_g.data(), m_beta.data(), m_state.data(), true},
                         {m_o.data(), m_state.data(), nullptr}, m_workspace, m_stream);
        cuda::gatedNorm({heads, v, value, 1e-5f}, 1, m_o.data(), m_norm.data(), m_gate.data(), m_y.data(), m_stream);
    }
    [[nodiscard]] const cuda::Stream& stream() const { return m_stream; }
    /// Output and state, one after the other.
    [[nodiscard]] Floats result() const {
        m_stream.wait();
        Floats out = m_y.values();
        const Floats state = m_state.values();
        out.insert(out.end(), state.begin(), state.end());
        return out;
    }
    static constexpr std::size_t heads = 12, k = 96, v = 256, value = heads * v, generator = 384;

  private:
    using GeneratedInputs = cuda::GeneratedConvInputs<float>;
    static Floats random(std::size_t n, float scale) {
        std::mt19937_64 engine(n);
        return normal(engine, n, scale);
    }
    static std::vector<Bf16> randomBf16(std::size_t n, float scale) {
        Floats x = random(n, scale);
        return roundedToBf16(x);
    }
    cuda::Stream m_stream;
    cuda::DeviceMemory m_workspace;
    cuda::DeviceArray<Bf16> m_hidden{randomBf16(generator, 1)}, m_weight{randomBf16(value * 4 * generator, 0.03f)};
    cuda::DeviceArray<float> m_u{random(value, 1)}, m_bias{random(value * 4, 0.3f)}, m_window{Floats(value * 4)},
        m_v{Floats(value)}, m_q{random(heads * k, 1)}, m_k{random(heads * k, 1)}, m_g{Floats(heads, -0.1f)},
        m_beta{Floats(heads, 0.5f)}, m_state{Floats(heads * k * v)}, m_o{Floats(value)}, m_norm{Floats(v, 1)},
        m_gate{random(value, 1)}, m_y{Floats(value)};
};

}  // namespace

/// Recorded as a graph the step gives, over several tokens, the very same numbers.
void checkCudaJetStep(std::uint64_t, std::vector<Check>& out) {
    JetStep launched, recorded;
    const cuda::Graph graph(recorded.stream(), [&] { recorded.step(); });
    for (int token = 0; token < 3; ++token) {
        launched.step();
        graph.launch(recorded.stream());
    }
    const Floats want = launched.result();
    const DeviceGuarded got(recorded.result());
    out.push_back({"cuda jet_step as a graph", got.error(std::vector<double>(want.begin(), want.end())), 0});
}

void timeCudaJetStep(std::vector<Timing>& out) {
    JetStep step;
    const double kv = static_cast<double>(JetStep::heads * JetStep::k * JetStep::v),
                 weights = static_cast<double>(JetStep::value * 4 * JetStep::generator);
    const double bytes = 8 * kv + 2 * weights, flops = 7 * kv + 2 * weights;
    timeOnDeviceInto(out, {"cuda jet_step 12x96x256, single launches", "token", 0, 0, bytes, flops}, 1, step.stream(),
                     [&] { step.step(); });
    step.stream().wait();
    const cuda::Graph graph(step.stream(), [&] { step.step(); });
    timeOnDeviceInto(out, {"cuda jet_step 12x96x256, graph", "token", 0, 0, bytes, flops}, 1, step.stream(),
                     [&] { graph.launch(step.stream()); });
}

}  // namespace airframe::kernels::bench
