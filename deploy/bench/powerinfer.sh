#!/usr/bin/env bash
# Compares how fast Rivulet and PowerInfer generate when both leave out neurons that a predictor does not name: runs its
# `main` and `rivulet bench` in turns, and prints the medians and their ratio. They read no file in common: take two of
# the same shapes, types, and shares of named neurons.
set -euo pipefail
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'END'
usage: powerinfer.sh MAIN THEIR_MODEL OUR_MODEL

  MAIN         the main program of a PowerInfer that you built
  THEIR_MODEL  a GGUF file with PowerInfer's predictors
  OUR_MODEL    a GGUF file with a profile beside it: rivulet bench --synthetic relusq-1b --density 0.1 --type Q4_0
               --sparsity predicted --write FILE makes one that names 20 % of the neurons, half of them active

Set by the environment: PAIRS (5), GEN_TOKENS (64), THREADS (the number of cores).
END
}

case ${1:-} in
  -h | --help) usage; exit 0 ;;
esac
[ $# -eq 3 ] || { usage >&2; exit 2; }
main=$1 their_model=$2 our_model=$3
pairs=${PAIRS:-5} gen=${GEN_TOKENS:-64} threads=${THREADS:-$(getconf _NPROCESSORS_ONLN)}
require_program "$main"
require_model "$their_model"
require_model "$our_model"
require_counts "PAIRS, GEN_TOKENS and THREADS" "$pairs" "$gen" "$threads"
rivulet=$(cd "$(dirname "$0")/.." && pwd)/rivulet

# Both print tokens a second.
ours() {
  "$rivulet" bench --json --model "$our_model" --sparsity predicted --threads "$threads" \
    --prompt-tokens 8 --gen-tokens "$gen" 2>"$errors" |
    sed -n 's/.*"decode_tokens_per_second":\([0-9.E+-]*\).*/\1/p'
}

theirs() {
  "$main" -m "$their_model" -t "$threads" -n "$gen" --ignore-eos --temp 0 -p "the quick brown fox" 2>&1 </dev/null |
    tee "$errors" | sed -n '/prompt eval/d; s/.* eval time.*, *\([0-9.]*\) tokens per second.*/\1/p'
}

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
results=
for pair in $(seq "$pairs"); do
  mine=$(speeds_of ours "rivulet bench" "$our_model")
  other=$(speeds_of theirs "$main" "$their_model")
  results="$results$mine $other"$'\n'
  printf 'pair %d of %d: %.1f and %.1f tokens/s\n' "$pair" "$pairs" "$mine" "$other" >&2
done

# The ratio is the median of the pairs' ratios: what slows the machine for a while slows both of a pair.
printf '%-8s %12s %12s %8s\n' 'tokens/s' rivulet PowerInfer ratio
printf '%-8s %12.1f %12.1f %8.2f\n' decode "$(column '$1' | median)" "$(column '$2' | median)" "$(column '$1 / $2' | median)"
