// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/screenshots.h"

#include <QCoreApplication>
#include <QDir>
#include <QPixmap>
#include <QTextStream>
#include <QTimer>
#include <utility>

#include "ui/main_window.h"
#include "ui/pages/page_list.h"

namespace {

constexpr int settle_ms = 700;  // background answers and chart layouts arrive within this
constexpr int no_room = 4;

}  // namespace

Screenshots::Screenshots(airframe::ui::MainWindow* window, QString folder, QObject* parent)
    : QObject(parent), m_window(window), m_folder(std::move(folder)) {}

void Screenshots::start() {
    if (std::exchange(m_started, true)) return;
    QDir().mkpath(m_folder);
    m_window->showPage(airframe::ui::pageTable().front().id);
    QTimer::singleShot(settle_ms, this, &Screenshots::next);
}

void Screenshots::next() {
    const auto& table = airframe::ui::pageTable();
    const QString file = QDir(m_folder).filePath(
        QStringLiteral("%1-%2.png").arg(m_index + 1, 2, 10, QLatin1Char('0')).arg(table[m_index].id));
    if (!m_window->grab().save(file)) {
        QTextStream(stderr) << "error: " << file << ": cannot be written; check the folder\n";
        QCoreApplication::exit(no_room);
        return;
    }
    if (++m_index == table.size()) {
        QCoreApplication::exit(0);
        return;
    }
    m_window->showPage(table[m_index].id);
    QTimer::singleShot(settle_ms, this, &Screenshots::next);
}
