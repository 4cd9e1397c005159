#!/usr/bin/env bash
# start.sh : starts the sink (pids in $CLICAP/pids); stop.sh ends what was started here.
C=${CLICAP:-/tmp/clicap}; A=127.9.9.9; H=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$C/home" "$C/tmp" "$C/ca"; : > "$C/pids"; echo none > "$C/client"
echo "nameserver $A" > "$C/resolv.conf"; echo "127.0.0.1 localhost" > "$C/hosts"
python3 "$H/dns.py" $A & echo $! >> "$C/pids"
M=()
for p in 443 6443 2376; do M+=(--mode "reverse:https://sink.invalid@$A:$p"); done
for p in 80 2375 8200 8500 9090 9093 8086 8123 9200 8080 5000 3000 2379 4646 9000 8000 9091; do M+=(--mode "reverse:http://sink.invalid@$A:$p"); done
CLICAP=$C "${MITM:-/root/clitools/mitm/bin/mitmdump}" -q "${M[@]}" --set confdir="$C/ca" --set connection_strategy=lazy --set upstream_cert=false \
  --set keep_host_header=true --set block_global=false --set validate_inbound_headers=false -s "$H/record.py" > "$C/mitm.log" 2>&1 & echo $! >> "$C/pids"
for i in $(seq 40); do [ -e "$C/ca/mitmproxy-ca-cert.pem" ] && break; sleep .25; done
cat /etc/ssl/certs/ca-certificates.crt "$C/ca/mitmproxy-ca-cert.pem" > "$C/bundle.pem"
if [ -e /etc/ssl/certs/java/cacerts ] && command -v keytool >/dev/null; then
  cp /etc/ssl/certs/java/cacerts "$C/cacerts"; keytool -importcert -noprompt -storepass changeit -keystore "$C/cacerts" -alias sink -file "$C/ca/mitmproxy-ca-cert.pem" >/dev/null 2>&1
fi
