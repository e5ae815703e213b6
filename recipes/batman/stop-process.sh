#!/usr/bin/env bash
# Stops an instance, now and for the next boots; returns when it has ended.
#
# Inputs:
#   INSTANCE   id of the instance   (required)
# Prints: {"stopped":true}
set -euo pipefail
LC_ALL=C

[[ ${INSTANCE-} =~ ^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*\.[0-9]+\.v[0-9]+\.[0-9]+$ ]] || { echo "INSTANCE is not an instance id" >&2; exit 64; }

unit=dcdget@$INSTANCE.service
rm -f "/etc/systemd/system/dcdget.target.wants/$unit"
# The unit kills what is left after its own TimeoutStopSec.
timeout 150 systemctl stop "$unit"
rm -f "/run/dcdget/starts-$INSTANCE"
printf '{"stopped":true}\n'
