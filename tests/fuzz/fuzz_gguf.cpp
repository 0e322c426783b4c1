// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <vector>

#include "core/formats/dequantise.h"
#include "core/formats/model_file.h"
#include "core/formats/native_form.h"
#include "core/formats/tokenizer.h"
#include "input_folder.h"

using namespace airframe;

/// A GGUF file: opened as a model; of what opens, small tensors are read, also as the kernels hold them, and the tokenizer is used.
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
            const StoredType* type = storedType(tensor.type);
            if (!type || !type->decode) continue;
            const std::string_view native = nativeType(std::array{std::string_view(tensor.type)}, IntegerBlock::size);
            std::vector<std::byte> rows(values.size() / IntegerBlock::size * nativeBlockBytes(native));
            (void)toNative(*type, stored.data(), stored.size() / type->block_bytes, native, rows.data());
        }
        (void)model->chatTemplate();
        (void)model->facts();
        const auto ids = model->tokenizer()->encode("The sea, 12 <|im_start|> \xc3\xa9\n");
        (void)model->tokenizer()->decode(ids);
    });
    return 0;
}
