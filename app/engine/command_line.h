// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace airframe {

/// The whole of `airframe-engine`: reads the arguments, does one command, returns the exit code (0 done; the values of
/// ErrorCode otherwise). An error is one line on standard error, and nothing more is written to standard output after it.
int runCommandLine(int argc, const char* const* argv);

}  // namespace airframe
