"""The small random models whose every logit is recorded."""

import numpy as np

import gguf
import vocabulary


def matrix(random, rows, cols):
    return (random.standard_normal((rows, cols)) / np.sqrt(cols)).astype(np.float32)


def vector(random, n, mean=0.0):
    return (mean + 0.3 * random.standard_normal(n)).astype(np.float32)


def nemotron(seed, kinds, width=48, heads=6, kv_heads=2, rotary=4, ffn=112, layers=2):
    """LayerNorm, halves turned in part of a head, grouped heads, every optional bias, ungated squared ReLU."""
    random = np.random.default_rng(seed)
    head = width // heads
    metadata = {
        "general.architecture": "nemotron",
        "general.name": "tiny random nemotron",
        "nemotron.context_length": 96,
        "nemotron.embedding_length": width,
        "nemotron.block_count": layers,
        "nemotron.feed_forward_length": ffn,
        "nemotron.attention.head_count": heads,
        "nemotron.attention.head_count_kv": kv_heads,
        "nemotron.attention.layer_norm_epsilon": 1e-5,
        "nemotron.rope.dimension_count": rotary,
        "nemotron.rope.freq_base": 1000.0,
        **vocabulary.metadata(vocabulary.WITH_BYTES),
    }
    tensors = {"token_embd.weight": (3 * matrix(random, len(vocabulary.WITH_BYTES), width), kinds["embedding"])}

    def norm(name):
        tensors[name + ".weight"] = (vector(random, width, 1), gguf.F32)
        tensors[name + ".bias"] = (vector(random, width), gguf.F32)

    def linear(name, rows, cols, kind):
        tensors[name + ".weight"] = (matrix(random, rows, cols), kind)
        tensors[name + ".bias"] = (vector(random, rows), gguf.F32)

    for i in range(layers):
        layer = f"blk.{i}."
        norm(layer + "attn_norm")
        linear(layer + "attn_q", heads * head, width, kinds["attention"])
        linear(layer + "attn_k", kv_heads * head, width, kinds["attention"])
        linear(layer + "attn_v", kv_heads * head, width, kinds["attention"])
        linear(layer + "attn_output", width, heads * head, kinds["attention"])
        norm(layer + "ffn_norm")
        linear(layer + "ffn_up", ffn, width, kinds["up"])
        linear(layer + "ffn_down", width, ffn, kinds["down"])
    norm("output_norm")
    tensors["output.weight"] = (2 * matrix(random, len(vocabulary.WITH_BYTES), width), kinds["output"])
    return metadata, tensors


def llama(seed, activation=None, width=32, heads=4, kv_heads=2, head=12, ffn=80, layers=2):
    """RMSNorm, neighbours turned, heads wider than the model, frequencies scaled, gated FFN, the output tied."""
    random = np.random.default_rng(seed)
    metadata = {
        "general.architecture": "llama",
        "general.name": "tiny random llama",
        "llama.context_length": 96,
        "llama.embedding_length": width,
        "llama.block_count": layers,
        "llama.feed_forward_length": ffn,
        "llama.attention.head_count": heads,
        "llama.attention.head_count_kv": kv_heads,
        "llama.attention.key_length": head,
        "llama.attention.value_length": head,
        "llama.attention.layer_norm_rms_epsilon": 1e-6,
        "llama.rope.dimension_count": head,
        "llama.rope.freq_base": 500000.0,
        "llama.rope.scaling.type": "linear",
        "llama.rope.scaling.factor": 2.0,
        **({"llama.hidden_activation": activation} if activation else {}),
        **vocabulary.metadata(vocabulary.WITH_BYTES),
    }
    tensors = {
        "token_embd.weight": (2 * matrix(random, len(vocabulary.WITH_BYTES), width), gguf.F32),
        "rope_freqs.weight": (1 + random.random(head // 2).astype(np.float32), gguf.F32),
    }
    for i in range(layers):
        layer = f"blk.{i}."
        tensors[layer + "attn_norm.weight"] = (vector(random, width, 1), gguf.F32)
        tensors[layer + "attn_q.weight"] = (matrix(random, heads * head, width), gguf.F32)
        tensors[layer + "attn_k.weight"] = (matrix(random, kv_heads * head, width), gguf.F32)
        tensors[layer + "attn_v.weight"] = (matrix(random, kv_heads * head, width), gguf.F32)
        tensors[layer + "attn_output.weight"] = (matrix(random, width, heads * head), gguf.F32)
        tensors[layer + "ffn_norm.weight"] = (vector(random, width, 1), gguf.F32)
        tensors[layer + "ffn_gate.weight"] = (matrix(random, ffn, width), gguf.F32)
        tensors[layer + "ffn_up.weight"] = (matrix(random, ffn, width), gguf.F32)
        tensors[layer + "ffn_down.weight"] = (matrix(random, width, ffn), gguf.F32)
    tensors["output_norm.weight"] = (vector(random, width, 1), gguf.F32)
    return metadata, tensors


def all_models():
    """name to (metadata, tensors)"""
    f32 = dict.fromkeys(["embedding", "attention", "up", "down", "output"], gguf.F32)
    mixed = {"embedding": gguf.Q8_0, "attention": gguf.F16, "up": gguf.BF16, "down": gguf.Q8_0, "output": gguf.Q8_0}
    return {
        "nemotron": nemotron(11, f32),
        "nemotron-mixed": nemotron(12, mixed, width=64, heads=4, rotary=16, ffn=128),
        "llama": llama(13),
        "llama-relu": llama(14, activation="relu"),
    }
