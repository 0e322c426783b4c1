// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

namespace airframe::ui {
class MainWindow;
}

/// Walks all pages of a window, saves NN-page.png of each into a folder and ends the program: 0 when all were saved,
/// 4 when the folder cannot be written. Each page gets a moment for what it computes in the background.
class Screenshots : public QObject {
    Q_OBJECT
  public:
    Screenshots(airframe::ui::MainWindow* window, QString folder, QObject* parent = nullptr);
    void start();  ///< once; later calls do nothing
    [[nodiscard]] bool started() const { return m_started; }

  private:
    void next();
    airframe::ui::MainWindow* m_window;
    QString m_folder;
    std::size_t m_index = 0;
    bool m_started = false;
};
