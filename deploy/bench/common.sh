# What the scripts here share; they source it.

fail() {
  echo "$(basename "$0"): $1" >&2
  exit 2
}

# require_counts NAMES NUMBER...
require_counts() {
  local names=$1 number
  shift
  for number; do
    case $number in
      '' | *[!0-9]* | 0*) fail "$names are whole numbers from 1, was '$number'" ;;
    esac
  done
}

require_program() {
  [ -x "$1" ] && [ ! -d "$1" ] || fail "$1 is not a program: give its path"
}

require_model() {
  [ -r "$1" ] && [ ! -d "$1" ] || fail "$1 cannot be read: give the path of a GGUF file"
}

# speeds_of FUNCTION NAME MODEL: prints what the function measures, or ends with what the program of that name wrote to
# $errors.
speeds_of() {
  local speeds
  speeds=$("$1") || true
  if [ -z "$speeds" ]; then
    cat "$errors" >&2
    fail "$2 gave no speeds on $3; its messages are above"
  fi
  echo "$speeds"
}

# column EXPRESSION: awk's value of it for each line of $results.
column() {
  printf '%s' "$results" | awk "{ print $1 }"
}

# Of the numbers on its input, one a line.
median() {
  sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
