// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/study/block_ids.h"
#include "core/study/placement.h"
#include "core/study/random.h"
#include "support/failure.h"

using namespace airframe;
using airframe::test::errorOf;

class TestPlacement : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void parseAndPrint_data();
    void parseAndPrint();
    void refuses_data();
    void refuses();
    void roundTrip();
    void controlsFormula();
};

void TestPlacement::parseAndPrint_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("canonical");
    QTest::addColumn<int>("layers");
    QTest::newRow("issue") << "jet*14,attn,jet*4,attn,jet*10"
                           << "jet*14,attn,jet*4,attn,jet*10" << 30;
    QTest::newRow("teacher") << "attn*30"
                             << "attn*30" << 30;
    QTest::newRow("runs join") << "jet,jet*2,jet,attn*1"
                               << "jet*4,attn" << 5;
    QTest::newRow("spaces") << " jet * 2 ,\tattn \n"
                            << "jet*2,attn" << 3;
    QTest::newRow("one") << "attn"
                         << "attn" << 1;
}

void TestPlacement::parseAndPrint() {
    QFETCH(QString, text);
    QFETCH(QString, canonical);
    QFETCH(int, layers);
    const Placement placement = Placement::parse(text.toStdString(), layers);
    QCOMPARE(placement.size(), layers);
    QCOMPARE(QString::fromStdString(placement.text()), canonical);
}

void TestPlacement::refuses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("layers");
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << "" << 0 << "empty";
    QTest::newRow("blank") << "  " << 0 << "empty";
    QTest::newRow("unknown") << "jet*3,mamba" << 0 << "mamba";
    QTest::newRow("zero") << "jet*0" << 0 << "\"0\"";
    QTest::newRow("negative") << "jet*-2" << 0 << "\"-2\"";
    QTest::newRow("no count") << "jet*" << 0 << "count";
    QTest::newRow("not a count") << "jet*3x" << 0 << "\"3x\"";
    QTest::newRow("huge") << "jet*999999999999" << 0 << "999999999999";
    QTest::newRow("many") << "jet*100000,jet" << 0 << "more than";
    QTest::newRow("last comma") << "jet*2," << 0 << "run 2";
    QTest::newRow("two commas") << "jet,,jet" << 0 << "run 2";
    QTest::newRow("case") << "Jet" << 0 << "Jet";
    QTest::newRow("short") << "jet*29" << 30 << "29 layers, the model has 30";
}

void TestPlacement::refuses() {
    QFETCH(QString, text);
    QFETCH(int, layers);
    QFETCH(QString, says);
    const auto error = errorOf([&] { (void)Placement::parse(text.toStdString(), layers); });
    QVERIFY(error);
    QCOMPARE(error->where, std::string("placement"));
    QVERIFY(error->code == ErrorCode::bad_input);
    QVERIFY2(QString::fromStdString(error->what).contains(says), error->what.c_str());
}

void TestPlacement::roundTrip() {
    Random random(1);
    for (int i = 0; i < 300; ++i) {
        std::vector<std::string> blocks(1 + random.below(40));
        for (auto& block : blocks) block = block_ids[random.below(block_ids.size())].id;
        const Placement placement(blocks);
        QVERIFY(Placement::parse(placement.text(), placement.size()) == placement);
        for (auto& block : blocks)
            if (block != "attn") block = "jet";
        const Placement two(blocks);
        QVERIFY(Placement::withFull(two.size(), two.fullLayers(), "jet") == two);
    }
}

void TestPlacement::controlsFormula() {
    for (int layers = 1; layers <= 40; ++layers) {
        for (int full = 0; full <= layers; ++full) {
            std::vector<int> wanted;
            for (int i = 0; i < full; ++i) wanted.push_back(static_cast<int>(std::floor((i + 0.5) * layers / full)));
            QCOMPARE(Placement::uniform(layers, full).fullLayers(), wanted);
            QCOMPARE(static_cast<int>(Placement::last(layers, full).fullLayers().size()), full);
        }
    }
    QCOMPARE(Placement::uniform(30, 6).fullLayers(), (std::vector<int>{2, 7, 12, 17, 22, 27}));
    QCOMPARE(Placement::last(30, 2).text(), std::string("jet*28,attn*2"));
    QVERIFY(Placement::uniform(4, 4).allFull());
    QVERIFY(errorOf([] { (void)Placement::uniform(4, 5); }).has_value());
    QVERIFY(errorOf([] { (void)Placement::withFull(4, {4}); }).has_value());
}

QTEST_APPLESS_MAIN(TestPlacement)
#include "tst_placement.moc"
