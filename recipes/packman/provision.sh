#!/usr/bin/env bash
# Makes this server a build server: Packman and its Node, its certificate and token, and its unit, which
# is restarted only when one of them is another than before.
#
# Inputs:
#   NODE_SHA256            sha256 of the Node program                                  (required)
#   NODE_URL               where it comes from                                         (required)
#   NODE_TOKEN?            bearer token for it                                         (none when empty)
#   PACKMAN_SHA256         sha256 of Packman's bundle, a tar.zst                       (required)
#   PACKMAN_URL            where it comes from                                         (required)
#   PACKMAN_ASSET_TOKEN?   bearer token for it                                         (none when empty)
#   TLS_CERT_BASE64        its certificate, PEM in base64                              (required)
#   TLS_KEY_BASE64         the key of it, PEM in base64                                (required)
#   PACKMAN_TOKEN          what its callers must show                                  (required)
#   LISTEN                 address and port, such as 0.0.0.0:7070                      (required)
# Prints: {"ready":true,"restarted":false}
set -euo pipefail
export -n NODE_URL NODE_TOKEN PACKMAN_URL PACKMAN_ASSET_TOKEN TLS_KEY_BASE64 PACKMAN_TOKEN
LC_ALL=C
umask 022

fail() {
  echo "packman/provision: $1" >&2
  exit "${2:-1}"
}
url='^https?://[][A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$'
[[ ${NODE_SHA256-} =~ ^[0-9a-f]{64}$ && ${PACKMAN_SHA256-} =~ ^[0-9a-f]{64}$ ]] || fail "NODE_SHA256 or PACKMAN_SHA256 is not a sha256" 64
[[ ${NODE_URL-} =~ $url && ${PACKMAN_URL-} =~ $url ]] || fail "NODE_URL or PACKMAN_URL is not a URL" 64
[[ ${NODE_TOKEN-}${PACKMAN_ASSET_TOKEN-} =~ ^[A-Za-z0-9._~+/=-]*$ ]] || fail "NODE_TOKEN or PACKMAN_ASSET_TOKEN is not a token" 64
[[ ${TLS_CERT_BASE64-} =~ ^[A-Za-z0-9+/=]+$ && ${TLS_KEY_BASE64-} =~ ^[A-Za-z0-9+/=]+$ ]] || fail "TLS_CERT_BASE64 or TLS_KEY_BASE64 is not base64" 64
[[ ${PACKMAN_TOKEN-} =~ ^[A-Za-z0-9._~+/=-]{16,512}$ ]] || fail "PACKMAN_TOKEN is not a token" 64
[[ ${LISTEN-} =~ ^[0-9A-Fa-f.:]+:[0-9]{1,5}$|^\[[0-9A-Fa-f:]+\]:[0-9]{1,5}$ ]] || fail "LISTEN is not address:port" 64

root=/srv/dcdget
node=$root/bin/node-${NODE_SHA256:0:12}
home=$root/packman
bundle=$home/${PACKMAN_SHA256:0:12}
changed=''

# bring URL TOKEN SHA256 FILE: address and token reach curl by its stdin, never by its command line.
bring() {
  {
    printf 'url = "%s"\n' "$1"
    [[ -z $2 ]] || printf 'header = "Authorization: Bearer %s"\n' "$2"
  } | curl -fsS --config - --proto =http,https --cacert "$root/ca.pem" --connect-timeout 5 --retry 2 \
    --speed-limit 1000 --speed-time 30 --max-time 600 -o "$4"
  [[ $(sha256sum <"$4") == "$3  -" ]] || fail "what was brought for ${4##*/} has another sha256"
}

bring_node() {
  [[ -x $node ]] && return 0
  echo "bringing Node"
  bring "$NODE_URL" "${NODE_TOKEN-}" "$NODE_SHA256" "$node.new"
  chmod 755 "$node.new"
  "$node.new" --version >/dev/null || fail "the Node that was brought does not run on this server"
  mv -fT "$node.new" "$node"
}

bring_bundle() {
  [[ -f $bundle/packman.mjs ]] && return 0
  echo "bringing Packman"
  rm -rf --one-file-system "$bundle.new" "$bundle"
  mkdir -p "$bundle.new"
  bring "$PACKMAN_URL" "${PACKMAN_ASSET_TOKEN-}" "$PACKMAN_SHA256" "$bundle.new/bundle.tar.zst"
  zstd -dcq "$bundle.new/bundle.tar.zst" | tar -xf - -C "$bundle.new" --no-same-owner
  rm -f "$bundle.new/bundle.tar.zst"
  [[ -f $bundle.new/packman.mjs ]] || fail "the bundle holds no packman.mjs"
  sync -f "$bundle.new"
  mv -T "$bundle.new" "$bundle"
}

# Brings a file to the text on stdin by one rename, never readable by others in between.
put() {
  local mode=$1 path=$2 text
  IFS= read -rd '' text || true
  [[ -f $path && "$(<"$path")" == "${text%$'\n'}" ]] && return 0
  (umask 077 && printf '%s\n' "${text%$'\n'}" >"$path.new")
  chmod "$mode" "$path.new"
  mv -fT "$path.new" "$path"
  changed+=" $path"
}

mkdir -p "$home"
bring_node
bring_bundle
# Certificate and key lie in a folder of their own, named by both: the unit names it, so that they change in one rename.
read -r digest _ < <(printf '%s %s' "$TLS_CERT_BASE64" "$TLS_KEY_BASE64" | sha256sum)
tls=$home/tls-${digest:0:12}
mkdir -p "$tls"
put 644 "$tls/tls.crt" < <(printf %s "$TLS_CERT_BASE64" | base64 -d)
put 600 "$tls/tls.key" < <(printf %s "$TLS_KEY_BASE64" | base64 -d)
sync -f "$tls"
put 600 "$home/token" < <(printf '%s\n' "$PACKMAN_TOKEN")
unit=/etc/systemd/system/dcdget-packman.service
put 644 "$unit" <<EOF
[Unit]
Description=Packman, the build service of dcdget
Wants=dcdget-network.service network-online.target
After=dcdget-network.service network-online.target
StartLimitIntervalSec=0

[Service]
# What it fetches from the platform is signed by the platform's own authority.
Environment=NODE_EXTRA_CA_CERTS=$root/ca.pem
Environment=PACKMAN_LISTEN=$LISTEN
Environment=PACKMAN_TLS_CERT=$tls/tls.crt
Environment=PACKMAN_TLS_KEY=$tls/tls.key
Environment=PACKMAN_TOKEN_FILE=$home/token
ExecStart=$node $bundle/packman.mjs
Restart=always
RestartSec=2
Delegate=yes
TasksMax=infinity
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
EOF

# A run that was cut may have left files that Packman has not read.
is_outdated() {
  local since file
  since=$(date -d "$(TZ=UTC systemctl show -p ExecMainStartTimestamp --value dcdget-packman.service)" +%s)
  for file in "$unit" "$home/token" "$tls/tls.crt" "$tls/tls.key"; do
    (($(stat -c %Y "$file") <= since)) || return 0
  done
  return 1
}

restarted=false
[[ -n $changed ]] || ! is_outdated || changed=" $unit"
if [[ $changed == *"$unit"* ]]; then systemctl daemon-reload; fi
systemctl -q enable dcdget-packman.service
if [[ -n $changed ]] || ! systemctl is-active -q dcdget-packman.service; then
  systemctl restart dcdget-packman.service
  restarted=true
fi

# Connects from this shell: the port answers when Packman is up.
port=${LISTEN##*:}
host=${LISTEN%:*}
[[ $host != 0.0.0.0 && $host != '[::]' ]] || host=127.0.0.1
deadline=$((${EPOCHREALTIME/./} + 20000000))
until (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; do
  ((${EPOCHREALTIME/./} < deadline)) || fail "Packman does not listen on $LISTEN after 20 seconds: $(journalctl -qu dcdget-packman -n 5 -o cat --no-pager | tr '\n' ' ')"
  sleep 0.1
done

for old in "$home"/[0-9a-f]*; do
  [[ ! ${old##*/} =~ ^[0-9a-f]{12}$ || $old == "$bundle" ]] || rm -rf --one-file-system "$old"
done
for old in "$home"/tls-* "$home/tls.crt" "$home/tls.key"; do
  [[ $old == "$tls" ]] || rm -rf --one-file-system "$old"
done
printf '{"ready":true,"restarted":%s}\n' "$restarted"
