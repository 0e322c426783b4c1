// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cmath>

#include "core/formats/rope_frequencies.h"

using namespace airframe;
using Kind = RopeScaling::Kind;

namespace {

RopeScaling scaling(Kind kind, double factor, int original = 0) {
    RopeScaling s;
    s.kind = kind;
    s.factor = factor;
    s.original_context = original;
    return s;
}

std::vector<double> plain(double theta) {
    std::vector<double> out;
    for (int i = 0; i < 8; ++i) out.push_back(std::pow(theta, -i / 8.0));
    return out;
}

}  // namespace

/// Frequencies of heads of 16 elements against what Hugging Face transformers 5.24 computes (in float32, hence the tolerance).
class RopeFrequenciesTest : public QObject {
    Q_OBJECT
    static void compare(const RopeFrequencies& got, const std::vector<double>& want, double amplitude) {
        QCOMPARE(got.frequency.size(), want.size());
        for (std::size_t i = 0; i < want.size(); ++i)
            QVERIFY2(std::abs(got.frequency[i] / want[i] - 1) < 4e-7, qPrintable(QStringLiteral("pair %1: %2, wanted %3").arg(i).arg(got.frequency[i]).arg(want[i])));
        QVERIFY(std::abs(got.amplitude - amplitude) < 1e-12);
    }

  private Q_SLOTS:
    void unscaled() { compare(RopeSetting{16, 500.0}.frequencies(7), plain(500), 1); }
    void linear() {
        auto want = plain(1e4);
        for (double& f : want) f /= 4;
        compare(RopeSetting{16, 1e4, scaling(Kind::linear, 4), 512}.frequencies(7), want, 1);
    }
    void dynamic() {
        const RopeSetting setting{16, 1e4, scaling(Kind::dynamic, 3), 100};
        compare(setting.frequencies(100), plain(1e4), 1);
        compare(setting.frequencies(200),
                {1.0, 0.25941282510757446, 0.06729500740766525, 0.01745718903839588, 0.0045286184176802635, 0.0011747815879061818,
                 0.0003047533973585814, 7.905694656074047e-05},
                1);
    }
    void llama3() {
        RopeScaling s = scaling(Kind::llama3, 8, 64);
        s.low_freq_factor = 1;
        s.high_freq_factor = 4;
        compare(RopeSetting{16, 500.0, s, 512}.frequencies(7),
                {1.0, 0.4598632752895355, 0.09761662781238556, 0.01215615589171648, 0.005590170156210661, 0.0025707141030579805,
                 0.0011821769876405597, 0.0005436398205347359},
                1);
    }
    void yarn() {
        RopeScaling s = scaling(Kind::yarn, 4, 128);
        compare(RopeSetting{16, 1e4, s, 512}.frequencies(7),
                {1.0, 0.23717081546783447, 0.04999999701976776, 0.007905694656074047, 0.0024999999441206455, 0.0007905694656074047,
                 0.0002500000118743628, 7.905694656074047e-05},
                1.138629436111989);
        s.beta_fast = 8;
        s.beta_slow = 0.5;
        s.mscale = 1;
        s.mscale_all_dim = 0.5;
        s.truncate = false;
        compare(RopeSetting{16, 1e4, s, 512}.frequencies(7),
                {1.0, 0.2977011799812317, 0.06299830228090286, 0.010073506273329258, 0.0024999999441206455, 0.0007905694656074047,
                 0.0002500000118743628, 7.905694656074047e-05},
                1.0648216253695715);
        s.attention_factor = 1.25;
        QCOMPARE((RopeSetting{16, 1e4, s, 512}.frequencies(7).amplitude), 1.25);
    }
    void longrope() {
        RopeScaling s = scaling(Kind::longrope, 16, 64);
        s.short_factor.assign(8, 2.0);
        s.long_factor.assign(8, 5.0);
        const RopeSetting setting{16, 1e4, s, 1024};
        auto two = plain(1e4), five = plain(1e4);
        for (std::size_t i = 0; i < 8; ++i) two[i] /= 2, five[i] /= 5;
        const double amplitude = std::sqrt(1 + std::log(16.0) / std::log(64.0));
        compare(setting.frequencies(64), two, amplitude);
        compare(setting.frequencies(65), five, amplitude);
    }
    void frequencyFactors() {
        RopeScaling s;
        s.frequency_factors = {1, 2, 3, 4, 5, 6, 7, 8};
        auto want = plain(1e4);
        for (std::size_t i = 0; i < 8; ++i) want[i] /= static_cast<double>(i + 1);
        compare(RopeSetting{16, 1e4, s}.frequencies(7), want, 1);
    }
    void regimes() {
        const RopeSetting fixed{16, 1e4, scaling(Kind::yarn, 4, 128), 512}, dynamic{16, 1e4, scaling(Kind::dynamic, 3), 100};
        RopeSetting two{16, 1e4, scaling(Kind::longrope, 16, 64), 1024};
        two.scaling.short_factor = two.scaling.long_factor = std::vector<double>(8, 2.0);
        QVERIFY(!fixed.followsLength() && dynamic.followsLength() && two.followsLength());
        QCOMPARE(fixed.regime(9999), 0);
        QCOMPARE(dynamic.regime(100), 0);
        QCOMPARE(dynamic.regime(101), 101);
        QCOMPARE(two.regime(64), 0);
        QCOMPARE(two.regime(65), two.regime(1000));
        // The frequencies of a regime are those of its lengths.
        for (const int length : {1, 64, 65, 100, 101, 300})
            for (const RopeSetting* setting : {&fixed, &dynamic, static_cast<const RopeSetting*>(&two)})
                QCOMPARE(setting->frequencies(setting->regime(length)).frequency, setting->frequencies(length).frequency);
    }
    void localLayersAreNotScaled() {
        ModelConfig c;
        c.head_dim = 16;
        c.rope_theta = 1e6;
        c.rope_local_theta = 100;
        c.rope_scaling = scaling(Kind::linear, 8);
        compare(RopeSetting::of(c, true).frequencies(7), plain(100), 1);
        QCOMPARE(RopeSetting::of(c, false).frequencies(7).frequency[0], 0.125);
    }
};

QTEST_APPLESS_MAIN(RopeFrequenciesTest)
#include "tst_rope_frequencies.moc"
