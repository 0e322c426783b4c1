// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/aligned_vector.h"
#include "kernels/bf16.h"
#include "kernels/layer/team.h"
#include "kernels/packed_weight.h"

namespace airframe::kernels {

/// The rows that pass through the layers in one step: T new tokens of each of B sequences, and the arrays that layers
/// need in between. Grown as needed by prepare(), reused by every layer and step.
struct LayerRows {
    std::size_t batch = 0, tokens = 0;  ///< B, T
    std::size_t hidden = 0;             ///< D
    AlignedVector<float> x;               ///< [B, T, D] the residual stream: read and added to by each layer

    [[nodiscard]] std::size_t rows() const { return batch * tokens; }

    // Scratch. `wide` holds a product's outputs, `narrow` what the next product reads, `normed` each thread's input rows.
    AlignedVector<float> wide, workspace;
    AlignedVector<Bf16> normed, narrow, q;
    AlignedVector<float> key_rows[2], decay, beta, value_rows[2];
    AlignedVector<Bf16> generator;

    /// A vector of at least n elements, its content unspecified.
    template <class T>
    static T* grown(AlignedVector<T>& array, std::size_t n) {
        if (array.size() < n) array.resize(n);
        return array.data();
    }
};

/// Few rows are cheaper to do by every thread for itself than to share: no thread waits for another.
inline constexpr std::size_t rows_worth_sharing = 3;

/// RMS norm of the residual stream in bf16, [rows, D], complete for this thread when it returns: every thread's own copy
/// if the rows are few, else shared. Between two calls on the same rows a thread must have waited once.
const Bf16* normedRows(const Team& team, LayerRows& rows, const float* weight, float eps);

/// y (+)= in W^T with the units of w shared by the team; y [rows, w.rows()], rows of `in` `stride` apart (0 = w.columns()).
/// Does not wait.
void shareLinear(const Team& team, const PackedWeight& w, const Bf16* in, std::size_t rows, float* y, bool add, std::size_t stride = 0);

}  // namespace airframe::kernels
