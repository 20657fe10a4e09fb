#!/usr/bin/env bash
# What reading ahead is worth where a model does not fit in memory: measures decode with `rivulet bench` in a control group
# of a part of the model's size, weights in a mapped file, with the rows of predicted neurons read ahead and without.
set -euo pipefail
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'END'
usage: beyond-memory.sh MODEL

  MODEL  a GGUF file with its sparsity profile beside it, such as `rivulet bench --synthetic relusq-1b --sparsity predicted
         --write FILE` leaves

Needs Linux and the right to make control groups. Set by the environment: ROUNDS (3), GEN_TOKENS (32), MEMORY (two thirds of
the model's bytes) that the process may have, for weights, caches and the JVM together.
END
}

case ${1:-} in
  -h | --help) usage; exit 0 ;;
esac
[ $# -eq 1 ] || { usage >&2; exit 2; }
model=$1
require_model "$model"
rounds=${ROUNDS:-3} gen=${GEN_TOKENS:-32} memory=${MEMORY:-$(($(stat -Lc %s "$model") * 2 / 3))}
require_counts "ROUNDS, GEN_TOKENS and MEMORY" "$rounds" "$gen" "$memory"
rivulet=$(cd "$(dirname "$0")/.." && pwd)/rivulet

# Of version 1 or 2, whichever has the memory controller here.
group=/sys/fs/cgroup/memory/rivulet-$$ limit=memory.limit_in_bytes
if [ ! -d /sys/fs/cgroup/memory ]; then
  group=/sys/fs/cgroup/rivulet-$$ limit=memory.max
fi
mkdir "$group" 2>/dev/null || fail "no control group can be made at $group: run it as root, where control groups may be written"

clean_up() {
  [ -z "$running" ] || kill "$running" 2>/dev/null || true
  [ -z "$running" ] || wait "$running" 2>/dev/null || true
  # The group is busy until what was killed in it is gone.
  for _ in 1 2 3 4 5; do
    rmdir "$group" 2>/dev/null && break
    sleep 0.2
  done
  rm -f "$output" "$errors"
}

running=
output=$(mktemp)
errors=$(mktemp)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
echo "$memory" 2>/dev/null >"$group/$limit" || fail "the control group $group takes no limit of memory"

# Pages in the system's cache are charged to whoever read them first: none may be left from before.
forget() {
  local file
  for file in "$model" "$model.layout"; do
    [ ! -e "$file" ] || dd if="$file" of=/dev/null iflag=nocache count=0 status=none
  done
}

# bench WEIGHTS sets the decode speed, in tokens a second, and the share of pages that were in memory.
bench() {
  forget
  sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
    "$rivulet" bench --json --model "$model" --sparsity predicted --weights "$1" \
    --prompt-tokens 4 --gen-tokens "$gen" --rounds 1 --warm-up 1 >"$output" 2>"$errors" &
  running=$!
  wait "$running" || true
  running=
  speed=$(sed -n 's/.*"decode_tokens_per_second":\([0-9.E+-]*\).*/\1/p' "$output")
  hits=$(sed -n 's/.*"page_hit_rate":\([0-9.E+-]*\).*/\1/p' "$output")
  if [ -z "$speed" ]; then
    cat "$errors" >&2
    fail "rivulet bench gave no speed on $model; its messages are above"
  fi
}

# The file of laid-out weights is made outside the group, once.
export RIVULET_JAVA_OPTS="${RIVULET_JAVA_OPTS:-} -Xmx128m -XX:+UseSerialGC"
"$rivulet" bench --model "$model" --weights mapped --prompt-tokens 1 --gen-tokens 1 --rounds 1 --warm-up 0 >/dev/null

# In turns: what slows the machine for a while slows both of a pair, and leaves their ratio.
plain= ahead= ratios=
for _ in $(seq "$rounds"); do
  bench mapped_plain
  before=$speed
  bench mapped
  plain+=$before$'\n' ahead+=$speed$'\n'
  ratios+=$(awk -v ahead="$speed" -v plain="$before" 'BEGIN { print ahead / plain }')$'\n'
done
printf '%-24s %12s %12s %8s %12s\n' 'tokens/s' mapped 'read ahead' ratio 'pages there'
printf '%-24s %12.2f %12.2f %8.2f %11.1f%%\n' "$((memory / 1000000)) MB of memory" \
  "$(median <<<"${plain%$'\n'}")" "$(median <<<"${ahead%$'\n'}")" "$(median <<<"${ratios%$'\n'}")" \
  "$(awk -v hits="$hits" 'BEGIN { print 100 * hits }')"
