// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <cmath>

#include "ui/models/front_data.h"
#include "ui/models/numbers.h"
#include "ui/placement_text.h"

namespace airframe::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Front", text); }

const FrontPoint& at(const FrontData& data, std::ptrdiff_t index) { return data.points[static_cast<std::size_t>(index)]; }

QString speed(const FrontData& data, const FrontPoint& point) {
    return data.by_cache ? byteText(static_cast<double>(point.cache_bytes)) : speedText(point.decode_tps.median);
}

}  // namespace

QString frontName(const FrontData& data, int index) {
    const FrontPoint& point = at(data, index);
    const QString name = placementName(QString::fromStdString(point.placement));
    switch (data.kinds[static_cast<std::size_t>(index)]) {
        case FrontData::Kind::uniform:
        case FrontData::Kind::last:
        case FrontData::Kind::random: return tr("control %1").arg(QString::fromStdString(point.name));
        default: return name;
    }
}

QString whyDominated(const FrontData& data, int index) {
    if (index < 0 || index >= static_cast<int>(data.points.size())) return {};
    const FrontPoint& point = at(data, index);
    const std::ptrdiff_t by = data.pareto.dominated_by[static_cast<std::size_t>(index)];
    if (by < 0)
        return index == data.pareto.knee
                   ? tr("On the front, and its knee: the point farthest from the line between the front's ends.")
                   : tr("On the front: no measured placement is better on both axes.");
    const FrontPoint& better = at(data, by);
    QString axis;
    if (data.by_cache) {
        axis = better.cache_bytes == point.cache_bytes
                   ? tr("the same cache size")
                   : tr("%1 less cache").arg(byteText(static_cast<double>(point.cache_bytes - better.cache_bytes)));
    } else {
        axis = tr("%1 % faster").arg(100 * (better.decode_tps.median / point.decode_tps.median - 1), 0, 'f', 1);
    }
    return tr("Beaten by %1: %2 nats per token and %3%4.")
        .arg(frontName(data, static_cast<int>(by)), signedFixed(better.score - point.score), axis,
             point.dominated_beyond_error ? tr(", beyond the error of measurement")
                                          : tr(", but within the error of measurement"));
}

QString frontSummary(const FrontData& data) {
    if (data.points.empty()) return tr("No placement has both a score and a measurement yet.");
    QString text = tr("%1 of %2 measured placements are not dominated within error.")
                       .arg(data.notDominated())
                       .arg(data.points.size());
    if (data.pareto.knee >= 0) {
        const FrontPoint& knee = at(data, data.pareto.knee);
        text += QLatin1Char(' ') + tr("The knee is %1: %2 nats per token over all linear at %3.")
                                       .arg(frontName(data, static_cast<int>(data.pareto.knee)), signedFixed(knee.score),
                                            speed(data, knee));
    }
    return text;
}

}  // namespace airframe::ui
