#!/usr/bin/env bash
# Mozilla's HTTP Observatory against a real gateway that ends TLS itself: tests/system/observatory/run.sh BINARY.
# It only scans the standard ports, so gateway and scanner get a network namespace of their own, where port
# 443 is free and nothing else can be reached. Needs npm once, to install the scanner.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
if [ "${2:-}" != "--inside" ]; then
  binary="$(realpath "${1:-build/release/kavach}")"
  [ -d "$here/node_modules" ] || npm --prefix "$here" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  exec unshare --net --map-root-user "$0" "$binary" --inside
fi
ip link set lo up
work="$(mktemp -d)"
gateway=""
finish() {
  [ -z "$gateway" ] || { kill "$gateway" && wait "$gateway"; } 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -subj "/CN=$1" "${@:2}" 2>/dev/null; }
key authority -x509 -days 2 -out "$work/authority.pem"
key localhost -out "$work/localhost.csr"
openssl x509 -req -in "$work/localhost.csr" -CA "$work/authority.pem" -CAkey "$work/authority.key" -CAcreateserial -days 2 \
  -extfile <(echo 'subjectAltName=DNS:localhost') -out "$work/localhost.pem" 2>/dev/null
chmod 600 "$work/localhost.key"
export KAVACH_DATA="$work/data" HOST_SERVER=https://localhost LISTEN_ADDRESS=127.0.0.1 LISTEN_PORT=443 WEBSOCKET_PORT=0
export TLS_CERT_FILE="$work/localhost.pem" TLS_KEY_FILE="$work/localhost.key"
echo "granite-otter-lantern-58-quay" | "$1" setup --username ada --email ada@example.invalid --password-stdin >/dev/null
"$1" serve >"$work/serve.log" 2>&1 &
gateway=$!
for _ in $(seq 100); do
  curl -fsS --cacert "$work/authority.pem" -o /dev/null https://localhost/health/status 2>/dev/null && break
  sleep 0.1
done
NODE_EXTRA_CA_CERTS="$work/authority.pem" node "$here/scan.mjs"
