// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>
#include <set>
#include <string>
#include <vector>

class QGridLayout;
class QLabel;
class QPushButton;
class QSlider;

namespace airframe::ui {

class LayerStrip;
class SearchPlan;
class Theme;

/// Where a person steers: layers to pin and to forbid, weights of the tasks, a placement of their own, and what all of
/// it would change before it is applied. Reads and writes a SearchPlan; sends nothing itself. GUI thread.
class SteerPanel : public QWidget {
    Q_OBJECT
  public:
    SteerPanel(const Theme* theme, SearchPlan* plan, QWidget* parent = nullptr);
    void setModel(int layers, const std::string& base_block);
    void setTasks(const std::vector<std::string>& tasks);
    void setCurrentLayer(int layer);
    /// A search runs: changes are applied to it. Otherwise they go into the next one.
    void setRunning(bool running);
    void setPreview(const QString& text);
    /// The placement a person is drawing, as canonical text.
    [[nodiscard]] QString ownPlacement() const;

  Q_SIGNALS:
    void layerPicked(int layer);
    void applyRequested();
    void evaluateNextRequested(const QString& placement);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void follow();           ///< the plan changed
    void toggleOwn(int layer);
    void updateButtons();
    const Theme* m_theme;
    SearchPlan* m_plan;
    int m_layers = 0, m_layer = -1;
    std::string m_base_block = "jet";
    std::set<int> m_own;
    bool m_running = false, m_own_pressed = false, m_following = false;
    std::vector<std::string> m_tasks;
    LayerStrip *m_locks, *m_own_strip;
    QLabel *m_layer_label, *m_own_label, *m_preview;
    QPushButton *m_pin, *m_forbid, *m_evaluate, *m_undo, *m_apply, *m_equal;
    QGridLayout* m_weights;
    QHash<QString, QSlider*> m_sliders;
    QHash<QString, QLabel*> m_values;
};

}  // namespace airframe::ui
