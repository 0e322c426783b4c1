// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QLineEdit>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QTest>

#include "tests/formats/sparse_model.h"
#include "tests/support/temporary_folder.h"
#include "tests/ui/window_fixture.h"
#include "ui/first_difference.h"
#include "ui/layer_curves.h"
#include "ui/number_text.h"
#include "ui/pages/import_card.h"
#include "ui/pages/model_page.h"
#include "ui/pages/page_list.h"
#include "ui/placement_text.h"
#include "ui/slot_facts.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/fit_bar.h"
#include "ui/widgets/generation_pane.h"
#include "ui/widgets/job_bar.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/memory_card.h"

using namespace airframe;
using namespace airframe::ui;
using airframe::test::SampleStage;

class TestMainWindow : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void everyCommandHasATextAndItsOwnKeys() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        QHash<QString, QString> owner;
        QVERIFY(fixture.actions->all().size() > 20);
        for (const QAction* action : fixture.actions->all()) {
            QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
            for (const QKeySequence& keys : action->shortcuts()) {
                const QString text = keys.toString();
                QVERIFY2(!owner.contains(text), qPrintable(text + QStringLiteral(" is on ") + owner.value(text) + QStringLiteral(" and ") + action->objectName()));
                owner.insert(text, action->objectName());
            }
        }
        QCOMPARE(window.menuBar()->actions().size(), 8);
        for (const QAction* menu : window.menuBar()->actions())
            QVERIFY2(!menu->menu()->actions().isEmpty(), qPrintable(menu->text() + QStringLiteral(" is empty")));
    }

    void theKeysOfThePathOpenThePages() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QCOMPARE(window.pages().size(), pageTable().size());
        for (std::size_t i = 0; i < pageTable().size(); ++i) {
            QTest::keyClick(&window, static_cast<Qt::Key>(Qt::Key_1 + i), Qt::AltModifier);
            QCOMPARE(window.currentPage(), pageTable()[i].id);
        }
    }

    void slotKeysTakeTheSelectedPlacementButNotWhileTyping() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        const auto snapshot = fixture.sample(SampleStage::full);
        window.setSnapshot(snapshot);
        QCOMPARE(fixture.selection->slotA(), teacherText(30));
        const QString hybrid = QStringLiteral("jet*11,attn*2,jet*7,attn*2,jet*8");
        fixture.selection->setSelected(hybrid);
        window.setFocus();
        QTest::keyClick(&window, Qt::Key_B);
        QCOMPARE(fixture.selection->slotB(), hybrid);
        fixture.selection->setSlotB({});
        QLineEdit field(&window);
        field.show();
        field.setFocus();
        QTRY_VERIFY(field.hasFocus());
        QTest::keyClick(&field, Qt::Key_B);
        QCOMPARE(fixture.selection->slotB(), QString());
        QCOMPARE(field.text(), QStringLiteral("b"));
    }

    void thePaletteFindsAndRuns() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        window.show();
        CommandPalette palette(fixture.actions.get(), &window);
        palette.open();
        auto* field = palette.findChild<QLineEdit*>();
        QTest::keyClicks(field, QStringLiteral("8 export"));
        QVERIFY(!palette.shown().isEmpty());
        QVERIFY2(palette.shown().first().contains(QStringLiteral("Export")), qPrintable(palette.shown().first()));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(window.currentPage(), QStringLiteral("export"));
    }

    void aNewerStudyIsTold() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        auto newer = std::make_shared<StudySnapshot>(*fixture.sample(SampleStage::trained));
        newer->newer_version = newer->read_only = true;
        window.setSnapshot(newer);
        QVERIFY(!window.banner()->isHidden());
        QVERIFY(window.banner()->text().contains(QStringLiteral("read-only")));
    }

    void aDeadEngineIsTold() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        window.setSnapshot(fixture.sample(SampleStage::trained));
        QSignalSpy died(fixture.engine.get(), &EngineClient::died);
        fixture.engine->request(QStringLiteral("train"));
        QTRY_COMPARE(died.size(), 1);
        QVERIFY(!window.banner()->isHidden());
        QVERIFY(window.banner()->text().startsWith(QStringLiteral("Training")));
        QVERIFY(!window.jobBar()->busy());
    }

    void presenterModeMakesTypeLargerAndBack() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        const double before = QApplication::font().pointSizeF();
        QVERIFY(before >= 10);
        QAction* presenter = fixture.actions->action(QStringLiteral("view.presenter"));
        presenter->trigger();
        QCOMPARE(QApplication::font().pointSizeF(), before * 1.6);
        presenter->trigger();
        QCOMPARE(QApplication::font().pointSizeF(), before);
    }

    void theReaderDeliversWhatIsInTheFile() {
        WindowFixture fixture;
        const QString path = fixture.file(QStringLiteral("read.airframe"));
        airframe::test::writeSampleStudy(path.toStdString(), SampleStage::full);
        QSignalSpy spy(fixture.reader.get(), &StudyReader::snapshotChanged);
        fixture.opener->open(path);
        QTRY_COMPARE(spy.size(), 1);
        const SnapshotPtr first = fixture.reader->snapshot();
        QCOMPARE(first->model.layers, 30);
        QVERIFY(first->latestRun("search"));
        QVERIFY(!first->importance.empty());
        // Another process writes: the reader sees it by itself.
        airframe::Study::open(path.toStdString())->star("jet*30", true);
        QTRY_VERIFY(spy.size() >= 2);
        QCOMPARE(fixture.opener->recents().first().path, path);
        QSignalSpy failed(fixture.opener.get(), &StudyOpener::failed);
        fixture.opener->open(QStringLiteral("/nowhere/x.airframe"));
        QCOMPARE(failed.size(), 1);
    }

    void modelsOfOneNameHaveTheirOwnStudies() {
        const WindowFixture fixture;  // which moves the data folder to one for tests
        const test::TemporaryFolder folder;
        const auto model = [&folder](const std::string& name) {
            return QString::fromStdString(folder.write(name + "/config.json", "{}").parent_path().string());
        };
        const QString first = model("here/Qwen2.5-1.5B"), other = model("there/Qwen2.5-1.5B"), larger = model("here/Qwen2.5-1.7B");
        const auto name = [](const QString& path) { return QFileInfo(StudyOpener::studyFor(path)).fileName(); };
        const QString study = StudyOpener::studyFor(first);
        QCOMPARE(name(first), QStringLiteral("Qwen2.5-1.5B.airframe"));
        QDir().mkpath(StudyOpener::dataFolder());
        const auto removed = qScopeGuard([study] { QFile::remove(study); });
        ModelRow row;
        row.path = first.toStdString();
        row.layers = 1;
        (void)Study::create(study.toStdString(), row);
        QCOMPARE(name(first), QStringLiteral("Qwen2.5-1.5B.airframe"));
        QCOMPARE(name(first + QLatin1Char('/')), QStringLiteral("Qwen2.5-1.5B.airframe"));
        QCOMPARE(name(other), QStringLiteral("Qwen2.5-1.5B 2.airframe"));
        QCOMPARE(name(larger), QStringLiteral("Qwen2.5-1.7B.airframe"));
        // A model that has gone keeps its study: opening says where it was.
        QVERIFY(QDir(first).removeRecursively());
        QCOMPARE(name(other), QStringLiteral("Qwen2.5-1.5B.airframe"));
    }

    void slotsAreComparedAtOneSetting() {
        WindowFixture fixture;
        const auto snapshot = fixture.sample(SampleStage::full);
        const SlotFacts facts = slotFacts(snapshot, teacherText(30), QStringLiteral("jet*30"));
        QVERIFY(facts.a.measurement && facts.b.measurement);
        QCOMPARE(facts.a.measurement->context, facts.b.measurement->context);
        QCOMPARE(facts.a.measurement->batch, facts.b.measurement->batch);
        QVERIFY(facts.b.measurement->decode_tps.median > facts.a.measurement->decode_tps.median);
        QVERIFY(facts.a.gain && facts.a.gain->mean > 0);
        QVERIFY(!facts.b.gain);  // the base has no gain over itself
    }

    void curvesHaveTheMeanLast() {
        WindowFixture fixture;
        const auto snapshot = fixture.sample(SampleStage::trained);
        const auto curves = lossCurves(*snapshot, snapshot->latestRun("train")->id, 50);
        QCOMPARE(curves.size(), std::size_t{31});
        QCOMPARE(curves.back().layer, -1);
        QCOMPARE(curves.front().points.size(), 50);
        QCOMPARE(curves.front().points.last().x(), 425984.0);
        double sum = 0;
        for (int layer = 0; layer < 30; ++layer) sum += curves[static_cast<std::size_t>(layer)].points.last().y();
        QVERIFY(std::abs(curves.back().points.last().y() - sum / 30) < 1e-9);
        QCOMPARE(heldOutErrors(*snapshot, snapshot->latestRun("train")->id).size(), std::size_t{30});
    }

    /// The window's own connection only reads; that must not lock the buttons that ask the engine to write.
    void aStudyThatCanBeWrittenIsNotReadOnly() {
        QVERIFY(!WindowFixture::sample(airframe::test::SampleStage::full)->read_only);
    }

    /// Tokens are shown a few at a time; a mark that is set before its token is shown must not be lost.
    void markedTokensAreShown() {
        Theme theme;
        GenerationPane pane(&theme, QStringLiteral("B"));
        pane.begin();
        for (const char* text : {",", " the", " world"}) pane.addToken({{QStringLiteral("text"), QLatin1String(text)}});
        pane.mark(2);
        const auto marked = pane.findChild<QPlainTextEdit*>()->extraSelections();
        QCOMPARE(marked.size(), 1);
        QCOMPARE(marked.front().cursor.selectedText(), QStringLiteral(" world"));
    }

    void differencesAreFoundInOrder() {
        const auto token = [](int id, const QString& text) { return GeneratedToken{id, text, {}}; };
        const QList<GeneratedToken> a = {token(1, QStringLiteral("a")), token(2, QStringLiteral("bc")), token(3, QStringLiteral("d"))};
        const QList<GeneratedToken> b = {token(1, QStringLiteral("a")), token(9, QStringLiteral("x")), token(3, QStringLiteral("d")), token(4, {})};
        QCOMPARE(nextDifference(a, b), 1);
        QCOMPARE(nextDifference(a, b, 2), -1);
        QCOMPARE(nextDifference(a, {}), -1);
        QCOMPARE(textOffset(a, 2), 3);
    }

    /// A model is shown from its header at once, by the window alone: this fixture's engine cannot even be started.
    void aChosenModelIsShownWithoutTheEngine() {
        const test::TemporaryFolder folder;
        const ModelConfig shape = test::largeLlama();
        const QString path = QString::fromStdString((folder / "large-model").string());
        QVERIFY(test::writeSparseFolder(path.toStdString(), shape) > 1e10);
        WindowFixture fixture;
        MainWindow window(fixture.context());
        window.resize(1280, 800);
        window.show();
        qint64 fastest = 1 << 30;
        const Page* page = nullptr;
        for (int i = 0; i < 3; ++i) {  // of several, because others work on the machine
            QElapsedTimer clock;
            clock.start();
            fixture.opener->createFromModel(path, fixture.file(QStringLiteral("new.airframe")));
            page = window.pages()[1];
            QCOMPARE(window.currentPage(), QStringLiteral("model"));
            QTRY_VERIFY_WITH_TIMEOUT(page->summary().contains(QStringLiteral("large-model, 40 layers")), 5000);
            fastest = std::min(fastest, clock.elapsed());
        }
        qInfo() << "10 GB model on screen after" << fastest << "ms";
        QVERIFY2(fastest < 200, qPrintable(QStringLiteral("%1 ms").arg(fastest)));
        // That the engine made no study is said beside it.
        QTRY_COMPARE_WITH_TIMEOUT(page->state(), Page::State::failed, 5000);
        QVERIFY(!page->findChild<ErrorCard*>()->problem().isEmpty());
        const auto* model = qobject_cast<const ModelPage*>(page);
        // float32 takes twice what bf16 does; 4,096 tokens of 2 * 8 * 128 bf16 values in 40 layers are 640 MiB.
        const QString facts = model->memory().facts()->asText();
        QVERIFY2(facts.contains(QStringLiteral("Cache, A\t640 MiB")), qPrintable(facts));
        auto* compute = model->memory().findChildren<QComboBox*>().last();
        compute->setCurrentIndex(static_cast<int>(ComputeForm::bf16));
        const double half = model->memory().fit(false)->sum();
        compute->setCurrentIndex(static_cast<int>(ComputeForm::float32));
        QVERIFY(model->memory().fit(false)->sum() > 1.9 * half);
    }

    void aBrokenModelIsACardOnItsPage() {
        const test::TemporaryFolder folder;
        const auto file = folder.write("broken.gguf", "GGUF, or so it says");
        WindowFixture fixture;
        MainWindow window(fixture.context());
        window.show();
        fixture.opener->createFromModel(QString::fromStdString(file.string()), fixture.file(QStringLiteral("new.airframe")));
        Page* page = window.pages()[1];
        QTRY_COMPARE_WITH_TIMEOUT(page->state(), Page::State::failed, 5000);
        QCOMPARE(window.currentPage(), QStringLiteral("model"));
        auto* card = page->findChild<ErrorCard*>();
        QVERIFY(card->problem().where.contains(QStringLiteral("broken.gguf")));
        // Mended in its place, it opens.
        std::filesystem::remove(file);
        test::writeSparseGguf(file, [] { ModelConfig c = test::largeLlama(); c.vocab = 512; return c; }());
        fixture.opener->createFromModel(QString::fromStdString(file.string()), fixture.file(QStringLiteral("new.airframe")));
        QTRY_VERIFY_WITH_TIMEOUT(page->summary().contains(QStringLiteral("40 layers")), 5000);
        QVERIFY(!card->problem().where.contains(QStringLiteral("broken.gguf")));
        fixture.opener->close();
        page->setSnapshot(nullptr);
        QCOMPARE(page->state(), Page::State::empty);
    }

    void anImportedArchitectureGoesToSlotB() {
        WindowFixture fixture;
        MainWindow window(fixture.context());
        QAction* import = fixture.actions->action(QStringLiteral("model.import"));
        QVERIFY(!import->isEnabled());
        ImportCard& card = qobject_cast<ModelPage*>(window.pages()[1])->importer();
        card.setSnapshot(fixture.sample(SampleStage::full));
        QVERIFY(import->isEnabled());
        card.import(QStringLiteral("/there/architecture.json"));
        QVERIFY(card.text().isEmpty());
        QCOMPARE(window.currentPage(), QStringLiteral("model"));
        // The engine of this fixture fails: that is a card too.
        QTRY_VERIFY_WITH_TIMEOUT(!card.findChild<ErrorCard*>()->problem().isEmpty(), 5000);
        card.import(QStringLiteral("/there/architecture.json"));
        Q_EMIT fixture.engine->finished(card.job(), QStringLiteral("import"),
                                        {{QStringLiteral("placement"), QStringLiteral("jet*9,attn,jet*2")}, {QStringLiteral("new"), true},
                                         {QStringLiteral("base"), QStringLiteral("other")}, {QStringLiteral("base_model"), QStringLiteral("Another")},
                                         {QStringLiteral("untrained_blocks"), QJsonArray{QStringLiteral("jet")}}});
        QVERIFY2(card.text().contains(QStringLiteral("another base model, Another")), qPrintable(card.text()));
        QCOMPARE(fixture.selection->slotB(), QStringLiteral("jet*9,attn,jet*2"));
        card.setSnapshot(nullptr);
        QVERIFY(!import->isEnabled());
        QVERIFY(card.isHidden());
    }

    void numbersAreReadable() {
        QCOMPARE(countText(49152), QStringLiteral("49,152"));
        QCOMPARE(shortCountText(134515008), QStringLiteral("134.5 M"));
        QCOMPARE(leftText(360, 540), QStringLiteral("≈ 6–9 min left"));
        QCOMPARE(leftText(-1, 5), QString());
        QCOMPARE(placementName(QStringLiteral("attn*30")), QStringLiteral("original"));
        QCOMPARE(placementName(QStringLiteral("jet*2,attn,jet*2")), QStringLiteral("1 full of 5: 2"));
    }

    void aStripPicksLayersByMouseAndKeys() {
        WindowFixture fixture;
        LayerStrip strip(fixture.theme.get());
        strip.setPlacement(QStringLiteral("jet*9,attn"));
        strip.setInteractive(true);
        strip.resize(200, 28);
        strip.show();
        QSignalSpy picked(&strip, &LayerStrip::layerPicked), pinned(&strip, &LayerStrip::pinRequested);
        QTest::mouseClick(&strip, Qt::LeftButton, {}, QPoint(50, 14));
        QCOMPARE(picked.last().first().toInt(), 2);
        QTest::keyClick(&strip, Qt::Key_Right);
        QCOMPARE(picked.last().first().toInt(), 3);
        QTest::keyClick(&strip, Qt::Key_P);
        QCOMPARE(pinned.last().first().toInt(), 3);
        QTest::keyClick(&strip, Qt::Key_End);
        QCOMPARE(picked.last().first().toInt(), 9);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
