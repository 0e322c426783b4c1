// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QWidget>

class QComboBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace airframe::ui {

/// What a training is asked: which text, how long. Remembers the text for this person.
class TrainForm : public QWidget {
    Q_OBJECT
  public:
    explicit TrainForm(QWidget* parent = nullptr);
    [[nodiscard]] QJsonObject params() const;  ///< of the `train` request
    [[nodiscard]] QString blocked() const;     ///< why training cannot start, "" = it can
    [[nodiscard]] QString amountText() const;  ///< "about 15 min", "500,000 tokens"
    void setEnabledButton(bool on, const QString& text);

  Q_SIGNALS:
    void changed();
    void trainRequested();

  private:
    void addPaths(const QStringList& paths);
    [[nodiscard]] QStringList paths() const;
    QLineEdit* m_text;
    QSpinBox* m_amount;
    QComboBox* m_unit;
    QPushButton* m_train;
};

}  // namespace airframe::ui
