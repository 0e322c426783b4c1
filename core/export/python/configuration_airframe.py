# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration of models written by Airframe: transformers with softmax, sliding-window and JetBlock token mixers."""
import ast

from transformers import PretrainedConfig


def rotary_parameters(theta, scaling, parameters):
    """Both spellings of config.json (rope_theta + rope_scaling, rope_parameters) as one dictionary."""
    result = {"rope_type": "default"}
    for given in (scaling, parameters):
        result.update(given or {})
    if "type" in result:  # the oldest spelling
        result["rope_type"] = result.pop("type")
    result.setdefault("rope_theta", theta)
    return result


class AirframeConfig(PretrainedConfig):
    """
    model_type "airframe". Beside the usual fields of a Llama-like model:
    layer_types: one of "attn", "swa", "jet" per layer; block_dims: {"jet": {"heads", "k", "v", "generator"}, "swa": {"window"}};
    layer_windows: keys that the attention of a layer sees, its own among them, 0 = all; local_rope_layers: numbers of the
    layers that turn by rope_local_base_freq without scaling; the flags say which weights the base model has.
    """

    model_type = "airframe"
    keys_to_ignore_at_inference = ["past_key_values", "cache"]

    def __init__(
        self,
        vocab_size=32000,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=None,
        head_dim=None,
        hidden_act="silu",
        max_position_embeddings=2048,
        initializer_range=0.02,
        rms_norm_eps=1e-6,
        use_cache=True,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        rope_theta=10000.0,
        rope_scaling=None,
        rope_parameters=None,
        rope_local_base_freq=10000.0,
        layer_types=None,
        layer_windows=None,
        local_rope_layers=None,
        block_dims=None,
        jet_norm_eps=1e-5,
        qkv_bias=False,
        o_bias=False,
        mlp_bias=False,
        qk_norm=False,
        post_norms=False,
        norm_plus_one=False,
        embedding_scale=1.0,
        query_scale=0.0,
        **kwargs,
    ):
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.intermediate_size = intermediate_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.num_key_value_heads = num_key_value_heads or num_attention_heads
        self.head_dim = head_dim or hidden_size // num_attention_heads
        self.hidden_act = hidden_act
        self.max_position_embeddings = max_position_embeddings
        self.initializer_range = initializer_range
        self.rms_norm_eps = rms_norm_eps
        self.use_cache = use_cache
        if isinstance(layer_types, str):  # some released files hold the list as a string
            layer_types = ast.literal_eval(layer_types)
        # Not as `layer_types`: transformers checks that name against words of its own.
        self.blocks = list(layer_types or ["attn"] * num_hidden_layers)
        self.layer_windows = list(layer_windows or [0] * num_hidden_layers)
        self.local_rope_layers = list(local_rope_layers or [])
        self.block_dims = block_dims or {}
        self.jet_norm_eps = jet_norm_eps
        self.qkv_bias = qkv_bias
        self.o_bias = o_bias
        self.mlp_bias = mlp_bias
        self.qk_norm = qk_norm
        self.post_norms = post_norms
        self.norm_plus_one = norm_plus_one
        self.embedding_scale = embedding_scale
        self.query_scale = query_scale
        super().__init__(
            bos_token_id=bos_token_id,
            eos_token_id=eos_token_id,
            pad_token_id=pad_token_id,
            tie_word_embeddings=tie_word_embeddings,
            **kwargs,
        )
        # After the base class, which in some versions has its own idea of these.
        self.rope_local_base_freq = rope_local_base_freq
        self.rope_parameters = rotary_parameters(rope_theta, rope_scaling, rope_parameters)
        for name in ("blocks", "layer_windows"):
            if len(getattr(self, name)) != num_hidden_layers:
                raise ValueError(f"{name} has {len(getattr(self, name))} entries for {num_hidden_layers} layers")

    def to_dict(self):
        """As config.json has it: the blocks under their published name."""
        fields = super().to_dict()
        fields["layer_types"] = fields.pop("blocks")
        return fields

    def window(self, layer):
        """Keys that the attention of `layer` sees, its own among them; 0 = all before it."""
        if self.blocks[layer] == "swa":
            return int(self.block_dims["swa"]["window"])
        return int(self.layer_windows[layer])

    def jet_dims(self):
        """heads H, k K, v V, generator R of the JetBlocks, and the epsilon of their output norm."""
        dims = self.block_dims["jet"]
        return {**{name: int(dims[name]) for name in ("heads", "k", "v", "generator")}, "eps": float(self.jet_norm_eps)}


class JetNemotronConfig(AirframeConfig):
    """model_type "jet_nemotron", as released: the blocks' dimensions lie in efficient_attention_config."""

    model_type = "jet_nemotron"

    def __init__(self, efficient_attention_config=None, qkv_bias=True, **kwargs):
        self.efficient_attention_config = efficient_attention_config or {}
        super().__init__(qkv_bias=qkv_bias, **kwargs)

    def window(self, layer):
        if self.blocks[layer] != "swa":
            return 0
        return int(self.efficient_attention_config["swa"]["window_size"])

    def jet_dims(self):
        jet = self.efficient_attention_config["jet"]
        heads, k, expand = int(jet["num_heads"]), int(jet["head_dim"]), float(jet["expand_v"])
        if int(jet.get("conv_size", 4)) != 4:
            raise ValueError(f"conv_size 4 was wanted, found {jet['conv_size']}")
        return {
            "heads": heads,
            "k": k,
            "v": int(k * expand),
            "generator": int(heads * k * expand) // int(jet["dconv_generator_reduction"]),
            "eps": float(jet.get("norm_eps", 1e-5)),
        }
