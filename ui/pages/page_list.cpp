// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page_list.h"

#include <QCoreApplication>

#include "ui/pages/export_page.h"
#include "ui/pages/front_page.h"
#include "ui/pages/generate_page.h"
#include "ui/pages/importance_page.h"
#include "ui/pages/model_page.h"
#include "ui/pages/placement_page.h"
#include "ui/pages/start_page.h"
#include "ui/pages/supernet_page.h"

namespace airframe::ui {

namespace {

template <class P>
Page* make(const UiContext& context, QWidget* parent) {
    return new P(context, parent);
}

QString translated(const char* text) {
    return QCoreApplication::translate("pages", text);
}

}  // namespace

const std::vector<PageType>& pageTable() {
    static const std::vector<PageType> table = {
        {QStringLiteral("start"), translated("Start"), translated("Open a model or a study, go on where a run stopped"), make<StartPage>},
        {QStringLiteral("model"), translated("Model"), translated("What the model is made of and whether it fits"), make<ModelPage>},
        {QStringLiteral("supernet"), translated("Supernet"), translated("Train a linear block beside every attention layer"), make<SupernetPage>},
        {QStringLiteral("importance"), translated("Importance"), translated("Which layers each task needs"), make<ImportancePage>},
        {QStringLiteral("placement"), translated("Placement"), translated("Search where full attention should stay"), make<PlacementPage>},
        {QStringLiteral("front"), translated("Front"), translated("Accuracy against speed and memory"), make<FrontPage>},
        {QStringLiteral("generate"), translated("Generate"), translated("A and B write side by side"), make<GeneratePage>},
        {QStringLiteral("export"), translated("Export"), translated("Take the chosen model away"), make<ExportPage>},
    };
    return table;
}

}  // namespace airframe::ui
