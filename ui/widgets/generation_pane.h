// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QJsonObject>
#include <QTimer>

#include "ui/first_difference.h"

class QLabel;
class QPlainTextEdit;

namespace airframe::ui {

class LayerStrip;
class Theme;

/// What one slot writes: badge and strip on top, the numbers of the run, the text as it streams. Tokens are shown at most
/// 30 times a second; the text never scrolls away from under a reader who scrolled up.
class GenerationPane : public QFrame {
    Q_OBJECT
  public:
    GenerationPane(const Theme* theme, const QString& slot, QWidget* parent = nullptr);
    void setPlacement(const QString& placement);
    void begin();                               ///< clears, waits for the first token
    void addToken(const QJsonObject& token);    ///< the engine's `token` event
    void finish(const QJsonObject& result);     ///< ttft_ms, decode_tps, cache_bytes
    void setStored(const QString& text, const QJsonObject& stats);  ///< of an earlier session
    void setNote(const QString& note);          ///< "waiting for A", "stopped"
    void mark(int token);                       ///< -1 = nothing marked
    [[nodiscard]] const QList<GeneratedToken>& tokens() const { return m_tokens; }
    [[nodiscard]] QString text() const;

  private:
    void flush();
    void showNumbers(double first_ms, double tokens_per_s, double cache_bytes);
    void restyle();
    const Theme* m_theme;
    QString m_slot, m_pending;
    QLabel *m_badge, *m_name, *m_numbers;
    LayerStrip* m_strip;
    QPlainTextEdit* m_text;
    QTimer m_flush;
    QList<GeneratedToken> m_tokens;
    double m_first_ms = -1, m_last_ms = -1, m_cache = -1;
    int m_marked = -1;
};

}  // namespace airframe::ui
