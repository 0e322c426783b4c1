// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>
#include <memory>
#include <utility>

namespace airframe::ui {

/// Computes something on a pool thread and hands the result to the GUI thread, at most one answer in flight: a newer
/// question makes older answers void. Owned by the object whose methods `done` calls, so that it dies with it.
class Background : public QObject {
  public:
    explicit Background(QObject* parent) : QObject(parent) {}
    /// `work` runs on another thread and must own all it reads; `done(result)` runs here unless a later ask() came.
    template <class Work, class Done>
    void ask(Work work, Done done) {
        const quint64 number = ++m_number;
        QThreadPool::globalInstance()->start(
            [self = QPointer<Background>(this), number, work = std::move(work), done = std::move(done)]() mutable {
                auto result = std::make_shared<decltype(work())>(work());
                QMetaObject::invokeMethod(
                    qApp,
                    [self, number, result, done = std::move(done)]() mutable {
                        if (self && self->m_number == number) done(std::move(*result));
                    },
                    Qt::QueuedConnection);
            });
    }

  private:
    quint64 m_number = 0;
};

}  // namespace airframe::ui
