#!/usr/bin/env bash
# inside.sh CLIENT COMMAND... : runs one client where every host name is the recording sink and the throwaway CA is trusted, and only there.
# The mount namespace keeps /etc/hosts, /etc/resolv.conf and the CA bundle of the machine as they are.
C=${CLICAP:-/tmp/clicap}
echo "$1" > "$C/client"; shift
export HOME=$C/home TMPDIR=$C/tmp
mkdir -p "$HOME" "$TMPDIR"
export -n HTTPS_PROXY HTTP_PROXY
exec unshare -m bash -c '
mount --bind '"$C"'/bundle.pem /etc/ssl/certs/ca-certificates.crt
mount --bind '"$C"'/resolv.conf /etc/resolv.conf
mount --bind '"$C"'/hosts /etc/hosts
for f in /etc/ssl/certs/java/cacerts; do [ -e '"$C"'/cacerts ] && [ -e $f ] && mount --bind '"$C"'/cacerts $f; done
exec timeout -k 2 ${LIMIT:-25} "$@"' x "$@"
