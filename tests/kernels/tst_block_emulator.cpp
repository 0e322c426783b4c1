// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "kernels/cuda/device.cuh"
#include "tests/kernels/emulated.h"

// The emulator itself: each thing that it must report, it reports; each that is right, it lets pass; and the
// tensor-core layouts are those of the PTX manual, spelled out element by element.

namespace {

using namespace airframe::kernels;
using namespace airframe::kernels::cuda;

int passed = 0, failed = 0;

void expect(bool right, const std::string& what) {
    ++(right ? passed : failed);
    if (!right) std::printf("FAILED %s\n", what.c_str());
}

/// What the emulator says of `body` with 64 threads and 1 KiB of shared memory; empty = nothing wrong. Several
/// schedules.
std::string complaint(const std::function<void()>& body, int blocks = 1) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        try {
            emulated::run({"test", blocks, 1, 1, 64, 1024}, seed, body);
        } catch (const emulated::Wrong& e) {
            return e.what();
        }
    }
    return {};
}
void reports(const char* name, const char* words, const std::function<void()>& body, int blocks = 1) {
    const std::string said = complaint(body, blocks);
    expect(said.find(words) != std::string::npos, std::string(name) + ": wanted '" + words + "', got '" + said + "'");
}
void passes(const char* name, const std::function<void()>& body, int blocks = 1) {
    const std::string said = complaint(body, blocks);
    expect(said.empty(), std::string(name) + ": " + said);
}

void memory() {
    GlobalArray<float> array("x", std::vector<float>(64, 1.0f));
    const Global<float> x = array;
    const auto shared = [] { return sharedArray<float>(0, 64); };
    passes("write, barrier, read", [&] {
        shared()[threadX()] = 1;
        syncThreads();
        x[threadX()] = shared()[63 - threadX()];
    });
    reports("no barrier between write and read", "no barrier between", [&] {
        shared()[threadX()] = 1;
        syncThreads();
        shared()[threadX()] = 2;
        x[threadX()] = shared()[threadX() ^ 1];
    });
    reports("no barrier between read and write", "no barrier between", [&] {
        shared()[threadX()] = 1;
        syncThreads();
        x[threadX()] = shared()[threadX() ^ 1];
        shared()[threadX()] = 2;
    });
    reports("two writers", "no barrier between", [&] { shared()[threadX() / 2] = 1; });
    passes("one warp, its own barrier", [&] {
        shared()[threadX()] = 1;
        syncWarp();
        x[threadX()] = shared()[threadX() ^ 1];
    });
    reports("another warp, a warp's barrier", "no barrier between", [&] {
        shared()[threadX()] = 1;
        syncThreads();
        shared()[threadX()] = 2;
        syncWarp();
        x[threadX()] = shared()[threadX() ^ 32];
    });
    reports("a shuffle is no barrier for memory", "no barrier between", [&] {
        shared()[threadX()] = 1;
        syncThreads();
        shared()[threadX()] = 2;
        shuffleXor(1, 1);
        x[threadX()] = shared()[threadX() ^ 1];
    });
    reports(
        "blocks write the same element", "no barrier between", [&] { x[threadX()] = 1; }, 2);
    reports(
        "a block reads what another writes", "no barrier between",
        [&] {
            if (blockX() == 0)
                x[threadX()] = 1;
            else if (x[threadX()] > 5)
                syncThreads();
        },
        2);
    passes(
        "blocks read the same element",
        [&] {
            if (x[threadX()] > 5) syncThreads();
        },
        2);
    reports("never written", "never written", [&] { x[threadX()] = shared()[threadX()]; });
    reports("past the end", "elements 64 to 65 of global x of 64", [&] { x[threadX() + 1] = 1; });
    reports("before the beginning", "elements", [&] { x[static_cast<std::size_t>(threadX() - 1)] = 1; });
    reports("past a shared array", "elements 64 to 65 of shared", [&] { shared()[threadX() + 1] = 1; });
    reports("more shared memory than there is", "dynamic shared", [&] { sharedArray<float>(0, 257)[threadX()] = 1; });
    reports("a register that is not there", "of an Array of 2", [&] { Array<float, 2>{{0, 0}}[threadX() + 2] = 1; });
    reports("sixteen bytes, not aligned", "not aligned", [&] {
        if (threadX() == 0) store4(x, 1, {0, 0, 0, 0});
    });
    reports("no array", "not given", [&] { Global<float>{}[0] = 1; });
}

void meetings() {
    passes("threads that end early, no barrier after", [] {
        if (threadX() < 32) return;
        shuffleXor(1, 1);
    });
    reports("a barrier that some do not reach", "does not go on", [] {
        if (threadX() < 32) syncThreads();
    });
    reports("two barriers at once", "others at that of", [] {
        if (threadX() < 32) {
            syncThreads();
        } else {
            syncThreads();
        }
    });
    reports("a shuffle that some lanes leave out", "does not go on", [] {
        if (threadX() != 7) shuffleXor(1, 1);
    });
    reports("two shuffles at once", "others of its warp at", [] {
        if (threadX() % 2) {
            shuffleXor(1, 1);
        } else {
            shuffleXor(1, 1);
        }
    });
    passes("shuffles and votes", [] {
        const int l = lane();
        if (shuffleXor(l, 5) != (l ^ 5) || shuffleIndex(l, 9) != 9 || shuffleUp(l, 3) != (l < 3 ? l : l - 3) ||
            ballot(l % 2 == 0) != 0x55555555u || !anyLane(l == 31))
            emulated::wrong("an exchange gave a wrong value");
    });
}

void copies() {
    GlobalArray<float> array("x", std::vector<float>(256, 1.0f)), out_array("y", std::vector<float>(256, 0.0f));
    const Global<const float> x = array;
    const Global<float> y = out_array;
    const auto shared = [] { return sharedArray<float>(0, 256); };
    const auto copy = [&] {
        copyAsync16(shared(), 4 * threadX(), x, static_cast<std::size_t>(4 * threadX()));
        commitCopies();
    };
    passes("copy, wait, barrier, read", [&] {
        copy();
        waitCopies<0>();
        syncThreads();
        y[threadX()] = shared()[255 - threadX()];
    });
    reports("no wait", "copies into", [&] {
        copy();
        syncThreads();
        y[threadX()] = shared()[4 * threadX()];
        waitCopies<0>();
    });
    reports("no barrier", "no barrier between", [&] {
        for (int i = 0; i < 4; ++i) shared()[4 * threadX() + i] = 1;
        syncThreads();
        copy();
        waitCopies<0>();
        y[threadX()] = shared()[255 - 4 * threadX()];
    });
    reports("waits for too few groups", "copies into", [&] {
        copy();
        waitCopies<1>();
        syncThreads();
        y[threadX()] = shared()[threadX()];
        waitCopies<0>();
    });
    reports("ends while copies are under way", "without waiting", [&] { copy(); });
    reports("copies over what others still read", "no barrier between", [&] {
        for (int i = 0; i < 4; ++i) shared()[4 * threadX() + i] = 1;
        syncThreads();
        y[threadX()] = shared()[255 - threadX()];
        copy();
        waitCopies<0>();
    });
}

/// c += a b by the manual's table of which lane holds what.
void product() {
    float a[16][16], b[16][8];
    for (int i = 0; i < 16; ++i)
        for (int j = 0; j < 16; ++j) a[i][j] = static_cast<float>(i * 3 % 7 - j % 5);
    for (int i = 0; i < 16; ++i)
        for (int j = 0; j < 8; ++j) b[i][j] = static_cast<float>(i % 4 - j * 2 % 5);
    passes("mma.m16n8k16", [&] {
        const int group = lane() >> 2, in_group = lane() & 3;
        Array<std::uint32_t, 4> fragment_a{{0, 0, 0, 0}};
        for (int i = 0; i < 8; ++i) {  // a0..a7
            const int row = i < 2 || (i >= 4 && i < 6) ? group : group + 8,
                      column = in_group * 2 + (i & 1) + (i >= 4 ? 8 : 0);
            fragment_a[i / 2] |= static_cast<std::uint32_t>(toBf16(a[row][column]).bits) << (i % 2 * 16);
        }
        Array<std::uint32_t, 2> fragment_b{{0, 0}};
        for (int i = 0; i < 4; ++i)  // b0..b3
            fragment_b[i / 2] |=
                static_cast<std::uint32_t>(toBf16(b[in_group * 2 + (i & 1) + (i >= 2 ? 8 : 0)][group]).bits)
                << (i % 2 * 16);
        Array<float, 4> c{{1, 2, 3, 4}};
        mmaBf16(c, fragment_a, fragment_b[0], fragment_b[1]);
        for (int i = 0; i < 4; ++i) {  // c0..c3
            const int row = i < 2 ? group : group + 8, column = in_group * 2 + (i & 1);
            float want = static_cast<float>(i + 1);
            for (int k = 0; k < 16; ++k) want += a[row][k] * b[k][column];
            if (c[i] != want) emulated::wrong("element " + std::to_string(i) + " of a product");
        }
    });
    passes("ldmatrix", [] {
        const auto tile = sharedArray<Bf16>(0, 256);  // four 8x8 matrices, one after the other
        for (int i = 0; i < 4; ++i) tile[4 * threadX() + i] = Bf16{static_cast<std::uint16_t>(4 * threadX() + i)};
        syncThreads();
        const auto straight = ldmatrix(tile, 8 * lane()), transposed = ldmatrixTrans(tile, 8 * lane());
        for (int m = 0; m < 4; ++m)
            for (int half = 0; half < 2; ++half) {
                const int row = lane() / 4, column = lane() % 4 * 2 + half;
                if ((straight[m] >> (16 * half) & 0xffff) != static_cast<std::uint32_t>(64 * m + 8 * row + column) ||
                    (transposed[m] >> (16 * half) & 0xffff) != static_cast<std::uint32_t>(64 * m + 8 * column + row))
                    emulated::wrong("an element of matrix " + std::to_string(m));
            }
    });
    expect(packBf16(1.0f, -2.0f) == 0xC0003F80u, "packBf16: the first is the lower half");
    expect(widenHalf(0x3C00) == 1 && widenHalf(0xC000) == -2 && widenHalf(0x0001) == std::ldexp(1.0f, -24) &&
               std::isinf(widenHalf(0x7C00)),
           "widenHalf");
}

}  // namespace

int main() {
    memory();
    meetings();
    copies();
    product();
    std::printf("Totals: %d passed, %d failed, 0 skipped\n", passed, failed);
    return failed > 0;
}
