// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QMainWindow>
#include <vector>

#include "ui/pages/page.h"
#include "ui/problem.h"

class QLabel;
class QStackedWidget;

namespace airframe::ui {

class Banner;
class CommandPalette;
class JobBar;
class PathBar;
class SlotBar;

/// The frame: path, slots, banner, the current page, the running job. Makes one page per row of pageTable(), hands them
/// every snapshot, and owns the commands that concern the whole window. What the pages show is theirs.
class MainWindow : public QMainWindow {
    Q_OBJECT
  public:
    /// Everything in `context` but the actions' menus is made by main and outlives the window.
    explicit MainWindow(const UiContext& context, QWidget* parent = nullptr);
    ~MainWindow() override;
    void showPage(const QString& id);
    [[nodiscard]] QString currentPage() const;
    [[nodiscard]] const std::vector<Page*>& pages() const { return m_pages; }
    [[nodiscard]] JobBar* jobBar() const { return m_jobs; }
    [[nodiscard]] Banner* banner() const { return m_banner; }
    void setSnapshot(const SnapshotPtr& snapshot);

  protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void addActions();
    void addFileActions();
    void addSlotActions();
    void addViewActions();
    void addHelpActions();
    void connectEngine();
    void switchTo(int index);
    void updateStates();
    void updateTitle();
    void setScheme(int scheme);
    void setTypeScale(double scale);
    void showKeys();
    /// Asks what the running job should do; false = do not close.
    [[nodiscard]] bool readyToClose();
    UiContext m_context;
    PathBar* m_path;
    SlotBar* m_slots;
    Banner* m_banner;
    QStackedWidget* m_stack;
    JobBar* m_jobs;
    QLabel* m_drop;
    CommandPalette* m_palette;
    std::vector<Page*> m_pages;
    SnapshotPtr m_snapshot;
    QString m_lost_op;        ///< the job that was running when the engine died
    double m_normal_scale = 1;  ///< type size outside presenter mode
};

}  // namespace airframe::ui
