// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/tensor_stream.h"

#include "core/base/error.h"

namespace airframe {

void writeTensors(OutputFile& out, const std::vector<TensorStream>& tensors, std::uint64_t alignment, RunControl* control) {
    std::uint64_t total = 0, done = 0;
    for (const TensorStream& tensor : tensors) total += padded(tensor.size, alignment);
    const std::string zeros(alignment, '\0');
    for (const TensorStream& tensor : tensors) {
        if (control && !control->checkpoint()) {
            throw Failure(ErrorCode::interrupted, out.temporary().string(), "writing was stopped");
        }
        const std::span<const std::byte> bytes = tensor.bytes();
        if (bytes.size() != tensor.size) {
            throw Failure(ErrorCode::internal, "tensor " + tensor.name,
                          tensor.kind + " needs " + std::to_string(tensor.size) + " bytes, was given " + std::to_string(bytes.size()));
        }
        out.write(bytes);
        const std::uint64_t end = padded(bytes.size(), alignment);
        out.write(std::string_view(zeros).substr(0, end - bytes.size()));
        done += end;
        if (control) {
            Progress progress;
            progress.phase = "write";
            progress.done = static_cast<double>(done);
            progress.total = static_cast<double>(total);
            progress.unit = "bytes";
            progress.note = tensor.name;
            control->progress(progress);
        }
    }
}

}  // namespace airframe
