#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: check_resources.sh TABLE
# Reads the table of what each CUDA kernel uses (kernels/cuda/resource_table.sh); fails if one spills a register or keeps
# anything on a stack, or is missing for an architecture. Without a table it is skipped.
if [ -z "$1" ]; then
    echo "SKIP   : tst_cuda_resources: the CUDA kernels were not built (nvcc 12.8 or later was not found, or AIRFRAME_CUDA is OFF)"
    echo "Totals: 0 passed, 0 failed, 1 skipped"
    exit 77
fi
awk '
    NR == 1 { next }
    { kernel = $6; for (i = 7; i <= NF; ++i) kernel = kernel " " $i
      seen[kernel] = seen[kernel] " " $1
      if ($3 || $4 || $5) { print "FAIL!  : " kernel " on " $1 ": stack " $3 ", spill stores " $4 ", spill loads " $5 " bytes"; ++failed } else ++passed }
    END {
        for (kernel in seen)
            if (seen[kernel] !~ /sm_80/ || seen[kernel] !~ /sm_90/ || seen[kernel] !~ /sm_120/) {
                print "FAIL!  : " kernel " was compiled for" seen[kernel] " only"; ++failed }
        if (!passed && !failed) { print "FAIL!  : the table names no kernel"; ++failed }
        printf "Totals: %d passed, %d failed, 0 skipped\n", passed, failed
        exit failed > 0
    }' "$1"
