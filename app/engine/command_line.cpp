// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/engine/output.h"
#include "app/engine/terminal_listener.h"
#include "app/engine/text_output.h"
#include "core/engine/engine.h"
#include "core/engine/environment.h"
#include "core/engine/operation.h"
#include "core/engine/serve.h"

namespace airframe {
namespace {

using nlohmann::json;

/// What CLI11 fills for one command.
struct Command {
    const Operation* operation = nullptr;
    CLI::App* app = nullptr;
    bool as_json = false;
    std::map<std::string, std::string> texts;               ///< by OptionSpec::name
    std::map<std::string, std::vector<std::string>> lists;  ///< OptionKind::texts
    std::map<std::string, bool> flags;

    [[nodiscard]] json params() const {
        json given = json::object();
        for (const auto& spec : operation->options) {
            if (spec.protocol_only || app->get_option(spec.shown())->count() == 0) continue;
            if (spec.kind == OptionKind::flag) given[spec.key()] = flags.at(spec.name);
            else if (spec.kind == OptionKind::texts) given[spec.key()] = lists.at(spec.name);
            else given[spec.key()] = texts.at(spec.name);
        }
        return given;
    }
};

std::string helpOf(const OptionSpec& spec) {
    std::string help = spec.help;
    if (!spec.choices.empty()) {
        std::string list;
        for (const auto& choice : spec.choices) list += (list.empty() ? "" : "|") + choice;
        help += " (" + list + ")";
    }
    if (!spec.fallback.is_null()) {
        help += " [" + (spec.fallback.is_string() ? spec.fallback.get<std::string>() : spec.fallback.dump()) + "]";
    }
    return spec.required ? help + " (needed)" : help;
}

const char* typeName(OptionKind kind) {
    switch (kind) {
        case OptionKind::integer: return "N";
        case OptionKind::number: return "X";
        case OptionKind::texts: return "PATH...";
        case OptionKind::words: return "A,B";
        case OptionKind::integers: return "N,N";
        default: return "TEXT";
    }
}

/// Values stay text here: the operation's own table reads them, the same way as it reads the protocol's.
void addOption(Command& command, const OptionSpec& spec) {
    CLI::Option* option = nullptr;
    if (spec.kind == OptionKind::flag) {
        option = command.app->add_flag(spec.shown(), command.flags[spec.name], helpOf(spec));
    } else if (spec.kind == OptionKind::texts) {
        option = command.app->add_option(spec.shown(), command.lists[spec.name], helpOf(spec))->expected(1, 1 << 20);
    } else {
        option = command.app->add_option(spec.shown(), command.texts[spec.name], helpOf(spec));
    }
    if (spec.kind != OptionKind::flag) option->type_name(spec.positional() ? "" : typeName(spec.kind));
}

/// A value that begins like an option ("--seed -1", "--prompt -x") is joined to its option with '=', which CLI11 reads.
std::vector<std::string> joinedArguments(int argc, const char* const* argv) {
    std::vector<std::string> list;
    for (int i = 1; i < argc; ++i) {
        std::string argument = argv[i];
        const bool option = argument.starts_with("--") && argument.size() > 2 && argument.find('=') == std::string::npos;
        const char* next = option && i + 1 < argc ? argv[i + 1] : nullptr;
        const bool negative = next && next[0] == '-' && std::isdigit(static_cast<unsigned char>(next[1]));
        if (negative || (next && argument == "--prompt" && next[0] == '-')) {
            argument += '=' + std::string(next);
            ++i;
        }
        list.push_back(std::move(argument));
    }
    return {list.rbegin(), list.rend()};  // CLI11 takes them last first
}

Error optionError(const CLI::ParseError& error, const std::string& command) {
    std::string what = error.what();
    std::string where = command.empty() ? "command" : command;
    if (const std::size_t colon = what.find(": "); what.starts_with("--") && colon != std::string::npos) {
        where = what.substr(0, colon);
        what = what.substr(colon + 2);
    } else if (dynamic_cast<const CLI::RequiredError*>(&error)) {
        what = "is missing";
    }
    for (char& c : what) c = c == '\n' ? ' ' : c;
    return {ErrorCode::options, where, what, "see 'airframe-engine " + command + (command.empty() ? "" : " ") + "--help'"};
}

std::string readAll(std::FILE* file) {
    std::string text;
    char buffer[1 << 16];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, got);
    return text;
}

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", error.line().c_str());
    return static_cast<int>(error.code);
}

int runCommand(const Command& command) {
    const Operation& operation = *command.operation;
    json params = command.params();
    if (!operation.stdin_param.empty()) params[operation.stdin_param] = readAll(stdin);
    installStopSignals();
    Engine engine;
    const bool stream = operation.name == "generate" && !command.as_json;
    TerminalListener listener(stream);
    JobControl control(listener, userName());
    const auto outcome = engine.run(operation.name, params, control, listener);
    listener.clear();
    if (!outcome) return fail(outcome.error());
    if (outcome.value().stopped) {
        return fail({ErrorCode::interrupted, operation.name, "stopped on request; everything finished is kept", operation.resume_hint});
    }
    const json& data = outcome.value().data;
    if (!command.as_json && data.contains("note")) std::fprintf(stderr, "note: %s\n", data["note"].get_ref<const std::string&>().c_str());
    const std::string text = command.as_json ? jsonText(data) : plainText(operation.name, data, listener.tokensWritten());
    if (const auto written = writeOut(text); !written) return fail(written.error());
    return 0;
}

}  // namespace

int runCommandLine(int argc, const char* const* argv) {
    CLI::App app("Airframe's engine: hybrid-attention language models, from a pretrained transformer to a searched hybrid.",
                 "airframe-engine");
    app.set_version_flag("--version", std::string("airframe-engine ") + AIRFRAME_VERSION);
    app.set_help_flag("--help", "Print this help and exit");
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done; 2 options wrong or missing; 3 a named thing is bad; 4 not enough memory or disk; "
               "5 interrupted, results kept.\nA placement names each layer's block in order, with counts: jet*14,attn,jet*15.");
    std::list<Command> commands;
    for (const auto& operation : operationTable()) {
        Command& command = commands.emplace_back();
        command.operation = &operation;
        command.app = app.add_subcommand(operation.name, operation.summary);
        command.app->set_help_flag("--help", "Print this help and exit");
        for (const auto& spec : operation.options)
            if (!spec.protocol_only) addOption(command, spec);
        command.app->add_flag("--json", command.as_json, "one JSON document on standard output");
        if (!operation.details.empty()) command.app->footer(operation.details);
    }
    CLI::App* serve = app.add_subcommand("serve", "Do jobs asked for by JSON lines on standard input (core/study/README.md)");
    serve->set_help_flag("--help", "Print this help and exit");
    if (argc > 1 && argv[1][0] != '-' && argv[1] != std::string("serve") && !findOperation(argv[1])) {
        return fail({ErrorCode::options, argv[1], "is not a command", "see 'airframe-engine --help'"});
    }
    try {
        app.parse(joinedArguments(argc, argv));
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        const auto chosen = app.get_subcommands();
        return fail(optionError(error, chosen.empty() ? std::string() : chosen.front()->get_name()));
    }
    if (serve->parsed()) return serveLines(STDIN_FILENO, STDOUT_FILENO);
    for (const auto& command : commands)
        if (command.app->parsed()) return runCommand(command);
    return fail({ErrorCode::internal, "command", "was read but is not in the table", {}});
}

}  // namespace airframe
