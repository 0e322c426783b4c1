// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/gated_delta_backward.cpp"
// Vectors are kept in arrays here, which a size only known at run time does not allow.
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/aligned_allocator.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "kernels/simd/elements-inl.h"
#include "kernels/simd/simd.h"

// Backward in chunks of 16 tokens, all as products of small matrices. With A_t = a_1 ... a_t inside a chunk, S the state
// before it and G the gradient of the state after it (rows are tokens; i, j, t of the chunk; every ratio A_i / A_t with
// i >= t is a product of decays, so nothing is divided and a reset is no exception):
//   e_t  = v_t - A_t S^T k_t - sum_{j<t} A_t/A_j (k_t . k_j) d_j,    d_t = beta_t e_t
//   dd_t = A_C/A_t G^T k_t + sum_{i>=t} A_i/A_t (q_i . k_t) do_i - sum_{i>t} A_i/A_t (k_i . k_t) dv_i,    dv_t = beta_t dd_t
//   dq_t = A_t S do_t + sum_{j<=t} Y_tj k_j                          Y_ij = A_i/A_j (do_i . d_j), i >= j
//   dk_t = A_C/A_t G d_t - A_t S dv_t + sum_{i>=t} Y_it q_i - sum_i (X + X^T)_it k_i,    X_ij = A_i/A_j (dv_i . d_j), i > j
//   G before the chunk = A_C G + sum_i A_i (q_i do_i^T - k_i dv_i^T),    dbeta_t = dd_t . e_t
// The decay's gradient follows from S_t being linear in (a_t S_{t-1}, v_t): with dg_t = <G_{t-1}, S_{t-1}>,
//   dg_{t+1} = dg_t - q_t . dq_t + v_t . dv_t,
// so one inner product of states per chunk is enough.

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

constexpr float l2_eps = 1e-6f;
constexpr std::size_t C = 16;  ///< tokens of a chunk, and what K and V are padded to: a multiple of every vector here
static_assert(gated_delta_saved_every == 2 * C);

HWY_INLINE std::size_t padded(std::size_t n) { return (n + C - 1) / C * C; }

/// Sum of a[i] * b[i]: vectors, then the rest.
HWY_INLINE float dot(const float* a, const float* b, std::size_t n) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec x = hn::Zero(d), y = x;
    std::size_t i = 0;
    for (; i + 2 * N <= n; i += 2 * N) {
        x = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), x);
        y = hn::MulAdd(hn::LoadU(d, a + i + N), hn::LoadU(d, b + i + N), y);
    }
    for (; i + N <= n; i += N) x = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), x);
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(x, y)));
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

/// The left factor of a product, whose elements are taken one by one: any strides.
struct Left {
    const float* x;
    std::size_t row, column;
};

template <std::size_t M, std::size_t W>
HWY_INLINE void productBlock(Left a, const float* b, std::size_t b_row, std::size_t n, float keep, float* c, std::size_t c_row) {
    const D d;
    const std::size_t N = hn::Lanes(d);
    Vec sum[M][W];
    for (std::size_t m = 0; m < M; ++m)
        for (std::size_t w = 0; w < W; ++w)
            sum[m][w] = keep != 0 ? hn::Mul(hn::Set(d, keep), hn::Load(d, c + m * c_row + w * N)) : hn::Zero(d);
    for (std::size_t i = 0; i < n; ++i) {
        Vec row[W];
        for (std::size_t w = 0; w < W; ++w) row[w] = hn::Load(d, b + i * b_row + w * N);
        for (std::size_t m = 0; m < M; ++m) {
            const Vec x = hn::Set(d, a.x[m * a.row + i * a.column]);
            for (std::size_t w = 0; w < W; ++w) sum[m][w] = hn::MulAdd(x, row[w], sum[m][w]);
        }
    }
    for (std::size_t m = 0; m < M; ++m)
        for (std::size_t w = 0; w < W; ++w) hn::Store(sum[m][w], d, c + m * c_row + w * N);
}

/// c [rows, columns] = keep c + a [rows, n] b [n, columns]; rows and columns are padded; keep = 0 does not read c.
void product(std::size_t rows, std::size_t columns, std::size_t n, Left a, const float* b, std::size_t b_row, float keep,
             float* c, std::size_t c_row) {
    const std::size_t N = hn::Lanes(D());
    std::size_t j = 0;
    for (; j + 2 * N <= columns; j += 2 * N)
        for (std::size_t i = 0; i < rows; i += 4)
            productBlock<4, 2>({a.x + i * a.row, a.row, a.column}, b + j, b_row, n, keep, c + i * c_row + j, c_row);
    for (; j < columns; j += N)
        for (std::size_t i = 0; i < rows; i += 8)
            productBlock<8, 1>({a.x + i * a.row, a.row, a.column}, b + j, b_row, n, keep, c + i * c_row + j, c_row);
}

/// [C, n] to [n, stride].
HWY_INLINE void transpose(const float* from, std::size_t n, float* to, std::size_t stride) {
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t t = 0; t < C; ++t) to[i * stride + t] = from[t * n + i];
}

/// y = keep y + factor x over a padded row.
HWY_INLINE void addRow(const float* x, std::size_t n, float factor, float keep, float* y) {
    const D d;
    const Vec f = hn::Set(d, factor), k = hn::Set(d, keep);
    for (std::size_t i = 0; i < n; i += hn::Lanes(d))
        hn::Store(hn::MulAdd(f, hn::Load(d, x + i), hn::Mul(k, hn::Load(d, y + i))), d, y + i);
}

HWY_INLINE void loadPadded(const float* from, std::size_t n, std::size_t width, float* to) {
    if (n > 0) std::memcpy(to, from, n * sizeof(float));
    std::memset(to + n, 0, (width - n) * sizeof(float));
}

/// dx of a row that was divided by its length: r (dy - y (y . dy)), with y and dy of the scaled row.
HWY_INLINE void rowBack(const float* y, const float* dy, std::size_t n, bool normalised, float inverse, float scale, float* dx) {
    const float along = normalised ? dot(y, dy, n) / scale : 0.0f;
    for (std::size_t i = 0; i < n; ++i) dx[i] = inverse * (scale * dy[i] - y[i] * along);
}

/// One call's arrays and one head's place in them.
struct Task {
    const GatedDeltaShape& shape;
    const GatedDeltaInputs& in;
    const GatedDeltaGradients& grad;
    std::size_t K, V;  ///< padded
    float scale;
    std::size_t b = 0, h = 0;

    std::size_t row(std::size_t t) const { return (b * shape.tokens + t) * shape.heads + h; }
};

/// Memory in one piece.
class Arena {
  public:
    explicit Arena(std::size_t n) : m_data(hwy::AllocateAligned<float>(n)), m_next(m_data.get()) {
        std::memset(m_next, 0, n * sizeof(float));
    }
    float* take(std::size_t n) { return std::exchange(m_next, m_next + n); }

  private:
    hwy::AlignedFreeUniquePtr<float[]> m_data;
    float* m_next;
};

/// What the backward pass of a chunk writes and the next chunk may overwrite.
struct Temporary {
    float *transposed, *values, *both, *keys, *scaled, *rows;

    Temporary(Arena& arena, std::size_t K, std::size_t V)
        : transposed(arena.take(std::max(K, V) * C)), values(arena.take(C * V)), both(arena.take(2 * C * V)),
          keys(arena.take(3 * C * K)), scaled(arena.take(2 * C * V)), rows(arena.take(2 * C * K)) {}
    static std::size_t size(std::size_t K, std::size_t V) { return std::max(K, V) * C + 5 * C * V + 5 * C * K; }
};

/// Up to 16 tokens; missing ones are zero with beta 0 and decay 1.
class Chunk {
  public:
    Chunk(Arena& arena, std::size_t K, std::size_t V)
        : m_queries(arena.take(C * K)), m_keys(arena.take(C * K)), m_errors(arena.take(C * V)), m_deltas(arena.take(C * V)) {}
    static std::size_t size(std::size_t K, std::size_t V) { return 2 * C * (K + V); }

    void load(const Task& task, std::size_t first, std::size_t last) {
        m_first = first, m_count = last - first;
        const std::size_t n = task.shape.k;
        for (std::size_t t = 0; t < C; ++t) {
            float *q = m_queries + t * task.K, *k = m_keys + t * task.K, *v = m_errors + t * task.V;
            const bool there = t < m_count;
            const std::size_t row = there ? task.row(first + t) : 0;
            loadPadded(task.in.q + row * n, there ? n : 0, task.K, q);
            loadPadded(task.in.k + row * n, there ? n : 0, task.K, k);
            loadPadded(task.in.v + row * task.shape.v, there ? task.shape.v : 0, task.V, v);
            m_inverse_q[t] = unit(q, task.K, task.in.l2norm, task.scale);
            m_inverse_k[t] = unit(k, task.K, task.in.l2norm, 1.0f);
            m_beta[t] = there ? task.in.beta[row] : 0.0f;
            const double a = there && task.in.g ? std::exp(static_cast<double>(task.in.g[row])) : 1.0;
            m_decay[t] = a;
            double ratio = 1;
            for (std::size_t j = t + 1; j-- > 0; ratio *= m_decay[j]) m_ratio[t][j] = static_cast<float>(ratio);
            m_before[t] = static_cast<float>(ratio);
        }
    }

    /// e and d of every token, from the state before the chunk.
    void forward(const Task& task, const float* state, Temporary& temporary) {
        const std::size_t K = task.K, V = task.V;
        transpose(m_keys, K, temporary.transposed, C);
        product(C, C, K, {m_keys, K, 1}, temporary.transposed, C, 0, m_keys_keys[0], C);
        product(C, C, K, {m_queries, K, 1}, temporary.transposed, C, 0, m_queries_keys[0], C);
        product(C, V, K, {m_keys, K, 1}, state, V, 0, temporary.values, V);
        for (std::size_t t = 0; t < C; ++t) {
            float *e = m_errors + t * V, *d = m_deltas + t * V;
            addRow(temporary.values + t * V, V, -m_before[t], 1, e);
            float factors[C];
            for (std::size_t j = 0; j < t; ++j) factors[j] = -m_ratio[t][j] * m_keys_keys[t][j];
            addRows(m_deltas, V, factors, 0, t, e);
            addRow(e, V, m_beta[t], 0, d);
        }
    }

    /// The state after the chunk.
    void advance(const Task& task, const float* state, float* after, Temporary& temporary) const {
        const std::size_t K = task.K, V = task.V;
        for (std::size_t t = 0; t < C; ++t) addRow(m_deltas + t * V, V, m_ratio[C - 1][t], 0, temporary.scaled + t * V);
        std::memcpy(after, state, K * V * sizeof(float));
        product(K, V, C, {m_keys, 1, K}, temporary.scaled, V, m_before[C - 1], after, V);
    }

    /// All gradients of the chunk's tokens; `g` becomes the gradient of the state before it.
    void backward(const Task& task, const float* state, float* g, Temporary& temporary) {
        const std::size_t K = task.K, V = task.V;
        float *d_o = temporary.both, *d_v = d_o + C * V, *dd = temporary.values;
        for (std::size_t t = 0; t < C; ++t)
            loadPadded(task.grad.d_o + (t < m_count ? task.row(m_first + t) * task.shape.v : 0), t < m_count ? task.shape.v : 0, V,
                       d_o + t * V);
        valueGradients(task, g, d_o, d_v, dd);
        keyGradients(task, state, g, d_o, d_v, temporary);
        // G <- A_C G + [q; k]^T [A do; -A dv]
        for (std::size_t t = 0; t < C; ++t) {
            addRow(d_o + t * V, V, m_before[t], 0, temporary.scaled + t * V);
            addRow(d_v + t * V, V, -m_before[t], 0, temporary.scaled + (C + t) * V);
        }
        product(K, V, C, {m_queries, 1, K}, temporary.scaled, V, m_before[C - 1], g, V);
        product(K, V, C, {m_keys, 1, K}, temporary.scaled + C * V, V, 1, g, V);
        double dg = 0;
        for (std::size_t i = 0; i < K; ++i) dg += dot(state + i * V, g + i * V, V);
        finishRows(task, d_v, dd, dg, temporary);
    }

  private:
    static float unit(float* x, std::size_t n, bool normalise, float scale) {
        const float inverse = normalise ? 1.0f / std::sqrt(dot(x, x, n) + l2_eps) : 1.0f;
        addRow(x, n, 0, inverse * scale, x);
        return inverse;
    }

    /// y += sum of factors[j] x_j over the rows begin to end of x.
    static void addRows(const float* x, std::size_t n, const float* factors, std::size_t begin, std::size_t end, float* y) {
        const D d;
        for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
            Vec sum = hn::Load(d, y + i);
            for (std::size_t j = begin; j < end; ++j) sum = hn::MulAdd(hn::Set(d, factors[j]), hn::Load(d, x + j * n + i), sum);
            hn::Store(sum, d, y + i);
        }
    }

    void valueGradients(const Task& task, const float* g, const float* d_o, float* d_v, float* dd) const {
        const std::size_t K = task.K, V = task.V;
        product(C, V, K, {m_keys, K, 1}, g, V, 0, dd, V);
        HWY_ALIGN float z[C][C] = {};
        for (std::size_t i = 0; i < C; ++i)
            for (std::size_t t = 0; t <= i; ++t) z[i][t] = m_ratio[i][t] * m_queries_keys[i][t];
        for (std::size_t t = 0; t < C; ++t) addRow(dd + t * V, V, 0, m_ratio[C - 1][t], dd + t * V);
        product(C, V, C, {z[0], 1, C}, d_o, V, 1, dd, V);
        for (std::size_t t = C; t-- > 0;) {
            float factors[C];
            for (std::size_t i = t + 1; i < C; ++i) factors[i] = -m_ratio[i][t] * m_keys_keys[i][t];
            addRows(d_v, V, factors, t + 1, C, dd + t * V);
            addRow(dd + t * V, V, m_beta[t], 0, d_v + t * V);
        }
    }

    /// temporary.keys = dq^T, dk^T, [K, C] each in rows of 2 C.
    void keyGradients(const Task& task, const float* state, const float* g, const float* d_o, const float* d_v,
                      Temporary& temporary) const {
        const std::size_t K = task.K, V = task.V;
        float *keys = temporary.keys, *from_g = keys + 2 * C * K;
        transpose(m_deltas, V, temporary.transposed, C);
        HWY_ALIGN float x[C][C], y[C][C], y_transposed[C][C], both[C][C];
        product(C, C, V, {d_v, V, 1}, temporary.transposed, C, 0, x[0], C);
        product(C, C, V, {d_o, V, 1}, temporary.transposed, C, 0, y[0], C);
        product(K, C, V, {g, V, 1}, temporary.transposed, C, 0, from_g, C);
        for (std::size_t i = 0; i < C; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                y[i][j] *= m_ratio[i][j];
                y_transposed[j][i] = y[i][j];
                if (i != j) y[j][i] = y_transposed[i][j] = 0;
                both[i][j] = both[j][i] = i == j ? 0 : -m_ratio[i][j] * x[i][j];
            }
        transpose(d_o, V, temporary.scaled, 2 * C);
        transpose(d_v, V, temporary.scaled + C, 2 * C);
        product(K, 2 * C, V, {state, V, 1}, temporary.scaled, 2 * C, 0, keys, 2 * C);
        const D d;
        for (std::size_t i = 0; i < K; ++i)
            for (std::size_t t = 0; t < C; t += hn::Lanes(d)) {
                float *dq = keys + 2 * C * i + t, *dk = dq + C;
                const Vec before = hn::LoadU(d, m_before + t), after = hn::LoadU(d, m_ratio[C - 1] + t);
                hn::Store(hn::Mul(before, hn::Load(d, dq)), d, dq);
                hn::Store(hn::NegMulAdd(before, hn::Load(d, dk), hn::Mul(after, hn::Load(d, from_g + C * i + t))), d, dk);
            }
        product(K, C, C, {m_keys, 1, K}, y_transposed[0], C, 1, keys, 2 * C);
        product(K, C, C, {m_queries, 1, K}, y[0], C, 1, keys + C, 2 * C);
        product(K, C, C, {m_keys, 1, K}, both[0], C, 1, keys + C, 2 * C);
    }

    void finishRows(const Task& task, const float* d_v, const float* dd, double dg, Temporary& temporary) const {
        const std::size_t K = task.K, V = task.V, n = task.shape.k;
        for (std::size_t t = 0; t < m_count; ++t) {
            const std::size_t row = task.row(m_first + t);
            float *dq = temporary.rows, *dk = dq + K;
            for (std::size_t i = 0; i < K; ++i) dq[i] = temporary.keys[2 * C * i + t], dk[i] = temporary.keys[2 * C * i + C + t];
            const float *q = m_queries + t * K, *k = m_keys + t * K, *v = task.in.v + row * task.shape.v;
            rowBack(q, dq, n, task.in.l2norm, m_inverse_q[t], task.scale, task.grad.d_q + row * n);
            rowBack(k, dk, n, task.in.l2norm, m_inverse_k[t], 1.0f, task.grad.d_k + row * n);
            std::memcpy(task.grad.d_v + row * task.shape.v, d_v + t * V, task.shape.v * sizeof(float));
            task.grad.d_beta[row] = dot(dd + t * V, m_errors + t * V, V);
            if (task.grad.d_g) task.grad.d_g[row] = m_decay[t] == 0 ? 0.0f : static_cast<float>(dg);
            dg += static_cast<double>(dot(v, d_v + t * V, task.shape.v)) - dot(q, dq, K);
        }
    }

    std::size_t m_first = 0, m_count = 0;
    float *m_queries, *m_keys, *m_errors, *m_deltas;  ///< q times scale; v before `forward`
    float m_inverse_q[C], m_inverse_k[C], m_beta[C], m_before[C];
    double m_decay[C];
    float m_ratio[C][C];  ///< A_i / A_j for i >= j
    HWY_ALIGN float m_keys_keys[C][C];
    HWY_ALIGN float m_queries_keys[C][C];
};

void loadState(const Task& task, const float* from, float* to) {
    for (std::size_t i = 0; i < task.K; ++i) {
        const bool there = from && i < task.shape.k;
        loadPadded(there ? from + i * task.shape.v : nullptr, there ? task.shape.v : 0, task.V, to + i * task.V);
    }
}

void DeltaBackward(const GatedDeltaShape& s, const GatedDeltaInputs& in, const GatedDeltaGradients& grad, std::size_t begin,
                   std::size_t end) {
    const std::size_t K = padded(s.k), V = padded(s.v), pieces = savedStates(s.tokens);
    Task task{s, in, grad, K, V, in.scale != 0 ? in.scale : 1.0f / std::sqrt(static_cast<float>(s.k))};
    Arena arena(3 * K * V + 2 * Chunk::size(K, V) + Temporary::size(K, V));
    float *first_state = arena.take(K * V), *second_state = arena.take(K * V), *g = arena.take(K * V);
    Chunk first(arena, K, V), second(arena, K, V);
    Temporary temporary(arena, K, V);
    for (std::size_t pair = begin; pair < end; ++pair) {
        task.b = pair / s.heads, task.h = pair % s.heads;
        const std::size_t state = s.k * s.v;
        loadState(task, grad.d_state ? grad.d_state + pair * state : nullptr, g);
        for (std::size_t piece = pieces; piece-- > 0;) {
            const std::size_t start = piece * 2 * C, middle = std::min(s.tokens, start + C), stop = std::min(s.tokens, start + 2 * C);
            loadState(task, grad.saved + (pair * pieces + piece) * state, first_state);
            first.load(task, start, middle);
            first.forward(task, first_state, temporary);
            if (middle < stop) {
                first.advance(task, first_state, second_state, temporary);
                second.load(task, middle, stop);
                second.forward(task, second_state, temporary);
                second.backward(task, second_state, g, temporary);
            }
            first.backward(task, first_state, g, temporary);
        }
        if (grad.d_initial)
            for (std::size_t i = 0; i < s.k; ++i) std::memcpy(grad.d_initial + pair * state + i * s.v, g + i * V, s.v * sizeof(float));
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::simd {
HWY_EXPORT(DeltaBackward);

void gatedDeltaBackward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaGradients& grad,
                        std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(DeltaBackward)(shape, in, grad, begin, end);
}

}  // namespace airframe::kernels::simd
#endif
