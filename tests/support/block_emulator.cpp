// SPDX-License-Identifier: GPL-3.0-or-later
#undef _FORTIFY_SOURCE  // its longjmp refuses to leave one fibre's stack for another's
#include "tests/support/block_emulator.h"

#include <setjmp.h>
#include <ucontext.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>

namespace airframe::kernels::cuda::emulated {
namespace {

constexpr std::size_t stack_bytes = 128 * 1024;
constexpr std::uint64_t most_accesses = 2'000'000'000;  // of one launch: a kernel that does not end is stopped

enum class State { ready, at_barrier, at_warp, done };

struct Copy {
    unsigned char* to;
    std::size_t granule;
    unsigned char bytes[16];
};

struct Fibre {
    std::unique_ptr<unsigned char[]> stack{new unsigned char[stack_bytes]};
    ucontext_t first{};
    jmp_buf at{};
    bool started = false;
    State state = State::done;
    Place place{};
    std::vector<std::vector<Copy>> copies;  ///< groups under way; the last is not committed yet
    std::uint32_t exchanges = 0;
};

/// Lanes of a warp that wait for each other.
struct Meeting {
    int arrived = 0;
    Site site;
    std::uint32_t epoch = 0;  ///< warp barriers passed
    unsigned char slots[2][32 * slot_bytes];
};

struct Machine {
    Launch launch;
    std::uint32_t number = 0;  ///< of the launch
    std::mt19937_64 random;
    const std::function<void()>* body = nullptr;
    std::vector<std::unique_ptr<Fibre>> fibres;
    std::vector<Meeting> warps;
    int threads = 0, block = 0, at_barrier = 0, running = 0;
    std::vector<int> ready;
    Site barrier_site;
    std::uint32_t epoch = 0;
    std::uint64_t accesses = 0;
    std::vector<unsigned char> shared;
    unsigned char* shared_start = nullptr;
    Shadow shadow{"shared memory", {}, true};
    Fibre* now = nullptr;
    jmp_buf home{};
    std::string error;
};
Machine machine;

std::string at(Site site) {
    const std::string path = site.file_name();
    return path.substr(path.find_last_of('/') + 1) + ":" + std::to_string(site.line());
}
std::string threadName(int thread) {
    return "thread " + std::to_string(thread);
}

/// Leaves the running fibre for the scheduler.
[[gnu::noinline]] void leave() {
    if (_setjmp(machine.now->at) == 0) _longjmp(machine.home, 1);
}

void entry() {
    (*machine.body)();
    machine.now->state = State::done;
    _longjmp(machine.home, 1);
}

[[gnu::noinline]] void resume(Fibre& fibre) {
    machine.now = &fibre;
    if (_setjmp(machine.home) != 0) return;
    if (fibre.started) _longjmp(fibre.at, 1);
    fibre.started = true;
    setcontext(&fibre.first);
}

/// Makes the fibre begin the kernel anew.
[[gnu::noinline]] void rewind(Fibre& fibre) {
    fibre.started = false;
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(fibre.stack.get(), stack_bytes);  // a kernel that was left has left its marks here
#endif
    getcontext(&fibre.first);
    fibre.first.uc_stack.ss_sp = fibre.stack.get();
    fibre.first.uc_stack.ss_size = stack_bytes;
    fibre.first.uc_link = nullptr;
    makecontext(&fibre.first, entry, 0);
}

void makeReady(int thread) {
    machine.fibres[static_cast<std::size_t>(thread)]->state = State::ready;
    machine.ready.push_back(thread);
}

std::string waiting() {
    std::string text;
    for (int t = 0; t < machine.threads; ++t) {
        const auto& f = *machine.fibres[static_cast<std::size_t>(t)];
        if (f.state == State::at_barrier && text.find("barrier") == std::string::npos)
            text += "; " + threadName(t) + " waits at the barrier of " + at(machine.barrier_site);
        if (f.state == State::at_warp && text.find("warp") == std::string::npos)
            text += "; " + threadName(t) + " waits for its warp at " +
                    at(machine.warps[static_cast<std::size_t>(t / 32)].site);
        if (f.state == State::done && text.find("ended") == std::string::npos)
            text += "; " + threadName(t) + " has ended";
    }
    return text;
}

void runBlock(int block) {
    Machine& m = machine;
    const Launch& l = m.launch;
    m.block = block;
    m.epoch = 0;
    m.at_barrier = 0;
    std::memset(m.shared.data(), 0xFF, m.shared.size());
    m.shadow.cells.assign(l.shared / 2 + 1, Cell{});
    m.warps.assign(static_cast<std::size_t>((l.threads + 31) / 32), Meeting{});
    m.ready.clear();
    for (int t = 0; t < l.threads; ++t) {
        Fibre& f = *m.fibres[static_cast<std::size_t>(t)];
        f.place = {t, block % l.grid_x, block / l.grid_x % l.grid_y, block / l.grid_x / l.grid_y};
        f.copies.assign(1, {});
        f.exchanges = 0;
        rewind(f);
        makeReady(t);
    }
    m.running = l.threads;
    while (!m.ready.empty()) {
        const std::size_t pick = m.random() % m.ready.size();
        Fibre& f = *m.fibres[static_cast<std::size_t>(m.ready[pick])];
        m.ready[pick] = m.ready.back();
        m.ready.pop_back();
        resume(f);
        if (!m.error.empty()) throw Wrong(m.error);
        if (f.state != State::done) continue;
        --m.running;
        for (const auto& group : f.copies)
            if (!group.empty())
                throw Wrong(l.kernel + ": " + threadName(f.place.thread) + " ended without waiting for its copies");
    }
    if (m.running > 0) throw Wrong(l.kernel + ": block " + std::to_string(block) + " does not go on" + waiting());
}

}  // namespace

void wrong(const std::string& what) {
    const Place& p = machine.now->place;
    machine.error = machine.launch.kernel + ": block (" + std::to_string(p.block_x) + ", " + std::to_string(p.block_y) +
                    ", " + std::to_string(p.block_z) + "), " + threadName(p.thread) + ": " + what;
    machine.now->state = State::done;
    _longjmp(machine.home, 1);
}

const Place& place() {
    return machine.now->place;
}
unsigned char* sharedMemory() {
    return machine.shared_start;
}
std::size_t sharedBytes() {
    return machine.launch.shared;
}
Shadow& sharedShadow() {
    return machine.shadow;
}

void boundsCheck(const char* what, const std::string& name, std::size_t i, std::size_t count, std::size_t size) {
    if (i > size || count > size - i)
        wrong("elements " + std::to_string(static_cast<std::ptrdiff_t>(i)) + " to " +
              std::to_string(static_cast<std::ptrdiff_t>(i + count)) + " of " + what + " " + name + " of " +
              std::to_string(size));
}
void alignCheck(const std::string& name, const void* address, std::size_t bytes) {
    if (reinterpret_cast<std::uintptr_t>(address) % bytes)
        wrong("an access of " + std::to_string(bytes) + " bytes to " + name + " is not aligned");
}

void touch(Shadow& shadow, std::size_t first, std::size_t count, bool write) {
    Machine& m = machine;
    if ((m.accesses += count) > most_accesses) wrong("the kernel does not end");
    const int thread = m.now->place.thread, warp = thread / 32;
    const std::uint32_t warp_epoch = m.warps[static_cast<std::size_t>(warp)].epoch;
    const auto conflict = [&](std::size_t i, const char* before, int other_block, int other) {
        wrong(std::string(write ? "writes" : "reads") + " granule " + std::to_string(i) + " of " + shadow.name +
              " that " +
              (other_block == m.block ? threadName(other) : "a thread of block " + std::to_string(other_block)) + " " +
              before + ", with no barrier between");
    };
    for (std::size_t i = first; i < first + count; ++i) {
        Cell& c = shadow.cells[i];
        if (c.launch != m.number) c = Cell{.launch = m.number};
        if (c.copying != Cell::none) conflict(i, "copies into", m.block, c.copying);
        if (c.write_block != Cell::none &&
            (c.write_block != m.block || (c.write_thread != thread && c.write_epoch == m.epoch &&
                                          (c.write_thread / 32 != warp || c.write_warp_epoch == warp_epoch))))
            conflict(i, "wrote", c.write_block, c.write_thread);
        if (!write) {
            if (shadow.needs_writing && !c.written)
                wrong("reads granule " + std::to_string(i) + " of " + shadow.name + ", never written");
            if (c.read_block == Cell::none || c.read_block == m.block) {
                if (c.read_block == Cell::none || c.read_epoch != m.epoch)
                    c.read_warp = warp, c.read_thread = thread;
                else if (c.read_warp != warp)
                    c.read_warp = Cell::many;
                else if (c.read_warp_epoch != warp_epoch)
                    c.read_thread = thread;
                else if (c.read_thread != thread)
                    c.read_thread = Cell::many;
                c.read_block = m.block;
                c.read_epoch = m.epoch;
                c.read_warp_epoch = warp_epoch;
            } else {
                c.read_block = Cell::many;
            }
            continue;
        }
        if (c.read_block != Cell::none &&
            (c.read_block != m.block ||
             (c.read_epoch == m.epoch &&
              (c.read_warp != warp || (c.read_warp_epoch == warp_epoch && c.read_thread != thread)))))
            conflict(i, "reads", c.read_block, c.read_thread);
        c.written = true;
        c.write_block = m.block;
        c.write_thread = thread;
        c.write_epoch = m.epoch;
        c.write_warp_epoch = warp_epoch;
        c.read_block = Cell::none;
    }
}

void barrier(Site site) {
    Machine& m = machine;
    if (m.at_barrier == 0)
        m.barrier_site = site;
    else if (m.barrier_site.line() != site.line())
        wrong("is at the barrier of " + at(site) + ", others at that of " + at(m.barrier_site));
    m.now->state = State::at_barrier;
    if (++m.at_barrier == m.threads) {
        m.at_barrier = 0;
        ++m.epoch;
        for (auto& w : m.warps) ++w.epoch;
        for (int t = 0; t < m.threads; ++t) makeReady(t);
    }
    leave();
}

namespace {
const unsigned char* meet(const void* mine, std::size_t bytes, Site site, bool is_barrier) {
    Machine& m = machine;
    const int thread = m.now->place.thread;
    Meeting& w = m.warps[static_cast<std::size_t>(thread / 32)];
    // Two sets of slots in turn: a lane may come to the next exchange while others still read this one's.
    unsigned char* slots = w.slots[m.now->exchanges++ % 2];
    if (w.arrived == 0)
        w.site = site;
    else if (w.site.line() != site.line() || w.site.column() != site.column())
        wrong("is at " + at(site) + ", others of its warp at " + at(w.site));
    std::memcpy(slots + static_cast<std::size_t>(thread % 32) * slot_bytes, mine, bytes);
    m.now->state = State::at_warp;
    if (++w.arrived == 32) {
        w.arrived = 0;
        if (is_barrier) ++w.epoch;
        for (int l = 0; l < 32; ++l) makeReady(thread / 32 * 32 + l);
    }
    leave();
    return slots;
}
}  // namespace

const unsigned char* exchange(const void* mine, std::size_t bytes, Site site) {
    return meet(mine, bytes, site, false);
}
void warpBarrier(Site site) {
    const char nothing = 0;
    meet(&nothing, 1, site, true);
}

void copyLater(unsigned char* to, std::size_t granule, const void* from) {
    Copy copy{to, granule, {}};
    std::memcpy(copy.bytes, from, sizeof copy.bytes);
    machine.now->copies.back().push_back(copy);
    for (std::size_t i = 0; i < 8; ++i) machine.shadow.cells[granule + i].copying = machine.now->place.thread;
}
void commit() {
    machine.now->copies.emplace_back();
}
void wait(int groups) {
    auto& copies = machine.now->copies;
    while (copies.size() > static_cast<std::size_t>(groups) + 1) {
        for (const Copy& copy : copies.front()) {
            for (std::size_t i = 0; i < 8; ++i) machine.shadow.cells[copy.granule + i].copying = Cell::none;
            touch(machine.shadow, copy.granule, 8, true);
            std::memcpy(copy.to, copy.bytes, sizeof copy.bytes);
        }
        copies.erase(copies.begin());
    }
}

void run(const Launch& launch, std::uint64_t seed, const std::function<void()>& body) {
    Machine& m = machine;
    if (launch.threads % 32) throw Wrong(launch.kernel + ": the threads of a block must fill its warps");
    m.launch = launch;
    m.threads = launch.threads;
    ++m.number;
    m.random.seed(seed);
    m.body = &body;
    m.accesses = 0;
    m.error.clear();
    m.shared.resize(launch.shared + 16);
    m.shared_start = m.shared.data() + (16 - reinterpret_cast<std::uintptr_t>(m.shared.data()) % 16) % 16;
    while (m.fibres.size() < static_cast<std::size_t>(launch.threads)) m.fibres.push_back(std::make_unique<Fibre>());
    std::vector<int> blocks(static_cast<std::size_t>(launch.grid_x * launch.grid_y * launch.grid_z));
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<int>(i);
    std::shuffle(blocks.begin(), blocks.end(), m.random);
    for (const int block : blocks) runBlock(block);
}

}  // namespace airframe::kernels::cuda::emulated
