// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine/command_line.h"

int main(int argc, char** argv) { return airframe::runCommandLine(argc, argv); }
