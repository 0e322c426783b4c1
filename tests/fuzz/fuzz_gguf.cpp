// SPDX-License-Identifier: GPL-3.0-or-later
#include <vector>

#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"
#include "input_folder.h"

using namespace airframe;

/// A GGUF file: opened as a model; of what opens, small tensors are read and the tokenizer is used.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::put("model.gguf", fuzz::textOf(data, size));
    if (size == 0) return 0;
    fuzz::expectFailureAtMost([] {
        const auto model = ModelFile::open(fuzz::folder() / "model.gguf");
        for (const TensorInfo& tensor : model->tensors()) {
            if (tensor.elements() > 1 << 16) continue;
            std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
            model->readFloat(tensor.name, values.data());
            std::vector<std::byte> stored(tensor.bytes);
            model->readStored(tensor.name, stored.data());
        }
        (void)model->chatTemplate();
        (void)model->facts();
        const auto ids = model->tokenizer()->encode("The sea, 12 <|im_start|> \xc3\xa9\n");
        (void)model->tokenizer()->decode(ids);
    });
    return 0;
}
