#!/bin/sh
# Makes sure that a Docker engine answers, and prints its address (unix://…) as the only line on standard output.
# An engine that answers already is used. Otherwise Debian's docker.io is installed where it is missing and a daemon of
# our own is started: its socket, data and pid file in one folder, no bridge, no firewall rules, nothing of the
# machine's configuration touched. It is left running; `kill "$(cat "$WHARFIE_DOCKER_DIR/docker.pid")"` ends it.
set -eu

dir=${WHARFIE_DOCKER_DIR:-${TMPDIR:-/tmp}/wharfie-docker}
own="unix://$dir/docker.sock"
say() { echo "start-docker: $*" >&2; }
answers() { command -v docker >/dev/null && docker -H "$1" version >/dev/null 2>&1; }

for host in "${DOCKER_HOST:-}" "$own" unix:///var/run/docker.sock; do
  if [ -n "$host" ] && answers "$host"; then
    echo "$host"
    exit 0
  fi
done

if ! command -v dockerd >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say 'no Docker engine answers, and this user cannot install one: install Docker and start it, then run this again'
    exit 1
  fi
  say 'installing docker.io'
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io; } >&2
fi

mkdir -p "$dir"
# The pid in a file that a killed daemon left may be anybody's by now, and dockerd would refuse to start over it.
rm -f "$dir/docker.pid" "$dir/docker.sock" "$dir/exec/containerd/containerd.pid"
say "starting dockerd in $dir"
setsid dockerd -H "$own" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/docker.pid" \
  --bridge=none --iptables=false </dev/null >"$dir/dockerd.log" 2>&1 &

tries=0
until answers "$own"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 150 ]; then
    say 'dockerd does not answer; the end of its log:'
    tail -n 20 "$dir/dockerd.log" >&2
    exit 1
  fi
  sleep 0.2
done
echo "$own"
