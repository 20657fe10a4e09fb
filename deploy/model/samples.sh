#!/bin/sh
# Writes SAMPLES.md: what the model makes of each line of prompts.txt, computed exactly and with its profile.
# Needs a built deploy/rivulet; takes some minutes.
set -eu
cd "$(dirname "$0")"
tokens=60

text() {
  ../rivulet generate --sparsity "$1" --max-tokens $tokens --prompt "$2" 2>/dev/null | tr '\n' ' ' | sed 's/ *$//'
}

{
  echo '# Samples, exact and sparse'
  echo
  echo "What the model that ships makes of the lines of [prompts.txt](prompts.txt), $tokens tokens each at temperature 0.7 and"
  echo 'seed 1: computed exactly, which gives the text of all neurons, and as its profile says. [samples.sh](samples.sh) wrote this.'
  while IFS= read -r prompt; do
    echo
    echo "**$prompt**"
    echo
    for mode in exact predicted; do
      echo "- \`$mode\`: $(text $mode "$prompt")"
    done
  done <prompts.txt
} >SAMPLES.md.new
mv SAMPLES.md.new SAMPLES.md
