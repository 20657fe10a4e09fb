"""SentencePiece vocabularies as metadata: what a GGUF file needs to be loaded, while prompts here are token ids."""

SPECIAL = ["<unk>", "<s>", "</s>"]
UNKNOWN, START, END = 0, 1, 2

_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6

_BYTES = [f"<0x{i:02X}>" for i in range(256)]
_LETTERS = [chr(code) for code in range(0x21, 0x7F)]
_WORDS = "▁ e t a o ▁t h ▁th ▁the n i s r in ▁a er on re at ▁s".split()
_MORE_WORDS = "he ▁i ▁o nd ▁w ed ou ▁and is ▁of ing ▁to ▁in it en ▁be ▁he or ha".split()

WITH_BYTES = SPECIAL + _BYTES + _WORDS
PLAIN = SPECIAL + _LETTERS + [word for word in _WORDS if word not in _LETTERS] + _MORE_WORDS


def metadata(pieces):
    kinds = [_BYTE if piece in _BYTES else _NORMAL for piece in pieces[len(SPECIAL) :]]
    fixed = len(SPECIAL) + kinds.count(_BYTE)
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": pieces,
        "tokenizer.ggml.scores": [0.0] * fixed + [-float(i) for i in range(len(pieces) - fixed)],
        "tokenizer.ggml.token_type": [_UNKNOWN, _CONTROL, _CONTROL, *kinds],
        "tokenizer.ggml.unknown_token_id": UNKNOWN,
        "tokenizer.ggml.bos_token_id": START,
        "tokenizer.ggml.eos_token_id": END,
        "tokenizer.ggml.add_bos_token": True,
    }
