// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFutureWatcher>
#include <memory>

#include "ui/pages/page.h"
#include "ui/problem.h"

class QComboBox;
class QLabel;
class QTableWidget;

namespace airframe {
class ModelFile;
}

namespace airframe::ui {

class ErrorCard;
class FactGrid;
class FitBar;
class LayerStrip;
class StateView;

/// What the model is made of: facts, the strip of its layers with the tensors of the selected one, and the memory of A
/// and B at a context and batch. The header is read from the model file here, on a pool thread.
class ModelPage : public Page {
    Q_OBJECT
  public:
    ModelPage(const UiContext& context, QWidget* parent);
    ~ModelPage() override;
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override;

  private:
    struct Header {  ///< of one reading: a file or why not
        QString path;
        std::shared_ptr<const ModelFile> file;
        Problem problem;
    };
    static Header read(const QString& path);
    void headerRead();
    void fillFacts();
    void fillMemory();
    void fillTensors();
    SnapshotPtr m_snapshot;
    QFutureWatcher<Header> m_reading;
    QString m_path;
    std::shared_ptr<const ModelFile> m_file;
    StateView* m_empty;
    QWidget* m_full;
    ErrorCard* m_error;
    QLabel *m_title, *m_subtitle, *m_layer_title, *m_cache_line;
    FactGrid *m_facts, *m_memory;
    QComboBox *m_context_size, *m_batch;
    FitBar *m_fit_a, *m_fit_b;
    LayerStrip* m_strip;
    QTableWidget* m_tensors;
    State m_state = State::empty;
};

}  // namespace airframe::ui
