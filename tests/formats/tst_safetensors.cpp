// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>

#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <cstring>
#include <fstream>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"

using namespace airframe;
namespace fs = std::filesystem;

namespace {

template <class T>
SafetensorsSource source(const std::string& name, const std::string& dtype, std::vector<std::int64_t> shape,
                         const std::vector<T>& values) {
    return {name, dtype, std::move(shape), [&values] { return std::as_bytes(std::span(values)); }};
}

std::size_t filesIn(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}));
}

class StopAtOnce final : public RunControl {
  public:
    bool checkpoint() override { return false; }
    void progress(const Progress&) override {}
};

}  // namespace

class TestSafetensors : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void roundTrip();
    void byHash();
    void stoppedLeavesNothing();
    void fullDiskLeavesNothing();
    void wrongSourceIsRefused();
    void getNamesWhatDiffers();

  private:
    const std::vector<float> m_a{1.5f, -2.f, 3.f, 4.f, 5.f, 6.f};
    const std::vector<std::int64_t> m_b{7, -8};
};

void TestSafetensors::roundTrip() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "sub" / "x.safetensors";
    const auto written = writeSafetensors(file, {source("a", "F32", {2, 3}, m_a), source("b", "I64", {2}, m_b)}, {{"k", "v"}});
    QCOMPARE(written.sha256, sha256File(file));
    QCOMPARE(written.bytes, fs::file_size(file));
    QCOMPARE(filesIn(file.parent_path()), 1u);
    const SafetensorsFile read(file);
    QCOMPARE(read.tensors().size(), 2u);
    QCOMPARE(read.metadata().at("k"), std::string("v"));
    const auto& a = read.get("a", "F32", {2, 3});
    QCOMPARE(std::memcmp(a.bytes.data(), m_a.data(), a.bytes.size()), 0);
    QCOMPARE(a.elements(), 6);
    const auto& b = read.get("b", "I64", {2});
    QCOMPARE(std::memcmp(b.bytes.data(), m_b.data(), b.bytes.size()), 0);
    QVERIFY(!read.find("c"));
    // Writing again replaces the file.
    writeSafetensors(file, {source("b", "I64", {2}, m_b)});
    QCOMPARE(SafetensorsFile(file).tensors().size(), 1u);
}

void TestSafetensors::byHash() {
    QTemporaryDir dir;
    const auto written = writeSafetensorsByHash(dir.path().toStdString(), {source("a", "F32", {6}, m_a)});
    QCOMPARE(written.path.filename().string(), written.sha256 + ".safetensors");
    QCOMPARE(sha256File(written.path), written.sha256);
}

void TestSafetensors::stoppedLeavesNothing() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    StopAtOnce control;
    try {
        writeSafetensors(folder / "x.safetensors", {source("a", "F32", {6}, m_a)}, {}, &control);
        QFAIL("went on");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::interrupted);
    }
    QCOMPARE(filesIn(folder), 0u);
}

void TestSafetensors::fullDiskLeavesNothing() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{1 << 16, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const std::vector<float> big(1 << 16, 1.f);
    ErrorCode code = ErrorCode::internal;
    try {
        writeSafetensors(folder / "x.safetensors", {source("big", "F32", {1 << 16}, big)});
    } catch (const Failure& failure) {
        code = failure.error().code;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    QCOMPARE(code, ErrorCode::no_room);
    QCOMPARE(filesIn(folder), 0u);
}

void TestSafetensors::wrongSourceIsRefused() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "x.safetensors";
    QVERIFY_EXCEPTION_THROWN(writeSafetensors(file, {source("a", "F32", {7}, m_a)}), Failure);
    QVERIFY_EXCEPTION_THROWN(writeSafetensors(file, {source("a", "F33", {6}, m_a)}), Failure);
    QVERIFY_EXCEPTION_THROWN(writeSafetensors(file, {source("a", "F32", {6}, m_a), source("a", "F32", {6}, m_a)}), Failure);
    QVERIFY(!fs::exists(file));
}

void TestSafetensors::getNamesWhatDiffers() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "x.safetensors";
    writeSafetensors(file, {source("a", "F32", {2, 3}, m_a)});
    const SafetensorsFile read(file);
    try {
        (void)read.get("a", "F32", {3, 2});
        QFAIL("took another shape");
    } catch (const Failure& failure) {
        QVERIFY(QString::fromStdString(failure.error().line()).contains("tensor a"));
        QVERIFY(QString::fromStdString(failure.error().line()).contains("[3, 2]"));
    }
    QVERIFY_EXCEPTION_THROWN((void)read.get("z", "F32", {1}), Failure);
}

QTEST_APPLESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
