// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace airframe::ui {

class ErrorCard;
class FactGrid;
class LayerStrip;
class StateView;

/// Takes a placement away as a folder or a file that other programs read; the engine reloads what it wrote and compares
/// before it says done.
class ExportPage : public Page {
    Q_OBJECT
  public:
    ExportPage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override { return m_summary; }

  private:
    void fillChoices();
    void showFormat();
    void updateControls();
    void start();
    void showResult(const QJsonObject& result);
    [[nodiscard]] QString placement() const;
    [[nodiscard]] QString target() const;
    SnapshotPtr m_snapshot;
    StateView* m_empty;
    QWidget* m_full;
    ErrorCard* m_error;
    QComboBox *m_choice, *m_format, *m_storage;
    LayerStrip* m_strip;
    QLineEdit *m_folder, *m_name;
    QPushButton* m_export;
    QLabel *m_reason, *m_contents;
    QWidget* m_result_card;
    QLabel *m_result_title, *m_files;
    qint64 m_job = 0;
    bool m_chosen = false;  ///< a person picked the placement: slots no longer change it
    State m_state = State::empty;
    QString m_summary, m_done_dir;
};

}  // namespace airframe::ui
