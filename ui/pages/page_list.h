// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "ui/pages/page.h"

namespace airframe::ui {

/// One row of THE table of pages: a new page is one file pair and one row; tabs, keys Alt+1.., screenshots and tests
/// read the table.
struct PageType {
    QString id;     ///< "model"
    QString title;  ///< translated
    QString hint;   ///< status tip
    std::function<Page*(const UiContext&, QWidget*)> make;
};

[[nodiscard]] const std::vector<PageType>& pageTable();  ///< start model supernet importance placement front generate export

}  // namespace airframe::ui
