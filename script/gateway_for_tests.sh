# Sourced by the test runners: starts a gateway on a fresh data folder and stops it when the shell ends.
#
#   . script/gateway_for_tests.sh
#   start_gateway build/release/kavach [NAME=VALUE …]
#
# Afterwards GATEWAY_URL, GATEWAY_PORT, GATEWAY_WEBSOCKET_PORT, GATEWAY_DATA, GATEWAY_BINARY and
# GATEWAY_SETUP_TOKEN are exported. The rates are generous unless a test sets its own, because tests press
# buttons faster than people do.

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_gateway() {
  export GATEWAY_BINARY="$1"; shift
  [ -x "$GATEWAY_BINARY" ] || stop "there is no $GATEWAY_BINARY: run script/build release"
  GATEWAY_DATA="$(mktemp -d)"; GATEWAY_PORT="$(free_port)"; GATEWAY_WEBSOCKET_PORT="$(free_port)"
  export GATEWAY_DATA GATEWAY_PORT GATEWAY_WEBSOCKET_PORT GATEWAY_URL="http://localhost:$GATEWAY_PORT"
  env HOST_SERVER="$GATEWAY_URL" LISTEN_PORT="$GATEWAY_PORT" WEBSOCKET_PORT="$GATEWAY_WEBSOCKET_PORT" \
    API_RATE_LIMIT="1000 per second" ORDER_RATE_LIMIT="1000 per second" SMART_ORDER_RATE_LIMIT="1000 per second" \
    CONSOLE_RATE_LIMIT="6000 per minute" CONSOLE_WRITE_RATE_LIMIT="6000 per minute" \
    CONSOLE_SENSITIVE_RATE_LIMIT="6000 per minute" DEFAULT_RATE_LIMIT="6000 per minute" \
    LOGIN_RATE_LIMIT_MIN="600 per minute" LOGIN_RATE_LIMIT_HOUR="6000 per hour" PAPER_SEED=7 "$@" \
    "$GATEWAY_BINARY" serve --data "$GATEWAY_DATA" >"$GATEWAY_DATA/stdout.txt" 2>"$GATEWAY_DATA/stderr.txt" &
  GATEWAY_PID=$!
  trap stop_gateway EXIT
  # The listening line is the event; the wait for it is bounded.
  for _ in $(seq 200); do
    grep -q '^Kavach listens' "$GATEWAY_DATA/stdout.txt" && break
    kill -0 "$GATEWAY_PID" 2>/dev/null || { cat "$GATEWAY_DATA/stderr.txt" >&2; stop "the gateway did not start"; }
    sleep 0.1
  done
  grep -q '^Kavach listens' "$GATEWAY_DATA/stdout.txt" || stop "the gateway did not open its port within 20 s"
  GATEWAY_SETUP_TOKEN="$(sed -n 's/.*\/setup#\(token=\)\{0,1\}\(.*\)$/\2/p' "$GATEWAY_DATA/stdout.txt" | head -n 1)"
  export GATEWAY_SETUP_TOKEN
}

stop_gateway() {
  local status=$?
  kill "$GATEWAY_PID" 2>/dev/null && wait "$GATEWAY_PID" 2>/dev/null
  if [ "$status" -ne 0 ]; then
    printf 'The last lines of the gateway (data folder kept: %s):\n' "$GATEWAY_DATA" >&2
    tail -n 20 "$GATEWAY_DATA/stderr.txt" >&2
  else
    rm -rf "$GATEWAY_DATA"
  fi
  return "$status"
}
