// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "core/formats/compute_form.h"

class QComboBox;
class QLabel;

namespace airframe {
class ModelFile;
}

namespace airframe::ui {

class FactGrid;
class FitBar;
class Theme;

/// What the placements in A and B would take of the memory at a context, a batch and a compute choice, and whether that
/// fits. Computed from the model's header (core/formats/memory_need.h); nothing is loaded. GUI thread.
class MemoryCard : public QWidget {
    Q_OBJECT
  public:
    explicit MemoryCard(const Theme* theme, QWidget* parent = nullptr);
    /// nullptr: nothing is known. Placements as canonical texts, B may be empty; one that does not belong to the model counts
    /// as the model's own. A context that the model was not trained for can be chosen all the same.
    void setModel(std::shared_ptr<const ModelFile> file, const QString& a, const QString& b);
    [[nodiscard]] FactGrid* facts() const { return m_facts; }
    [[nodiscard]] FitBar* fit(bool b) const { return b ? m_fit_b : m_fit_a; }

  private:
    void fill();
    std::shared_ptr<const ModelFile> m_file;
    QString m_a, m_b;
    QComboBox *m_context, *m_batch, *m_compute;
    QWidget* m_known;
    QLabel* m_note;
    FactGrid* m_facts;
    FitBar *m_fit_a, *m_fit_b;
};

}  // namespace airframe::ui
