// SPDX-License-Identifier: GPL-3.0-or-later
// How the front page is put together; what it does is in front_page.cpp.
#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/engine_client.h"
#include "ui/models/background.h"
#include "ui/models/search_plan.h"
#include "ui/pages/front_page.h"
#include "ui/plots/front_plot.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/segment.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {

FrontPage::FrontPage(const UiContext& context, QWidget* parent)
    : Page(context, parent), m_plan(SearchPlan::of(context.selection)), m_background(new Background(this)), m_rows(frontRows(this)) {
    const Theme* theme = context.theme;
    m_error = new ErrorCard(theme);
    m_empty = new StateView(theme);
    m_plot = new FrontPlot(theme);
    m_table = new PlainTable(theme);
    m_table->setRows(m_rows);
    m_table->setAccessibleName(tr("The measured placements as a table"));
    m_table->fitColumns(5);
    m_summary = label({});
    m_summary->setWordWrap(true);
    m_why = label({}, "muted");
    m_why->setWordWrap(true);
    m_strip = new LayerStrip(theme);
    m_strip->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_strip->setAccessibleName(tr("Selected placement"));

    auto* column = pageColumn(this);
    column->addWidget(buildHead());
    column->addWidget(m_error);
    column->addWidget(m_empty, 1);
    m_full = new QWidget;
    auto* full = new QVBoxLayout(m_full);
    full->setContentsMargins(0, 0, 0, 0);
    full->setSpacing(8);
    full->addWidget(m_summary);
    const Card plot = card(), table = card();
    plot.column->setContentsMargins(4, 4, 4, 4);
    plot.column->addWidget(m_plot, 1);
    table.column->setContentsMargins(4, 4, 4, 4);
    table.column->addWidget(m_table, 1);
    auto* middle = new QSplitter(Qt::Horizontal);
    middle->addWidget(plot.frame);
    middle->addWidget(table.frame);
    middle->setStretchFactor(0, 3);
    middle->setStretchFactor(1, 2);
    middle->setSizes({2700, 2200});  // shares; the plot leads
    middle->setHandleWidth(16);
    middle->setChildrenCollapsible(false);
    full->addWidget(middle, 1);
    auto* why = new QHBoxLayout;
    why->setSpacing(16);
    why->addWidget(m_strip);
    why->addWidget(m_why, 1);
    full->addLayout(why);
    column->addWidget(m_full, 1);
    connectViews();
    connectEngine();
    fill();
}

QWidget* FrontPage::buildHead() {
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_x = new Segment(tr("Horizontal axis"), {tr("Decode speed"), tr("Cache bytes")});
    m_y = new Segment(tr("Vertical axis"), {tr("Gain"), tr("Loss")});
    m_y->setTips({tr("Nats per token better than all layers linear"), tr("Nats per token, mean over the tasks")});
    m_set = new QComboBox;
    m_set->setAccessibleName(tr("Measurements: batch and context"));
    const auto spin = [](int low, int high, int value, const QString& name) {
        auto* box = new QSpinBox;
        box->setRange(low, high);
        box->setValue(value);
        box->setAccessibleName(name);
        return box;
    };
    m_context_size = spin(64, 1 << 20, 8192, tr("Context"));
    m_context_size->setSingleStep(1024);
    m_batch = spin(1, 512, 8, tr("Batch"));
    m_repeats = spin(1, 99, 5, tr("Repeats"));
    m_repeats->setToolTip(tr("Timed repeats after the warm-up; the median and quartiles are shown"));
    m_measure = button(tr("Measure …"), true);
    m_save = button(tr("Save plot …"));
    row->addWidget(label(tr("Front"), "title"));
    row->addSpacing(8);
    row->addWidget(m_x);
    row->addWidget(m_y);
    row->addWidget(m_set);
    m_new_set = new QWidget;  // what a first measurement, or one with another batch and context, is made with
    auto* options = new QHBoxLayout(m_new_set);
    options->setContentsMargins(0, 0, 0, 0);
    for (const auto& [name, box] : {std::pair{tr("Batch"), m_batch}, std::pair{tr("Context"), m_context_size}, std::pair{tr("Repeats"), m_repeats}}) {
        options->addWidget(label(name, "muted"));
        options->addWidget(box);
    }
    row->addWidget(m_new_set);
    row->addStretch(1);
    row->addWidget(m_save);
    row->addWidget(m_measure);

    return head;
}

void FrontPage::connectViews() {
    Selection* selection = m_context.selection;
    connect(m_x, &Segment::changed, this, [this] {
        if (measured()) askData();
    });
    connect(m_y, &Segment::changed, this, [this](int index) {
        if (m_data) m_plot->setData(m_data, index == 1);
    });
    connect(m_set, &QComboBox::currentIndexChanged, this, &FrontPage::fill);
    connect(m_plan, &SearchPlan::choicesChanged, this, [this] {
        if (measured()) askData();
    });
    const auto slot = [selection](const QString& placement, QChar which) {
        if (which == QLatin1Char('A')) selection->setSlotA(placement);
        else selection->setSlotB(placement);
    };
    connect(m_plot, &FrontPlot::pointHovered, selection, &Selection::setHovered);
    connect(m_plot, &FrontPlot::pointPicked, selection, &Selection::setSelected);
    connect(m_plot, &FrontPlot::slotRequested, this, slot);
    connect(m_table, &PlainTable::placementHovered, selection, &Selection::setHovered);
    connect(m_table, &PlainTable::placementPicked, selection, &Selection::setSelected);
    connect(m_table, &PlainTable::slotRequested, this, slot);
    connect(selection, &Selection::selectedChanged, m_table, &PlainTable::showPlacement);
    const auto mark = [this, selection] { m_plot->setMarked(selection->hovered(), selection->selected(), selection->slotA(), selection->slotB()); };
    connect(selection, &Selection::hoveredChanged, this, mark);
    connect(selection, &Selection::selectedChanged, this, mark);
    connect(selection, &Selection::slotsChanged, this, mark);
    connect(selection, &Selection::selectedChanged, this, &FrontPage::showWhy);
    mark();
}

void FrontPage::connectEngine() {
    connect(m_measure, &QPushButton::clicked, this, &FrontPage::openMeasureMenu);
    connect(m_save, &QPushButton::clicked, this, &FrontPage::savePlot);
    connect(m_empty, &StateView::activated, this, [this] {
        if (!m_snapshot) return;
        QStringList placements;
        for (const std::string& each : unmeasured(*m_snapshot, set(), false)) placements << QString::fromStdString(each);
        measure(placements);
    });
    EngineClient* engine = m_context.engine;
    connect(engine, &EngineClient::finished, this, [this](qint64 id) {
        if (id == m_job) measureNext();
    });
    connect(engine, &EngineClient::failed, this, [this](qint64 id, const QString&, const QJsonObject& error) {
        if (id == m_score_job) m_error->show(Problem::fromEngine(tr("Scoring placements"), error));
        if (id != m_job) return;
        m_error->show(Problem::fromEngine(tr("Measuring throughput"), error));
        measureNext();  // one that does not fit must not end the rest
    });
    const auto end = [this] {
        m_waiting.clear();
        m_job = 0;
        updateControls();
    };
    connect(engine, &EngineClient::stopped, this, [this, end](qint64 id) {
        if (id == m_job) end();
    });
    connect(engine, &EngineClient::died, this, end);
}

}  // namespace airframe::ui
