"""Records what the reference computes, for tests to hold the product to.

    record.py logits FOLDER                   writes the models of logit_models.py and every logit after a prompt
    record.py architectures FOLDER            writes the models of models.py, and what follows a prompt greedily
    record.py types LLAMA_QUANTIZE FOLDER     the same for one model in each weight type, made by llama.cpp's llama-quantize
    record.py model FILE.gguf OUT.json ID...  records the strongest logits of a model's last positions for these token ids
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import gguf
import logit_models
import models
import vocabulary
from transformer import Transformer

TOP = 16
PROMPT = 24
CONTINUATION = 40
KEPT = 5
GAP = 0.03
DISTINCT = 10

TYPES = {
    "blocks-of-32": ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL"],
    "blocks-of-256": ["Q2_K", "Q3_K_S", "Q4_K_S", "Q5_K_S", "Q6_K", "IQ4_XS"],
    "ternary": ["TQ1_0", "TQ2_0"],
}


def load(path):
    """The model as the engine computes it: products with these types round activations, but not where neurons are skipped."""
    reader = gguf.Reader(path)
    eight_bits = {name for name, kind in reader.kinds.items() if kind in (gguf.Q8_0, gguf.Q4_0)}
    model = Transformer(reader.metadata, reader.tensors)
    if model.activation in ("relu", "relu2", "drelu", "fatrelu"):
        eight_bits = {name for name in eight_bits if "ffn_down" not in name}
    model.eight_bits = eight_bits
    return model


def write_json(path, value):
    Path(path).write_text(json.dumps(value, separators=(",", ":")) + "\n")


def numbers(tensor):
    return [float(f"{v:.8g}") for v in tensor.tolist()]


def continuation(model, prompt):
    """The most likely tokens one after another, and the logits that each was chosen by."""
    tokens, rows = list(prompt), []
    for _ in range(CONTINUATION):
        rows.append(model.logits(tokens)[-1])
        tokens.append(int(rows[-1].argmax()))
    return tokens[len(prompt) :], torch.stack(rows)


def gaps(logits):
    best = logits.topk(2).values
    return best[:, 0] - best[:, 1]


def greedy(path, seed):
    """Takes the first prompt after which no choice is close, the text varies and does not end."""
    model = load(path)
    for attempt in range(500):
        random = np.random.default_rng([seed, attempt])
        prompt = [vocabulary.START] + random.integers(3, len(vocabulary.PLAIN), PROMPT - 1).tolist()
        tokens, logits = continuation(model, prompt)
        gap = gaps(logits).min().item()
        if gap >= GAP and vocabulary.END not in tokens and len(set(tokens)) >= DISTINCT:
            break
    else:
        raise ValueError(f"{path}: no prompt will do")
    neurons = model.key("feed_forward_length")
    top = logits.topk(KEPT)
    chosen = logits.log_softmax(-1).max(-1).values
    write_json(
        path.with_suffix(".json"),
        {
            "prompt": prompt,
            "tokens": tokens,
            "logprobs": numbers(chosen),
            "topIds": top.indices.tolist(),
            "topLogits": [numbers(row) for row in top.values],
            "active": [round(density[-1].item() * neurons) for density in model.densities],
        },
    )
    print(f"{path.name}: {path.stat().st_size} bytes, {len(set(tokens))} distinct tokens, smallest gap {gap:.3f}")


def architectures(folder):
    for seed, (name, model) in enumerate(models.architectures().items()):
        path = folder / f"{name}.gguf"
        gguf.write(path, model.metadata, model.tensors)
        greedy(path, seed)


def types(llama_quantize, folder):
    with tempfile.TemporaryDirectory() as scratch:
        for seed, (name, model) in enumerate(models.by_type().items()):
            source = Path(scratch) / f"{name}.gguf"
            gguf.write(source, model.metadata, model.tensors)
            for kind in TYPES[name]:
                path = folder / f"{kind.removesuffix('_S').lower()}.gguf"
                embedding = ["--token-embedding-type", "q8_0"] if name == "ternary" else []
                subprocess.run(
                    [llama_quantize, "--pure", *embedding, source, path, kind, "1"], check=True, capture_output=True
                )
                greedy(path, 100 + seed)


def logits(folder):
    for index, (name, (metadata, tensors)) in enumerate(logit_models.all_models().items()):
        path = folder / f"{name}.gguf"
        gguf.write(path, metadata, tensors)
        tokens = [1] + np.random.default_rng(100 + index).integers(3, len(vocabulary.WITH_BYTES), 11).tolist()
        model = load(path)
        rows = [numbers(row) for row in model.logits(tokens)]
        write_json(
            path.with_suffix(".json"), {"tokens": tokens, "logits": rows, "density": [numbers(row) for row in model.densities]}
        )


def strongest(path, out, tokens):
    model = load(path)
    rows = model.logits(tokens)
    positions = []
    for at in range(max(0, len(tokens) - 3), len(tokens)):
        top = rows[at].topk(TOP)
        positions.append({"position": at, "ids": top.indices.tolist(), "logits": numbers(top.values)})
    write_json(out, {"tokens": tokens, "positions": positions, "density": [numbers(row) for row in model.densities]})


def main(arguments):
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    command, values = arguments[0] if arguments else "", arguments[1:]
    if command == "logits" and len(values) == 1:
        logits(Path(values[0]))
    elif command == "architectures" and len(values) == 1:
        architectures(Path(values[0]))
    elif command == "types" and len(values) == 2:
        types(values[0], Path(values[1]))
    elif command == "model" and len(values) > 2:
        strongest(values[0], values[1], [int(token) for token in values[2:]])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
