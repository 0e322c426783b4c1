#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: check_names.sh FOLDER
# The kernels use the names of device.cuh only: no PTX, intrinsic or built-in variable stands in another .cuh, so that what
# the emulator runs is all that a device runs.
found=$(grep -nE '\basm\b|threadIdx|blockIdx|blockDim|__(sync|shfl|ballot|any_|ldg|shared__|float|half)|__CUDA' "$1"/*.cuh |
    grep -vE '/(device|launch)\.cuh:' || true)
if [ -n "$found" ]; then
    echo "FAIL!  : names of the device outside device.cuh:"
    echo "$found"
    echo "Totals: 0 passed, 1 failed, 0 skipped"
    exit 1
fi
echo "Totals: 1 passed, 0 failed, 0 skipped"
