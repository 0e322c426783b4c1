// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/command_line.h"

#include <QCommandLineParser>
#include <QRegularExpression>
#include <QTextStream>

namespace {

constexpr int wrong_options = 2;

int refuse(const QString& where, const QString& what) {
    QTextStream(stderr) << "error: " << where << ": " << what << "; see airframe --help\n";
    return wrong_options;
}

}  // namespace

CommandLine CommandLine::parse(const QStringList& arguments, std::optional<int>& exit_status) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Airframe, an explorer for hybrid-attention language models"));
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("A study (.airframe) or a model (.gguf, .safetensors, folder)"),
                                 QStringLiteral("[STUDY|MODEL]"));
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Print this help"));
    const QCommandLineOption version({QStringLiteral("v"), QStringLiteral("version")}, QStringLiteral("Print the version"));
    const QCommandLineOption screenshots(QStringLiteral("screenshot"),
                                         QStringLiteral("Save a picture of every page in DIR and leave"), QStringLiteral("DIR"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of the window, like 1280x800"), QStringLiteral("WxH"));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("light or dark"), QStringLiteral("THEME"));
    const QCommandLineOption slot_b(QStringLiteral("slot-b"), QStringLiteral("Placement to put in slot B"), QStringLiteral("PLACEMENT"));
    parser.addOptions({help, version, screenshots, size, theme, slot_b});
    CommandLine asked;
    if (!parser.parse(arguments)) {
        exit_status = refuse(QStringLiteral("options"), parser.errorText());
        return asked;
    }
    if (parser.isSet(help)) {
        QTextStream(stdout) << parser.helpText();
        exit_status = 0;
        return asked;
    }
    if (parser.isSet(version)) {
        QTextStream(stdout) << "airframe " AIRFRAME_VERSION "\n";
        exit_status = 0;
        return asked;
    }
    if (parser.positionalArguments().size() > 1) {
        exit_status = refuse(parser.positionalArguments().at(1), QStringLiteral("one file was wanted"));
        return asked;
    }
    asked.path = parser.positionalArguments().value(0);
    asked.screenshots = parser.value(screenshots);
    asked.theme = parser.value(theme);
    asked.slot_b = parser.value(slot_b);
    if (!asked.theme.isEmpty() && asked.theme != QLatin1String("light") && asked.theme != QLatin1String("dark"))
        exit_status = refuse(QStringLiteral("--theme"), QStringLiteral("light or dark was wanted, not '%1'").arg(asked.theme));
    if (parser.isSet(size)) {
        const auto match = QRegularExpression(QStringLiteral("^(\\d{3,5})x(\\d{3,5})$")).match(parser.value(size));
        if (match.hasMatch()) asked.size = QSize(match.captured(1).toInt(), match.captured(2).toInt());
        else exit_status = refuse(QStringLiteral("--size"), QStringLiteral("WIDTHxHEIGHT was wanted, not '%1'").arg(parser.value(size)));
    }
    return asked;
}
