// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/safetensors.h"
#include "input_folder.h"

using namespace airframe;

/// A safetensors file: its header is checked on opening; every byte of every tensor must lie in the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::put("model.safetensors", fuzz::textOf(data, size));
    if (size == 0) return 0;
    fuzz::expectFailureAtMost([] {
        const SafetensorsFile file(fuzz::folder() / "model.safetensors");
        unsigned sum = 0;
        for (const SafetensorsTensor& tensor : file.tensors()) {
            if (file.find(tensor.name) != &tensor) __builtin_trap();
            if (tensor.elements() < 0) __builtin_trap();
            for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
        }
        volatile unsigned used = sum;
        (void)used;
    });
    return 0;
}
