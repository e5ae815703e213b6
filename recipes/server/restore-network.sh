#!/usr/bin/env bash
# Makes the bridge and the packet rules anew from what is recorded on this server. Open connections stay.
#
# Inputs: none
# Prints: {"restored":true}
set -euo pipefail
LC_ALL=C

if systemctl is-active -q dcdget-network.service; then
  timeout 60 systemctl reload dcdget-network.service
else
  timeout 60 systemctl restart dcdget-network.service
fi
printf '{"restored":true}\n'
