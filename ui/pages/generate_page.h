// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <array>

#include "ui/pages/page.h"

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace airframe::ui {

class ErrorCard;
class GenerationPane;
class StateView;

/// A and B continue the same prompt with the same draws, one after the other, because the engine does one job at a
/// time. Where they first differ is marked in both texts, with what else each model thought likely there.
class GeneratePage : public Page {
    Q_OBJECT
  public:
    GeneratePage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override { return m_summary; }

  private:
    struct Slot {
        QString name;
        GenerationPane* pane = nullptr;
        qint64 job = 0;  ///< that writes into the pane now, 0 = none
    };
    [[nodiscard]] QWidget* buildControls();
    [[nodiscard]] QWidget* buildDifference();
    void connectEngine();
    void run(bool a, bool b);
    void start(Slot& slot);
    void stop();
    void jobOver(qint64 id, const QString& note);
    void showSlots();
    void showStored();
    void updateControls();
    void showDifference(int token);
    [[nodiscard]] Slot* slotOf(qint64 job);
    [[nodiscard]] QString placementOf(const Slot& slot) const;
    SnapshotPtr m_snapshot;
    std::array<Slot, 2> m_slots;
    ErrorCard* m_error;
    QPlainTextEdit* m_prompt;
    QSpinBox *m_seed, *m_tokens, *m_top_k;
    QDoubleSpinBox *m_temperature, *m_top_p;
    QCheckBox* m_chat;
    QPushButton *m_both, *m_only_a, *m_only_b, *m_stop, *m_next;
    QStackedWidget* m_side_b;
    StateView* m_pick_b;
    QWidget* m_difference;
    QLabel *m_where, *m_choices_a, *m_choices_b;
    int m_at = -1;           ///< token of the difference shown
    bool m_ran = false;      ///< something was written in this session: stored texts no longer replace it
    State m_state = State::empty;
    QString m_summary;
};

}  // namespace airframe::ui
