#!/usr/bin/env bash
# Makes this server a router: Nginx picks the instance for each request from the app's route file, so
# that a deploy or a new app needs no reload. Reloads only when its own configuration changed, and
# puts the previous one back when Nginx refuses the new. With a log hub, a unit of its own follows the access
# log and sends it a line for each request.
#
# Inputs:
#   SERVER_ID?        id of this server                                      (required with HUB_ADDRESS)
#   HUB_ADDRESS?      host:port of the log hub                               (empty: no lines are sent)
#   HUB_NAME?         the name in its certificate                            (required with HUB_ADDRESS)
#   HUB_TOKEN?        what this server shows there                           (required with HUB_ADDRESS)
#   PS_DOCK_SHA256?   sha256 of the ps-dock program, which sends them        (required with HUB_ADDRESS)
#   PS_DOCK_URL?      where it comes from                                    (required with HUB_ADDRESS)
#   PS_DOCK_TOKEN?    bearer token for it                                    (empty: none is sent)
# Prints: {"ready":true,"reloaded":false}
set -euo pipefail
export -n HUB_TOKEN PS_DOCK_URL PS_DOCK_TOKEN
LC_ALL=C
umask 022

root=/srv/dcdget
site=/etc/nginx/conf.d/dcdget.conf
code=$root/router/router.lua
limits=/etc/nginx/modules-enabled/90-dcdget.conf
fresh=''

main() {
  check_inputs
  install_packages
  send_lines
  mkdir -p "$root"/router/{apps,hosts} /etc/nginx/conf.d
  install -d -m 700 "$root/router/fences"
  read_site
  read_code
  read_limits
  mark_configuration
  if is_current; then
    start
    answer false
    return
  fi
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  keep_previous
  replace
  accept_or_restore
  if systemctl is-active -q nginx; then systemctl reload nginx; else start; fi
  await_configuration
  answer true
}

fail() {
  echo "nginx/provision: $1" >&2
  exit "${2:-1}"
}

check_inputs() {
  [[ -n ${HUB_ADDRESS-} ]] || return 0
  local url='^https?://[][A-Za-z0-9._~:/?#@!$&()*+,;=%-]+$'
  [[ $HUB_ADDRESS =~ ^[A-Za-z0-9][A-Za-z0-9.:-]*:[0-9]{1,5}$ ]] || fail "HUB_ADDRESS is not host:port" 64
  [[ ${HUB_NAME-} =~ ^[A-Za-z0-9][A-Za-z0-9.:-]*$ ]] || fail "HUB_NAME is not a host name" 64
  [[ ${HUB_TOKEN-} =~ ^[A-Za-z0-9._~+/=-]{16,512}$ ]] || fail "HUB_TOKEN is not a token" 64
  [[ ${SERVER_ID-} =~ ^[A-Za-z0-9][A-Za-z0-9-]{0,63}$ ]] || fail "SERVER_ID is not an id" 64
  [[ ${PS_DOCK_SHA256-} =~ ^[0-9a-f]{64}$ ]] || fail "PS_DOCK_SHA256 is not a sha256" 64
  [[ ${PS_DOCK_URL-} =~ $url ]] || fail "PS_DOCK_URL is not a URL" 64
  [[ ${PS_DOCK_TOKEN-} =~ ^[A-Za-z0-9._~+/=-]*$ ]] || fail "PS_DOCK_TOKEN is not a token" 64
}

# The access log is read, not written through: Nginx does not know that anybody follows it.
lines_unit=dcdget-router-lines.service
lines_file=$root/router/lines.json

send_lines() {
  local ps_dock config unit changed=''
  if [[ -z ${HUB_ADDRESS-} ]]; then
    [[ ! -e /etc/systemd/system/$lines_unit ]] || systemctl -q disable --now "$lines_unit"
    rm -f "/etc/systemd/system/$lines_unit" "$lines_file"
    return 0
  fi
  ps_dock=$root/bin/ps-dock-${PS_DOCK_SHA256:0:12}
  bring_ps_dock "$ps_dock"
  config="{\"server\":\"$SERVER_ID\",\"accessLog\":\"/var/log/nginx/dcdget.log\",\"caFile\":\"$root/ca.pem\","
  config+="\"hub\":{\"address\":\"$HUB_ADDRESS\",\"serverName\":\"$HUB_NAME\",\"token\":\"$HUB_TOKEN\"}}"
  unit="[Unit]
Description=Lines of the router of dcdget, for the log hub
After=network-online.target

[Service]
ExecStart=$ps_dock --forward $lines_file
Restart=always
RestartSec=5
Nice=10
MemoryMax=64M
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_READ_SEARCH

[Install]
WantedBy=multi-user.target"
  mkdir -p "$root/router"
  if [[ ! -f $lines_file || "$(<"$lines_file")" != "$config" ]]; then
    changed=yes
    (umask 077 && write "$lines_file" "$config")
  fi
  if [[ ! -f /etc/systemd/system/$lines_unit || "$(</etc/systemd/system/$lines_unit)" != "$unit" ]]; then
    changed=yes
    write "/etc/systemd/system/$lines_unit" "$unit"
    systemctl daemon-reload
  fi
  systemctl -q is-enabled "$lines_unit" 2>/dev/null || systemctl -q enable "$lines_unit"
  if [[ -n $changed ]] || ! systemctl -q is-active "$lines_unit"; then systemctl restart "$lines_unit"; fi
}

# As prepare-server brings it, by the same name and under the same lock.
bring_ps_dock() {
  local lock fresh=$root/bin/.new-${1##*/}
  [[ ! -x $1 ]] || return 0
  mkdir -p "$root/bin" /run/dcdget
  exec {lock}>>/run/dcdget/assets
  flock -w 600 "$lock" || fail "another recipe has been bringing the base image for ten minutes"
  if [[ ! -x $1 ]]; then
    echo "bringing ps-dock"
    {
      printf 'url = "%s"\n' "$PS_DOCK_URL"
      [[ -z ${PS_DOCK_TOKEN-} ]] || printf 'header = "Authorization: Bearer %s"\n' "$PS_DOCK_TOKEN"
    } | curl -fsS --config - --proto =http,https --cacert "$root/ca.pem" --connect-timeout 5 --retry 2 \
      --speed-limit 1000 --speed-time 30 --max-time 600 -o "$fresh"
    [[ $(sha256sum <"$fresh") == "$PS_DOCK_SHA256  -" ]] || fail "what was brought for ps-dock has another sha256"
    chmod 755 "$fresh"
    mv -fT "$fresh" "$1"
  fi
  exec {lock}>&-
}

answer() {
  printf '{"ready":true,"reloaded":%s}\n' "$1"
}

install_packages() {
  [[ -x /usr/sbin/nginx && -e /usr/lib/nginx/modules/ngx_http_lua_module.so ]] && return 0
  echo "installing nginx-light libnginx-mod-http-lua"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq -o DPkg::Lock::Timeout=120 update
  apt-get -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends install nginx-light libnginx-mod-http-lua >/dev/null
}

# Debian's default of 768 connections a worker is half of that in proxied requests.
is_current() {
  [[ -f $site && "$(<"$site")" == "$site_text" ]] &&
    [[ -f $code && "$(<"$code")" == "$code_text" ]] &&
    [[ ! -e /etc/nginx/sites-enabled/default ]] &&
    ! grep -q 'worker_connections 768;' /etc/nginx/nginx.conf &&
    [[ -f $limits && "$(<"$limits")" == "$limits_text" ]]
}

files=(etc/nginx/nginx.conf etc/nginx/conf.d/dcdget.conf etc/nginx/sites-enabled/default
  etc/nginx/modules-enabled/90-dcdget.conf srv/dcdget/router/router.lua)

keep_previous() {
  local file
  for file in "${files[@]}"; do
    if [[ -e /$file || -L /$file ]]; then
      mkdir -p "$fresh/${file%/*}"
      cp -a "/$file" "$fresh/$file"
    fi
  done
}

replace() {
  write "$site" "$site_text"
  write "$code" "$code_text"
  write "$limits" "$limits_text"
  rm -f /etc/nginx/sites-enabled/default
  sed -i 's/worker_connections 768;/worker_connections 16384;/' /etc/nginx/nginx.conf
}

write() {
  printf '%s\n' "$2" >"$1.new"
  mv -fT "$1.new" "$1"
}

accept_or_restore() {
  local words file
  words=$(nginx -t 2>&1) && return 0
  for file in "${files[@]}"; do
    rm -f "/$file"
    if [[ -e $fresh/$file || -L $fresh/$file ]]; then cp -a "$fresh/$file" "/$file"; fi
  done
  fail "Nginx refuses the configuration, the previous one was put back: $words"
}

# What is in force can be asked for, because a reload returns before it is done.
mark_configuration() {
  configuration=$(md5sum <<<"$site_text$code_text$limits_text")
  configuration=${configuration%% *}
  code_text=${code_text/@CONFIGURATION@/$configuration}
}

await_configuration() {
  local line deadline=$((${EPOCHREALTIME/./} + 15000000))
  while ((${EPOCHREALTIME/./} < deadline)); do
    while IFS= read -rt 5 line; do
      [[ $line != "Dcdget-Configuration: $configuration"$'\r' ]] || return 0
    done < <(ask 2>/dev/null)
    sleep 0.02
  done
  fail "Nginx does not answer with the new configuration after 15 seconds: see /var/log/nginx/error.log"
}

ask() {
  exec 3<>/dev/tcp/127.0.0.1/80
  printf 'GET / HTTP/1.1\r\nHost: -\r\nDcdget-Verify: 1\r\nConnection: close\r\n\r\n' >&3
  cat <&3
}

# As many open files as the server allows, up to four for each connection; ahead of everything that is no visitor's.
read_limits() {
  local most
  most=$(ulimit -Hn)
  [[ $most != unlimited ]] && ((most < 65536)) || most=65536
  limits_text="worker_rlimit_nofile $most;"$'\n'"worker_priority -10;"
}

start() {
  systemctl -q is-enabled nginx || systemctl -q enable nginx
  systemctl is-active -q nginx || systemctl start nginx
}

read_site() {
  IFS= read -rd '' site_text <<'EOF' || true
# Made by dcdget and replaced by it: changes do not last.
lua_package_path "/srv/dcdget/router/?.lua;;";
init_by_lua_block { require "router" }

map $http_upgrade $dcdget_connection {
    default upgrade;
    ""      close;
}
# A caller's own request id is kept when it looks like one.
map $http_x_request_id $dcdget_request_id {
    default                      $request_id;
    "~^[A-Za-z0-9_-]{20,200}$"   $http_x_request_id;
}

log_format dcdget '$remote_addr [$time_iso8601] $dcdget_app $dcdget_instance "$request_method $host" '
                  '$status $body_bytes_sent $request_time $upstream_connect_time $upstream_addr $dcdget_request_id '
                  '"$request_uri" "$server_protocol" "$msec" "$upstream_connect_time" "$upstream_header_time" "$dcdget_code"';

upstream dcdget {
    server 0.0.0.1;
    balancer_by_lua_block { require("router").balance() }
    # No keepalive here: an idle connection would keep the old release serving after a switch.
}

server {
    listen 80 default_server backlog=4096;
    server_name _;
    server_tokens off;
    access_log /var/log/nginx/dcdget.log dcdget buffer=64k flush=200ms;

    keepalive_requests 100000;
    client_max_body_size 0;
    client_header_buffer_size 4k;
    large_client_header_buffers 8 16k;
    gzip off;

    set $dcdget_app "-";
    set $dcdget_instance "-";
    set $dcdget_shown "";
    set $dcdget_code "-";
    set $dcdget_host $host;

    error_page 502 @refused;
    error_page 504 @late;

    location / {
        access_by_lua_block { require("router").route() }

        proxy_pass http://dcdget;
        proxy_http_version 1.1;
        proxy_set_header Host $dcdget_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $dcdget_connection;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Port $server_port;
        proxy_set_header X-Request-Id $dcdget_request_id;
        proxy_set_header X-Request-Start "t=$msec";
        proxy_set_header Dcdget-Verify "";

        # Uploads and streams pass as they come. A refused connection is still tried on another
        # instance, whatever the method, because nothing was sent yet; what was sent in part never is.
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_buffer_size 16k;
        proxy_buffers 8 16k;

        # After ten seconds a request is no longer handed on: a slow GET is not run twice.
        proxy_next_upstream error timeout;
        proxy_next_upstream_timeout 10s;
        proxy_connect_timeout 5s;
        proxy_send_timeout 55s;
        proxy_read_timeout 55s;

        # An app steers neither Nginx nor the check of a release.
        proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;
        proxy_hide_header Dcdget-Instance;
        add_header Dcdget-Instance $dcdget_shown always;
    }

    location @refused {
        internal;
        default_type text/plain;
        add_header Dcdget-Instance $dcdget_shown always;
        return 502 "The app did not answer: its process refused or broke the connection.\n";
    }
    location @late {
        internal;
        default_type text/plain;
        add_header Dcdget-Instance $dcdget_shown always;
        return 504 "The app did not answer in time.\n";
    }
}
EOF
  site_text=${site_text%$'\n'}
  local v4='listen 80 default_server backlog=4096;'
  [[ -e /proc/net/if_inet6 ]] && site_text=${site_text/"$v4"/"$v4"$'\n    '"${v4/80/[::]:80}"}
  return 0
}

read_code() {
  IFS= read -rd '' code_text <<'EOF' || true
-- Picks the instance for a request from the route file of its host. Made by dcdget.
local balancer = require "ngx.balancer"

-- What Nginx takes for "no server left": the request ends with 502.
local NONE_LEFT = -3
local HOSTS = "/srv/dcdget/router/hosts/"
local OTHER_TRIES = 2
local HELD_SECONDS = 30
local LOOK_EVERY_SECONDS = 0.1
local CONFIGURATION = "@CONFIGURATION@"
local REFUSED_SECONDS, SILENT_SECONDS = 1, 10
local CONNECT_SECONDS, REQUEST_SECONDS, UPGRADED_SECONDS = 5, 55, 3600

local M = {}

-- JSON of what update-route lets through: strings without escapes, numbers, objects, arrays, words.
local WORDS = { ["true"] = true, ["false"] = false, null = ngx.null }
local value

local function items(text, at, close, read)
  at = text:match("^%s*()", at)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = read(at)
    local mark, after = text:match("^%s*([,%]}])%s*()", at)
    if mark == close then return after end
    if mark ~= "," then error("expected , or " .. close .. " at " .. at) end
    at = after
  end
end

local function object(text, at)
  local result = {}
  return result, items(text, at, "}", function(from)
    local key, after = text:match('^%s*"([^"\\]*)"%s*:%s*()', from)
    if not key then error("expected a key at " .. from) end
    result[key], after = value(text, after)
    return after
  end)
end

local function array(text, at)
  local result = {}
  return result, items(text, at, "]", function(from)
    local after
    result[#result + 1], after = value(text, from)
    return after
  end)
end

function value(text, at)
  local first = text:sub(at, at)
  if first == "{" then return object(text, at + 1) end
  if first == "[" then return array(text, at + 1) end
  local found, after = text:match('^"([^"\\]*)"()', at)
  if found then return found, after end
  found, after = text:match("^(-?%d+)()", at)
  if found then return tonumber(found), after end
  found, after = text:match("^(%l+)()", at)
  if found and WORDS[found] ~= nil then return WORDS[found], after end
  error("expected a value at " .. at)
end

local function parse(text)
  local route, after = value(text, text:match("^%s*()"))
  if text:find("%S", after) then error("more text at " .. after) end
  if type(route.hosts) ~= "table" or type(route.instances) ~= "table" then error("no hosts or no instances") end
  for _, host in ipairs(route.hosts) do route.hosts[host] = true end
  return route
end

-- One read per request; parsed again only when the text is another.
local known = {}

local function read(host)
  local file = io.open(HOSTS .. host, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  if not text then
    known[host] = nil
    return nil
  end
  local entry = known[host]
  if not entry or entry.text ~= text then
    local is_read, route = pcall(parse, text)
    if not is_read then
      ngx.log(ngx.ERR, "route of ", host, " is unreadable: ", route)
      return entry and entry.route, entry
    end
    entry = { text = text, route = route, turn = math.random(1024) }
    known[host] = entry
  end
  if not entry.route.hosts[host] then return nil end
  return entry.route, entry
end

-- The code, as Heroku's router would name it, is for the log.
local function refuse(status, sentence, code)
  if code then ngx.var.dcdget_code = code end
  ngx.status = status
  ngx.header["Content-Type"] = "text/plain"
  ngx.header["Content-Length"] = #sentence + 1
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(sentence, "\n")
  return ngx.exit(status)
end

local function is_host(name)
  return #name <= 253 and name:find("^[a-z0-9][a-z0-9.-]*$") and not name:find("..", 1, true)
end

-- The app sees the host it was routed by, with the port that its caller used.
local function shown_host(host)
  local given = ngx.var.http_host
  if not given then return host end
  local port = given:match(":(%d+)$")
  return port and host .. ":" .. port or host
end

-- A request to a paused app waits until the route says otherwise, or for as long as it may be held.
local function hold(host, route)
  local deadline = ngx.now() + HELD_SECONDS
  while route and route.state == "paused" and ngx.now() < deadline do
    ngx.sleep(LOOK_EVERY_SECONDS)
    route = read(host)
  end
  return route
end

function M.route()
  local var = ngx.var
  local host = var.host
  local route = is_host(host) and read(host)
  local is_verifying = var.http_dcdget_verify == "1" and var.remote_addr == "127.0.0.1"
  if is_verifying then ngx.header["Dcdget-Configuration"] = CONFIGURATION end
  if not route then return refuse(404, "There is no app at this address.") end
  var.dcdget_app = route.app
  if route.state == "maintenance" and not is_verifying then
    return refuse(503, "The app is under maintenance. Please come back soon.", "H80")
  end
  if route.state == "paused" and not is_verifying then
    route = hold(host, route)
    if not route then return refuse(404, "There is no app at this address.") end
    if route.state ~= "serving" then return refuse(503, "The app is paused. Please try again soon.", "H80") end
  end
  if #route.instances == 0 then return refuse(503, "The app has no running process.", "H14") end
  var.dcdget_host = shown_host(host)
  ngx.ctx.host = host
  ngx.ctx.is_verifying = is_verifying
end

-- Instances that lately gave no answer, and until when they are asked after all others.
local avoided = {}

local function avoid(id, took)
  local now = ngx.now()
  for other, moment in pairs(avoided) do
    if moment <= now then avoided[other] = nil end
  end
  avoided[id] = now + (took < REFUSED_SECONDS and REFUSED_SECONDS or SILENT_SECONDS)
end

-- Each in turn; nil when all were tried.
local function pick(route, entry, tried)
  local count, last, now = #route.instances, nil, ngx.now()
  for _ = 1, count do
    entry.turn = entry.turn + 1
    local instance = route.instances[entry.turn % count + 1]
    if not tried[instance.id] then
      if (avoided[instance.id] or 0) <= now then return instance end
      last = last or instance
    end
  end
  return last
end

function M.balance()
  local ctx = ngx.ctx
  if not ctx.tried then
    ctx.tried = {}
    balancer.set_more_tries(OTHER_TRIES)
  elseif ctx.asked then
    avoid(ctx.asked, ngx.now() - ctx.asked_at)
  end
  -- Read again for another try: the instance may have been retired since the request came.
  local route, entry = read(ctx.host)
  local instance = route and pick(route, entry, ctx.tried)
  if not instance then return ngx.exit(NONE_LEFT) end
  ctx.tried[instance.id] = true
  ctx.asked, ctx.asked_at = instance.id, ngx.now()
  ngx.var.dcdget_instance = instance.id
  if ctx.is_verifying then ngx.var.dcdget_shown = instance.id end
  local is_set, reason = balancer.set_current_peer(instance.host, instance.port)
  if not is_set then
    ngx.log(ngx.ERR, "instance ", instance.id, " has no usable address: ", reason)
    return ngx.exit(NONE_LEFT)
  end
  local seconds = ngx.var.http_upgrade and UPGRADED_SECONDS or REQUEST_SECONDS
  balancer.set_timeouts(CONNECT_SECONDS, seconds, seconds)
end

return M
EOF
  code_text=${code_text%$'\n'}
}

main
