"""A decoder-only transformer in plain PyTorch: no cache, no batches, every sum in double precision, so that where an engine
differs the difference is that engine's.

Written from the definitions: attention with grouped heads (arXiv:1706.03762, arXiv:2305.13245), rotary positions
(arXiv:2104.09864), LayerNorm (arXiv:1607.06450), RMSNorm (arXiv:1910.07467), gated FFN (arXiv:2002.05202), squared ReLU
(arXiv:2109.08668), YaRN (arXiv:2309.00071), LongRoPE (arXiv:2402.13753), parallel blocks (Falcon, arXiv:2311.16867), soft
caps and alternating windows (Gemma 2, arXiv:2408.00118), local and global frequencies (Gemma 3, arXiv:2503.19786), sub-norms
(BitNet b1.58 2B4T, arXiv:2504.12285), thresholds (ProSparse, arXiv:2402.13516), dReLU (Turbo Sparse, arXiv:2406.05955), OPT
(arXiv:2205.01068). Which tensors and keys a GGUF file of an architecture has, and what is fused in them, is as llama.cpp has
it (src/models of https://github.com/ggml-org/llama.cpp); `opt`, `bitnet-b1.58` and the keys `hidden_activation` and
`hidden_activation_threshold` are not in it.
"""

import math

import torch
import torch.nn.functional as F

# norm: RMSNorm or LayerNorm; rotary: which elements of a head turn together; activation: of the FFN, unless a key names one.
ARCHITECTURES = {
    "llama": {"norm": "rms", "rotary": "neighbours", "activation": "silu"},
    "arcee": {"norm": "rms", "rotary": "neighbours", "activation": "relu2"},
    "qwen2": {"norm": "rms", "rotary": "halves", "activation": "silu"},
    "qwen3": {"norm": "rms", "rotary": "halves", "activation": "silu"},
    "phi3": {"norm": "rms", "rotary": "halves", "activation": "silu"},
    "gemma": {"norm": "rms", "rotary": "halves", "activation": "gelu"},
    "gemma2": {"norm": "rms", "rotary": "halves", "activation": "gelu"},
    "gemma3": {"norm": "rms", "rotary": "halves", "activation": "gelu"},
    "bitnet": {"norm": "rms", "rotary": "halves", "activation": "silu"},
    "bitnet-b1.58": {"norm": "rms", "rotary": "halves", "activation": "relu2"},
    "nemotron": {"norm": "layer", "rotary": "halves", "activation": "relu2"},
    "falcon": {"norm": "layer", "rotary": "halves", "activation": "gelu"},
    "opt": {"norm": "layer", "rotary": "none", "activation": "relu"},
}


def gelu(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def rounded(x):
    """Each 32 neighbours in whole numbers, to nearest, of their greatest magnitude / 127."""
    blocks = x.reshape(*x.shape[:-1], -1, 32)
    step = blocks.abs().amax(-1, keepdim=True) / 127
    return torch.where(step > 0, torch.round(blocks / step) * step, blocks).reshape(x.shape)


class Transformer:
    def __init__(self, metadata, tensors, eight_bits=frozenset()):
        """eight_bits: tensors whose products round what they are multiplied by."""
        self.arch = metadata["general.architecture"]
        if self.arch not in ARCHITECTURES:
            raise ValueError(f"architecture {self.arch} is not known here")
        self.traits = ARCHITECTURES[self.arch]
        self.metadata = metadata
        self.tensors = {name: torch.from_numpy(array.astype("f8")) for name, array in tensors.items()}
        self.eight_bits = eight_bits
        self.layers = self.key("block_count")
        self.width = self.key("embedding_length")
        self.heads = self.key("attention.head_count")
        self.kv_heads = self.key("attention.head_count_kv", self.heads)
        self.head_size = self.key("attention.key_length", self.width // self.heads)
        rms = self.traits["norm"] == "rms"
        self.epsilon = self.key("attention.layer_norm_rms_epsilon" if rms else "attention.layer_norm_epsilon")
        self.activation = self.key("hidden_activation", self.traits["activation"])
        self.threshold = self.key("hidden_activation_threshold", 0.0)
        self.scale = 1 / math.sqrt(self._query_scalar())
        caps = {"gemma2": (50.0, 30.0), "gemma3": (0.0, 0.0)}.get(self.arch)
        self.attention_cap = self.key("attn_logit_softcapping", caps[0]) if self.arch == "gemma2" else 0.0
        self.logit_cap = self.key("final_logit_softcapping", caps[1]) if caps else 0.0

    def key(self, name, default=None):
        value = self.metadata.get(f"{self.arch}.{name}", default)
        if value is None:
            raise ValueError(f"{self.arch}.{name} is missing")
        return value

    def _query_scalar(self):
        """The 27B models of Gemma 2 and 3, which only their depth tells, scale by width / heads rather than the head's size."""
        of_27b = (self.arch, self.layers) in (("gemma2", 46), ("gemma3", 62))
        return self.width // self.heads if of_27b else self.head_size

    def _window(self, layer):
        """How many positions back a layer sees, itself included; 0 for all.

        Files of phi3 name a window too, but llama.cpp leaves it unused
        (https://github.com/ggml-org/llama.cpp/pull/13676), and what it computes is held to be right here.
        """
        if self.arch not in ("gemma2", "gemma3"):
            return 0
        window, period = (4096, 2) if self.arch == "gemma2" else (0, 6)
        window = self.key("attention.sliding_window", window)
        period = self.key("attention.sliding_window_pattern", period)
        return window if layer % period < period - 1 else 0

    def _frequencies(self, layer):
        """Radians a position, one for each pair that turns; and by how much the turned are stretched."""
        dims = self.key("rope.dimension_count", self.head_size)
        pairs = torch.arange(0, dims, 2, dtype=torch.float64)
        if self.arch == "gemma3" and self._window(layer):
            return self.key("rope.freq_base_swa", 10000.0) ** (-pairs / dims), 1.0
        base = self.key("rope.freq_base", 10000.0)
        original = self.key("rope.scaling.original_context_length", self.key("context_length"))
        kind = self.key("rope.scaling.type", "linear")
        factor = 1.0 if kind == "none" else self.key("rope.scaling.factor", 1.0)
        factors = self._frequency_factors(original)
        extrapolated = base ** (-pairs / dims) / factors
        interpolated = extrapolated / factor
        stretch = self.key("rope.scaling.attn_factor", 1.0)
        if kind != "yarn":
            return interpolated, stretch

        def pair_that_turns(times):
            return dims * math.log(original / (times * 2 * math.pi)) / (2 * math.log(base))

        low = max(math.floor(pair_that_turns(self.key("rope.scaling.yarn_beta_fast", 32.0))), 0)
        high = min(math.ceil(pair_that_turns(self.key("rope.scaling.yarn_beta_slow", 1.0))), dims - 1)
        ramp = ((pairs / 2 - low) / max(high - low, 0.001)).clamp(0, 1)
        return interpolated * ramp + extrapolated * (1 - ramp), stretch * (1 + 0.1 * math.log(factor))

    def _frequency_factors(self, original):
        if "rope_freqs.weight" in self.tensors:
            return self.tensors["rope_freqs.weight"]
        which = "long" if self.key("context_length") > original else "short"
        return self.tensors.get(f"rope_factors_{which}.weight", torch.ones(1, dtype=torch.float64))

    def _rotate(self, x, layer):
        """x: tokens, heads, head size. Turns neighbours (2i, 2i+1), or halves (i, i + dims/2)."""
        if self.traits["rotary"] == "none":
            return x
        frequencies, stretch = self._frequencies(layer)
        angles = torch.arange(x.shape[0], dtype=torch.float64)[:, None] * frequencies
        cos, sin = (stretch * angles.cos())[:, None, :], (stretch * angles.sin())[:, None, :]
        half = len(frequencies)
        neighbours = slice(0, 2 * half, 2), slice(1, 2 * half, 2)
        first, second = neighbours if self.traits["rotary"] == "neighbours" else (slice(0, half), slice(half, 2 * half))
        turned = x.clone()
        turned[..., first] = x[..., first] * cos - x[..., second] * sin
        turned[..., second] = x[..., first] * sin + x[..., second] * cos
        return turned

    def _product(self, x, name):
        return F.linear(rounded(x) if name in self.eight_bits else x, self.tensors[name])

    def _linear(self, x, name):
        y = self._product(x, name + ".weight")
        y = y * self.tensors.get(name + ".scale", 1.0)
        return y + self.tensors.get(name + ".bias", 0.0)

    def _norm(self, x, name):
        if self.traits["norm"] == "layer":
            x = x - x.mean(-1, keepdim=True)
        normal = x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.epsilon)
        return normal * self.tensors[name + ".weight"] + self.tensors.get(name + ".bias", 0.0)

    def _has(self, name):
        return name + ".weight" in self.tensors

    def _norm_if_there(self, x, name):
        return self._norm(x, name) if self._has(name) else x

    def _activate(self, x):
        if self.activation == "silu":
            return F.silu(x)
        if self.activation == "gelu":
            return gelu(x)
        if self.activation == "gelu_erf":
            return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
        if self.activation in ("relu", "drelu"):
            return F.relu(x)
        if self.activation == "relu2":
            return F.relu(x) ** 2
        if self.activation == "fatrelu":
            return torch.where(x > self.threshold, x, torch.zeros_like(x))
        raise ValueError(f"activation {self.activation} is not known here")

    def _queries_keys_values(self, x, name):
        widths = [self.heads * self.head_size, self.kv_heads * self.head_size, self.kv_heads * self.head_size]
        if self._has(name + "attn_qkv"):
            q, k, v = self._linear(x, name + "attn_qkv").split(widths, -1)
        else:
            q, k, v = (self._linear(x, name + part) for part in ("attn_q", "attn_k", "attn_v"))
        return [part.reshape(len(x), -1, self.head_size) for part in (q, k, v)]

    def _attention(self, x, layer):
        name = f"blk.{layer}."
        tokens = len(x)
        q, k, v = self._queries_keys_values(x, name)
        q = self._rotate(self._norm_if_there(q, name + "attn_q_norm"), layer)
        k = self._rotate(self._norm_if_there(k, name + "attn_k_norm"), layer)
        shared = self.heads // self.kv_heads
        k, v = k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1)
        scores = torch.einsum("qhd,khd->hqk", q, k) * self.scale
        if self.attention_cap:
            scores = self.attention_cap * torch.tanh(scores / self.attention_cap)
        back = torch.arange(tokens)[:, None] - torch.arange(tokens)
        unseen = back < 0
        if self._window(layer):
            unseen = unseen | (back >= self._window(layer))
        weights = scores.masked_fill(unseen, -math.inf).softmax(-1)
        joined = torch.einsum("hqk,khd->qhd", weights, v).reshape(tokens, -1)
        return self._linear(self._norm_if_there(joined, name + "attn_sub_norm"), name + "attn_output")

    def _ffn(self, x, layer):
        name = f"blk.{layer}."
        up = self._linear(x, name + "ffn_up")
        if self.arch == "phi3":
            gate, up = up.chunk(2, -1)
            hidden = self._activate(gate) * up
        elif self._has(name + "ffn_gate"):
            up = F.relu(up) if self.activation == "drelu" else up
            hidden = self._activate(self._linear(x, name + "ffn_gate")) * up
        else:
            hidden = self._activate(up)
        self.densities.append((hidden != 0).double().mean(-1))
        return self._linear(self._norm_if_there(hidden, name + "ffn_sub_norm"), name + "ffn_down")

    def _block(self, x, layer):
        name = f"blk.{layer}."
        normal = self._norm(x, name + "attn_norm")
        if self.arch == "falcon":  # side by side; the 40B has a norm for each, and attn_norm is the FFN's
            second = self._norm(x, name + "attn_norm_2") if self._has(name + "attn_norm_2") else normal
            return x + self._attention(second, layer) + self._ffn(normal, layer)
        x = x + self._norm_if_there(self._attention(normal, layer), name + "post_attention_norm")
        return x + self._norm_if_there(self._ffn(self._norm(x, name + "ffn_norm"), layer), name + "post_ffw_norm")

    def logits(self, tokens):
        """Scores of the next token after each of the tokens: tokens x vocabulary. Leaves densities: layer by token."""
        self.densities = []
        x = self.tensors["token_embd.weight"][torch.tensor(tokens)]
        if self.arch.startswith("gemma"):
            x = x * math.sqrt(self.width)
        if self.arch == "opt":
            x = x + self.tensors["position_embd.weight"][: len(tokens)]
        for layer in range(self.layers):
            x = self._block(x, layer)
        output = "output.weight" if "output.weight" in self.tensors else "token_embd.weight"
        logits = self._product(self._norm(x, "output_norm"), output) + self.tensors.get("output.bias", 0.0)
        return self.logit_cap * torch.tanh(logits / self.logit_cap) if self.logit_cap else logits
