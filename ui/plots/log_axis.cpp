// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/log_axis.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <utility>

namespace airframe::ui {

namespace {

std::vector<double> decadeTicks(double lowest, double highest, const std::vector<double>& steps) {
    std::vector<double> ticks;
    for (int decade = static_cast<int>(std::floor(std::log10(lowest))); std::pow(10.0, decade) <= highest; ++decade)
        for (const double step : steps) {
            const double value = step * std::pow(10.0, decade);
            if (value >= lowest && value <= highest) ticks.push_back(value);
        }
    return ticks;
}

std::vector<double> linearTicks(double lowest, double highest) {
    const double raw = (highest - lowest) / 5;
    const double unit = std::pow(10.0, std::floor(std::log10(raw)));
    const double step = unit * (raw / unit <= 1 ? 1 : raw / unit <= 2 ? 2 : raw / unit <= 5 ? 5 : 10);
    std::vector<double> ticks;
    for (double k = std::ceil(lowest / step); k * step <= highest; ++k) ticks.push_back(k * step);
    return ticks;
}

}  // namespace

std::vector<double> logTicks(double lowest, double highest) {
    if (!(lowest > 0) || !(highest > lowest)) return {};
    auto ticks = decadeTicks(lowest, highest, {1, 2, 5});
    if (ticks.size() < 3) ticks = linearTicks(lowest, highest);
    if (ticks.size() > 10) ticks = decadeTicks(lowest, highest, {1});
    const std::size_t every = (ticks.size() + 9) / 10;
    std::vector<double> thinned;
    for (std::size_t i = 0; i < ticks.size(); i += every) thinned.push_back(ticks[i]);
    return thinned;
}

LogAxis::LogAxis(QObject* parent) : QCategoryAxis(parent) {
    m_format = [](double value) { return QLocale().toString(value, 'g', 6); };
    setLabelsPosition(AxisLabelsPositionOnValue);
    setValueRange(1, 10);
}

void LogAxis::setFormat(Format format) { m_format = std::move(format); }

double LogAxis::toAxis(double value) { return std::log10(std::max(value, 1e-12)); }

void LogAxis::setValueRange(double lowest, double highest, double margin) {
    if (lowest > highest) std::swap(lowest, highest);
    if (highest <= 0) highest = 1;
    if (lowest <= 0) lowest = highest / 1000;
    double low = toAxis(lowest), high = toAxis(highest);
    if (high - low < 0.02) low -= 0.05, high += 0.05;
    const double pad = (high - low) * margin;
    low -= pad;
    high += pad;
    for (const QString& label : categoriesLabels()) remove(label);
    setStartValue(low);
    setRange(low, high);
    for (const double tick : logTicks(std::pow(10.0, low), std::pow(10.0, high))) append(m_format(tick), toAxis(tick));
}

}  // namespace airframe::ui
