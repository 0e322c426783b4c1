// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings.h"

#include <QSettings>

namespace airframe::ui::settings {

void migrate(QSettings& settings) {
    const int found = settings.value(QLatin1String(version_key), 0).toInt();
    if (found >= version) return;
    settings.setValue(QLatin1String(version_key), version);
}

}  // namespace airframe::ui::settings
