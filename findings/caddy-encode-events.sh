#!/usr/bin/env bash
# Caddy: encode holds server-sent events back until their stream ends.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

CADDY=2.6.2

words <<'END'
A reverse proxy passes server-sent events on as they come: Caddy recognises text/event-stream and flushes
each part, and flush_interval -1 demands it in any case. But if "encode gzip" is set, as in many
configurations, and the client accepts gzip, as each browser does, the first event decides: if it has 512
bytes or more, no event arrives before the server ends the stream. A browser then shows nothing, although
its connection is open. So a test with short events finds nothing.
"encode" with a match on other types of content helps.
END

mkdir "$tmp/deb"
(cd "$tmp/deb" && apt-get download caddy) >"$tmp/apt.log" 2>&1 ||
  die "the package caddy could not be downloaded: $(tail -1 "$tmp/apt.log")"
dpkg-deb -x "$tmp"/deb/caddy_*.deb "$tmp/deb"
version=$("$tmp/deb/usr/bin/caddy" version)
[[ $version == "$CADDY"* ]] ||
  die "the package of caddy is now version $version; this finding was seen on $CADDY"
echo "# caddy $version"

# Sends one event, and the second and last one when the file "go" exists.
cat >"$tmp/server.py" <<'END'
import http.server, os, sys, time

class Events(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        size = int(self.path.strip("/"))
        self.event("first", size)
        while not os.path.exists(sys.argv[2]):
            time.sleep(0.1)
        self.event("last", size)

    def event(self, text, size):
        self.wfile.write(f"data: {text}\n\n".rjust(size, "\n").encode())
        self.wfile.flush()

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Events).serve_forever()
END
origin=$(free_port)
python3 "$tmp/server.py" "$origin" "$tmp/go" >"$tmp/server.log" 2>&1 &
servers+=("$!")

# listens PORT: waits until something accepts connections.
listens() {
  local i
  for ((i = 0; i < 300; i++)); do
    (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
    sleep 0.1
  done
  die "nothing listens on port $1: $(tail -5 "$tmp"/*.log)"
}
listens "$origin"

# received: prints the events that have arrived.
received() {
  grep . "$tmp/received" | sed 's/^/ /' | tr -d '\n' || true
}

# events BYTES ENCODE: prints what has arrived three seconds after the first event of a size, and what at
# the end.
events() {
  local port caddy client
  port=$(free_port)
  rm -f "$tmp/go"
  cat >"$tmp/Caddyfile" <<END
{
  admin off
  auto_https off
}
http://127.0.0.1:$port {
  $2
  reverse_proxy 127.0.0.1:$origin {
    flush_interval -1
  }
}
END
  XDG_DATA_HOME=$tmp XDG_CONFIG_HOME=$tmp "$tmp/deb/usr/bin/caddy" run \
    --config "$tmp/Caddyfile" --adapter caddyfile >"$tmp/caddy.log" 2>&1 &
  caddy=$!
  listens "$port"
  curl -sN --compressed "http://127.0.0.1:$port/$1" >"$tmp/received" &
  client=$!
  sleep 3
  printf 'before the end:%s\n' "$(received)"
  touch "$tmp/go"
  wait "$client"
  printf 'at the end:%s\n' "$(received)"
  kill "$caddy"
  wait "$caddy" || true
}

at_once='before the end: data: first
at the end: data: first data: last'
show 'without encode' "$at_once" "$(events 1000 '')"
show 'encode gzip, short events' "$at_once" "$(events 20 'encode gzip')"
show 'encode gzip, events of 1000 bytes' 'before the end:
at the end: data: first data: last' "$(events 1000 'encode gzip')"
show 'encode gzip, matched to application/json' "$at_once" "$(events 1000 'encode gzip {
    match {
      header Content-Type application/json*
    }
  }')"
finish
