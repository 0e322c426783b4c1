// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/cloud_item.h"

#include <QAbstractSeries>
#include <QChart>
#include <QPaintEngine>
#include <QPainter>
#include <QPixmap>
#include <QStyleOptionGraphicsItem>
#include <map>
#include <tuple>

namespace airframe::ui {

namespace {
constexpr double radius = 5;
constexpr std::size_t many = 2000;  // from here on marks are stamped from pixmaps

/// Draws marks from one pixmap per look: 50,000 antialiased shapes would take longer than a frame.
class Stamps {
  public:
    explicit Stamps(double ratio) : m_ratio(ratio) {}
    void draw(QPainter& painter, const Mark& mark, QPointF at) {
        const auto key = std::make_tuple(static_cast<int>(mark.shape), mark.color.rgba(), mark.faded);
        auto found = m_pixmaps.find(key);
        if (found == m_pixmaps.end()) found = m_pixmaps.emplace(key, make(mark)).first;
        painter.drawPixmap((at - QPointF(half, half)).toPoint(), found->second);  // whole pixels: copied, not resampled
    }

  private:
    static constexpr int half = 9;
    [[nodiscard]] QPixmap make(const Mark& mark) const {
        QPixmap pixmap(QSize(2 * half, 2 * half) * m_ratio);
        pixmap.setDevicePixelRatio(m_ratio);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        paintMark(painter, mark.shape, QPointF(half, half), radius * 0.8, mark.color, mark.faded);
        return pixmap;
    }
    double m_ratio;
    std::map<std::tuple<int, QRgb, bool>, QPixmap> m_pixmaps;
};
}  // namespace

CloudItem::CloudItem(QChart* chart) : QGraphicsItem(chart), m_chart(chart) {
    setFlag(ItemUsesExtendedStyleOption);
    setAcceptedMouseButtons(Qt::NoButton);
    setZValue(20);
}

void CloudItem::setMarks(std::shared_ptr<const std::vector<Mark>> marks) {
    m_marks = std::move(marks);
    // Old places belong to old marks: nothing is painted or found until the next layout.
    m_positions.assign(m_marks ? m_marks->size() : 0, QPointF(-1e4, -1e4));
    m_grid = {};
    m_picture = {};
}

void CloudItem::layout(QAbstractSeries* series) {
    prepareGeometryChange();
    m_area = m_chart->plotArea().adjusted(-12, -12, 12, 12);
    m_positions.clear();
    m_picture = {};
    if (m_marks) {
        m_positions.reserve(m_marks->size());
        for (const Mark& mark : *m_marks) m_positions.push_back(m_chart->mapToPosition(mark.at, series));
    }
    m_grid = HitGrid(m_positions);
    update();
}

void CloudItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
    if (!m_marks) return;
    const auto type = painter->paintEngine()->type();
    if (m_marks->size() > many && (type == QPaintEngine::Raster || type == QPaintEngine::OpenGL2)) {
        const double ratio = painter->device()->devicePixelRatioF();
        if (m_picture.isNull() || m_picture.devicePixelRatioF() != ratio) paintPicture(ratio);
        return painter->drawPixmap(m_area.topLeft().toPoint(), m_picture);
    }
    const auto visible = m_grid.inside(option->exposedRect.adjusted(-12, -12, 12, 12));
    painter->setRenderHint(QPainter::Antialiasing);
    for (const bool faded : {true, false})  // what matters on top
        for (const int i : visible) {
            const Mark& mark = (*m_marks)[static_cast<std::size_t>(i)];
            if (mark.faded != faded) continue;
            paintMark(*painter, mark.shape, m_positions[static_cast<std::size_t>(i)], radius, mark.color, mark.faded);
        }
}

void CloudItem::paintPicture(double ratio) {
    m_picture = QPixmap((m_area.size() * ratio).toSize());
    m_picture.setDevicePixelRatio(ratio);
    m_picture.fill(Qt::transparent);
    QPainter painter(&m_picture);
    Stamps stamps(ratio);
    const QPointF origin = m_area.topLeft().toPoint();
    for (const bool faded : {true, false})
        for (std::size_t i = 0; i < m_marks->size(); ++i)
            if ((*m_marks)[i].faded == faded) stamps.draw(painter, (*m_marks)[i], m_positions[i] - origin);
}

}  // namespace airframe::ui
