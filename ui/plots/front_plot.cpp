// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/front_plot.h"

#include <QChart>
#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QLegend>
#include <QLineSeries>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

#include "ui/number_text.h"
#include "ui/models/numbers.h"
#include "ui/plots/cloud_item.h"
#include "ui/plots/log_axis.h"
#include "ui/plots/mark_legend_item.h"
#include "ui/plots/ring_item.h"
#include "ui/plots/whisker_item.h"
#include "ui/theme.h"
#include "ui/widgets/hover_card.h"

namespace airframe::ui {

namespace {

using Kind = FrontData::Kind;

struct Look {
    Mark::Shape shape;
    QColor color;
};

Look lookOf(Kind kind, const Theme& theme) {
    switch (kind) {
        case Kind::teacher: return {Mark::Shape::diamond, theme.block(QStringLiteral("attn"))};
        case Kind::all_linear: return {Mark::Shape::triangle, theme.block(QStringLiteral("jet"))};
        case Kind::uniform: return {Mark::Shape::square, theme.category(1)};
        case Kind::last: return {Mark::Shape::down_triangle, theme.category(1)};
        case Kind::random: return {Mark::Shape::cross, theme.category(1)};
        case Kind::search: break;
    }
    return {Mark::Shape::circle, theme.accent()};
}

}  // namespace

FrontPlot::FrontPlot(const Theme* theme, QWidget* parent) : PlotView(theme, parent) {
    m_x = new LogAxis(this);
    m_y = new QValueAxis(this);
    m_line = new QLineSeries(this);
    chart()->addSeries(m_line);
    chart()->addAxis(m_x, Qt::AlignBottom);
    chart()->addAxis(m_y, Qt::AlignLeft);
    m_line->attachAxis(m_x);
    m_line->attachAxis(m_y);
    chart()->legend()->hide();
    chart()->setMargins({8, 36, 16, 8});
    m_whiskers = new WhiskerItem(chart());
    m_cloud = new CloudItem(chart());
    m_legend = new MarkLegendItem(chart(), *theme);
    m_rings = new RingItem(chart(), *theme);
    m_hover_ring = new RingItem(chart(), *theme);
    m_hover_ring->setSmall(true);
    m_card = new HoverCard(theme, viewport());
    connect(this, &PlotView::restyled, this, &FrontPlot::rebuild);
    connect(chart(), &QChart::plotAreaChanged, this, &FrontPlot::place);
    connect(this, &PlotView::hovered, this, &FrontPlot::hover);
    connect(this, &PlotView::left, this, [this] {
        m_card->hide();
        Q_EMIT pointHovered({});
    });
    connect(this, &PlotView::clicked, this, [this](QPointF pos, Qt::MouseButton button) {
        if (button != Qt::LeftButton) return;
        const int index = pointAt(pos);
        Q_EMIT pointPicked(index < 0 ? QString() : QString::fromStdString(m_data->points[static_cast<std::size_t>(index)].placement));
    });
    restyle();
}

void FrontPlot::setData(std::shared_ptr<const FrontData> data, bool as_loss) {
    m_data = std::move(data);
    m_as_loss = as_loss && m_data && std::isfinite(m_data->base_loss);  // without the base's loss there is only the gain
    rebuild();
}

Mark FrontPlot::markOf(std::size_t index) const {
    const FrontPoint& point = m_data->points[index];
    const Look look = lookOf(m_data->kinds[index], theme());
    Mark mark;
    mark.placement = QString::fromStdString(point.placement);
    mark.shape = look.shape;
    mark.color = look.color;
    const bool control = m_data->kinds[index] != Kind::search;
    mark.faded = point.dominated_beyond_error && !control;
    mark.on_front = point.on_front;
    const auto y = [&](double gain) { return m_as_loss ? m_data->base_loss - gain : gain; };
    const double bytes = static_cast<double>(point.cache_bytes);
    mark.at = {LogAxis::toAxis(m_data->by_cache ? bytes : point.decode_tps.median), y(point.score)};
    mark.x_low = m_data->by_cache ? mark.at.x() : LogAxis::toAxis(point.decode_tps.q1);
    mark.x_high = m_data->by_cache ? mark.at.x() : LogAxis::toAxis(point.decode_tps.q3);
    mark.y_low = y(point.low);
    mark.y_high = y(point.high);
    return mark;
}

void FrontPlot::rebuild() {
    const Theme& look = theme();
    m_line->setPen(QPen(look.accent(), 2));
    m_legend->setEntries([&] {
        std::vector<MarkLegendItem::Entry> entries;
        const auto add = [&](Kind kind, const QString& text, bool faded) {
            const auto [shape, color] = lookOf(kind, look);
            entries.push_back({shape, color, text, faded});
        };
        add(Kind::search, tr("found"), false);
        add(Kind::search, tr("dominated"), true);
        add(Kind::teacher, tr("original"), false);
        add(Kind::all_linear, tr("all linear"), false);
        add(Kind::uniform, tr("uniform"), false);
        add(Kind::last, tr("last"), false);
        add(Kind::random, tr("random"), false);
        return entries;
    }());
    if (!m_data) return;
    auto marks = std::make_shared<std::vector<Mark>>();
    marks->reserve(m_data->points.size());
    for (std::size_t i = 0; i < m_data->points.size(); ++i) marks->push_back(markOf(i));
    m_cloud->setMarks(marks);  // before the axes change: the chart then asks for a new layout at once
    m_whiskers->setMarks(marks);
    if (marks->empty()) {
        m_line->clear();
    } else {
        double x_low = 1e300, x_high = -1e300, y_low = 1e300, y_high = -1e300;
        for (const Mark& mark : *marks) {
            x_low = std::min({x_low, mark.x_low, mark.at.x()});
            x_high = std::max({x_high, mark.x_high, mark.at.x()});
            y_low = std::min({y_low, mark.y_low, mark.y_high});
            y_high = std::max({y_high, mark.y_low, mark.y_high});
        }
        m_x->setFormat(m_data->by_cache ? LogAxis::Format([](double v) { return byteText(v); })
                                        : LogAxis::Format([](double v) { return v < 10 ? QString::number(v, 'g', 3) : countText(v); }));
        m_x->setValueRange(std::pow(10, x_low), std::pow(10, x_high), 0.08);
        m_x->setTitleText(m_data->by_cache ? tr("Cache, bytes (logarithmic)")
                                           : tr("Decode speed, tokens per second (logarithmic)"));
        const double pad = std::max(1e-3, (y_high - y_low) * 0.08);
        const double raw = (y_high - y_low + 2 * pad) / 6, unit = std::pow(10.0, std::floor(std::log10(raw)));
        const double step = unit * (raw / unit <= 1 ? 1 : raw / unit <= 2 ? 2 : raw / unit <= 5 ? 5 : 10);
        m_y->setTickType(QValueAxis::TicksDynamic);  // round ticks without widening the range to round ends
        m_y->setTickAnchor(0);
        m_y->setTickInterval(step);
        m_y->setRange(y_low - pad, y_high + pad);
        m_y->setLabelFormat(step < 0.01 ? QStringLiteral("%.3f") : step < 0.1 ? QStringLiteral("%.2f") : QStringLiteral("%.1f"));
        m_y->setReverse(m_as_loss);  // better is up on both axes
        m_y->setTitleText(m_as_loss ? tr("Loss, nats per token (better is up)")
                                    : tr("Gain over all linear, nats per token"));
        // The front as steps: between two measured points nothing better than the lower one is known.
        QList<QPointF> line;
        const std::vector<int> along = m_data->along();
        for (std::size_t k = 0; k < along.size(); ++k) {
            const QPointF at = (*marks)[static_cast<std::size_t>(along[k])].at;
            if (k > 0) {
                const QPointF before = line.back();
                line << (m_data->by_cache ? QPointF(at.x(), before.y()) : QPointF(before.x(), at.y()));
            }
            line << at;
        }
        m_line->replace(line);
    }
    setSummary(tr("Accuracy against speed"), frontSummary(*m_data));
    place();
}

void FrontPlot::place() {
    m_cloud->layout(m_line);
    m_whiskers->layout(m_line);
    placeRings();
    placeHover();
}

void FrontPlot::setMarked(const QString& hovered, const QString& selected, const QString& slot_a, const QString& slot_b) {
    const bool moved = selected != m_selected || slot_a != m_a || slot_b != m_b;
    const bool hover_moved = hovered != m_hovered;
    m_hovered = hovered;
    m_selected = selected;
    m_a = slot_a;
    m_b = slot_b;
    if (moved) placeRings();
    if (hover_moved) placeHover();
}

void FrontPlot::placeHover() {
    const int index = m_data && !m_hovered.isEmpty() ? m_data->indexOf(m_hovered.toStdString()) : -1;
    m_hover_ring->setRings(index < 0 ? std::vector<RingItem::Ring>{}
                                     : std::vector<RingItem::Ring>{{RingItem::Kind::hovered, m_cloud->positionOf(index), {}}});
}

void FrontPlot::placeRings() {
    std::vector<RingItem::Ring> rings;
    const auto ring = [&](RingItem::Kind kind, const QString& placement, const QString& text) {
        const int index = m_data && !placement.isEmpty() ? m_data->indexOf(placement.toStdString()) : -1;
        if (index >= 0) rings.push_back({kind, m_cloud->positionOf(index), text});
    };
    ring(RingItem::Kind::slot_a, m_a, QStringLiteral("A"));
    ring(RingItem::Kind::slot_b, m_b, QStringLiteral("B"));
    ring(RingItem::Kind::selected, m_selected, {});
    if (m_data && m_data->pareto.knee >= 0)
        rings.push_back({RingItem::Kind::knee, m_cloud->positionOf(static_cast<int>(m_data->pareto.knee)), tr("knee")});
    if (m_data)
        for (std::size_t i = 0; i < m_data->kinds.size(); ++i) {
            const QPointF at = m_cloud->positionOf(static_cast<int>(i));
            switch (m_data->kinds[i]) {
                case Kind::teacher: rings.push_back({RingItem::Kind::label, at, tr("original")}); break;
                case Kind::all_linear: rings.push_back({RingItem::Kind::label, at, tr("all linear")}); break;
                case Kind::uniform: rings.push_back({RingItem::Kind::label, at, tr("uniform")}); break;
                default: break;
            }
        }
    m_rings->setRings(std::move(rings));
}

int FrontPlot::pointAt(QPointF view_pos) const {
    return m_data ? m_cloud->nearest(chart()->mapFromScene(mapToScene(view_pos.toPoint())), 12) : -1;
}

QPointF FrontPlot::viewPositionOf(int index) const {
    return mapFromScene(chart()->mapToScene(m_cloud->positionOf(index)));
}

void FrontPlot::hover(QPointF view_pos) {
    const int index = pointAt(view_pos);
    Q_EMIT pointHovered(index < 0 ? QString() : QString::fromStdString(m_data->points[static_cast<std::size_t>(index)].placement));
    if (index < 0) m_card->hide();
    else showCard(index, view_pos.toPoint());
}

void FrontPlot::showCard(int index, QPoint anchor) {
    const FrontPoint& point = m_data->points[static_cast<std::size_t>(index)];
    QStringList lines{tr("Gain\t%1 nats per token").arg(signedFixed(point.score)),
                      tr("95 % interval\t%1, %n items", nullptr, point.items).arg(intervalText(point.low, point.high)),
                      tr("Decode\t%1").arg(spreadText(point.decode_tps)),
                      tr("Cache\t%1").arg(byteText(static_cast<double>(point.cache_bytes))),
                      tr("Measured\tbatch %1, context %2").arg(point.batch).arg(countText(point.context))};
    lines << whyDominated(*m_data, index);
    m_card->setContent(frontName(*m_data, index), QString::fromStdString(point.placement), lines);
    m_card->showAt(anchor);
}

void FrontPlot::step(int by) {
    const std::vector<int> along = m_data ? m_data->along() : std::vector<int>{};
    if (along.empty()) return;
    const int current = m_data->indexOf(m_selected.toStdString());
    auto found = std::find(along.begin(), along.end(), current);
    int next = 0;
    if (found == along.end()) {  // start from the place on the front nearest in speed
        const double x = current >= 0 ? m_cloud->positionOf(current).x() : 0;
        next = static_cast<int>(std::min_element(along.begin(), along.end(), [&](int a, int b) {
                   return std::abs(m_cloud->positionOf(a).x() - x) < std::abs(m_cloud->positionOf(b).x() - x);
               }) - along.begin());
    } else {
        next = std::clamp(static_cast<int>(found - along.begin()) + by, 0, static_cast<int>(along.size()) - 1);
    }
    const int index = along[static_cast<std::size_t>(next)];
    Q_EMIT pointPicked(QString::fromStdString(m_data->points[static_cast<std::size_t>(index)].placement));
    showCard(index, viewPositionOf(index).toPoint());
}

void FrontPlot::keyPressEvent(QKeyEvent* event) {
    const int everything = m_data ? static_cast<int>(m_data->points.size()) : 0;
    switch (event->key()) {
        case Qt::Key_Right:
        case Qt::Key_Up: return step(1);
        case Qt::Key_Left:
        case Qt::Key_Down: return step(-1);
        case Qt::Key_Home: return step(-everything);
        case Qt::Key_End: return step(everything);
        case Qt::Key_Escape: m_card->hide(); return Q_EMIT pointPicked({});
        case Qt::Key_A:
        case Qt::Key_B:
            if (m_selected.isEmpty() || event->modifiers() != Qt::NoModifier) break;
            return Q_EMIT slotRequested(m_selected, event->key() == Qt::Key_A ? QLatin1Char('A') : QLatin1Char('B'));
        default: break;
    }
    PlotView::keyPressEvent(event);
}

bool FrontPlot::event(QEvent* event) {
    // A and B put the selected point in a slot while the plot has the focus.
    if (event->type() == QEvent::ShortcutOverride && !m_selected.isEmpty()) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((key->key() == Qt::Key_A || key->key() == Qt::Key_B) && key->modifiers() == Qt::NoModifier) event->accept();
    }
    return PlotView::event(event);
}

void FrontPlot::resizeEvent(QResizeEvent* event) {
    PlotView::resizeEvent(event);
    m_card->hide();
    place();
}

}  // namespace airframe::ui
