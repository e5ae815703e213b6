#!/bin/bash
# LXC's network hook: keeps a build apart from every other container on the bridge.
#
# LXC calls it as: isolate-port.sh CONTAINER net up veth BRIDGE DEVICE
set -euo pipefail
exec ip link set dev "$6" type bridge_slave isolated on
