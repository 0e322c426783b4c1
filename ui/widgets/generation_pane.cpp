// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/generation_pane.h"

#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QVBoxLayout>
#include <cmath>

#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

namespace {

constexpr int flush_ms = 33;

}  // namespace

GenerationPane::GenerationPane(const Theme* theme, const QString& slot, QWidget* parent)
    : QFrame(parent), m_theme(theme), m_slot(slot) {
    setProperty("card", true);
    setAccessibleName(tr("Text of slot %1").arg(slot));
    m_badge = label(slot);
    m_badge->setFixedWidth(24);
    m_badge->setAlignment(Qt::AlignCenter);
    m_name = label({}, "heading");
    m_strip = new LayerStrip(theme);
    m_numbers = label({}, "number");
    m_numbers->setToolTip(tr("Time to the first token, decode speed, and bytes of cache and state at the end"));
    m_text = new QPlainTextEdit;
    m_text->setReadOnly(true);
    m_text->document()->setDocumentMargin(8);
    m_text->setAccessibleName(tr("Text written by slot %1").arg(slot));
    m_text->setPlaceholderText(tr("Nothing written yet"));
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(m_badge);
    head->addWidget(m_name, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(8);
    column->addLayout(head);
    column->addWidget(m_strip);
    column->addWidget(m_numbers);
    column->addWidget(m_text, 1);
    m_flush.setSingleShot(true);
    m_flush.setInterval(flush_ms);
    connect(&m_flush, &QTimer::timeout, this, &GenerationPane::flush);
    connect(theme, &Theme::changed, this, &GenerationPane::restyle);
    restyle();
}

void GenerationPane::restyle() {
    const QColor color = m_slot == QLatin1String("A") ? m_theme->slotA() : m_theme->slotB();
    m_badge->setStyleSheet(QStringLiteral("background: %1; color: %2; border-radius: 4px; font-weight: 700; padding: 2px;")
                               .arg(color.name(), m_theme->dark() ? QStringLiteral("#0f141b") : QStringLiteral("#ffffff")));
    mark(m_marked);
}

void GenerationPane::setPlacement(const QString& placement) {
    m_name->setText(placementName(placement));
    m_strip->setPlacement(placement);
}

void GenerationPane::begin() {
    m_tokens.clear();
    m_pending.clear();
    m_text->clear();
    m_first_ms = m_last_ms = m_cache = -1;
    mark(-1);
    setNote(tr("waiting for the first token"));
}

void GenerationPane::addToken(const QJsonObject& token) {
    GeneratedToken made;
    made.id = token.value(QLatin1String("token")).toInt();
    made.text = token.value(QLatin1String("text")).toString();
    for (const QJsonValue& choice : token.value(QLatin1String("top")).toArray()) {
        const QJsonArray parts = choice.toArray();
        made.top << GeneratedToken::Choice{parts.at(1).toString(), std::exp(parts.at(2).toDouble())};
    }
    m_tokens << made;
    m_pending += made.text;
    m_last_ms = token.value(QLatin1String("t_ms")).toDouble(-1);
    if (m_first_ms < 0) m_first_ms = m_last_ms;
    m_cache = token.value(QLatin1String("cache_bytes")).toDouble(-1);
    if (!m_flush.isActive()) m_flush.start();
}

void GenerationPane::flush() {
    if (!m_pending.isEmpty()) {
        QScrollBar* bar = m_text->verticalScrollBar();
        const bool at_end = bar->value() == bar->maximum();
        QTextCursor cursor(m_text->document());
        cursor.movePosition(QTextCursor::End);
        cursor.insertText(std::exchange(m_pending, {}));
        if (at_end) bar->setValue(bar->maximum());
    }
    const double seconds = (m_last_ms - m_first_ms) / 1000;
    showNumbers(m_first_ms, seconds > 0 ? static_cast<double>(m_tokens.size() - 1) / seconds : -1, m_cache);
}

void GenerationPane::showNumbers(double first_ms, double tokens_per_s, double cache_bytes) {
    QStringList parts;
    if (first_ms >= 0) parts << tr("first %1").arg(milliText(first_ms));
    if (tokens_per_s > 0) parts << speedText(tokens_per_s);
    if (cache_bytes >= 0) parts << tr("cache %1").arg(byteText(cache_bytes));
    m_numbers->setText(parts.join(QStringLiteral("  ·  ")));
}

void GenerationPane::finish(const QJsonObject& result) {
    m_flush.stop();
    flush();
    showNumbers(result.value(QLatin1String("ttft_ms")).toDouble(m_first_ms), result.value(QLatin1String("decode_tps")).toDouble(-1),
                result.value(QLatin1String("cache_bytes")).toDouble(m_cache));
    const QString note = result.value(QLatin1String("note")).toString();
    if (!note.isEmpty()) m_numbers->setText(m_numbers->text() + QStringLiteral("  ·  ") + note);
}

void GenerationPane::setStored(const QString& text, const QJsonObject& stats) {
    m_tokens.clear();
    m_text->setPlainText(text);
    mark(-1);
    showNumbers(stats.value(QLatin1String("ttft_ms")).toDouble(-1), stats.value(QLatin1String("decode_tps")).toDouble(-1),
                stats.value(QLatin1String("cache_bytes")).toDouble(-1));
}

void GenerationPane::setNote(const QString& note) {
    m_numbers->setText(note);
}

void GenerationPane::mark(int token) {
    m_marked = token;
    if (token < 0 || token >= m_tokens.size()) {
        m_text->setExtraSelections({});
        return;
    }
    flush();  // what is marked must stand in the text
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(m_text->document());
    const int start = textOffset(m_tokens, token);
    selection.cursor.setPosition(start);
    selection.cursor.setPosition(start + static_cast<int>(std::max<qsizetype>(m_tokens[token].text.size(), 1)), QTextCursor::KeepAnchor);
    const QColor color = m_slot == QLatin1String("A") ? m_theme->slotA() : m_theme->slotB();
    selection.format.setBackground(color);
    selection.format.setForeground(m_theme->dark() ? QColor(0x0f, 0x14, 0x1b) : QColor(Qt::white));
    m_text->setExtraSelections({selection});
    QTextCursor view(m_text->document());
    view.setPosition(start);
    m_text->setTextCursor(view);
    m_text->ensureCursorVisible();
}

QString GenerationPane::text() const {
    return m_text->toPlainText() + m_pending;
}

}  // namespace airframe::ui
