// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/curve_view.h"

#include <QChart>
#include <QLegend>
#include <QLineSeries>
#include <QValueAxis>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/plots/log_axis.h"
#include "ui/theme.h"

namespace airframe::ui {

namespace {

constexpr double thousand = 1000.0;  // the axis counts thousands of tokens

}  // namespace

CurveView::CurveView(const Theme* theme, QWidget* parent) : PlotView(theme, parent) {
    m_tokens = new QValueAxis;
    m_tokens->setTitleText(tr("tokens (thousands)"));
    m_tokens->setLabelFormat(QStringLiteral("%.0f"));
    m_loss = new LogAxis;
    m_loss->setTitleText(tr("relative output error"));
    chart()->addAxis(m_tokens, Qt::AlignBottom);
    chart()->addAxis(m_loss, Qt::AlignLeft);
    chart()->legend()->hide();
    chart()->setMargins(QMargins(0, 0, 8, 0));
    connect(this, &PlotView::restyled, this, &CurveView::paintLines);
    connect(this, &PlotView::clicked, this, [this](QPointF pos) { pick(pos); });
    restyle();
}

void CurveView::setCurves(const std::vector<Curve>& curves) {
    double highest = 0, lowest = std::numeric_limits<double>::infinity(), last = 0;
    for (const Curve& curve : curves) {
        for (const QPointF& point : curve.points) {
            if (!(point.y() > 0)) continue;
            highest = std::max(highest, point.y());
            lowest = std::min(lowest, point.y());
            last = std::max(last, point.x());
        }
    }
    const bool same_lines = m_lines.size() == curves.size() &&
                            std::equal(curves.begin(), curves.end(), m_lines.begin(),
                                       [](const Curve& curve, const Line& line) { return curve.layer == line.layer; });
    if (!same_lines) {
        chart()->removeAllSeries();
        m_lines.clear();
        for (const Curve& curve : curves) {
            auto* series = new QLineSeries;
            series->setName(curve.layer < 0 ? tr("mean") : tr("layer %1").arg(curve.layer));
            chart()->addSeries(series);
            series->attachAxis(m_tokens);
            series->attachAxis(m_loss);
            m_lines.push_back({curve.layer, series});
        }
    }
    if (highest > 0) {
        m_loss->setValueRange(lowest, highest);
        m_tokens->setRange(0, std::max(1.0, last / thousand));
        m_tokens->applyNiceNumbers();
    }
    for (std::size_t i = 0; i < curves.size(); ++i) {
        QList<QPointF> points;
        points.reserve(curves[i].points.size());
        for (const QPointF& point : curves[i].points)
            if (point.y() > 0) points << QPointF(point.x() / thousand, LogAxis::toAxis(point.y()));
        m_lines[i].series->replace(points);
    }
    if (!same_lines) restyle();
}

void CurveView::setCurrentLayer(int layer) {
    if (layer == m_current) return;
    m_current = layer;
    paintLines();
}

void CurveView::paintLines() {
    QColor faint = theme().mutedText();
    faint.setAlphaF(0.35f);
    for (const Line& line : m_lines) {
        if (line.layer < 0) line.series->setPen(QPen(theme().text(), 2.5));
        else if (line.layer == m_current) line.series->setPen(QPen(theme().accent(), 2.5));
        else line.series->setPen(QPen(faint, 1));
    }
}

void CurveView::pick(QPointF view_pos) {
    const QPointF at = valueAt(view_pos);
    int nearest = -1;
    double distance = 0.15;  // of a decade: a click farther from every curve picks none
    for (const Line& line : m_lines) {
        if (line.layer < 0) continue;
        const QList<QPointF> points = line.series->points();
        const auto after = std::lower_bound(points.begin(), points.end(), at.x(),
                                            [](const QPointF& point, double x) { return point.x() < x; });
        if (after == points.end()) continue;
        const double d = std::abs(after->y() - at.y());
        if (d < distance) {
            distance = d;
            nearest = line.layer;
        }
    }
    Q_EMIT layerPicked(nearest);
}

}  // namespace airframe::ui
