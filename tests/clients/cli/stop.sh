#!/usr/bin/env bash
# Ends the processes that start.sh and servers.sh started, by pid.
C=${CLICAP:-/tmp/clicap}
while read -r p; do kill "$p" 2>/dev/null; done < "$C/pids"; : > "$C/pids"
