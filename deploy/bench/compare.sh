#!/usr/bin/env bash
# Compares Rivulet's speed with llama.cpp's on the same file and cores: runs a llama-bench that you have and
# `rivulet bench` in turns, and prints the medians and their ratios.
set -euo pipefail
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'END'
usage: compare.sh LLAMA_BENCH MODEL [SPARSITY]

  LLAMA_BENCH  the llama-bench program of a llama.cpp that you built
  MODEL        a GGUF file that both read
  SPARSITY     exact (the default) or off

Set by the environment: PAIRS (5), PROMPT_TOKENS (128), GEN_TOKENS (64), THREADS (the number of cores).
END
}

case ${1:-} in
  -h | --help) usage; exit 0 ;;
esac
[ $# -eq 2 ] || [ $# -eq 3 ] || { usage >&2; exit 2; }
llama_bench=$1 model=$2 sparsity=${3:-exact}
pairs=${PAIRS:-5} prompt=${PROMPT_TOKENS:-128} gen=${GEN_TOKENS:-64} threads=${THREADS:-$(getconf _NPROCESSORS_ONLN)}
require_program "$llama_bench"
require_model "$model"
require_counts "PAIRS, PROMPT_TOKENS, GEN_TOKENS and THREADS" "$pairs" "$prompt" "$gen" "$threads"
rivulet=$(cd "$(dirname "$0")/.." && pwd)/rivulet

# Both print "prompt decode", in tokens a second.
ours() {
  "$rivulet" bench --json --model "$model" --sparsity "$sparsity" --threads "$threads" \
    --prompt-tokens "$prompt" --gen-tokens "$gen" 2>"$errors" |
    sed -n 's/.*"prompt_tokens_per_second":\([0-9.E+-]*\).*"decode_tokens_per_second":\([0-9.E+-]*\).*/\1 \2/p'
}

theirs() {
  "$llama_bench" -m "$model" -p "$prompt" -n "$gen" -t "$threads" -o json 2>"$errors" | awk '
    /"n_prompt"/ { prompt = $2 + 0 }
    /"avg_ts"/ { if (prompt > 0) p = $2 + 0; else d = $2 + 0 }
    END { if (p > 0 && d > 0) print p, d }'
}

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
results=
for pair in $(seq "$pairs"); do
  mine=$(speeds_of ours "rivulet bench" "$model")
  other=$(speeds_of theirs "$llama_bench" "$model")
  results="$results$mine $other"$'\n'
  awk -v pair="$pair" -v pairs="$pairs" -v line="$mine $other" 'BEGIN {
    split(line, v, " ")
    printf "pair %d of %d: prompt %.1f and %.1f, decode %.1f and %.1f tokens/s\n", pair, pairs, v[1], v[3], v[2], v[4]
  }' >&2
done

# The ratio is the median of the pairs' ratios: what slows the machine for a while slows both of a pair.
printf '%-8s %12s %12s %8s\n' 'tokens/s' rivulet llama.cpp ratio
printf '%-8s %12.1f %12.1f %8.2f\n' prompt "$(column '$1' | median)" "$(column '$3' | median)" "$(column '$1 / $3' | median)"
printf '%-8s %12.1f %12.1f %8.2f\n' decode "$(column '$2' | median)" "$(column '$4' | median)" "$(column '$2 / $4' | median)"
