// SPDX-License-Identifier: GPL-3.0-or-later
// What travels as text: protocol lines and steering.
#include <QtTest>

#include "core/study/protocol.h"
#include "core/study/steering.h"
#include "support/failure.h"

using namespace airframe;
using airframe::test::errorOf;

namespace {

Steering steer(const std::string& json) {
    return Steering::parse(json, 8);
}

}  // namespace

class TestMessages : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void protocolRoundTrip();
    void protocolNamesTheField_data();
    void protocolNamesTheField();
    void protocolEvents();
    void steeringRoundTrip();
    void steeringNamesTheField_data();
    void steeringNamesTheField();
};

void TestMessages::protocolRoundTrip() {
    const std::vector<std::string> lines = {
        R"({"op":"hello"})", R"({"id":7,"op":"train","params":{"study":"a.airframe","minutes":15}})",
        R"({"op":"pause","target":7})", R"({"op":"steer","steering":{"pin":[3]},"target":7})", R"({"op":"quit"})"};
    for (const std::string& line : lines) {
        const protocol::Request request = protocol::parseRequest(line);
        QCOMPARE(nlohmann::json::parse(protocol::toLine(request)), nlohmann::json::parse(line));
    }
}

void TestMessages::protocolNamesTheField_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QString>("field");
    QTest::newRow("not json") << QByteArray("{\"op\":") << "JSON";
    QTest::newRow("bytes") << QByteArray("\xFF\xFE\x00", 3) << "JSON";
    QTest::newRow("list") << QByteArray("[1]") << "object";
    QTest::newRow("no op") << QByteArray("{}") << "\"op\"";
    QTest::newRow("op type") << QByteArray("{\"op\":3}") << "\"op\"";
    QTest::newRow("no id") << QByteArray("{\"op\":\"train\"}") << "\"id\"";
    QTest::newRow("id type") << QByteArray("{\"op\":\"train\",\"id\":\"7\"}") << "\"id\"";
    QTest::newRow("id zero") << QByteArray("{\"op\":\"train\",\"id\":0}") << "\"id\"";
    QTest::newRow("target") << QByteArray("{\"op\":\"stop\"}") << "\"target\"";
    QTest::newRow("params") << QByteArray("{\"op\":\"train\",\"id\":1,\"params\":[]}") << "\"params\"";
    QTest::newRow("steering") << QByteArray("{\"op\":\"steer\",\"target\":1}") << "\"steering\"";
    QTest::newRow("steering type") << QByteArray("{\"op\":\"steer\",\"target\":1,\"steering\":3}") << "\"steering\"";
    QTest::newRow("unknown") << QByteArray("{\"op\":\"hello\",\"colour\":1}") << "\"colour\"";
}

void TestMessages::protocolNamesTheField() {
    QFETCH(QByteArray, line);
    QFETCH(QString, field);
    const auto error = errorOf([&] { (void)protocol::parseRequest(line.toStdString()); });
    QVERIFY(error);
    QVERIFY(error->code == ErrorCode::bad_input);
    QCOMPARE(error->where, std::string("protocol"));
    QVERIFY2(QString::fromStdString(error->what).contains(field), error->what.c_str());
}

void TestMessages::protocolEvents() {
    const auto progress =
        nlohmann::json::parse(protocol::progressLine(7, Progress{"train", 1, 9, "tokens", 1, 2, "n"}));
    QCOMPARE(progress,
             nlohmann::json::parse(R"({"id":7,"event":"progress","phase":"train","done":1.0,"total":9.0,"unit":"tokens",
                                                 "left_low_s":1.0,"left_high_s":2.0,"note":"n"})"));
    const std::string error = protocol::errorLine(3, Error{ErrorCode::no_room, "caf\xE9", "full", ""});
    QCOMPARE(nlohmann::json::parse(error).at("code"),
             nlohmann::json(4));  // a name that is not UTF-8 still makes a sound line
    QVERIFY(error.find('\n') == std::string::npos);
    QCOMPARE(protocol::eventLine(0, "hello"), std::string(R"({"event":"hello"})"));
}

void TestMessages::steeringRoundTrip() {
    const std::string text =
        R"({"add":["jet*7,attn"],"budget":3,"drop":["attn,jet*7"],"forbid":[2],"order":["jet*7,attn"],"pin":[1,3],)"
        R"("reason":"r","unforbid":[4],"unpin":[0],"weights":{"kv":0.5},"who":"ada","width":9})";
    const Steering steering = steer(text);
    QCOMPARE(QString::fromStdString(steering.json()), QString::fromStdString(text));
    QCOMPARE(steer("{}").json(), std::string("{}"));
    QCOMPARE(steer(R"({"pin":[3,1,3]})").pin, (std::vector<int>{1, 3}));
    QCOMPARE(steer(R"({"add":["jet,jet*6,attn","jet*7,attn"]})").add.size(), std::size_t{1});
}

void TestMessages::steeringNamesTheField_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("field");
    const char* rows[][2] = {{"{\"pin\":[8]}", "\"pin\""},
                             {"{\"pin\":3}", "\"pin\""},
                             {"{\"unpin\":[-1]}", "\"unpin\""},
                             {"{\"forbid\":[1.5]}", "\"forbid\""},
                             {"{\"unforbid\":[\"1\"]}", "\"unforbid\""},
                             {"{\"width\":0}", "\"width\""},
                             {"{\"width\":18446744073709551615}", "\"width\""},
                             {"{\"budget\":9}", "\"budget\""},
                             {"{\"budget\":null}", "\"budget\""},
                             {"{\"weights\":[1]}", "\"weights\""},
                             {"{\"weights\":{\"kv\":-1}}", "kv"},
                             {"{\"weights\":{\"kv\":\"1\"}}", "kv"},
                             {"{\"add\":[\"jet*7\"]}", "\"add\""},
                             {"{\"drop\":[\"x*8\"]}", "\"drop\""},
                             {"{\"order\":[1]}", "\"order\""},
                             {"{\"reason\":1}", "\"reason\""},
                             {"{\"who\":{}}", "\"who\""},
                             {"{\"colour\":1}", "\"colour\""},
                             {"{\"pin\":[1],\"forbid\":[1]}", "\"pin\""},
                             {"{\"pin\":[1],\"unpin\":[1]}", "\"pin\""},
                             {"[]", "object"},
                             {"{", "object"},
                             {"", "object"}};
    for (const auto& row : rows) QTest::newRow(row[0]) << row[0] << row[1];
}

void TestMessages::steeringNamesTheField() {
    QFETCH(QString, json);
    QFETCH(QString, field);
    const auto error = errorOf([&] { (void)steer(json.toStdString()); });
    QVERIFY(error);
    QCOMPARE(error->where, std::string("steering"));
    QVERIFY2(QString::fromStdString(error->what).contains(field), error->what.c_str());
}

QTEST_APPLESS_MAIN(TestMessages)
#include "tst_messages.moc"
