"""A decoder-only transformer in plain float32 PyTorch, written from the papers' definitions:

attention with grouped heads (arXiv:1706.03762, arXiv:2305.13245), rotary positions (arXiv:2104.09864), LayerNorm
(arXiv:1607.06450), RMSNorm (arXiv:1910.07467), gated FFN (arXiv:2002.05202), squared ReLU (arXiv:2109.08668).
"""

import math

import torch
import torch.nn.functional as F


class Transformer:
    def __init__(self, metadata, tensors):
        self.arch = metadata["general.architecture"]
        if self.arch not in ("llama", "nemotron"):
            raise ValueError(f"architecture {self.arch} is not known here")
        self.tensors = {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}
        self.layers = self._key(metadata, "block_count")
        self.heads = self._key(metadata, "attention.head_count")
        self.kv_heads = self._key(metadata, "attention.head_count_kv", self.heads)
        width = self._key(metadata, "embedding_length")
        self.head_size = self._key(metadata, "attention.key_length", width // self.heads)
        rotary = self._key(metadata, "rope.dimension_count", self.head_size)
        base = self._key(metadata, "rope.freq_base", 10000.0)
        factor = self._key(metadata, "rope.scaling.factor", 1.0)
        steps = torch.arange(0, rotary, 2, dtype=torch.float64)
        self.frequencies = base ** (-steps / rotary) / factor
        if "rope_freqs.weight" in self.tensors:
            self.frequencies = self.frequencies / self.tensors["rope_freqs.weight"].double()
        kind = "layer_norm_epsilon" if self.arch == "nemotron" else "layer_norm_rms_epsilon"
        self.epsilon = self._key(metadata, "attention." + kind)
        default = "relu2" if self.arch == "nemotron" else "silu"
        self.activation = self._key(metadata, "hidden_activation", default)

    def _key(self, metadata, name, default=None):
        value = metadata.get(f"{self.arch}.{name}", default)
        if value is None:
            raise ValueError(f"{self.arch}.{name} is missing")
        return value

    def _linear(self, x, name):
        return F.linear(x, self.tensors[name + ".weight"], self.tensors.get(name + ".bias"))

    def _norm(self, x, name):
        weight = self.tensors[name + ".weight"]
        if self.arch == "nemotron":
            mean = x.mean(-1, keepdim=True)
            variance = ((x - mean) ** 2).mean(-1, keepdim=True)
            return (x - mean) / torch.sqrt(variance + self.epsilon) * weight + self.tensors[name + ".bias"]
        return x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.epsilon) * weight

    def _activate(self, x):
        if self.activation == "relu2":
            return F.relu(x) ** 2
        return F.relu(x) if self.activation == "relu" else F.silu(x)

    def _rotate(self, x):
        """x: tokens, heads, head size. llama turns neighbours (2i, 2i+1), nemotron turns halves (i, i + dims/2)."""
        angles = torch.arange(x.shape[0], dtype=torch.float64)[:, None] * self.frequencies
        cos, sin = angles.cos().float()[:, None, :], angles.sin().float()[:, None, :]
        half = len(self.frequencies)
        turned = x.clone()
        pairs = (slice(0, half), slice(half, 2 * half)) if self.arch == "nemotron" else (slice(0, 2 * half, 2), slice(1, 2 * half, 2))
        a, b = x[..., pairs[0]], x[..., pairs[1]]
        turned[..., pairs[0]] = a * cos - b * sin
        turned[..., pairs[1]] = a * sin + b * cos
        return turned

    def _attention(self, x, layer):
        tokens = x.shape[0]
        q = self._rotate(self._linear(x, layer + "attn_q").view(tokens, self.heads, self.head_size))
        k = self._rotate(self._linear(x, layer + "attn_k").view(tokens, self.kv_heads, self.head_size))
        v = self._linear(x, layer + "attn_v").view(tokens, self.kv_heads, self.head_size)
        shared = self.heads // self.kv_heads
        k, v = k.repeat_interleave(shared, 1), v.repeat_interleave(shared, 1)
        scores = torch.einsum("qhd,khd->hqk", q, k) / math.sqrt(self.head_size)
        future = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        joined = torch.einsum("hqk,khd->qhd", weights, v).reshape(tokens, -1)
        return self._linear(joined, layer + "attn_output")

    def _ffn(self, x, layer):
        hidden = self._linear(x, layer + "ffn_up")
        if layer + "ffn_gate.weight" in self.tensors:
            hidden = self._activate(self._linear(x, layer + "ffn_gate")) * hidden
        else:
            hidden = self._activate(hidden)
        self.densities.append((hidden != 0).float().mean(-1))
        return self._linear(hidden, layer + "ffn_down")

    def logits(self, tokens):
        """Scores of the next token after each of the tokens: tokens x vocabulary. Leaves densities: layer by token."""
        self.densities = []
        x = self.tensors["token_embd.weight"][torch.tensor(tokens)]
        for i in range(self.layers):
            layer = f"blk.{i}."
            x = x + self._attention(self._norm(x, layer + "attn_norm"), layer)
            x = x + self._ffn(self._norm(x, layer + "ffn_norm"), layer)
        output = self.tensors.get("output.weight", self.tensors["token_embd.weight"])
        return F.linear(self._norm(x, "output_norm"), output)
