"""Judges the reference by llama.cpp: the same file, the same prompt, llama-server's greedy tokens and every log-probability.

    llama_cpp.py [--float32] LLAMA_SERVER FILE.gguf... [-- SERVER_OPTION...]

--float32 hands the server the same weights written out as F32: it then multiplies floats, where with other types it rounds
what they are multiplied by to float16 or to 8 bits. Log-probabilities are compared up to the first token that differs.
"""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import torch

import gguf
import vocabulary
from transformer import Transformer

OPTIONS = ["--ctx-size", "0", "--parallel", "1", "--threads", "1", "--n-gpu-layers", "0", "--no-warmup"]
OPTIONS += ["--cache-type-k", "f32", "--cache-type-v", "f32"]
SECONDS_TO_START = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def wait_until_ready(url, server, log):
    for _ in range(SECONDS_TO_START * 10):
        if server.poll() is not None:
            raise RuntimeError("llama-server ended: " + log.read_text(errors="replace")[-2000:])
        try:
            urllib.request.urlopen(url + "/health", timeout=5).close()
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise RuntimeError("llama-server did not become ready")


def ask(command, file, prompt, count, options):
    """The tokens, and for each the log-probability of every token by id."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        with log.open("wb") as out:
            arguments = [command, "-m", file, "--port", str(port), *OPTIONS, *options]
            server = subprocess.Popen(arguments, stdout=out, stderr=out)
        try:
            wait_until_ready(url, server, log)
            body = {"prompt": prompt, "n_predict": count, "temperature": 0, "cache_prompt": False}
            body["n_probs"] = len(vocabulary.PLAIN)
            answer = post(url + "/completion", body)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    steps = answer["completion_probabilities"]
    return [step["id"] for step in steps], [{top["id"]: top["logprob"] for top in step["top_logprobs"]} for step in steps]


def compare(command, path, as_float32, options):
    recorded = json.loads(path.with_suffix(".json").read_text())
    prompt, tokens = recorded["prompt"], recorded["tokens"]
    reader = gguf.Reader(path)
    with tempfile.TemporaryDirectory() as scratch:
        file = path
        if as_float32:
            file = Path(scratch) / "float32.gguf"
            gguf.write(file, reader.metadata, {name: (array, gguf.F32) for name, array in reader.tensors.items()})
        theirs, logprobs = ask(command, file, prompt, len(tokens), options)
    equal = next((i for i, pair in enumerate(zip(tokens, theirs)) if pair[0] != pair[1]), len(theirs))
    model = Transformer(reader.metadata, reader.tensors)
    rows = model.logits(prompt + tokens)[len(prompt) - 1 : -1].log_softmax(-1)
    of_chosen = of_any = 0.0
    for step in range(min(equal + 1, len(tokens))):
        every = torch.tensor([logprobs[step][token] for token in range(len(vocabulary.PLAIN))], dtype=torch.float64)
        difference = (every - rows[step]).abs()
        of_any = max(of_any, difference.max().item())
        of_chosen = max(of_chosen, difference[tokens[step]].item())
    print(f"| {path.stem} | {equal} of {len(tokens)} | {of_chosen:.1e} | {of_any:.1e} |", flush=True)


def main(arguments):
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    options = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, options = arguments[:at], arguments[at + 1 :]
    as_float32 = arguments[:1] == ["--float32"]
    arguments = arguments[as_float32:]
    if len(arguments) < 2:
        sys.exit(__doc__)
    for file in arguments[1:]:
        compare(arguments[0], Path(file), as_float32, options)


if __name__ == "__main__":
    main(sys.argv[1:])
