# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotary positions (Su et al., arXiv 2104.09864) and how they are stretched beyond the trained context."""
import math

import torch


def frequencies(dim, theta, parameters, context, length):
    """Angles per position, float64 [dim / 2], and the factor of cosines and sines.

    parameters: as in config.json, without scaling if empty; context: tokens that the model was trained for; length: of
    the sequence so far. Linear: arXiv 2306.15595; yarn: 2309.00071; llama3: 2407.21783; longrope: 2402.13753.
    """
    exponent = torch.arange(0, dim, 2, dtype=torch.float64) / dim
    kind = parameters.get("rope_type", "default")
    plain = theta**-exponent
    factor = float(parameters.get("factor") or 1.0)
    original = int(parameters.get("original_max_position_embeddings") or context)
    if kind == "default":
        return plain, 1.0
    if kind == "linear":
        return plain / factor, 1.0
    if kind == "dynamic":
        stretched = max(length, original)
        theta = theta * (factor * stretched / original - (factor - 1)) ** (dim / (dim - 2))
        return theta**-exponent, 1.0
    if kind == "llama3":
        low, high = float(parameters["low_freq_factor"]), float(parameters["high_freq_factor"])
        turns = original * plain / (2 * math.pi)
        keep = ((turns - low) / (high - low)).clamp(0, 1)  # 1: as it was, 0: divided by factor
        return plain * keep + plain / factor * (1 - keep), 1.0
    if kind == "yarn":
        return yarn(plain, dim, theta, parameters, original, context)
    if kind == "longrope":
        factors = parameters["long_factor" if length > original else "short_factor"]
        scale = parameters.get("attention_factor")
        if scale is None:
            grown = float(parameters.get("factor") or context / original)
            scale = math.sqrt(1 + math.log(grown) / math.log(original)) if grown > 1 else 1.0
        return plain / torch.tensor(factors, dtype=torch.float64), float(scale)
    raise ValueError(f"rotary scaling {kind!r} is not known")


def yarn(plain, dim, theta, parameters, original, context):
    """Fast dimensions keep their frequency, slow ones are divided by factor, a ramp lies between."""
    factor = float(parameters.get("factor") or context / original)

    def dimension(turns):  # that turns so often within the original context
        return dim * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(theta))

    low = dimension(float(parameters.get("beta_fast") or 32))
    high = dimension(float(parameters.get("beta_slow") or 1))
    if parameters.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    steps = torch.arange(dim // 2, dtype=torch.float64)
    slow = ((steps - low) / max(high - low, 0.001)).clamp(0, 1)

    def magnitude(scale):
        return 0.1 * scale * math.log(factor) + 1 if factor > 1 else 1.0

    scale = parameters.get("attention_factor")
    if scale is None:
        m, every = parameters.get("mscale"), parameters.get("mscale_all_dim")
        scale = magnitude(m) / magnitude(every) if m and every else magnitude(1.0)
    return plain / factor * slow + plain * (1 - slow), float(scale)


def tables(positions, dim, theta, parameters, context, dtype):
    """Cosines and sines [B, 1, T, dim] in `dtype` of positions [B, T]; computed in float64 where the device has it."""
    place = positions.device if positions.device.type != "mps" else torch.device("cpu")
    depends = parameters.get("rope_type") in ("dynamic", "longrope")
    length = int(positions.max()) + 1 if depends else 0
    frequency, scale = frequencies(dim, theta, parameters, context, length)
    angle = positions.to(place, torch.float64).unsqueeze(-1) * frequency.to(place)
    angle = torch.cat((angle, angle), -1).unsqueeze(1)
    return tuple((table * scale).to(dtype).to(positions.device) for table in (angle.cos(), angle.sin()))


def rotate(x, table):
    """x [B, H, T, dim] turned in the tables' type; the pairs are i and i + dim / 2."""
    cos, sin = table
    wide = x.to(cos.dtype)
    half = x.shape[-1] // 2
    turned = torch.cat((-wide[..., half:], wide[..., :half]), -1)
    return (wide * cos + turned * sin).to(x.dtype)
