# SPDX-License-Identifier: GPL-3.0-or-later
"""Models written by Airframe, in plain PyTorch: every layer mixes tokens by softmax attention, by sliding-window attention
or by a JetBlock. Runs on any device; generate() keeps a key/value cache or a recurrent state per layer.

Batches are padded on the left; attention_mask [B, tokens so far] says which tokens are real.
"""
from dataclasses import fields

import torch
import torch.nn.functional as F
from torch import nn
from transformers import GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast

from .configuration_airframe import AirframeConfig, JetNemotronConfig
from .jet_airframe import JetBlock
from .rotary_airframe import rotate, tables

# Transformers renamed the field of its outputs and the argument of forward() in version 5.
CACHE = "cache" if "cache" in {field.name for field in fields(CausalLMOutputWithPast)} else "past_key_values"
ACTIVATIONS = {"silu": F.silu, "gelu_pytorch_tanh": lambda x: F.gelu(x, approximate="tanh")}


class Norm(nn.Module):
    """RMSNorm in float32; the weight multiplies before the result is rounded to x's type."""

    def __init__(self, size, config):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size) if config.norm_plus_one else torch.ones(size))
        self.eps, self.offset = config.rms_norm_eps, float(config.norm_plus_one)

    def forward(self, x):
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        normed = wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (normed * (self.weight.to(wide.dtype) + self.offset)).to(x.dtype)


class AttentionMemory:
    """Rotated keys and values [B, heads, tokens, dim], at most the window's."""

    def __init__(self):
        self.keys = self.values = None

    def apply(self, change):
        if self.keys is not None:
            self.keys, self.values = change(self.keys), change(self.values)


class Attention(nn.Module):
    """Grouped-query attention, over all tokens before or over a window."""

    def __init__(self, config, layer):
        super().__init__()
        self.window, self.local = config.window(layer), layer in config.local_rope_layers
        self.heads, self.dim = config.num_attention_heads, config.head_dim
        self.groups = config.num_attention_heads // config.num_key_value_heads
        self.scale = config.query_scale or self.dim**-0.5
        hidden, keys = config.hidden_size, config.num_key_value_heads * self.dim
        self.q_proj = nn.Linear(hidden, self.heads * self.dim, bias=config.qkv_bias)
        self.k_proj = nn.Linear(hidden, keys, bias=config.qkv_bias)
        self.v_proj = nn.Linear(hidden, keys, bias=config.qkv_bias)
        self.o_proj = nn.Linear(self.heads * self.dim, hidden, bias=config.o_bias)
        self.q_norm = Norm(self.dim, config) if config.qk_norm else nn.Identity()
        self.k_norm = Norm(self.dim, config) if config.qk_norm else nn.Identity()

    def new_memory(self, batch, like):
        return AttentionMemory()

    def forward(self, x, call, memory):
        """x [B, T, D] -> [B, T, D]; memory is updated."""
        q, k, v = (p(x).unflatten(-1, (-1, self.dim)) for p in (self.q_proj, self.k_proj, self.v_proj))
        table = call.local_rotary if self.local else call.rotary
        q = rotate(self.q_norm(q).transpose(1, 2), table)
        k, v = rotate(self.k_norm(k).transpose(1, 2), table), v.transpose(1, 2)
        if memory.keys is not None:
            k, v = torch.cat((memory.keys, k), 2), torch.cat((memory.values, v), 2)
        memory.keys, memory.values = (k, v) if not self.window else (t[:, :, -self.window :].contiguous() for t in (k, v))
        k, v = (t.repeat_interleave(self.groups, 1) for t in (k, v))
        mask = call.visible(k.shape[2], self.window)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=self.scale)
        return self.o_proj(out.transpose(1, 2).flatten(2))


MIXERS = {"attn": Attention, "swa": Attention, "jet": JetBlock}


class Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, inner, bias = config.hidden_size, config.intermediate_size, config.mlp_bias
        self.gate_proj = nn.Linear(hidden, inner, bias=bias)
        self.up_proj = nn.Linear(hidden, inner, bias=bias)
        self.down_proj = nn.Linear(inner, hidden, bias=bias)
        self.activation = ACTIVATIONS[config.hidden_act]

    def forward(self, x):
        return self.down_proj(self.activation(self.gate_proj(x)) * self.up_proj(x))


class AirframeLayer(nn.Module):
    """h + mixer(norm(h)), then h + mlp(norm(h)); with norms after them too if the base model has those."""

    def __init__(self, config, layer):
        super().__init__()
        kind = config.blocks[layer]
        if kind not in MIXERS:
            raise ValueError(f"layer {layer} has the unknown block {kind!r}; known are {', '.join(MIXERS)}")
        self.self_attn = MIXERS[kind](config, layer)
        self.mlp = Mlp(config)
        self.input_layernorm = Norm(config.hidden_size, config)
        self.post_attention_layernorm = Norm(config.hidden_size, config)
        self.post_norms = config.post_norms
        if config.post_norms:
            self.pre_feedforward_layernorm = Norm(config.hidden_size, config)
            self.post_feedforward_layernorm = Norm(config.hidden_size, config)

    def forward(self, h, call, memory):
        mixed = self.self_attn(self.input_layernorm(h), call, memory)
        if not self.post_norms:
            h = h + mixed
            return h + self.mlp(self.post_attention_layernorm(h))
        h = h + self.post_attention_layernorm(mixed)
        return h + self.post_feedforward_layernorm(self.mlp(self.pre_feedforward_layernorm(h)))


class Call:
    """What all layers of one forward pass share: positions, padding, masks."""

    def __init__(self, config, h, seen, attention_mask, position_ids):
        batch, self.tokens = h.shape[:2]
        self.total, self.device = seen + self.tokens, h.device
        if attention_mask is not None and attention_mask.shape != (batch, self.total):
            raise ValueError(
                f"attention_mask [{batch}, {self.total}] was wanted, found {list(attention_mask.shape)}: one entry for "
                "every token so far"
            )
        mask = None if attention_mask is None else attention_mask.to(h.device).bool()
        self.mask = None if mask is None or bool(mask.all()) else mask
        self.real = None if self.mask is None else self.mask[:, seen:]
        if position_ids is None:
            if self.mask is None:
                position_ids = torch.arange(seen, self.total, device=h.device).expand(batch, -1)
            else:
                position_ids = (self.mask.long().cumsum(-1) - 1).clamp(min=0)[:, seen:]
        rope, dim, context = config.rope_parameters, config.head_dim, config.max_position_embeddings
        position_ids = position_ids.to(h.device)
        wide = torch.promote_types(h.dtype, torch.float32)
        self.rotary = tables(position_ids, dim, float(rope["rope_theta"]), rope, context, wide)
        if config.local_rope_layers:
            self.local_rotary = tables(position_ids, dim, float(config.rope_local_base_freq), {}, context, wide)
        self.masks = {}

    def visible(self, keys, window):
        """Which of the last `keys` tokens each query sees, [B or 1, 1, T, keys]."""
        if (keys, window) not in self.masks:
            query = torch.arange(self.total - self.tokens, self.total, device=self.device).unsqueeze(-1)
            key = torch.arange(self.total - keys, self.total, device=self.device)
            seen = key <= query
            if window:
                seen &= key > query - window
            seen = seen[None, None]
            if self.mask is not None:  # padding sees itself, so that its row of the softmax is not empty
                seen = seen & (self.mask[:, None, None, self.total - keys :] | (key == query))
            self.masks[keys, window] = seen
        return self.masks[keys, window]


class AirframeCache:
    """The memories of all layers of a batch, and how many tokens they have seen."""

    is_compileable = False

    def __init__(self, model, like):
        self.layers = [layer.self_attn.new_memory(like.shape[0], like) for layer in model.layers]
        self.seen = 0

    @property
    def is_linear(self):
        return [False] * len(self.layers)

    def __len__(self):
        return len(self.layers)

    def get_seq_length(self, layer_idx=0):
        return self.seen

    def get_max_cache_shape(self, layer_idx=0):
        return -1

    def change(self, change):
        for memory in self.layers:
            memory.apply(change)

    def reorder_cache(self, beam_idx):
        self.change(lambda t: t.index_select(0, beam_idx.to(t.device)))

    def batch_select_indices(self, indices):
        self.change(lambda t: t[indices])

    def batch_repeat_interleave(self, repeats):
        self.change(lambda t: t.repeat_interleave(repeats, 0))

    def crop(self, *unused):
        raise NotImplementedError("a recurrent state cannot forget its last tokens; start again with a new cache")


class AirframePreTrainedModel(PreTrainedModel):
    config_class = AirframeConfig
    base_model_prefix = "model"
    _no_split_modules = ["AirframeLayer"]
    _supports_sdpa = True
    _is_stateful = True  # no decoding that takes tokens back
    # Vectors are stored in float32 and stay it when the matrices are bfloat16 or float16.
    _keep_in_fp32_modules_strict = [
        *("A_log", "dt_bias", "o_norm", "q_norm", "k_norm", "norm", "input_layernorm", "post_attention_layernorm"),
        *("pre_feedforward_layernorm", "post_feedforward_layernorm"),
    ]

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=self.config.initializer_range)
            if getattr(module, "bias", None) is not None:
                nn.init.zeros_(module.bias)


class AirframeModel(AirframePreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(AirframeLayer(config, i) for i in range(config.num_hidden_layers))
        self.norm = Norm(config.hidden_size, config)
        self.post_init()

    def forward(
        self,
        input_ids=None,
        attention_mask=None,
        position_ids=None,
        past_key_values=None,
        inputs_embeds=None,
        use_cache=None,
        output_hidden_states=None,
        cache=None,
        **unused,
    ):
        """input_ids [B, T] continue what `cache` has seen. hidden_states, if wanted: [B, T, D] before each layer, and the last."""
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("exactly one of input_ids and inputs_embeds was wanted")
        h = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        if self.config.embedding_scale != 1.0:
            h = h * torch.tensor(self.config.embedding_scale, dtype=h.dtype, device=h.device)
        given = cache if cache is not None else past_key_values
        memory = given if given is not None else AirframeCache(self, h)
        call = Call(self.config, h, memory.seen, attention_mask, position_ids)
        wanted = output_hidden_states if output_hidden_states is not None else self.config.output_hidden_states
        states = []
        for layer, part in zip(self.layers, memory.layers):
            states.append(h) if wanted else None
            h = layer(h, call, part)
        memory.seen = call.total
        h = self.norm(h)
        keep = given is not None or (self.config.use_cache if use_cache is None else use_cache)
        return BaseModelOutputWithPast(
            last_hidden_state=h,
            hidden_states=(*states, h) if wanted else None,
            **{CACHE: memory if keep else None},
        )


class AirframeForCausalLM(AirframePreTrainedModel, GenerationMixin):
    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}

    def __init__(self, config):
        super().__init__(config)
        self.model = AirframeModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self):
        return self.model.embed_tokens

    def set_input_embeddings(self, value):
        self.model.embed_tokens = value

    def get_output_embeddings(self):
        return self.lm_head

    def set_output_embeddings(self, value):
        self.lm_head = value

    @classmethod
    def _supports_default_dynamic_cache(cls):
        return False  # forward() makes its own

    def prepare_inputs_for_generation(
        self, input_ids, past_key_values=None, cache=None, attention_mask=None, inputs_embeds=None, **options
    ):
        cache = cache if cache is not None else past_key_values
        inputs = {"attention_mask": attention_mask, CACHE: cache, "use_cache": options.get("use_cache", True)}
        seen = 0 if cache is None else cache.get_seq_length()
        if inputs_embeds is not None and seen == 0:
            inputs["inputs_embeds"] = inputs_embeds
        elif inputs_embeds is not None:  # input_ids then hold only what was generated
            inputs["input_ids"] = input_ids[:, seen - inputs_embeds.shape[1] :]
        else:
            inputs["input_ids"] = input_ids[:, seen:]
        if "logits_to_keep" in options:
            inputs["logits_to_keep"] = options["logits_to_keep"]
        return inputs

    def forward(
        self,
        input_ids=None,
        attention_mask=None,
        position_ids=None,
        past_key_values=None,
        inputs_embeds=None,
        labels=None,
        use_cache=None,
        output_hidden_states=None,
        logits_to_keep=0,
        cache=None,
        **unused,
    ):
        """logits [B, T or logits_to_keep, vocabulary] in float32; loss over `labels` [B, T], -100 is left out."""
        out = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            output_hidden_states=output_hidden_states,
            cache=cache if cache is not None else past_key_values,
        )
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = self.lm_head(out.last_hidden_state[:, kept]).float()
        loss = None
        if labels is not None:
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].to(logits.device).flatten(), ignore_index=-100)
        return CausalLMOutputWithPast(
            loss=loss, logits=logits, hidden_states=out.hidden_states, **{CACHE: out.get(CACHE)}
        )


class JetNemotronForCausalLM(AirframeForCausalLM):
    """The same network where config.json is written as Jet-Nemotron's was released."""

    config_class = JetNemotronConfig
