"""Records what ggml makes of stored weights, and of weights to store: ggml_blocks.py LIBGGML_BASE.

LIBGGML_BASE is the libggml-base.so of any llama.cpp build (b4300 or later, for TQ1_0 and TQ2_0). Writes into
src/test/resources/io/rivulet/kernels:

TYPE.decoded   blocks as in a file, then the float32 values that ggml decodes them to
weights.f32    float32 values in blocks of 32
TYPE.encoded   the blocks that ggml stores weights.f32 as

Half of the blocks of a .decoded file are what ggml stores normally distributed weights as, the others are random bits, but
for their binary16 scales, which are finite.
"""

import ctypes
import pathlib
import sys

import numpy as np

# Name in ggml: values and bytes in a block, where the binary16 scales are.
TYPES = {
    "q8_0": (32, 34, [0]),
    "q4_0": (32, 18, [0]),
    "q4_1": (32, 20, [0, 2]),
    "q5_0": (32, 22, [0]),
    "q5_1": (32, 24, [0, 2]),
    "q2_K": (256, 84, [80, 82]),
    "q3_K": (256, 110, [108]),
    "q4_K": (256, 144, [0, 2]),
    "q5_K": (256, 176, [0, 2]),
    "q6_K": (256, 210, [208]),
    "iq4_nl": (32, 18, [0]),
    "iq4_xs": (256, 136, [0]),
    "tq1_0": (256, 54, [52]),
    "tq2_0": (256, 66, [64]),
}
ENCODED = ["q8_0", "q4_0", "q4_1", "q5_0", "q5_1"]
OUT = pathlib.Path(__file__).parents[1] / "resources/io/rivulet/kernels"
BLOCKS_32, BLOCKS_256 = 16, 4

rng = np.random.default_rng(1)


def call(function, source, out_bytes, count):
    out = ctypes.create_string_buffer(out_bytes)
    function(ctypes.c_char_p(source), out, ctypes.c_int64(count))
    return out.raw


def encode(ggml, name, weights):
    values, size, _ = TYPES[name]
    encoder = getattr(ggml, f"quantize_row_{name}_ref")
    return call(encoder, weights.astype("<f4").tobytes(), weights.size // values * size, weights.size)


def random_blocks(name, count):
    _, size, scales = TYPES[name]
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for at in scales:
        bits = rng.integers(0, 0x7C00, count, dtype=np.uint16) | rng.integers(0, 2, count, dtype=np.uint16) << 15
        blocks[:, at : at + 2] = bits.astype("<u2").view(np.uint8).reshape(-1, 2)
    return blocks.tobytes()


def record_decoded(ggml, name):
    values, _, _ = TYPES[name]
    count = (BLOCKS_32 if values == 32 else BLOCKS_256) // 2
    weights = rng.normal(0, 0.02, count * values)
    blocks = encode(ggml, name, weights) + random_blocks(name, count)
    decoder = getattr(ggml, f"dequantize_row_{name}")
    decoded = call(decoder, blocks, 2 * count * values * 4, 2 * count * values)
    (OUT / f"{name.upper()}.decoded").write_bytes(blocks + decoded)


def weights_to_store():
    blocks = rng.normal(0, 0.02, (24, 32))
    blocks[0] = 0
    blocks[1] = np.arange(32) / 8 - 1.5  # ties
    blocks[2] = -blocks[1]
    blocks[3] = np.abs(blocks[3])
    blocks[4] = -np.abs(blocks[4])
    blocks[5] = 0.37  # all the same
    blocks[6, :31] = 0
    blocks[7] *= 1e-5  # the scale is subnormal in binary16
    blocks[8] *= 1e6
    blocks[9, 3], blocks[9, 19] = 0.5, -0.5  # two of the largest magnitude
    blocks[10] = np.arange(32) - 127 / 2
    return blocks.astype("<f4")


def main():
    ggml = ctypes.CDLL(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    for name in TYPES:
        record_decoded(ggml, name)
    weights = weights_to_store()
    (OUT / "weights.f32").write_bytes(weights.tobytes())
    for name in ENCODED:
        (OUT / f"{name.upper()}.encoded").write_bytes(encode(ggml, name, weights))


main()
