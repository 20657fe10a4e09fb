"""Small random models in GGUF, one for each architecture and each way in which one differs from the next.

Sizes are chosen for odd things to show: heads that share keys, heads wider or narrower than width / heads, a part of a
head that turns, windows shorter than the prompt. Weights are scaled for logits that lie apart, attention that is neither even nor on
one token, an epsilon that counts, and a tied output that does not repeat its input.
"""

import numpy as np

import gguf
import vocabulary

RMS = "attention.layer_norm_rms_epsilon"
LAYER = "attention.layer_norm_epsilon"
ATTENTION = ("attn_q", "attn_k", "attn_v", "attn_output")
FFN = ("ffn_gate", "ffn_up", "ffn_down")


class Decoder:
    """Metadata and tensors of one model.

    norm: the key of its epsilon, which tells RMSNorm (weight) from LayerNorm (weight, bias). gated: FFN with ffn_gate. tied:
    no output.weight. fused: attn_qkv. biases: linear layers that have one. head_norms, post_norms, sub_norms: of Qwen 3 and
    Gemma 3, Gemma 2, BitNet. ternary: weights of the layers are -s, 0 or s. keys: metadata beyond the usual, without the
    architecture before it. extra: tensors by name. kind: type of the matrices.
    """

    def __init__(self, arch, seed, width=32, layers=2, heads=4, kv_heads=2, head=None, neurons=40, norm=RMS, epsilon=0.01,
                 context=96, gated=True, tied=True, fused=False, biases=(), head_norms=False, post_norms=False,
                 sub_norms=False, ternary=False, ffn_norm=True, embedding=1.0, sharpness=1.0, keys=None, extra=None,
                 kind=gguf.F32):
        self.random = np.random.default_rng(seed)
        self.width, self.norm_key, self.biases, self.ternary, self.kind = width, norm, biases, ternary, kind
        head_size = head or width // heads
        self.metadata = {
            "general.architecture": arch,
            "general.name": "tiny random model",
            f"{arch}.context_length": context,
            f"{arch}.embedding_length": width,
            f"{arch}.block_count": layers,
            f"{arch}.feed_forward_length": neurons,
            f"{arch}.attention.head_count": heads,
            f"{arch}.attention.head_count_kv": kv_heads,
            f"{arch}.{norm}": epsilon,
            **({f"{arch}.attention.key_length": head, f"{arch}.attention.value_length": head} if head else {}),
            **{f"{arch}.{key}": value for key, value in (keys or {}).items()},
            **vocabulary.metadata(vocabulary.PLAIN),
        }
        self.tensors = {}
        self._add("token_embd.weight", self._normal(len(vocabulary.PLAIN), width, embedding), kind)
        for name, shape in (extra or {}).items():
            values = 1 + 3 * self.random.random(shape) if len(shape) == 1 else self._normal(*shape, 1.0)
            self._add(name, values, gguf.F32)
        queries, keys_values = heads * head_size, kv_heads * head_size
        for layer in range(layers):
            self.layer = f"blk.{layer}."
            self._norm("attn_norm", width)
            if fused:
                self._linear("attn_qkv", queries + 2 * keys_values, width, 1.5 * sharpness)
            else:
                self._linear("attn_q", queries, width, 1.5 * sharpness)
                self._linear("attn_k", keys_values, width, 1.5)
                self._linear("attn_v", keys_values, width, 1.5)
            if head_norms:
                self._norm("attn_q_norm", head_size, 1.5)
                self._norm("attn_k_norm", head_size, 1.5)
            if sub_norms:
                self._norm("attn_sub_norm", queries)
                self._norm("ffn_sub_norm", neurons)
            if post_norms:
                self._norm("post_attention_norm", width)
                self._norm("post_ffw_norm", width)
            self._linear("attn_output", width, queries, 1.5)
            if ffn_norm:
                self._norm("ffn_norm", width)
            if arch == "phi3":
                self._linear("ffn_up", 2 * neurons, width, 1.5)
            else:
                if gated:
                    self._linear("ffn_gate", neurons, width, 1.5)
                self._linear("ffn_up", neurons, width, 1.5)
            self._linear("ffn_down", width, neurons, 1.5)
        self.layer = ""
        # Signs at random: a tied output then has no reason to prefer the token that came in.
        gain = 4 / (np.sqrt(width) * embedding) if tied else 1.0
        self._add("output_norm.weight", gain * self.random.standard_normal(width), gguf.F32)
        if norm == LAYER:
            self._add("output_norm.bias", 0.3 * gain * self.random.standard_normal(width), gguf.F32)
        if not tied:
            self._add("output.weight", self._normal(len(vocabulary.PLAIN), width, 4 / np.sqrt(width)), kind)

    def _add(self, name, values, kind):
        self.tensors[name] = (values.astype(np.float32), kind)

    def _normal(self, rows, cols, deviation):
        return deviation * self.random.standard_normal((rows, cols))

    def _linear(self, name, rows, cols, gain):
        weight = self._normal(rows, cols, gain / np.sqrt(cols))
        if self.ternary:
            scale = np.abs(weight).mean()
            weight = np.clip(np.rint(weight / scale), -1, 1) * np.float32(np.float16(scale))
        self._add(self.layer + name + ".weight", weight, self.kind)
        if name in self.biases:
            self._add(self.layer + name + ".bias", 0.3 * self.random.standard_normal(rows), gguf.F32)

    def _norm(self, name, width, mean=1.0):
        self._add(self.layer + name + ".weight", mean * (1 + 0.3 * self.random.standard_normal(width)), gguf.F32)
        if self.norm_key == LAYER:
            self._add(self.layer + name + ".bias", 0.3 * self.random.standard_normal(width), gguf.F32)


def gemma(arch, seed, **options):
    """Its embedding is multiplied by the root of the width, so it is the smaller here."""
    width = options.get("width", 32)
    return Decoder(arch, seed, epsilon=0.02, embedding=1 / np.sqrt(width), **options)


def falcon(seed, norms, **options):
    model = Decoder("falcon", seed, norm=LAYER, gated=False, fused=True, ffn_norm=False, **options)
    if norms == 2:
        for layer in range(2):
            model.layer = f"blk.{layer}."
            model._norm("attn_norm_2", model.width)
    return model


def bitnet_with_scales(seed):
    model = Decoder("bitnet", seed, sub_norms=True, ternary=True, keys={"rope.dimension_count": 8})
    for layer in range(2):
        for i, name in enumerate(ATTENTION + FFN):
            model._add(f"blk.{layer}.{name}.scale", np.array([0.7 + 0.1 * i]), gguf.F32)
    return model


def relufied(seed, activation, threshold=None):
    keys = {"rope.dimension_count": 8, "hidden_activation": activation}
    if threshold is not None:
        keys["hidden_activation_threshold"] = threshold
    return Decoder("llama", seed, keys=keys)


def architectures():
    """name to Decoder"""
    yarn = {
        "rope.scaling.type": "yarn",
        "rope.scaling.factor": 4.0,
        "rope.scaling.original_context_length": 64,
        "rope.freq_base": 100.0,
    }
    longrope = {
        "rope.dimension_count": 12,
        "rope.scaling.attn_factor": 1.19,
        "attention.sliding_window": 0,
    }
    factors = {"rope_factors_long.weight": (6,), "rope_factors_short.weight": (6,)}
    phi3 = {"fused": True, "tied": False, "heads": 2, "kv_heads": 1}
    head8 = {"rope.dimension_count": 8}
    return {
        "llama": Decoder("llama", 21, tied=False, keys={**head8, "rope.freq_base": 500.0}),
        "llama-wide-heads": Decoder("llama", 22, head=12, kv_heads=1, keys={"rope.dimension_count": 12}),
        "llama-yarn": Decoder("llama", 23, head=16, keys={"rope.dimension_count": 16, **yarn}),
        "llama3-frequencies": Decoder("llama", 24, keys={**head8, "rope.freq_base": 500000.0},
                                      extra={"rope_freqs.weight": (4,)}),
        "llama-biases": Decoder("llama", 25, biases=ATTENTION + FFN, keys=head8),
        "qwen2": Decoder("qwen2", 26, epsilon=0.005, biases=ATTENTION[:3], keys={"rope.freq_base": 1000000.0}),
        "qwen3": Decoder("qwen3", 27, epsilon=0.005, head=12, head_norms=True, keys={"rope.freq_base": 1000000.0}),
        "gemma": gemma("gemma", 28, head=12, kv_heads=1),
        "gemma2": gemma("gemma2", 29, layers=3, head=12, post_norms=True, sharpness=2.0, keys={
            "attn_logit_softcapping": 2.5, "final_logit_softcapping": 8.0, "attention.sliding_window": 10}),
        "gemma2-27b": gemma("gemma2", 30, width=16, layers=46, heads=1, kv_heads=1, head=8, neurons=16, post_norms=True,
                            kind=gguf.F16, keys={"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0,
                                                 "attention.sliding_window": 10}),
        "gemma3": gemma("gemma3", 31, width=24, layers=7, heads=2, kv_heads=1, head=16, neurons=48, post_norms=True,
                        head_norms=True, keys={"rope.freq_base": 1000000.0, "rope.scaling.type": "linear",
                                               "rope.scaling.factor": 8.0, "attention.sliding_window": 10}),
        "phi3": Decoder("phi3", 32, **phi3, keys={"rope.dimension_count": 12, "attention.sliding_window": 0}),
        "phi3-longrope": Decoder("phi3", 33, **phi3, context=512, extra=factors,
                                 keys={**longrope, "rope.scaling.original_context_length": 20}),
        "phi3-shortrope": Decoder("phi3", 34, **phi3, context=256, extra=factors,
                                  keys={**longrope, "rope.scaling.original_context_length": 256}),
        "phi3-window": Decoder("phi3", 35, **phi3, keys={"rope.dimension_count": 16, "attention.sliding_window": 10}),
        "nemotron": Decoder("nemotron", 36, norm=LAYER, gated=False, tied=False, neurons=72, keys={"rope.dimension_count": 4}),
        "nemotron-biases": Decoder("nemotron", 37, norm=LAYER, gated=False, tied=False, neurons=72, biases=ATTENTION + FFN,
                                   keys={"rope.dimension_count": 6}),
        "arcee": Decoder("arcee", 38, gated=False, neurons=72, head=12, keys={"rope.dimension_count": 12}),
        "arcee-yarn": Decoder("arcee", 39, gated=False, head=16, neurons=72, keys={
            "rope.dimension_count": 16, **yarn, "rope.scaling.factor": 20.0, "rope.scaling.yarn_beta_fast": 4.0,
            "rope.scaling.yarn_beta_slow": 0.5}),
        "bitnet": Decoder("bitnet", 40, sub_norms=True, ternary=True, keys={
            **head8, "rope.scaling.type": "linear", "rope.scaling.factor": 1.0}),
        "bitnet-scales": bitnet_with_scales(41),
        "bitnet-b1.58": Decoder("bitnet-b1.58", 42, sub_norms=True, ternary=True, keys={**head8, "rope.freq_base": 500000.0}),
        "falcon-7b": falcon(43, norms=1, kv_heads=1),
        "falcon-40b": falcon(44, norms=2, kv_heads=2, tied=False),
        "opt": Decoder("opt", 45, norm=LAYER, gated=False, kv_heads=4, biases=ATTENTION + FFN,
                       extra={"position_embd.weight": (96, 32)}),
        "relu": relufied(46, "relu"),
        "relu2": relufied(47, "relu2"),
        "fatrelu": relufied(48, "fatrelu", 0.4),
        "drelu": relufied(49, "drelu"),
        "gelu": relufied(50, "gelu"),
        "gelu-erf": relufied(51, "gelu_erf"),
    }


def by_type():
    """One model in blocks of 32, one in blocks of 256, one ternary in blocks of 256: to be quantised."""
    nemotron = {"norm": LAYER, "gated": False, "tied": False, "heads": 8}
    return {
        "blocks-of-32": Decoder("nemotron", 60, width=64, neurons=128, layers=1, kv_heads=2, **nemotron),
        "blocks-of-256": Decoder("nemotron", 61, width=256, neurons=256, layers=1, kv_heads=1, **nemotron),
        "ternary": Decoder("bitnet", 62, width=256, neurons=256, layers=1, heads=8, kv_heads=1, sub_norms=True, ternary=True,
                           keys={"rope.scaling.type": "linear", "rope.scaling.factor": 1.0}),
    }
