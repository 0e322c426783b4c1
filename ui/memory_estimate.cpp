// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/memory_estimate.h"

#include <QFile>
#include <map>

#include "ui/placement_text.h"

namespace airframe::ui {

LayerMemory layerMemory(const ModelConfig& config, const QString& block, int value_bytes) {
    LayerMemory memory;
    if (block == QLatin1String("attn")) {
        memory.per_token = 2.0 * config.kv_heads * config.head_dim * value_bytes;
    } else if (block == QLatin1String("jet")) {
        // A model without JetBlocks of its own gets one with the teacher's heads and K = V = its head size.
        std::map<std::string, int> dims = {{"heads", config.heads}, {"k", config.head_dim}, {"v", config.head_dim}};
        if (const auto own = config.block_dims.find("jet"); own != config.block_dims.end())
            for (const auto& [name, size] : own->second) dims[name] = size;
        memory.fixed = (1.0 * dims["heads"] * dims["k"] * dims["v"] + 4.0 * dims["heads"] * dims["v"]) * value_bytes;
    }
    return memory;
}

double cacheBytes(const ModelConfig& config, const QString& placement, int context, int batch) {
    double bytes = 0;
    for (const QString& block : blocksOf(placement)) {
        const LayerMemory memory = layerMemory(config, block);
        bytes += memory.per_token * context + memory.fixed;
    }
    return bytes * batch;
}

double cacheBytesPerToken(const ModelConfig& config, const QString& placement) {
    double bytes = 0;
    for (const QString& block : blocksOf(placement)) bytes += layerMemory(config, block).per_token;
    return bytes;
}

double availableMemory() {
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : file.readAll().split('\n'))
        if (line.startsWith("MemAvailable:")) return line.mid(13).replace("kB", "").trimmed().toDouble() * 1024;
    return 0;
}

}  // namespace airframe::ui
