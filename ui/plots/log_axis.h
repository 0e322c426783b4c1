// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCategoryAxis>
#include <QString>
#include <functional>
#include <vector>

namespace airframe::ui {

/// A logarithmic axis: linear on log10 of the value, labelled at 1-2-5 steps (finer when the range is short). Series on
/// it hold log10 values. QLogValueAxis is not used: in Qt 6.4 a range inside one decade has no ticks, and one value <= 0
/// makes a whole series vanish.
class LogAxis : public QCategoryAxis {
    Q_OBJECT
  public:
    using Format = std::function<QString(double)>;
    explicit LogAxis(QObject* parent = nullptr);
    void setFormat(Format format);
    /// Shows at least lowest..highest (values, not logarithms; swapped or not positive ones are mended), with a margin
    /// of `margin` of the range on both sides.
    void setValueRange(double lowest, double highest, double margin = 0.05);
    [[nodiscard]] static double toAxis(double value);  ///< log10, values below 1e-12 drawn there

  private:
    Format m_format;
};

/// The values to label between lowest and highest: 1-2-5 steps of each decade; if fewer than three fall inside, the
/// round numbers of a linear scale; if more than ten, decades alone.
[[nodiscard]] std::vector<double> logTicks(double lowest, double highest);

}  // namespace airframe::ui
