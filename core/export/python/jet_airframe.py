# SPDX-License-Identifier: GPL-3.0-or-later
"""The JetBlock (Jet-Nemotron, arXiv 2508.15884): a gated delta rule with a dynamic convolution on the values."""
import torch
import torch.nn.functional as F
from torch import nn

TAPS = 4
CHUNK = 64  # tokens that the rule takes at once; the state is carried from chunk to chunk


def gated_delta(q, k, v, g, beta, state):
    """o [B, H, T, V] and the state [B, H, K, V] after T tokens.

    Per head and token: S <- exp(g) S; S <- S + k (beta (v - S^T k))^T; o = S^T q. q and k [B, H, T, K] come normalised,
    q scaled; g and beta [B, H, T]. Several tokens at once by the chunked form (Yang et al., arXiv 2412.06464).
    """
    if q.shape[2] == 1:
        state = state * g.exp().unsqueeze(-1)
        error = v - k @ state
        state = state + k.transpose(-1, -2) @ (beta.unsqueeze(-1) * error)
        return q @ state, state
    outputs = []
    for begin in range(0, q.shape[2], CHUNK):
        part = slice(begin, begin + CHUNK)
        out, state = chunk(q[:, :, part], k[:, :, part], v[:, :, part], g[:, :, part], beta[:, :, part], state)
        outputs.append(out)
    return torch.cat(outputs, 2), state


def chunk(q, k, v, g, beta, state):
    """gated_delta() of at most CHUNK tokens as products of small matrices."""
    tokens = q.shape[2]
    total = g.cumsum(-1)
    earlier = torch.ones(tokens, tokens, dtype=torch.bool, device=q.device).tril()
    # Masked before exp(): differences above the diagonal are positive and could overflow.
    decay = (total.unsqueeze(-1) - total.unsqueeze(-2)).masked_fill(~earlier, float("-inf")).exp()
    b = beta.unsqueeze(-1)
    system = (b * decay * (k @ k.transpose(-1, -2))).tril(-1)
    right = torch.cat((b * v, b * total.exp().unsqueeze(-1) * k), -1)
    solved = torch.linalg.solve_triangular(system, right, upper=False, unitriangular=True)
    written = solved[..., : v.shape[-1]] - solved[..., v.shape[-1] :] @ state
    out = (total.exp().unsqueeze(-1) * q) @ state + (decay * (q @ k.transpose(-1, -2))) @ written
    left = (total[..., -1:] - total).exp().unsqueeze(-1) * k
    return out, total[..., -1].exp()[..., None, None] * state + left.transpose(-1, -2) @ written


class KernelGenerator(nn.Module):
    """x [B, T, D] -> taps [B, T, C, 4] of every channel; the last tap is the current token's."""

    def __init__(self, hidden, inner, channels):
        super().__init__()
        self.w1 = nn.Linear(hidden, inner, bias=False)
        self.w2 = nn.Linear(inner, channels * TAPS, bias=True)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x))).unflatten(-1, (-1, TAPS))


class DynamicConv(nn.Module):
    """silu of a causal convolution whose taps each token makes for itself."""

    def __init__(self, hidden, inner, channels):
        super().__init__()
        self.kernel_generator = KernelGenerator(hidden, inner, channels)

    def forward(self, x, u, before):
        """x [B, T, D], u [B, T, C], before: the four u in front of them [B, C, 4], oldest first -> [B, T, C] and the last four."""
        stream = torch.cat((before.transpose(1, 2).to(u.dtype), u), 1)
        taps = self.kernel_generator(x)
        wide = torch.promote_types(u.dtype, torch.float32)
        tokens = u.shape[1]
        total = sum(taps[..., w].to(wide) * stream[:, 1 + w : 1 + w + tokens] for w in range(TAPS))
        return F.silu(total), stream[:, -TAPS:].transpose(1, 2)


class JetMemory:
    """What a JetBlock carries from token to token: recurrent [B, H, K, V] float32, conv [B, H V, 4]."""

    def __init__(self, recurrent, conv):
        self.recurrent, self.conv = recurrent, conv

    def apply(self, change):
        self.recurrent, self.conv = change(self.recurrent), change(self.conv)


class JetBlock(nn.Module):
    """Token mixer without positions. The rule, its gates, norms and state are float32 (float64 if x is)."""

    def __init__(self, config, layer):
        super().__init__()
        dims = config.jet_dims()
        hidden = config.hidden_size
        self.heads, self.k, self.v, self.eps = dims["heads"], dims["k"], dims["v"], dims["eps"]
        keys, values = self.heads * self.k, self.heads * self.v
        self.q_proj = nn.Linear(hidden, keys, bias=False)
        self.k_proj = nn.Linear(hidden, keys, bias=False)
        self.v_proj = nn.Linear(hidden, values, bias=False)
        self.g_proj = nn.Linear(hidden, values, bias=False)
        self.a_proj = nn.Linear(hidden, self.heads, bias=False)
        self.b_proj = nn.Linear(hidden, self.heads, bias=False)
        self.A_log = nn.Parameter(torch.zeros(self.heads))
        self.dt_bias = nn.Parameter(torch.zeros(self.heads))
        self.dynamic_conv1d = DynamicConv(hidden, dims["generator"], values)
        self.o_norm = nn.Module()
        self.o_norm.weight = nn.Parameter(torch.ones(self.v))
        self.o_proj = nn.Linear(values, hidden, bias=False)

    def new_memory(self, batch, like):
        wide = torch.promote_types(like.dtype, torch.float32)
        return JetMemory(
            torch.zeros(batch, self.heads, self.k, self.v, dtype=wide, device=like.device),
            torch.zeros(batch, self.heads * self.v, TAPS, dtype=like.dtype, device=like.device),
        )

    def forward(self, x, call, memory):
        """x [B, T, D] -> [B, T, D]; memory is updated. call.real [B, T] marks the tokens that are not padding, or is None."""
        wide = torch.promote_types(x.dtype, torch.float32)

        def per_head(t):
            return t.to(wide).unflatten(-1, (self.heads, -1)).transpose(1, 2)

        def unit(t):
            return t * torch.rsqrt(t.square().sum(-1, keepdim=True) + 1e-6)

        u = self.v_proj(x)
        g = -self.A_log.to(wide).exp() * F.softplus(self.a_proj(x).to(wide) + self.dt_bias.to(wide))
        beta = self.b_proj(x).to(wide).sigmoid()
        if call.real is not None:  # padding leaves no trace: nothing enters the window, nothing decays, nothing is written
            real = call.real.unsqueeze(-1)
            u, g, beta = u * real.to(u.dtype), g * real.to(wide), beta * real.to(wide)
        v, memory.conv = self.dynamic_conv1d(x, u, memory.conv)
        q, k = unit(per_head(F.silu(self.q_proj(x)))) * self.k**-0.5, unit(per_head(F.silu(self.k_proj(x))))
        o, memory.recurrent = gated_delta(q, k, per_head(v), g.transpose(1, 2), beta.transpose(1, 2), memory.recurrent)
        o = o * torch.rsqrt(o.square().mean(-1, keepdim=True) + self.eps) * self.o_norm.weight.to(wide)
        o = o * F.silu(per_head(self.g_proj(x)))
        return self.o_proj(o.transpose(1, 2).flatten(2).to(x.dtype))
