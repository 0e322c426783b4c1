// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <filesystem>
#include <functional>
#include <limits>

#include "core/study/architecture.h"
#include "core/study/random.h"
#include "support/failure.h"
#include "support/temporary_folder.h"

using namespace airframe;
using airframe::test::errorOf;
using nlohmann::json;

Q_DECLARE_METATYPE(std::function<void(json&)>)

/// architecture.json: what is written comes back, and what lies is refused with the field named.
class TestArchitecture : public QObject {
    Q_OBJECT

    static ArchitectureFile sample() {
        ArchitectureFile a;
        a.placement = Placement::parse("jet*2,attn,jet*3");
        a.block_dims = {{"jet", {{"heads", 9}, {"k", 64}, {"v", 64}, {"generator", 72}}}};
        a.parameters = 134515008;
        a.storage = "bf16";
        a.program = "airframe 0.1";
        a.created = "2026-05-04T10:20:30Z";
        a.study = "0123456789abcdef0123456789abcdef";
        a.base_model = "A \"quoted\" model, ünïcode";
        a.base_file = "base.gguf";
        a.base_sha256 = std::string(64, 'a');
        a.base_licence = "apache-2.0";
        a.checkpoint_sha256 = std::string(64, 'b');
        a.weights_sha256 = std::string(64, 'c');
        a.scores = {{"language", "nats per token", 3.25, 3.0, 3.5, 128}, {"kv", "nats per token", 0.1, 0.1, 0.1, 1}};
        a.max_logit_difference = 0.0123;
        a.checked_tokens = 96;
        return a;
    }
    static std::optional<Error> refusal(const json& document) {
        return errorOf([&] { (void)parseArchitecture(document.dump(), "a.json"); });
    }

  private Q_SLOTS:
    void comesBack() {
        const ArchitectureFile a = sample();
        QVERIFY(parseArchitecture(toJson(a).dump(2), "a.json") == a);
        ArchitectureFile bare;
        bare.placement = Placement::parse("attn*3");
        QVERIFY(parseArchitecture(toJson(bare).dump(), "a.json") == bare);
        QVERIFY(!toJson(bare).contains("check"));
    }

    void passesOverWhatALaterWriterAdds() {
        json document = toJson(sample());
        document["colour"] = {{"deep", {1, 2, 3}}};
        document["provenance"]["who"] = "Ana";
        QVERIFY(parseArchitecture(document.dump(), "a.json") == sample());
    }

    void writerRefusesNaN() {
        ArchitectureFile a = sample();
        a.scores[0].low = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(errorOf([&] { (void)toJson(a); }));
    }

    void refuses_data() {
        QTest::addColumn<std::function<void(json&)>>("spoil");
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, std::function<void(json&)> spoil, const char* where, const char* says) {
            QTest::newRow(name) << std::move(spoil) << where << says;
        };
        row("newer", [](json& d) { d["schema_version"] = 2; }, "schema_version", "reads 1");
        row("version as text", [](json& d) { d["schema_version"] = "1"; }, "schema_version", "whole number");
        row("no version", [](json& d) { d.erase("schema_version"); }, "schema_version", "missing");
        row("no placement", [](json& d) { d.erase("placement"); }, "placement", "missing");
        row("unknown block", [](json& d) { d["placement"] = "jet*2,warp,jet*3"; }, "placement", "warp");
        row("huge count", [](json& d) { d["placement"] = "jet*99999999"; }, "placement", "99999999");
        row("placement is a list", [](json& d) { d["placement"] = json::array(); }, "placement", "wanted a text");
        row("one layer less", [](json& d) { d["layers"].erase(5); }, "layers", "5 entries, the placement has 6");
        row("layers contradict", [](json& d) { d["layers"][2]["block"] = "jet"; }, "layers[2]: block", "has \"attn\" there");
        row("layers out of order", [](json& d) { d["layers"][2]["layer"] = 3; }, "layers[2]: layer", "in order");
        row("layer outside", [](json& d) { d["layers"][2]["layer"] = -1; }, "layers[2]: layer", "from 0 to 5");
        row("layer is a number", [](json& d) { d["layers"][2] = 7; }, "layers[2]", "wanted an object");
        row("dimension zero", [](json& d) { d["block_dims"]["jet"]["k"] = 0; }, "block_dims: jet: k", "from 1");
        row("dimension huge", [](json& d) { d["block_dims"]["jet"]["k"] = 1 << 30; }, "block_dims: jet: k", "1073741824");
        row("dimension beyond 64 bits", [](json& d) { d["block_dims"]["jet"]["k"] = std::numeric_limits<std::uint64_t>::max(); },
            "block_dims: jet: k", "18446744073709551615");
        row("dimension a fraction", [](json& d) { d["block_dims"]["jet"]["k"] = 1.5; }, "block_dims: jet: k", "1.5");
        row("too many dimensions", [](json& d) { for (int i = 0; i < 65; ++i) d["block_dims"]["jet"][std::string(1, 'd').append(std::to_string(i))] = 1; },
            "block_dims: jet", "at most 64");
        row("too many blocks", [](json& d) { for (int i = 0; i < 65; ++i) d["block_dims"][std::string(1, 'b').append(std::to_string(i))] = json::object(); },
            "block_dims", "at most 64");
        row("parameters negative", [](json& d) { d["parameters"] = -1; }, "parameters", "-1");
        row("provenance a text", [](json& d) { d["provenance"] = "me"; }, "provenance", "wanted an object");
        row("hash a number", [](json& d) { d["provenance"]["base_sha256"] = 3; }, "provenance: base_sha256", "wanted a text");
        row("text too long", [](json& d) { d["storage"] = std::string(5000, 'x'); }, "storage", "5000 bytes");
        row("score is null", [](json& d) { d["scores"][0]["value"] = nullptr; }, "scores[0]: value", "null");
        row("outside its interval", [](json& d) { d["scores"][0]["value"] = 9; }, "scores[0]: value", "interval");
        row("task unnamed", [](json& d) { d["scores"][0]["task"] = ""; }, "scores[0]: task", "empty");
        row("task with a newline", [](json& d) { d["scores"][0]["task"] = "a\nb"; }, "scores[0]: task", "control");
        row("items negative", [](json& d) { d["scores"][0]["items"] = -4; }, "scores[0]: items", "-4");
        row("too many scores", [](json& d) { for (int i = 0; i < 5000; ++i) d["scores"].push_back(d["scores"][0]); }, "scores", "at most 4096");
        row("check a number", [](json& d) { d["check"] = 1; }, "check", "wanted an object");
    }
    void refuses() {
        using Spoil = std::function<void(json&)>;
        QFETCH(Spoil, spoil);
        QFETCH(QString, where);
        QFETCH(QString, says);
        json document = toJson(sample());
        spoil(document);
        const auto error = refusal(document);
        QVERIFY(error);
        QCOMPARE(error->code, ErrorCode::bad_input);
        QCOMPARE(QString::fromStdString(error->where), "a.json: " + where);
        QVERIFY2(error->what.find(says.toStdString()) != std::string::npos, error->what.c_str());
    }

    void refusesWhatIsNoJson_data() {
        QTest::addColumn<QByteArray>("text");
        const QByteArray good = QByteArray::fromStdString(toJson(sample()).dump());
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut") << good.left(good.size() / 2);
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("NaN") << QByteArray(good).replace("3.25", "NaN");
        QTest::newRow("infinity") << QByteArray(good).replace("3.25", "1e999");
        QTest::newRow("twice") << QByteArray(good).replace("\"storage\"", "\"placement\"");
        QTest::newRow("deep") << QByteArray("{\"a\":") + QByteArray(100000, '[') + QByteArray(100000, ']') + "}";
        QTest::newRow("not UTF-8") << QByteArray(good).replace("bf16", "\xff\xfe");
    }
    void refusesWhatIsNoJson() {
        QFETCH(QByteArray, text);
        const auto error = errorOf([&] { (void)parseArchitecture(text.toStdString(), "a.json"); });
        QVERIFY(error);
        QCOMPARE(error->code, ErrorCode::bad_input);
        QVERIFY(error->where.rfind("a.json", 0) == 0);
    }

    /// Bytes changed, left out and doubled at random: it is read or refused, nothing else.
    void survivesDamage() {
        const std::string good = toJson(sample()).dump();
        Random random(7);
        int refused = 0;
        for (int i = 0; i < 20000; ++i) {
            std::string text = good;
            for (std::uint64_t change = 0; change <= random.below(3); ++change) {
                const auto at = static_cast<std::size_t>(random.below(text.size()));
                switch (random.below(3)) {
                    case 0: text[at] = static_cast<char>(random.below(256)); break;
                    case 1: text.erase(at, 1 + static_cast<std::size_t>(random.below(20))); break;
                    default: text.insert(at, text.substr(at / 2, static_cast<std::size_t>(random.below(20)))); break;
                }
            }
            if (const auto error = errorOf([&] { (void)parseArchitecture(text, "a.json"); })) {
                ++refused;
                QCOMPARE(error->code, ErrorCode::bad_input);
            }
        }
        QVERIFY(refused > 10000);  // most damage is seen; what is not only changed a free text or a number
    }

    void readsFilesAndFolders() {
        const test::TemporaryFolder folder;
        const auto error = [&](const std::filesystem::path& path) { return errorOf([&] { (void)readArchitecture(path); }); };
        QVERIFY(error(folder.path() / "architecture.json"));
        QVERIFY(error(folder.path()));
        folder.write("architecture.json", toJson(sample()).dump(2));
        QVERIFY(readArchitecture(folder.path() / "architecture.json") == sample());
        QVERIFY(readArchitecture(folder.path()) == sample());
        std::filesystem::resize_file(folder.path() / "architecture.json", std::uintmax_t{50} << 30);  // sparse: never read
        QElapsedTimer timer;
        timer.start();
        const auto huge = error(folder.path());
        QVERIFY(huge && huge->what.find("at most") != std::string::npos);
        QVERIFY(timer.elapsed() < 1000);
        QVERIFY(error("/dev/zero"));
    }
};

QTEST_APPLESS_MAIN(TestArchitecture)
#include "tst_architecture.moc"
