// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QString>
#include <QStringList>
#include <cstdlib>
#include <string>

namespace airframe::test {

/// The Python of $AIRFRAME_PYTHON, with the packages that the slow tests compare against; empty if the variable is not set.
inline std::string python() {
    const char* set = std::getenv("AIRFRAME_PYTHON");
    return set ? set : "";
}

struct PythonRun {
    bool fine = false;   ///< it ended with exit code 0
    std::string output;  ///< its standard output
    std::string error;   ///< its standard error, and what kept it from running
};

/// Runs `script` with arguments, at most `seconds` long.
inline PythonRun runPython(const QString& script, const QStringList& arguments, int seconds = 240) {
    QProcess process;
    process.start(QString::fromStdString(python()), QStringList{"-c", script} + arguments);
    PythonRun run;
    run.fine = process.waitForFinished(seconds * 1000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    run.output = process.readAllStandardOutput().toStdString();
    run.error = process.readAllStandardError().toStdString() + (run.fine ? "" : process.errorString().toStdString());
    return run;
}

}  // namespace airframe::test

/// Inside a test function: QSKIP with the reason when there is no Python, or it lacks `module`.
#define AIRFRAME_NEED_PYTHON(module)                                                                                     \
    do {                                                                                                                 \
        if (airframe::test::python().empty()) QSKIP("AIRFRAME_PYTHON is not set");                                       \
        if (!airframe::test::runPython("import " module, {}).fine) QSKIP("AIRFRAME_PYTHON has no package " module); \
    } while (false)
