// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

namespace {

constexpr int reading_width = 640;

}  // namespace

class StateView::Picture : public QWidget {
  public:
    Picture(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
        setFixedHeight(32);
        setMinimumWidth(320);
        setMaximumWidth(480);
    }
    QString placement;

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        LayerStrip::paint(painter, QRectF(rect()).adjusted(0, 4, 0, -4), placement, *m_theme);
    }

  private:
    const Theme* m_theme;
};

StateView::StateView(const Theme* theme, QWidget* parent) : QWidget(parent) {
    m_picture = new Picture(theme, this);
    m_picture->hide();
    m_title = label({}, "title");
    m_lines = label({}, "muted");
    m_reason = label({}, "muted");
    m_button = button({}, true);
    m_title->setAlignment(Qt::AlignHCenter);
    m_lines->setAlignment(Qt::AlignHCenter);
    m_reason->setAlignment(Qt::AlignHCenter);
    // A wrapped label needs a known width, or its layout gives it the height of a wider one.
    auto* middle = new QWidget;
    middle->setMaximumWidth(reading_width);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 24, 0, 24);
    column->setSpacing(16);
    column->addStretch(2);
    auto* picture_row = new QHBoxLayout;
    picture_row->addStretch(1);
    picture_row->addWidget(m_picture, 1000);
    picture_row->addStretch(1);
    column->addLayout(picture_row);
    for (QLabel* text : {m_title, m_lines, m_reason}) {
        text->setTextFormat(Qt::PlainText);
        text->setWordWrap(true);
    }
    column->addWidget(m_title);
    column->addWidget(m_lines);
    column->addSpacing(8);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addWidget(m_reason);
    column->addStretch(3);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addStretch(1);
    row->addWidget(middle, 1000);
    row->addStretch(1);
    m_reason->hide();
    connect(m_button, &QPushButton::clicked, this, &StateView::activated);
}

void StateView::setTexts(const QString& title, const QStringList& lines, const QString& button) {
    m_title->setText(title);
    m_lines->setText(lines.join(QLatin1Char('\n')));
    m_lines->setVisible(!lines.isEmpty());
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(lines.join(QLatin1Char(' ')));
}

void StateView::setPicture(const QString& placement) {
    m_picture->placement = placement;
    m_picture->setVisible(!placement.isEmpty());
    m_picture->update();
}

void StateView::setBlocked(const QString& reason) {
    m_button->setEnabled(reason.isEmpty());
    m_reason->setText(reason);
    m_reason->setVisible(!reason.isEmpty());
}

}  // namespace airframe::ui
