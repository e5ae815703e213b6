#!/usr/bin/env bash
# Works once in a while, without answering anybody. INTERVAL_SECONDS: the while, 1 unless set.
set -euo pipefail

# The platform stops an instance with SIGTERM.
trap 'echo "stopped after round $round"; exit 0' TERM

for ((round = 1; ; round++)); do
  echo "round $round"
  sleep "${INTERVAL_SECONDS:-1}" &
  wait $!
done
