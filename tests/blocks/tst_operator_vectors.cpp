// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cmath>
#include <cstring>

#include "core/formats/safetensors.h"
#include "kernels/delta_product.h"
#include "kernels/gated_delta.h"
#include "kernels/linear_scan.h"
#include "support/shared_data.h"

using namespace airframe;
using namespace airframe::kernels;
namespace fs = std::filesystem;

namespace {

/// How the tokens of a file reach the kernel.
enum class Form {
    whole,   ///< one call for all: long ones run in chunks
    steps,   ///< one call per sequence and token, the state carried: the recurrent form
    packed,  ///< one call, the batch as packed sequences
};

/// The float64 tensors of one file. Inputs are exact in float32, most in bfloat16 (the vectors' README says which).
class Vectors {
  public:
    explicit Vectors(const fs::path& path) : m_file(path) {}
    [[nodiscard]] bool has(const char* name) const { return m_file.find(name) != nullptr; }
    [[nodiscard]] std::size_t size(const char* name, std::size_t axis) const {
        return static_cast<std::size_t>(tensor(name).shape.at(axis));
    }
    [[nodiscard]] std::vector<double> doubles(const char* name) const {
        const auto& t = tensor(name);
        std::vector<double> out(static_cast<std::size_t>(t.elements()));
        std::memcpy(out.data(), t.bytes.data(), t.bytes.size());
        return out;
    }
    /// Empty where the file has no such tensor.
    template <class T = float>
    [[nodiscard]] std::vector<T> values(const char* name) const {
        std::vector<T> out;
        if (!has(name)) return out;
        for (const double x : doubles(name)) assign(out.emplace_back(), static_cast<float>(x));
        return out;
    }
    [[nodiscard]] float scale() const { return std::stof(m_file.metadata().at("scale")); }
    [[nodiscard]] bool l2norm() const { return m_file.metadata().at("qk_l2norm") == "True"; }

  private:
    [[nodiscard]] const SafetensorsTensor& tensor(const char* name) const {
        const auto* t = m_file.find(name);
        if (!t || t->dtype != "F64") throw std::runtime_error(m_file.path().string() + ": no float64 tensor " + name);
        return *t;
    }
    SafetensorsFile m_file;
};

/// The sizes of a file and the calls that its form makes of them.
struct Calls {
    struct Call {
        std::size_t batch, tokens, row, sequence;  ///< row: the first of [B, T]; sequence: the first of B
        Sequences sequences;
    };
    std::size_t batch, tokens, heads, k, v;  ///< B, T, H, K, V
    std::vector<std::int64_t> offsets{};

    [[nodiscard]] std::vector<Call> of(Form form) {
        if (form == Form::whole) return {{batch, tokens, 0, 0, {}}};
        if (form == Form::packed) {
            for (std::size_t b = 0; b <= batch; ++b) offsets.push_back(static_cast<std::int64_t>(b * tokens));
            return {{1, batch * tokens, 0, 0, {offsets.data(), batch}}};
        }
        std::vector<Call> steps;
        for (std::size_t row = 0; row < batch * tokens; ++row) steps.push_back({1, 1, row, row / tokens, {}});
        return steps;
    }
    [[nodiscard]] std::size_t pairs(const Call& call) const { return sequenceCount(call.sequences, call.batch) * heads; }
};

/// What a kernel gave, shaped as the file has it. The state begins as the file's initial one, or zero.
template <class T>
struct Result {
    std::vector<T> o;
    std::vector<float> state;

    Result(const Calls& c, std::vector<float> initial)
        : o(c.batch * c.tokens * c.heads * c.v), state(std::move(initial)) {
        for (T& x : o) assign(x, NAN);
        state.resize(c.batch * c.heads * c.k * c.v, 0.0f);
    }
};

template <class T>
T* from(std::vector<T>& x, std::size_t row, std::size_t width) {
    return x.data() + row * width;
}

template <class T>
Result<T> runDelta(const Vectors& in, Form form) {
    Calls c{in.size("o", 0), in.size("o", 1), in.size("o", 2), in.size("q", 3), in.size("o", 3)};
    const std::size_t key_heads = in.size("q", 2), H = c.heads;
    auto q = in.values<T>("q"), k = in.values<T>("k"), v = in.values<T>("v");
    auto g = in.values("g"), beta = in.values("beta");
    Result<T> r(c, in.values("initial_state"));
    for (const auto& call : c.of(form)) {
        float* state = from(r.state, call.sequence, H * c.k * c.v);
        gatedDeltaForward({call.batch, call.tokens, H, c.k, c.v, key_heads, call.sequences},
                          GatedDeltaInputsOf<T>{from(q, call.row, key_heads * c.k), from(k, call.row, key_heads * c.k),
                                                from(v, call.row, H * c.v), g.empty() ? nullptr : from(g, call.row, H),
                                                from(beta, call.row, H), state, in.l2norm(), in.scale()},
                          GatedDeltaOutputsOf<T>{from(r.o, call.row, H * c.v), state, nullptr}, 0, c.pairs(call));
    }
    return r;
}

template <class T>
Result<T> runProduct(const Vectors& in, Form form) {
    Calls c{in.size("o", 0), in.size("o", 1), in.size("o", 2), in.size("r", 3), in.size("o", 3)};
    const std::size_t keys = c.heads * c.k, columns = c.heads * c.v;
    auto r = in.values<T>("r"), k = in.values<T>("k"), v = in.values<T>("v"), a = in.values<T>("a"), b = in.values<T>("b");
    auto w = in.values("w");
    Result<T> out(c, in.values("initial_state"));
    for (const auto& call : c.of(form)) {
        float* state = from(out.state, call.sequence, keys * c.v);
        deltaProduct({call.batch, call.tokens, c.heads, c.k, c.v, in.scale(), call.sequences},
                     DeltaProductInputs<T>{from(r, call.row, keys), from(w, call.row, keys), from(k, call.row, keys),
                                           from(v, call.row, columns), from(a, call.row, keys), from(b, call.row, keys), state},
                     DeltaProductOutputs<T>{from(out.o, call.row, columns), state}, 0, c.pairs(call));
    }
    return out;
}

/// Arrays of a scan; `g` is shared by all tokens with a constant decay.
template <class T>
struct Scan {
    std::vector<T> q, k, v, x;
    std::vector<float> g, skip;
    std::size_t groups = 0;  ///< heads of q and k
    Decay decay = Decay::key;
    float scale = 1;
};

template <class T>
void runScan(Scan<T>& s, Calls& c, Form form, Result<T>& r) {
    const std::size_t keys = s.groups * c.k, columns = c.heads * c.v;
    for (const auto& call : c.of(form)) {
        float* state = from(r.state, call.sequence, c.heads * c.k * c.v);
        LinearScanShape shape{call.batch, call.tokens, c.heads, c.k, c.v, s.groups, s.groups};
        shape.decay = s.decay;
        shape.scale = s.scale;
        shape.sequences = call.sequences;
        const std::size_t decays = s.decay == Decay::key ? c.heads * c.k : s.decay == Decay::head ? c.heads : 0;
        linearScan(shape,
                   LinearScanInputs<T>{from(s.q, call.row, keys), from(s.k, call.row, keys), from(s.v, call.row, columns),
                                       from(s.g, call.row, decays), state, s.skip.empty() ? nullptr : s.skip.data(),
                                       s.x.empty() ? nullptr : from(s.x, call.row, columns)},
                   LinearScanOutputs<T>{from(r.o, call.row, columns), state}, 0, c.pairs(call));
    }
}

/// GLA with a decay per key channel, or retention with gamma per head.
template <class T>
Result<T> runLinear(const Vectors& in, Form form) {
    Calls c{in.size("o", 0), in.size("o", 1), in.size("o", 2), in.size("q", 3), in.size("o", 3)};
    Scan<T> s{in.values<T>("q"), in.values<T>("k"), in.values<T>("v"), {}, in.values("gk"), {}, c.heads, Decay::key, in.scale()};
    if (in.has("gamma")) {
        s.decay = Decay::constant;
        for (const double gamma : in.doubles("gamma")) s.g.push_back(static_cast<float>(std::log(gamma)));
    }
    Result<T> r(c, in.values("initial_state"));
    runScan(s, c, form, r);
    return r;
}

/// [B, H, rows, columns] with the last two exchanged.
std::vector<float> transposed(const std::vector<float>& x, std::size_t rows, std::size_t columns) {
    std::vector<float> out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t matrix = i / (rows * columns), row = i / columns % rows, column = i % columns;
        out[(matrix * columns + column) * rows + row] = x[i];
    }
    return out;
}

/// Mamba2: q = C, k = B, v = dt x, g = A dt, the skip D x; the file's state has the value's axis first.
template <class T>
Result<T> runMamba2(const Vectors& in, Form form) {
    Calls c{in.size("x", 0), in.size("x", 1), in.size("x", 2), in.size("B", 3), in.size("x", 3)};
    Scan<T> s{in.values<T>("C"), in.values<T>("B"), {}, in.values<T>("x"), {}, in.values("D"), in.size("B", 2), Decay::head, 1};
    const auto dt = in.doubles("dt"), A = in.doubles("A"), x = in.doubles("x");
    for (std::size_t i = 0; i < dt.size(); ++i) s.g.push_back(static_cast<float>(A[i % c.heads] * dt[i]));
    for (std::size_t i = 0; i < x.size(); ++i) assign(s.v.emplace_back(), static_cast<float>(dt[i / c.v] * x[i]));
    Result<T> r(c, transposed(in.values("initial_state"), c.v, c.k));
    runScan(s, c, form, r);
    r.state = transposed(r.state, c.k, c.v);
    return r;
}

/// THE table of operators that have vectors, by the name of their folder.
struct Operator {
    const char* folder;
    const char* output;
    Result<float> (*single)(const Vectors&, Form);
    Result<Bf16> (*half)(const Vectors&, Form);
};
constexpr Operator operators[] = {
    {"gated_delta_rule", "o", runDelta<float>, runDelta<Bf16>}, {"delta_rule", "o", runDelta<float>, runDelta<Bf16>},
    {"gla", "o", runLinear<float>, runLinear<Bf16>},            {"retention", "o", runLinear<float>, runLinear<Bf16>},
    {"mamba2_ssd", "y", runMamba2<float>, runMamba2<Bf16>},     {"rwkv7_wkv", "o", runProduct<float>, runProduct<Bf16>},
};

/// max |x - expected| / max |expected|, the measure of the vectors' README; infinite if one is not finite.
template <class T>
double relativeError(const std::vector<T>& x, const std::vector<double>& expected) {
    double worst = 0, size = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double difference = std::abs(static_cast<double>(toFloat(x.at(i))) - expected[i]);
        if (!std::isfinite(difference)) return INFINITY;
        worst = std::max(worst, difference);
        size = std::max(size, std::abs(expected[i]));
    }
    return x.size() == expected.size() ? worst / size : INFINITY;
}

}  // namespace

/// The kernels of the linear-attention family on the processor against the reference vectors of their operators.
class TestOperatorVectors : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void references_data();
    void references();
};

void TestOperatorVectors::references_data() {
    QTest::addColumn<int>("op");
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("form");
    const fs::path folder = test::sharedFolder() / "vectors/blocks/operators";
    if (!fs::exists(folder)) return;
    static constexpr const char* forms[] = {"whole", "steps", "packed"};
    for (int op = 0; op < static_cast<int>(std::size(operators)); ++op) {
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(folder / operators[op].folder)) files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        for (const auto& file : files)
            for (int form = 0; form < static_cast<int>(std::size(forms)); ++form)
                QTest::addRow("%s %s %s", operators[op].folder, file.stem().c_str(), forms[form])
                    << op << QString::fromStdString(file.string()) << form;
    }
}

void TestOperatorVectors::references() {
    AIRFRAME_NEED(test::sharedFolder() / "vectors/blocks/operators");
    QFETCH(int, op);
    QFETCH(QString, path);
    QFETCH(int, form);
    const Vectors vectors(path.toStdString());
    const auto o = vectors.doubles(operators[op].output), state = vectors.doubles("final_state");
    const auto close = [](const char* what, double error, double limit) {
        QVERIFY2(error <= limit, qPrintable(QString("%1: error %2, limit %3").arg(what).arg(error).arg(limit)));
    };
    // Recurrent 2e-6; whole sequences may run in chunks, whose sums of log decays are formed pair by pair: 1e-5 of any kind.
    const double limit = static_cast<Form>(form) == Form::steps ? 2e-6 : 1e-5;
    const auto single = operators[op].single(vectors, static_cast<Form>(form));
    close("float32 o", relativeError(single.o, o), limit);
    close("float32 state", relativeError(single.state, state), limit);
    const auto half = operators[op].half(vectors, static_cast<Form>(form));
    close("bf16 o", relativeError(half.o, o), 1e-2);
    close("bf16 state", relativeError(half.state, state), 1e-2);
}

QTEST_APPLESS_MAIN(TestOperatorVectors)
#include "tst_operator_vectors.moc"
