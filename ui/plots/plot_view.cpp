// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_view.h"

#include <QChart>
#include <QFileInfo>
#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QLegend>
#include <QMouseEvent>
#include <QPainter>
#include <QPixmap>
#include <QSaveFile>
#include <QSvgGenerator>

#include "core/base/error.h"
#include "ui/theme.h"

namespace airframe::ui {

PlotView::PlotView(const Theme* theme, QWidget* parent) : QChartView(new QChart, parent), m_theme(theme) {
    setRenderHint(QPainter::Antialiasing);
    setRubberBand(NoRubberBand);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    chart()->setAnimationOptions(QChart::NoAnimation);
    chart()->setMargins({8, 8, 8, 8});
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->setBackgroundRoundness(0);
    chart()->legend()->setAlignment(Qt::AlignTop);
    connect(theme, &Theme::changed, this, &PlotView::restyle);
    restyle();
}

void PlotView::setSummary(const QString& name, const QString& sentence) {
    m_sentence = sentence;
    setAccessibleName(name);
    setAccessibleDescription(sentence);
}

void PlotView::restyle() {
    setBackgroundBrush(m_theme->surface());
    m_theme->styleChart(*chart());
    Q_EMIT restyled();
    viewport()->update();
}

void PlotView::save(const QString& path, QSize size) const {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (size.isEmpty()) size = this->size();
    const auto fail = [&](const QString& what) {
        throw Failure(ErrorCode::bad_input, path.toStdString(), what.toStdString(), "choose another folder or free some space");
    };
    auto* self = const_cast<PlotView*>(this);  // QGraphicsView::render is not const but changes nothing
    QSaveFile file(path);
    if (suffix == QLatin1String("svg")) {
        if (!file.open(QIODevice::WriteOnly)) fail(file.errorString());
        QSvgGenerator svg;
        svg.setOutputDevice(&file);
        svg.setSize(size);
        svg.setViewBox(QRect({}, size));
        svg.setTitle(accessibleName());
        svg.setDescription(m_sentence);
        QPainter painter(&svg);
        painter.setRenderHint(QPainter::Antialiasing);
        self->render(&painter, QRectF({}, size), QRect({}, this->size()), Qt::KeepAspectRatio);
        painter.end();
    } else if (suffix == QLatin1String("png")) {
        if (!file.open(QIODevice::WriteOnly)) fail(file.errorString());
        QImage image(size * 2, QImage::Format_ARGB32_Premultiplied);
        image.fill(m_theme->surface());
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        self->render(&painter, QRectF({}, image.size()), QRect({}, this->size()), Qt::KeepAspectRatio);
        painter.end();
        if (!image.save(&file, "PNG")) fail(file.errorString());
    } else {
        throw Failure(ErrorCode::bad_input, path.toStdString(), "wanted a name that ends in .svg or .png",
                      "add the ending");
    }
    if (!file.commit()) fail(file.errorString());
}

QPointF PlotView::valueAt(QPointF view_pos) const {
    return chart()->mapToValue(chart()->mapFromScene(mapToScene(view_pos.toPoint())));
}

// The QGraphicsView handlers are called past QChartView's, whose press handler is the one that crashes.
void PlotView::mousePressEvent(QMouseEvent* event) {
    QGraphicsView::mousePressEvent(event);
    Q_EMIT clicked(event->position(), event->button(), event->modifiers());
    event->accept();
}

void PlotView::mouseMoveEvent(QMouseEvent* event) {
    QGraphicsView::mouseMoveEvent(event);
    if (event->buttons() == Qt::NoButton) Q_EMIT hovered(event->position());
    event->accept();
}

void PlotView::mouseReleaseEvent(QMouseEvent* event) {
    QGraphicsView::mouseReleaseEvent(event);
    event->accept();
}

void PlotView::mouseDoubleClickEvent(QMouseEvent* event) {
    Q_EMIT doubleClicked(event->position());
    event->accept();
}

void PlotView::wheelEvent(QWheelEvent* event) { event->ignore(); }  // a page that scrolls goes on scrolling

void PlotView::keyPressEvent(QKeyEvent* event) { event->ignore(); }  // QGraphicsView would scroll

void PlotView::leaveEvent(QEvent* event) {
    QChartView::leaveEvent(event);
    Q_EMIT left();
}

void PlotView::paintEvent(QPaintEvent* event) {
    QChartView::paintEvent(event);
    if (!hasFocus()) return;
    QPainter painter(viewport());
    painter.setPen(QPen(m_theme->accent(), 2));
    painter.drawRect(viewport()->rect().adjusted(1, 1, -1, -1));
}

}  // namespace airframe::ui
