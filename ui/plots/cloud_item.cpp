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
        painter.drawPixmap(at - QPointF(half, half), found->second);
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

void CloudItem::setMarks(std::shared_ptr<const std::vector<Mark>> marks) { m_marks = std::move(marks); }

void CloudItem::layout(QAbstractSeries* series) {
    prepareGeometryChange();
    m_area = m_chart->plotArea().adjusted(-12, -12, 12, 12);
    m_positions.clear();
    if (m_marks) {
        m_positions.reserve(m_marks->size());
        for (const Mark& mark : *m_marks) m_positions.push_back(m_chart->mapToPosition(mark.at, series));
    }
    m_grid = HitGrid(m_positions);
    update();
}

void CloudItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
    if (!m_marks) return;
    const auto visible = m_grid.inside(option->exposedRect.adjusted(-12, -12, 12, 12));
    painter->setRenderHint(QPainter::Antialiasing);
    Stamps stamps(painter->device()->devicePixelRatioF());
    const auto type = painter->paintEngine()->type();
    const bool stamp = m_marks->size() > many && (type == QPaintEngine::Raster || type == QPaintEngine::OpenGL2);
    for (const bool faded : {true, false})  // what matters on top
        for (const int i : visible) {
            const Mark& mark = (*m_marks)[static_cast<std::size_t>(i)];
            if (mark.faded != faded) continue;
            const QPointF at = m_positions[static_cast<std::size_t>(i)];
            if (stamp) stamps.draw(*painter, mark, at);
            else paintMark(*painter, mark.shape, at, radius, mark.color, mark.faded);
        }
}

}  // namespace airframe::ui
