#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: resource_table.sh FOLDER TABLE
# From what ptxas said (keep_ptxas_words.sh), one line per kernel and architecture.
set -e
{
    printf '%-7s %9s %6s %12s %11s  %s\n' arch registers stack spill_stores spill_loads kernel
    cat "$1"/*.txt | awk '
        /Compiling entry function/ { split($0, part, "\047"); kernel = part[2]; arch = part[4] }
        /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
        /Used [0-9]+ registers/ {
            for (i = 1; i < NF; ++i) if ($i == "Used") registers = $(i + 1)
            printf "%-7s %9d %6d %12d %11d  %s\n", arch, registers, stack, stores, loads, kernel
        }' | c++filt | sed -e 's/airframe::kernels::cuda:://g' -e 's/(anonymous namespace):://g' -e 's/void //' -e 's/(airframe::kernels::WeightType)/type /g' -e 's/([^()]*)$//' | sort -k6 -k1,1
} > "$2.new"
mv "$2.new" "$2"
