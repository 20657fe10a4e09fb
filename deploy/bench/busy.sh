#!/usr/bin/env bash
# How much speed is left when another process takes a core: measures decode alone and beside a busy loop, with
# `rivulet bench` and, where you have one, llama.cpp's llama-bench on the same file.
set -euo pipefail
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'END'
usage: busy.sh MODEL [LLAMA_BENCH]

  MODEL        a GGUF file
  LLAMA_BENCH  the llama-bench program of a llama.cpp that you built

Set by the environment: ROUNDS (3), GEN_TOKENS (32), THREADS (the number of cores), LOOPS (1) busy loops,
CORE (the last) that they run on.
END
}

case ${1:-} in
  -h | --help) usage; exit 0 ;;
esac
[ $# -eq 1 ] || [ $# -eq 2 ] || { usage >&2; exit 2; }
model=$1 llama_bench=${2:-}
cores=$(getconf _NPROCESSORS_ONLN)
rounds=${ROUNDS:-3} gen=${GEN_TOKENS:-32} threads=${THREADS:-$cores} loops=${LOOPS:-1} core=${CORE:-$((cores - 1))}
require_model "$model"
[ -z "$llama_bench" ] || require_program "$llama_bench"
require_counts "ROUNDS, GEN_TOKENS, THREADS and LOOPS" "$rounds" "$gen" "$threads" "$loops"
command -v taskset >/dev/null || fail "taskset was not found: install util-linux, which has it"
taskset -c "$core" true 2>/dev/null || fail "there is no core '$core' to take: set CORE to one of 0 to $((cores - 1))"
rivulet=$(cd "$(dirname "$0")/.." && pwd)/rivulet

# In the background, so that a signal ends the script at once.
run() {
  "$@" >"$output" 2>"$errors" &
  running=$!
  wait "$running" || true
  running=
}

# Both set the decode speed, in tokens a second.
ours() {
  run "$rivulet" bench --json --model "$model" --threads "$threads" --prompt-tokens 16 --gen-tokens "$gen"
  speed=$(sed -n 's/.*"decode_tokens_per_second":\([0-9.E+-]*\).*/\1/p' "$output")
}

theirs() {
  run "$llama_bench" -m "$model" -p 0 -n "$gen" -t "$threads" -r 3 -o json
  speed=$(awk '/"avg_ts"/ && $2 + 0 > 0 { print $2 + 0 }' "$output")
}

measure() {
  "$1"
  if [ -z "$speed" ]; then
    cat "$errors" >&2
    fail "$2 gave no speed on $model; its messages are above"
  fi
}

busy=()
take_core() {
  for _ in $(seq "$loops"); do
    taskset -c "$core" sh -c 'while :; do :; done' &
    busy+=($!)
  done
}

free_core() {
  if [ ${#busy[@]} -gt 0 ]; then
    kill "${busy[@]}" 2>/dev/null || true
    wait "${busy[@]}" 2>/dev/null || true
  fi
  busy=()
}

clean_up() {
  free_core
  [ -z "$running" ] || kill "$running" 2>/dev/null || true
  rm -f "$output" "$errors"
}

running=
output=$(mktemp)
errors=$(mktemp)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Alone and busy in turns: what slows the machine for a while slows both of a pair, and leaves their ratio.
report() {
  local alone= taken= ratios= before
  for _ in $(seq "$rounds"); do
    measure "$1" "$2"
    before=$speed
    take_core
    measure "$1" "$2"
    free_core
    alone+=$before$'\n' taken+=$speed$'\n'
    ratios+=$(awk -v busy="$speed" -v alone="$before" 'BEGIN { print busy / alone }')$'\n'
  done
  printf '%-10s %12.1f %12.1f %8.2f\n' "$3" \
    "$(median <<<"${alone%$'\n'}")" "$(median <<<"${taken%$'\n'}")" "$(median <<<"${ratios%$'\n'}")"
}

printf '%-10s %12s %12s %8s\n' 'tokens/s' alone busy ratio
report ours "rivulet bench" rivulet
[ -z "$llama_bench" ] || report theirs "$llama_bench" llama.cpp
