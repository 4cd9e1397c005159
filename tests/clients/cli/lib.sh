# Sourced by drive/*.sh: `c CLIENT COMMAND...` runs one client inside the sink; failures of the client do not stop the capture.
H=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd); C=${CLICAP:-/tmp/clicap}; T=/root/clitools; W=$C/w; mkdir -p "$W"; cd "$W"
c() { local n=$1; shift; echo "== $n: $*" >> "$C/drive.log"; "$H/inside.sh" "$n" "$@" >> "$C/drive.log" 2>&1 < "${IN:-/dev/null}" || echo "rc $? $n: ${*:0:6}" >> "$C/rc.log"; }
B=$T/bin; N=$T/npm
