#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults made on purpose in the CUDA kernels, and how many of them the emulated tests catch.

usage: faults.py SOURCE_FOLDER WORK_FOLDER CXX [--every N] [--kernel NAME]

For each kernel its .cuh files are rewritten once, with a switch per fault: every barrier (and wait for copies) left out,
every index one too high (and one whole access too high), every bound one too wide. The kernel's emulated test is compiled with them and run once per
fault, each in a process of its own, on all processors. Survivors must be listed with a reason in fault_survivors.txt; at least 95 % of all
faults must be caught. --every N takes each N-th fault only.
"""
import collections
import concurrent.futures
import functools
import os
import re
import subprocess
import sys

# name: rewritten sources, function that checks it; a header that kernels share with the one that uses all of it
KERNELS = {
    "gated_norm": (["gated_norm.cuh"], "checkGatedNorm"),
    "generated_conv": (["generated_conv.cuh", "generated_conv_decode.cuh"], "checkGeneratedConv"),
    "attention_decode": (["attention_decode.cuh", "attention_arguments.cuh", "attention_combine.cuh"], "checkAttentionDecode"),
    "attention_prefill": (["attention_prefill.cuh"], "checkAttentionPrefill"),
    "quantized_vector": (["quantized_vector.cuh", "quantized_format.cuh"], "checkQuantizedVector"),
    "quantized_matrix": (["quantized_matrix.cuh"], "checkQuantizedMatrix"),
    "embedding": (["embedding.cuh"], "checkEmbedding"),
    "rms_norm": (["rms_norm.cuh"], "checkRmsNorm"),
    "swiglu": (["swiglu.cuh"], "checkSwiglu"),
    "qkv_rotary": (["qkv_rotary.cuh"], "checkQkvRotary"),
    "dynamic_conv": (["dynamic_conv.cuh"], "checkDynamicConv"),
    "linear_scan": (["linear_scan.cuh", "state_columns.cuh"], "checkLinearScan"),
    "linear_scan_chunked": (["linear_scan_chunked.cuh", "linear_scan_keys.cuh", "linear_scan_carry.cuh"],
                            "checkLinearScanChunked"),
    "delta_product": (["delta_product.cuh"], "checkDeltaProduct"),
    "short_conv": (["short_conv.cuh", "sequence_tokens.cuh"], "checkShortConv"),
    "gated_delta_recurrent": (["gated_delta_recurrent.cuh"], "checkGatedDeltaRecurrent"),
    "gated_delta_chunked": (["gated_delta_chunked.cuh", "gated_delta_carry.cuh", "chunk_gates.cuh", "row_pairs.cuh",
                             "tiles.cuh"], "checkGatedDeltaChunked"),
}
LEAST_SHARE = 0.95
FAULTS_AT_ONCE = 4
FLAGS = ["-std=c++20", "-O1", "-w"]

# Arguments of these names that are indices, counted from 0, and how many elements are accessed at once: one too many is
# not aligned, so that many too many is tried as well.
INDEX_ARGUMENTS = {"load4": ([1], 4), "load2": ([1], 2), "store4": ([1], 4), "store2": ([1], 2), "storePair": ([1], 2), "loadPair": ([1], 2),
                   "loadBytes": ([1], 16), "storeBytes": ([1], 8), "copyAsync16": ([1, 3], 8), "ldmatrix": ([1], 8), "ldmatrixTrans": ([1], 8)}
BARRIERS = re.compile(r"\b(syncThreads\(\)|syncWarp\(\)|waitCopies<\d+>\(\));")
# Lines that say what things are, not what they do.
DECLARATION = re.compile(r"\bconstexpr\b|\binline Grid\b|return \{|^\s*(template|struct|using|#|//)|static_assert")

Fault = collections.namedtuple("Fault", "number file line kind text source")


def closing(text, start, opening, ending):
    """Where the bracket that opens at `start` is closed."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == opening) - (text[i] == ending)
        if depth == 0:
            return i
    return -1


def arguments(text, start):
    """Begin and end of each argument of the call whose parenthesis is at `start`."""
    end = closing(text, start, "(", ")")
    parts, depth, begin = [], 0, start + 1
    for i in range(start + 1, end):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if text[i] == "," and depth == 0:
            parts.append((begin, i))
            begin = i + 1
    return parts + [(begin, end)]


def right_operand(text, start):
    """End of the right-hand side of a comparison that begins at `start`."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth < 0:
                return i
        elif depth == 0 and (text[i] in ";?," or text[i:i + 2] in ("&&", "||")):
            return i
    return len(text)


def sites(text):
    """(begin, end, kind, before, after) of every place to change: text[begin:end] is put between the two strings."""
    code = re.sub(r"//[^\n]*", lambda m: " " * len(m.group()), text)
    line_at = lambda i: code[code.rfind("\n", 0, i) + 1:(code.find("\n", i) + len(code) + 1) % (len(code) + 1)]
    found = []
    declared = lambda i: DECLARATION.search(line_at(i))
    for match in BARRIERS.finditer(code):
        found.append((match.start(), match.end(), "barrier", "if (airframe_fault != {0}) ", ""))
    for i, c in enumerate(code):
        if c == "[" and i and (code[i - 1].isalnum() or code[i - 1] in "_])") and not declared(i):
            found.append((i + 1, closing(code, i, "[", "]"), "index", "(", ") + (airframe_fault == {0})"))
    for match in re.finditer(r"\b(" + "|".join(INDEX_ARGUMENTS) + r")\(", code):
        parts = arguments(code, match.end() - 1)
        which_are, width = INDEX_ARGUMENTS[match.group(1)]
        for which in which_are:
            if not line_at(match.start()).lstrip().startswith("AIRFRAME_DEVICE"):
                found.append((*parts[which], "index", "(", ") + (airframe_fault == {0})"))
                found.append((*parts[which], "index by all", "(", f") + {width} * (airframe_fault == {{0}})"))
    for match in re.finditer(r" (<|<=|>|>=) ", code):
        if declared(match.start()) and "return {" not in line_at(match.start()):
            continue
        end = right_operand(code, match.end())
        while code[end - 1] == " ":
            end -= 1
        # Whether more or less of "at least" is too wide depends on what is guarded: both are made.
        for kind, sign in (("bound", "+"),) if "<" in match.group(1) else (("bound", "-"), ("bound up", "+")):
            found.append((match.end(), end, kind, "((", ") " + sign + " (airframe_fault == {0}))"))
    return sorted(found, key=lambda s: (s[0], -s[1]))


def rewrite(text, name, first):
    """The text with a switch for every fault, and the faults, numbered from `first`."""
    faults, inserts = [], []
    for number, (begin, end, kind, before, after) in enumerate(sites(text), first):
        line = text.count("\n", 0, begin) + 1
        source = text.split("\n")[line - 1].strip()
        faults.append(Fault(number, name, line, kind, " ".join(text[begin:end].split()), source))
        inserts.append((begin, 1, number, before.format(number)))
        inserts.append((end, 0, -number, after.format(number)))
    out, last = [], 0
    for at, _, _, piece in sorted(inserts, key=lambda x: (x[0], x[1], x[2])):
        out += [text[last:at], piece]
        last = at
    return "extern int airframe_fault;\n" + "".join(out) + text[last:], faults


def prepare(source, work, cxx, kernel):
    """Writes and compiles one kernel with its faults; returns the program and the faults."""
    files, check = KERNELS[kernel]
    folder = os.path.join(work, kernel)
    os.makedirs(os.path.join(folder, "kernels/cuda"), exist_ok=True)
    faults = []
    for name in files:
        with open(os.path.join(source, "kernels/cuda", name)) as file:
            text, more = rewrite(file.read(), name, len(faults) + 1)
        faults += more
        with open(os.path.join(folder, "kernels/cuda", name), "w") as file:
            file.write(text)
    program = os.path.join(folder, "program")
    sources = [os.path.join(source, "tests/kernels", s) for s in (kernel + "_cases.cpp", "fault_main.cpp")]
    subprocess.run([cxx, *FLAGS, "-I" + folder, "-I" + source, "-DAIRFRAME_FAULT_CHECK=test::" + check, *sources,
                    *shared_objects(source, work, cxx), "-o", program], check=True)
    return program, faults


@functools.cache
def shared_objects(source, work, cxx):
    """What no fault changes, compiled once."""
    objects = []
    for name in ("tests/support/block_emulator.cpp", "kernels/reference/gated_delta_reference.cpp",
                 "kernels/reference/dynamic_conv_reference.cpp", "kernels/reference/linear_scan_reference.cpp",
                 "kernels/reference/delta_product_reference.cpp", "kernels/reference/short_conv_reference.cpp",
                 "kernels/reference/attention_reference.cpp", "kernels/reference/quantized_linear_reference.cpp",
                 "kernels/weight_format.cpp", "kernels/cuda/pack_quantized.cpp"):
        objects.append(os.path.join(work, os.path.basename(name) + ".o"))
        subprocess.run([cxx, *FLAGS, "-I" + source, "-c", os.path.join(source, name), "-o", objects[-1]], check=True)
    return objects


def explained(source):
    """(file, kind, text, source line) of the survivors that have a reason."""
    known = {}
    with open(os.path.join(source, "tests/kernels/fault_survivors.txt")) as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                name, kind, text, code, reason = [part.strip() for part in line.split(" @ ")]
                known[name, kind, text, code] = reason
    return known


def why(words):
    """The group of what caught a fault."""
    for pattern, group in (("no barrier between", "race"), ("elements", "bounds"), ("register", "bounds"), ("aligned", "alignment"),
                           ("never written", "unwritten"), ("differs", "numbers"), ("signal", "crash")):
        if pattern in words:
            return group
    return "barriers"


def run(program, numbers, pool):
    """The program's line for each fault; a few faults a process, on all processors."""
    pieces = [[str(n) for n in numbers[i:i + FAULTS_AT_ONCE]] for i in range(0, len(numbers), FAULTS_AT_ONCE)]
    outputs = pool.map(lambda piece: subprocess.run([program, *piece], check=True, capture_output=True, text=True).stdout, pieces)
    return [line for output in outputs for line in output.splitlines()]


def main():
    source, work, cxx = sys.argv[1:4]
    options = dict(zip(sys.argv[4::2], sys.argv[5::2]))
    kernels = [options["--kernel"]] if "--kernel" in options else list(KERNELS)
    shared_objects(source, work, cxx)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        prepared = [pool.submit(prepare, source, work, cxx, kernel) for kernel in kernels]
        return check(source, options, {kernel: each.result() for kernel, each in zip(kernels, prepared)}, pool)


def check(source, options, prepared, pool):
    """Runs what prepare() made of each kernel and reports; returns the exit code."""
    every = int(options.get("--every", 1))
    known, total, caught, failed, used = explained(source), 0, 0, 0, set()
    for kernel, (program, faults) in prepared.items():
        taken = faults[::every]
        lines = run(program, [0] + [f.number for f in taken], pool)
        if not lines[0].startswith("0 SURVIVED"):
            print(f"FAIL!  : {kernel} without a fault: {lines[0]}")
            failed += 1
        groups, survivors = collections.Counter(), []
        for fault, line in zip(taken, lines[1:]):
            number, outcome, words = (line + " ").split(" ", 2)
            assert int(number) == fault.number
            if outcome == "caught":
                groups[why(words)] += 1
            else:
                survivors.append(fault)
        total += len(taken)
        caught += len(taken) - len(survivors)
        print(f"{kernel}: {len(taken) - len(survivors)} of {len(taken)} faults caught: " +
              ", ".join(f"{count} by {group}" for group, count in groups.most_common()), flush=True)
        for f in survivors:
            key = (f.file, f.kind, f.text, f.source)
            used.add(key)
            if key not in known:
                print(f"FAIL!  : not explained: {' @ '.join(key)} @ (line {f.line}, fault {f.number})")
                failed += 1
    print(f"caught: {caught} of {total}, {100 * caught / total:.1f} %; survivors explained in tests/kernels/fault_survivors.txt")
    if every == 1 and "--kernel" not in options:
        for key in known.keys() - used:
            print(f"FAIL!  : explained, but caught or gone: {' @ '.join(key)}")
            failed += 1
    if every == 1 and caught < LEAST_SHARE * total:
        print(f"FAIL!  : less than {100 * LEAST_SHARE:.0f} % were caught")
        failed += 1
    print(f"Totals: {caught} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
