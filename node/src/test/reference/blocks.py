"""The quantised weight types of GGUF, each block to float32.

Layouts: the comments of https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h. Here each type is a NumPy record and
a function from an array of blocks to an array of blocks x weights.
"""

import numpy as np

_LEVELS = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.float32)


def _float(column):
    """A block's float16 as float32, in a shape to multiply its weights by."""
    return column.astype(np.float32)[:, None]


def _nibbles(data):
    """The low halves of all bytes, then the high halves."""
    return np.concatenate([data & 15, data >> 4], axis=-1)


def _bits(data, shifts, mask):
    """The same field of every byte at each of the shifts, shift by shift: blocks x (shifts * bytes)."""
    return np.concatenate([(data >> shift) & mask for shift in shifts], axis=-1)


def _fifth_bits(high):
    """Bit i of a 32-bit word is the fifth bit of weight i."""
    return ((high[:, None] >> np.arange(32, dtype=np.uint32)) & 1).astype(np.uint8) << 4


def _by_halves(data, shifts, mask):
    """As _bits, for each of the two runs of 32 bytes in turn."""
    return np.concatenate([_bits(data[:, :32], shifts, mask), _bits(data[:, 32:], shifts, mask)], axis=-1)


def _spread(scales, run):
    return np.repeat(scales.astype(np.float32), run, axis=-1)


def _q4_0(b):
    return _float(b["d"]) * (_nibbles(b["q"]).astype(np.float32) - 8)


def _q4_1(b):
    return _float(b["d"]) * _nibbles(b["q"]) + _float(b["m"])


def _q5_0(b):
    return _float(b["d"]) * ((_nibbles(b["q"]) | _fifth_bits(b["h"])).astype(np.float32) - 16)


def _q5_1(b):
    return _float(b["d"]) * (_nibbles(b["q"]) | _fifth_bits(b["h"])) + _float(b["m"])


def _q8_0(b):
    return _float(b["d"]) * b["q"]


def _iq4_nl(b):
    return _float(b["d"]) * _LEVELS[_nibbles(b["q"])]


def _q2_k(b):
    scale = _float(b["d"]) * _spread(b["s"] & 15, 16)
    least = _float(b["m"]) * _spread(b["s"] >> 4, 16)
    return scale * _by_halves(b["q"], (0, 2, 4, 6), 3) - least


def _q3_k(b):
    """Sixteen scales of 6 bits: low nibbles in 8 bytes, then the upper two bits of all in 4 bytes."""
    scales = _nibbles(b["s"][:, :8]) | _bits(b["s"][:, 8:], (0, 2, 4, 6), 3) << 4
    weights = _by_halves(b["q"], (0, 2, 4, 6), 3) | _bits(b["h"], range(8), 1) << 2
    return _float(b["d"]) * _spread(scales.astype(np.float32) - 32, 16) * (weights.astype(np.float32) - 4)


def _scales_and_minima(packed):
    """Eight of each in 12 bytes, 6 bits: four whole, the others a nibble with two bits that the first four leave."""
    first, second, rest = packed[:, :4], packed[:, 4:8], packed[:, 8:]
    scales = np.concatenate([first & 63, rest & 15 | first >> 6 << 4], axis=-1)
    minima = np.concatenate([second & 63, rest >> 4 | second >> 6 << 4], axis=-1)
    return scales, minima


def _nibbles_by_32(data):
    return _nibbles(data.reshape(len(data), 4, 32)).reshape(len(data), 256)


def _q4_k(b):
    scales, minima = _scales_and_minima(b["s"])
    return _float(b["d"]) * _spread(scales, 32) * _nibbles_by_32(b["q"]) - _float(b["m"]) * _spread(minima, 32)


def _q5_k(b):
    scales, minima = _scales_and_minima(b["s"])
    weights = _nibbles_by_32(b["q"]) | _bits(b["h"], range(8), 1) << 4
    return _float(b["d"]) * _spread(scales, 32) * weights - _float(b["m"]) * _spread(minima, 32)


def _q6_k(b):
    low = _nibbles(b["q"].reshape(len(b), 2, 64)).reshape(len(b), 256)
    weights = low | _by_halves(b["h"], (0, 2, 4, 6), 3) << 4
    return _float(b["d"]) * _spread(b["s"], 16) * (weights.astype(np.float32) - 32)


def _iq4_xs(b):
    high = (b["h"][:, None] >> np.arange(0, 16, 2, dtype=np.uint16)) & 3
    low = np.stack([b["s"] & 15, b["s"] >> 4], axis=-1).reshape(len(b), 8)
    scales = (low | high << 4).astype(np.float32) - 32
    levels = _LEVELS[_nibbles(b["q"].reshape(len(b), 8, 16))].reshape(len(b), 256)
    return _float(b["d"]) * _spread(scales, 32) * levels


def _trits(data, count):
    """Base 3, the first digit the most significant of a fraction of 256."""
    digits = [(data * np.uint8(3**i)).astype(np.uint16) * 3 >> 8 for i in range(count)]
    return np.concatenate(digits, axis=-1).astype(np.float32) - 1


def _tq1_0(b):
    return _float(b["d"]) * np.concatenate([_trits(b["q"][:, :32], 5), _trits(b["q"][:, 32:], 5), _trits(b["h"], 4)], axis=-1)


def _tq2_0(b):
    return _float(b["d"]) * (_by_halves(b["q"], (0, 2, 4, 6), 3).astype(np.float32) - 1)


def _record(*fields):
    return np.dtype([(name, form) if shape == 1 else (name, form, shape) for name, form, shape in fields])


_D, _M = ("d", "<f2", 1), ("m", "<f2", 1)
_FIFTH = ("h", "<u4", 1)

# GGUF's number of the type: weights in a block, the block, what it means
DECODERS = {
    2: (32, _record(_D, ("q", "u1", 16)), _q4_0),
    3: (32, _record(_D, _M, ("q", "u1", 16)), _q4_1),
    6: (32, _record(_D, _FIFTH, ("q", "u1", 16)), _q5_0),
    7: (32, _record(_D, _M, _FIFTH, ("q", "u1", 16)), _q5_1),
    8: (32, _record(_D, ("q", "i1", 32)), _q8_0),
    10: (256, _record(("s", "u1", 16), ("q", "u1", 64), _D, _M), _q2_k),
    11: (256, _record(("h", "u1", 32), ("q", "u1", 64), ("s", "u1", 12), _D), _q3_k),
    12: (256, _record(_D, _M, ("s", "u1", 12), ("q", "u1", 128)), _q4_k),
    13: (256, _record(_D, _M, ("s", "u1", 12), ("h", "u1", 32), ("q", "u1", 128)), _q5_k),
    14: (256, _record(("q", "u1", 128), ("h", "u1", 64), ("s", "i1", 16), _D), _q6_k),
    20: (32, _record(_D, ("q", "u1", 16)), _iq4_nl),
    23: (256, _record(_D, ("h", "<u2", 1), ("s", "u1", 4), ("q", "u1", 128)), _iq4_xs),
    34: (256, _record(("q", "u1", 48), ("h", "u1", 4), _D), _tq1_0),
    35: (256, _record(("q", "u1", 64), _D), _tq2_0),
}


def decode(data, kind, count, at):
    if kind not in DECODERS:
        raise ValueError(f"tensor type {kind} is not known here")
    size, block, meaning = DECODERS[kind]
    return meaning(np.frombuffer(data, block, count // size, at)).astype(np.float32).ravel()
