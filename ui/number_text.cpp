// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/number_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace airframe::ui {

namespace {

const QString unknown = QStringLiteral("–");

QString translated(const char* text) {
    return QCoreApplication::translate("format", text);
}

/// A length of time as number and unit, so that a range can share the unit.
struct Length {
    double value;
    QString unit;
};

Length lengthOf(double seconds) {
    if (seconds < 90) return {seconds, translated("s")};
    if (seconds < 90 * 60) return {seconds / 60, translated("min")};
    return {seconds / 3600, translated("h")};
}

}  // namespace

QString countText(double value) {
    return std::isfinite(value) ? QLocale(QLocale::English).toString(std::llround(value)) : unknown;
}

QString shortCountText(double value) {
    if (!std::isfinite(value)) return unknown;
    if (value < 1e4) return countText(value);
    if (value < 1e6) return QString::number(value / 1e3, 'f', value < 1e5 ? 1 : 0) + QStringLiteral(" k");
    if (value < 1e9) return QString::number(value / 1e6, 'f', value < 1e8 ? 2 : 1) + QStringLiteral(" M");
    return QString::number(value / 1e9, 'f', 2) + QStringLiteral(" B");
}

QString secondsText(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return unknown;
    const Length length = lengthOf(seconds);
    return QString::number(length.value, 'f', length.value < 10 && seconds >= 5400 ? 1 : 0) + QLatin1Char(' ') + length.unit;
}

QString leftText(double low_s, double high_s) {
    if (!(low_s >= 0) || !(high_s >= 0)) return {};
    const Length high = lengthOf(high_s);
    const double low = low_s / (high_s > 0 ? high_s / std::max(high.value, 1e-9) : 1);
    const int digits = high.unit == translated("h") ? 1 : 0;
    const QString from = QString::number(low, 'f', digits), to = QString::number(high.value, 'f', digits);
    const QString range = from == to ? to : from + QStringLiteral("–") + to;
    return QStringLiteral("≈ ") + translated("%1 %2 left").arg(range, high.unit);
}

QString milliText(double milliseconds) {
    if (!(milliseconds >= 0)) return unknown;
    return milliseconds < 10000 ? QString::number(milliseconds, 'f', milliseconds < 10 ? 1 : 0) + QStringLiteral(" ms")
                                : secondsText(milliseconds / 1000);
}

QString agoText(qint64 utc_ms) {
    if (utc_ms <= 0) return unknown;
    const double seconds = static_cast<double>(QDateTime::currentMSecsSinceEpoch() - utc_ms) / 1000;
    if (seconds < 45) return translated("just now");
    if (seconds < 3 * 86400) return translated("%1 ago").arg(secondsText(seconds));
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(utc_ms).date(), QLocale::ShortFormat);
}

}  // namespace airframe::ui
