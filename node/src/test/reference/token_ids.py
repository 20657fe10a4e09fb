"""Records the ids that llama.cpp gives texts, for the tests of the tokenizers.

Usage: token_ids.py LLAMA_TOKENIZE FOLDER OUT.jsonl

FOLDER holds GGUF files, as the tests' classes TinyByteVocabulary, TinyUnigramVocabulary and
TinyWordPieceVocabulary write them; the name of each is recorded with its ids. The texts of the files are encoded as text and,
marked "controls", with the control tokens that are written in them.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

TEXTS = [
    "",
    " ",
    "   ",
    "      ",
    "\n",
    "\n\n \n",
    "\t\ttab",
    "the lower, newer low",
    " the  unmerged   unmerged",
    "It's the king's; I'LL 'Try 'S",
    "1 12 123 1234 12345 123456 1234567",
    "a1b22 c333d  4444",
    "...!!! ..\n ?!\r\n\r\n",
    "aaaa aab aba ABC abC AbC aBCd",
    "\u00e9t\u00e9 caf\u00e9s d\u00e9j\u00e0 vu",
    "\u65e5\u672c\u8a9e \u65e5 1\u65e5\u3042\u30ab",
    "\ud55c\uad6d\uc5b4 \u0440\u0443\u0441 \u0639\u0631\u0628",
    "\U0001f600 \U0001f468\u200d\U0001f469 e\u0301\u0301 \u00bd\u00b2",
    "word\u00a0word\u2003 end ",
    "x = {\"a\": [1, 2]}; // the_low__ $+<=>^~|`",
    "path/to//file\n/ newer/\n",
    "<sentinel:12> IMGIMGABZ     in",
    "low<|begin|>the<|end|><|tool|>low<|tool|>  <|begin",
    "\ufb01ne\tworld  aba !",
    "<extra>the <extra> world<unk></s>the",
]


def tokenize(program, model, text, controls):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        command = [program, "-m", str(model), "-f", file.name, "--ids", "--no-escape"]
        command += [] if controls else ["--no-parse-special"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output[output.rindex("[") :])


def main():
    program, folder, out = sys.argv[1:]
    with open(out, "w", encoding="ascii") as lines:
        for model in sorted(pathlib.Path(folder).glob("*.gguf")):
            for controls in (False, True):
                for text in TEXTS:
                    if controls and "<" not in text:
                        continue
                    line = {"vocabulary": model.stem, "text": text}
                    if controls:
                        line["controls"] = True
                    line["ids"] = tokenize(program, model, text, controls)
                    lines.write(json.dumps(line, separators=(",", ":")) + "\n")


main()
