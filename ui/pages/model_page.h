// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFutureWatcher>
#include <memory>

#include "ui/pages/page.h"
#include "ui/problem.h"

class QLabel;
class QPushButton;

namespace airframe {
class ModelFile;
}

namespace airframe::ui {

class ErrorCard;
class FactGrid;
class ImportCard;
class LayerStrip;
class LayerTable;
class MemoryCard;
class StateView;

/// What the model is made of: facts, the strip of its layers with a table of them or of the selected one's tensors, and the memory of A
/// and B at a context, batch and compute choice. The header is read from the model file here, on a pool thread and without
/// the engine: a model that was chosen is shown while its study is still being made.
class ModelPage : public Page {
    Q_OBJECT
  public:
    ModelPage(const UiContext& context, QWidget* parent);
    ~ModelPage() override;
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override;

    [[nodiscard]] const MemoryCard& memory() const { return *m_memory; }
    [[nodiscard]] ImportCard& importer() const { return *m_import; }

  private:
    struct Header {  ///< of one reading: a file or why not
        QString path;
        std::shared_ptr<const ModelFile> file;
        Problem problem;
    };
    static Header read(const QString& path);
    void showModel(const QString& path);
    void headerRead();
    [[nodiscard]] QString ownPlacement() const;
    void fillFacts();
    void fillMemory();
    void fillLayers();
    SnapshotPtr m_snapshot;
    QFutureWatcher<Header> m_reading;
    QString m_path;
    std::shared_ptr<const ModelFile> m_file;
    StateView* m_empty;
    QWidget *m_full, *m_cards;
    ErrorCard* m_error;
    QLabel *m_title, *m_subtitle, *m_layer_title;
    FactGrid* m_facts;
    MemoryCard* m_memory;
    ImportCard* m_import;
    LayerStrip* m_strip;
    LayerTable* m_table;
    QPushButton* m_all;
    State m_state = State::empty;
};

}  // namespace airframe::ui
