"""A GGUF version 3 reader and writer of its own, so that nothing of the product checks itself.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct

import numpy as np

import blocks

ALIGNMENT = 32
F32, F16, Q4_0, Q8_0, BF16 = 0, 1, 2, 8, 30
BLOCK = 32

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9


class Reader:
    """metadata: key to value; tensors: name to float32 array, rows first; kinds: name to type."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self._data = file.read()
        self._at = 0
        magic, version = self._unpack("4s"), self._unpack("I")
        if magic != b"GGUF" or version not in (2, 3):
            raise ValueError(f"{path}: not a GGUF file of version 2 or 3")
        tensor_count, key_count = self._unpack("Q"), self._unpack("Q")
        self.metadata = {}
        for _ in range(key_count):
            key = self._string()
            self.metadata[key] = self._value(self._unpack("I"))
        infos = []
        for _ in range(tensor_count):
            name = self._string()
            shape = [self._unpack("Q") for _ in range(self._unpack("I"))]
            infos.append((name, shape[::-1], self._unpack("I"), self._unpack("Q")))
        alignment = self.metadata.get("general.alignment", ALIGNMENT)
        base = -(-self._at // alignment) * alignment
        self.kinds = {name: kind for name, _, kind, _ in infos}
        self.tensors = {name: self._tensor(shape, kind, base + offset) for name, shape, kind, offset in infos}

    def _unpack(self, form):
        value = struct.unpack_from("<" + form, self._data, self._at)[0]
        self._at += struct.calcsize("<" + form)
        return value

    def _string(self):
        length = self._unpack("Q")
        value = self._data[self._at : self._at + length].decode("utf-8")
        self._at += length
        return value

    def _value(self, kind):
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            element = self._unpack("I")
            return [self._value(element) for _ in range(self._unpack("Q"))]
        return self._unpack(_SCALARS[kind])

    def _tensor(self, shape, kind, at):
        count = int(np.prod(shape))
        if kind == F32:
            flat = np.frombuffer(self._data, "<f4", count, at)
        elif kind == F16:
            flat = np.frombuffer(self._data, "<f2", count, at).astype(np.float32)
        elif kind == BF16:
            flat = (np.frombuffer(self._data, "<u2", count, at).astype(np.uint32) << 16).view(np.float32)
        else:
            flat = blocks.decode(self._data, kind, count, at)
        return flat.reshape(shape)


def write(path, metadata, tensors):
    """tensors: name to (float32 array, type)."""
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata)))
    for key, value in metadata.items():
        head += _encode_string(key) + _encode_value(value)
    body = bytearray()
    for name, (array, kind) in tensors.items():
        head += _encode_string(name) + struct.pack("<I", array.ndim)
        head += b"".join(struct.pack("<Q", n) for n in array.shape[::-1])
        head += struct.pack("<IQ", kind, len(body))
        body += _encode_tensor(array, kind)
        body += bytes(-len(body) % ALIGNMENT)
    head += bytes(-len(head) % ALIGNMENT)
    with open(path, "wb") as file:
        file.write(head + body)


def _encode_string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _kind_of(value):
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, int):
        return _UINT32 if value >= 0 else _INT32
    return _FLOAT32 if isinstance(value, float) else _STRING


def _encode_value(value):
    if isinstance(value, list):
        kind = _INT32 if isinstance(value[0], int) else _kind_of(value[0])
        return struct.pack("<IIQ", _ARRAY, kind, len(value)) + b"".join(_encode_scalar(v, kind) for v in value)
    return struct.pack("<I", _kind_of(value)) + _encode_scalar(value, _kind_of(value))


def _encode_scalar(value, kind):
    return _encode_string(value) if kind == _STRING else struct.pack("<" + _SCALARS[kind], value)


def _encode_tensor(array, kind):
    flat = np.ascontiguousarray(array, dtype=np.float32).ravel()
    if kind == F32:
        return flat.astype("<f4").tobytes()
    if kind == F16:
        return flat.astype("<f2").tobytes()
    if kind == BF16:
        bits = flat.view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()
    rows = flat.reshape(-1, BLOCK)
    scale = (np.abs(rows).max(axis=1) / 127).astype("<f2")
    divisor = np.where(scale == 0, 1, scale).astype(np.float32)
    packed = np.zeros(len(rows), np.dtype([("scale", "<f2"), ("bytes", "i1", BLOCK)]))
    packed["scale"] = scale
    packed["bytes"] = np.clip(np.rint(rows / divisor[:, None]), -127, 127)
    return packed.tobytes()
