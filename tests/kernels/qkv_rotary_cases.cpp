// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/qkv_rotary.cuh"

#include "kernels/reference/qkv_rotary_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

/// With lengths, tables of every position, else of the T tokens.
void check(const QkvRotaryShape& s, const std::vector<std::size_t>& lengths, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    const auto x = bench::normal(random, s.batch * s.tokens * s.row());
    const std::size_t turns = lengths.empty() ? s.tokens : 40;
    const auto cosine = bench::normal(random, turns * s.d), sine = bench::normal(random, turns * s.d);
    const std::size_t cache = s.batch * s.groups * s.slots * s.d;
    const auto before = bench::normal(random, cache);
    std::vector<Bf16> bits;
    for (const float b : before) bits.push_back(toBf16(b));
    reference::QkvRotary want;
    for (const Bf16 b : bits) want.keys.push_back(toFloat(b));
    want.values = want.keys;
    reference::qkvRotary(s, lengths, x, cosine, sine, want);
    GlobalArray<float> gx("projected", x), gc("cosine", cosine), gs("sine", sine);
    GlobalArray<std::size_t> gl("lengths", lengths);
    GlobalArray<Bf16> gk("keys", bits), gv("values", bits);
    auto gq = unwritten<Bf16>("q", want.q.size());
    QkvRotaryArguments p;
    p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads), p.groups = static_cast<int>(s.groups);
    p.half = static_cast<int>(s.d / 2), p.position = static_cast<int>(s.position), p.slots = static_cast<int>(s.slots);
    p.units = s.batch * s.tokens * s.parts() * (s.d / 2);
    p.projected = gx, p.cosine = gc, p.sine = gs, p.q = gq, p.keys = gk, p.values = gv;
    if (!lengths.empty()) p.lengths = gl;
    run("qkv_rotary", qkvRotaryGrid(p.units), seed, [&] { qkvRotary(p); });
    const std::string name =
        "H=" + std::to_string(s.heads) + "/" + std::to_string(s.groups) + " d=" + std::to_string(s.d);
    report.compare(name + " q", relativeError(gq.values(), want.q), 5e-3);
    report.compare(name + " keys", relativeError(gk.values(), want.keys), 5e-3);
    report.compare(name + " values", relativeError(gv.values(), want.values), 5e-3);
}

}  // namespace

void checkQkvRotary(std::uint64_t seed, Report& report) {
    // {B, T, H, G, d, position, S, ring}
    check({1, 1, 1, 1, 2, 0, 1}, {}, seed, report);
    check({2, 3, 4, 2, 20, 5, 9}, {}, seed, report);
    check({1, 5, 2, 1, 64, 30, 8, true}, {}, seed, report);
    check({2, 2, 3, 1, 34, 0, 40}, {7, 40}, seed, report);
}

}  // namespace airframe::kernels::cuda::test
