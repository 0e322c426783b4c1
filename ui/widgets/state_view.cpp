// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/state_view.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

class StateView::Picture : public QWidget {
  public:
    Picture(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
        setFixedHeight(32);
        setMinimumWidth(480);
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
    for (QLabel* text : {m_title, m_lines, m_reason}) {
        text->setTextFormat(Qt::PlainText);
        text->setWordWrap(true);
        text->setMinimumWidth(480);
        text->setMaximumWidth(760);
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(16);
    column->addStretch(2);
    column->addWidget(m_picture, 0, Qt::AlignHCenter);
    column->addWidget(m_title, 0, Qt::AlignHCenter);
    column->addWidget(m_lines, 0, Qt::AlignHCenter);
    column->addSpacing(8);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addWidget(m_reason, 0, Qt::AlignHCenter);
    column->addStretch(3);
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

void StateView::setExtra(QWidget* widget) {
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->insertWidget(column->indexOf(m_reason) + 1, widget, 0, Qt::AlignHCenter);
}

}  // namespace airframe::ui
