// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/engine.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <cctype>
#include <filesystem>
#include <new>
#include <system_error>

#include "core/engine/environment.h"
#include "core/engine/job.h"
#include "core/engine/operation.h"

namespace airframe {
namespace {

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Error noMemory(const std::string& operation, const std::string& wanted) {
    return {ErrorCode::no_room, operation, "not enough memory" + (wanted.empty() ? "" : " for " + wanted),
            "use a smaller batch, context or model, or close other programs"};
}

/// "12345 bytes" out of LibTorch's message about an allocation that failed, or "".
std::string bytesIn(const std::string& message) {
    const std::size_t at = message.find("allocate ");
    if (at == std::string::npos) return {};
    std::size_t end = at + 9;
    while (end < message.size() && (std::isdigit(static_cast<unsigned char>(message[end])) || message[end] == '.')) ++end;
    if (end == at + 9) return {};
    const std::size_t unit_end = message.find_first_of(".,;\n", end);
    return message.substr(at + 9, unit_end == std::string::npos ? std::string::npos : unit_end - at - 9);
}

Error fromTorch(const std::string& operation, const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    const bool memory = message.find("can't allocate memory") != std::string::npos ||
                        message.find("not enough memory") != std::string::npos ||
                        message.find("out of memory") != std::string::npos;
    if (memory) return noMemory(operation, bytesIn(message));
    return {ErrorCode::internal, operation, "LibTorch: " + firstLine(message), "this is a defect of Airframe; please report it"};
}

Error fromFilesystem(const std::filesystem::filesystem_error& error) {
    const std::string where = error.path1().empty() ? "file" : error.path1().string();
    const bool full = error.code() == std::errc::no_space_on_device || error.code() == std::errc::file_too_large;
    if (full) return {ErrorCode::no_room, where, "the disk is full", "make room and run it again"};
    return {ErrorCode::bad_input, where, error.code().message(), "check the path and its permissions"};
}

/// Runs `work` and turns whatever it throws into an Error: the one place where that happens.
template <class T, class Work>
Result<T> guarded(const std::string& operation, Work&& work) {
    try {
        return work();
    } catch (const Failure& failure) {
        return failure.error();
    } catch (const std::bad_alloc&) {
        return noMemory(operation, "");
    } catch (const c10::Error& error) {
        return fromTorch(operation, error);
    } catch (const std::filesystem::filesystem_error& error) {
        return fromFilesystem(error);
    } catch (const std::exception& error) {
        return Error{ErrorCode::internal, operation, firstLine(error.what()), "this is a defect of Airframe; please report it"};
    }
}

}  // namespace

Result<JobOutcome> Engine::run(const std::string& operation, const nlohmann::json& params, JobControl& control,
                               JobListener& listener) {
    const std::lock_guard alone(m_busy);
    auto outcome = guarded<JobOutcome>(operation, [&]() -> Result<JobOutcome> {
        const Operation* found = findOperation(operation);
        if (!found) {
            throw Failure(ErrorCode::options, operation, "is not an operation of this engine", "see 'airframe-engine --help'");
        }
        const Params checked(found->name, found->options, params);
        if (checked.json().contains("threads")) at::set_num_threads(checked.small("threads"));
        JobContext context{checked, control, listener, m_cache};
        nlohmann::json data = found->run(context);
        return JobOutcome{std::move(data), control.stopped()};
    });
    // Telling the last changes reads the study, which may itself fail; the job's own outcome is the one that counts.
    auto finished = guarded<bool>(operation, [&]() -> Result<bool> {
        control.finish();
        return true;
    });
    if (outcome && !finished) return finished.error();
    return outcome;
}

Result<nlohmann::json> Engine::describe() {
    return guarded<nlohmann::json>("hello", []() -> Result<nlohmann::json> { return environment(); });
}

}  // namespace airframe
