#!/bin/sh
# Makes what the trainer reads from the text: sh prepare.sh CORPUS DATA
#   CORPUS  folder with train.txt.xz and valid.txt.xz (see CORPUS.md for their form)
#   DATA    folder to write token numbers to, about 250 MB
# Needs xz and SentencePiece's command-line tools (Debian: xz-utils, sentencepiece).
set -eu

if [ $# -ne 2 ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
for tool in xz spm_encode; do
  command -v "$tool" >/dev/null || { echo "prepare.sh: $tool is needed" >&2; exit 1; }
done
corpus=$1
data=$2
model=$(dirname "$0")/tokenizer.model
mkdir -p "$data"

# The same vocabulary without the space before the first word: what a paragraph looks like after a line break.
# Appended fields override earlier ones: normalizer_spec (3) { add_dummy_prefix (3): false }.
{ cat "$model"; printf '\032\002\030\000'; } >"$data/plain.model"

for split in train valid; do
  [ -r "$corpus/$split.txt.xz" ] || { echo "prepare.sh: no $corpus/$split.txt.xz" >&2; exit 1; }
  # One paragraph a line; an empty line ends a book.
  xz -dc "$corpus/$split.txt.xz" | grep -v '^$' | sed 's/^<|endoftext|>$//' >"$data/$split.lines"
  spm_encode --model="$model" --output_format=id <"$data/$split.lines" >"$data/$split.prefix.ids"
  spm_encode --model="$data/plain.model" --output_format=id <"$data/$split.lines" >"$data/$split.plain.ids"
  rm "$data/$split.lines"
done
