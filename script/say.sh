# Sourced by the scripts: one-line progress and one-line failures.
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
stop() { printf 'kavach: %s\n' "$*" >&2; exit 1; }
