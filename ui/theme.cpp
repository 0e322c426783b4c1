// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/style_sheet.h"

// Resources of a static library are registered by hand; the macro must stand outside a namespace.
static void registerResources() { Q_INIT_RESOURCE(resources); }

namespace airframe::ui {

namespace {

QColor mix(const QColor& a, const QColor& b, double t) {
    return QColor::fromRgbF(static_cast<float>(a.redF() + (b.redF() - a.redF()) * t),
                            static_cast<float>(a.greenF() + (b.greenF() - a.greenF()) * t),
                            static_cast<float>(a.blueF() + (b.blueF() - a.blueF()) * t));
}

// Qt 6.4 cannot switch a font's tabular figures on, so look for a family whose digits are equally wide as they are.
bool hasTabularDigits(const QString& family) {
    const QFontMetricsF metrics{QFont(family, 20)};
    const double zero = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit)
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - zero) > 0.01) return false;
    return true;
}

}  // namespace

Theme::Theme(QObject* parent) : QObject(parent) {
    registerResources();
    const QStringList families = QFontDatabase::families();
    m_family = families.contains(QStringLiteral("Inter")) ? QStringLiteral("Inter")
                                                          : QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
    m_point_size = std::max(10.0, QFontDatabase::systemFont(QFontDatabase::GeneralFont).pointSizeF());
    m_number_family = m_family;
    for (const QString& family : {m_family, QStringLiteral("Nimbus Sans"), QStringLiteral("Liberation Sans"),
                                  QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans")}) {
        // The family a request is answered with may carry its foundry: "Nimbus Sans [urw]".
        if (QFontInfo(QFont(family)).family().startsWith(family) && hasTabularDigits(family)) {
            m_number_family = family;
            break;
        }
    }
}

void Theme::setTypeScale(double scale) {
    m_type_scale = std::clamp(scale, 1.0, 3.0);
}

QFont Theme::bodyFont() const {
    QFont font(m_family);
    font.setPointSizeF(m_point_size * m_type_scale);
    return font;
}

QFont Theme::titleFont() const {
    QFont font = bodyFont();
    font.setPointSizeF(m_point_size * 1.6 * m_type_scale);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont Theme::headingFont() const {
    QFont font = bodyFont();
    font.setPointSizeF(m_point_size * 1.1 * m_type_scale);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont Theme::numberFont() const {
    QFont font = bodyFont();
    font.setFamily(m_number_family);
    return font;
}

void Theme::apply(QApplication& app, Scheme scheme) {
    m_scheme = scheme;
    if (scheme == Scheme::system) {
        // 6.4 has no QStyleHints::colorScheme: the desktop's own palette tells.
        const QPalette system = QApplication::style()->standardPalette();
        m_dark = system.color(QPalette::Window).lightness() < system.color(QPalette::WindowText).lightness();
    } else {
        m_dark = scheme == Scheme::dark;
    }
    if (app.style()->name().compare(QLatin1String("fusion"), Qt::CaseInsensitive) != 0)
        app.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QPalette palette;
    const auto all = [&palette](QPalette::ColorRole role, const QColor& color) { palette.setColor(role, color); };
    all(QPalette::Window, window());
    all(QPalette::WindowText, text());
    all(QPalette::Base, surface());
    all(QPalette::AlternateBase, mix(surface(), window(), 0.6));
    all(QPalette::Text, text());
    all(QPalette::Button, mix(surface(), border(), 0.25));
    all(QPalette::ButtonText, text());
    all(QPalette::BrightText, bad());
    all(QPalette::ToolTipBase, surface());
    all(QPalette::ToolTipText, text());
    all(QPalette::PlaceholderText, mutedText());
    all(QPalette::Highlight, accent());
    all(QPalette::HighlightedText, m_dark ? QColor(0x10, 0x14, 0x1a) : QColor(Qt::white));
    all(QPalette::Link, accent());
    all(QPalette::LinkVisited, accent());
    all(QPalette::Light, mix(surface(), Qt::white, m_dark ? 0.08 : 0.5));
    all(QPalette::Mid, border());
    all(QPalette::Midlight, mix(border(), surface(), 0.5));
    all(QPalette::Dark, mix(border(), Qt::black, 0.25));
    all(QPalette::Shadow, m_dark ? QColor(Qt::black) : mix(border(), Qt::black, 0.5));
    const QColor faint = mix(mutedText(), surface(), 0.4);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, faint);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, border());
    app.setFont(bodyFont());
    app.setPalette(palette);
    QToolTip::setPalette(palette);
    app.setStyleSheet(styleSheet(*this));
    Q_EMIT changed();
}

bool Theme::dark() const { return m_dark; }
QColor Theme::window() const { return m_dark ? QColor(0x14, 0x17, 0x1c) : QColor(0xf4, 0xf5, 0xf8); }
QColor Theme::surface() const { return m_dark ? QColor(0x1c, 0x20, 0x27) : QColor(0xff, 0xff, 0xff); }
QColor Theme::border() const { return m_dark ? QColor(0x36, 0x3c, 0x47) : QColor(0xd8, 0xdc, 0xe3); }
QColor Theme::text() const { return m_dark ? QColor(0xe8, 0xeb, 0xf0) : QColor(0x1a, 0x1f, 0x28); }
QColor Theme::mutedText() const { return m_dark ? QColor(0xa4, 0xad, 0xba) : QColor(0x58, 0x62, 0x70); }
QColor Theme::accent() const { return m_dark ? QColor(0x74, 0xac, 0xff) : QColor(0x1d, 0x5f, 0xc4); }
QColor Theme::good() const { return m_dark ? QColor(0x3f, 0xc3, 0x93) : QColor(0x00, 0x7a, 0x57); }
QColor Theme::warning() const { return m_dark ? QColor(0xf0, 0xb4, 0x4c) : QColor(0x9a, 0x60, 0x00); }
QColor Theme::bad() const { return m_dark ? QColor(0xff, 0x8a, 0x75) : QColor(0xb9, 0x2b, 0x16); }

QColor Theme::block(const QString& id) const {
    if (id == QLatin1String("attn")) return m_dark ? QColor(0x9f, 0xc6, 0xf7) : QColor(0x1f, 0x3f, 0x6e);
    if (id == QLatin1String("jet")) return m_dark ? QColor(0x34, 0xb8, 0x90) : QColor(0x00, 0x86, 0x63);
    if (id == QLatin1String("swa")) return m_dark ? QColor(0xe0, 0x9c, 0xc4) : QColor(0xa3, 0x4f, 0x82);
    return mutedText();
}

QColor Theme::slotA() const { return m_dark ? QColor(0x56, 0xb4, 0xe9) : QColor(0x00, 0x72, 0xb2); }
QColor Theme::slotB() const { return m_dark ? QColor(0xe6, 0x9f, 0x00) : QColor(0xb8, 0x4f, 0x00); }

QColor Theme::category(int index) const {
    // Okabe and Ito's eight, black replaced by the text colour; yellow last because it is weak on white.
    const std::array<QColor, 8> colors = {QColor(0x00, 0x72, 0xb2), QColor(0xd5, 0x5e, 0x00), QColor(0x00, 0x9e, 0x73),
                                          QColor(0xcc, 0x79, 0xa7), QColor(0x56, 0xb4, 0xe9), QColor(0xe6, 0x9f, 0x00),
                                          text(),                   QColor(0xf0, 0xe4, 0x42)};
    return colors[static_cast<std::size_t>(std::abs(index)) % colors.size()];
}

QColor Theme::value(double zero_to_one) const {
    // Cividis, sampled at nine equal steps; linear in between.
    static const std::array<QColor, 9> stops = {QColor(0x00, 0x22, 0x4e), QColor(0x12, 0x35, 0x70), QColor(0x3b, 0x49, 0x6c),
                                                QColor(0x57, 0x5d, 0x6d), QColor(0x70, 0x71, 0x73), QColor(0x8a, 0x86, 0x78),
                                                QColor(0xa5, 0x9c, 0x74), QColor(0xc3, 0xb3, 0x69), QColor(0xfe, 0xe8, 0x38)};
    if (!std::isfinite(zero_to_one)) return border();
    const double at = std::clamp(zero_to_one, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
    const auto low = std::min(static_cast<std::size_t>(at), stops.size() - 2);
    return mix(stops[low], stops[low + 1], at - static_cast<double>(low));
}

}  // namespace airframe::ui
