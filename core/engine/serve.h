// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace airframe {

/// Does jobs asked for by JSON lines (core/study/protocol.h) read from `input`, and writes events to `output`, until the
/// input ends. One job runs at a time on a worker thread; this thread reads. When nobody reads the output any more (the
/// window died) the running job is stopped at its next checkpoint and what waits is dropped, unless "detach" was sent.
/// An input that ends while somebody still reads is the end of a script: what was asked for is finished first.
/// Returns the exit code: 0, or 5 after a signal.
int serveLines(int input, int output);

}  // namespace airframe
