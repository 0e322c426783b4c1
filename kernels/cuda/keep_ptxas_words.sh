#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: keep_ptxas_words.sh FOLDER COMMAND...
# Runs an nvcc command; what ptxas says of the kernels goes to FOLDER, one file per object, everything else to stderr.
folder=$1
shift
object=out
previous=
for word in "$@"; do
    [ "$previous" = -o ] && object=$(basename "$word")
    previous=$word
done
mkdir -p "$folder"
words=$folder/$object.txt
status=0
"$@" 2> "$words.all" || status=$?
pattern='^ptxas info|bytes stack frame|^$'
grep -E "$pattern" "$words.all" > "$words"
grep -vE "$pattern" "$words.all" >&2
rm -f "$words.all"
exit $status
