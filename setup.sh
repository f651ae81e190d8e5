#!/bin/sh
# From a fresh clone to the first step: finds Node.js or fetches it, installs the packages, says what comes next.
set -eu
cd "$(dirname "$0")"

mirror=${WHARFIE_NODE_MIRROR:-https://nodejs.org/dist}
here=$PWD
own=$here/.node

fail() {
  printf '%s\n' "$@" >&2
  exit 2
}

is_new_enough() {
  [ "$("$1" -p 'const [a, b] = process.versions.node.split(".").map(Number); a > 20 || (a === 20 && b >= 19)' 2>/dev/null)" = true ]
}

fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --retry 2 -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1"
  else
    fail 'Neither curl nor wget is here to fetch Node.js with.' \
      'Install one of them (apt-get install curl), or Node.js 20.19 or later yourself (https://nodejs.org), then run ./setup.sh again.'
  fi
}

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# The newest Node.js 24 into .node, checked against the sums that are published with it.
fetch_node() {
  by_hand='Install Node.js 20.19 or later (24 is best) from https://nodejs.org, then run ./setup.sh again.'
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    *) fail "There is no Node.js to be fetched for this machine ($(uname -s) on $(uname -m))." "$by_hand" ;;
  esac
  if [ -f /etc/alpine-release ]; then
    fail 'The Node.js of nodejs.org does not run on Alpine.' 'Install it: apk add nodejs npm. Then run ./setup.sh again.'
  fi
  work=$own.part
  rm -rf "$work"
  mkdir "$work"
  trap 'rm -rf "$work"' EXIT
  from=$mirror/latest-v24.x
  fetch "$from/SHASUMS256.txt" "$work/sums" || fail "Node.js could not be fetched from $from." "$by_hand"
  line=$(grep -E "^[0-9a-f]{64}  node-v24[0-9.]+-$platform\.tar\.gz\$" "$work/sums") ||
    fail "$from has no Node.js for $platform." "$by_hand"
  archive=${line##* }
  echo "Fetching $archive from $from into .node ..."
  fetch "$from/$archive" "$work/$archive" || fail "Node.js could not be fetched from $from." "$by_hand"
  if [ "$(sha256 "$work/$archive")" != "${line%% *}" ]; then
    fail "$archive is not what its published sum says; it was thrown away." 'Run ./setup.sh again, from another network if it stays so.'
  fi
  tar -xzf "$work/$archive" -C "$work"
  rm -rf "$own"
  mv "$work/${archive%.tar.gz}" "$own"
}

# Where there is no Node.js at all, ours is found from everywhere; another one is not put in the shade.
link_node() {
  bin=$HOME/.local/bin
  case ":$PATH:" in *":$bin:"*) ;; *) return 1 ;; esac
  for name in node npm npx; do
    [ ! -e "$bin/$name" ] || return 1
  done
  mkdir -p "$bin"
  for name in node npm npx; do ln -sf "$own/bin/$name" "$bin/$name"; done
  echo "node, npm and npx are linked in $bin."
}

hint=''
# Debian has npm in a package of its own.
if ! { command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && is_new_enough node; }; then
  is_new_enough "$own/bin/node" || fetch_node
  if command -v node >/dev/null 2>&1 || ! link_node; then
    hint="export PATH='$own/bin':\"\$PATH\""
  fi
  PATH=$own/bin:$PATH
  export PATH
fi

echo 'Installing the packages of package-lock.json: about a minute, or up to five where better-sqlite3 has to be compiled'
echo '(no ready one for this machine, or GitHub is not reached) ...'
npm ci --no-audit --no-fund ||
  fail 'The packages could not be installed; npm says why above.' \
    'Where better-sqlite3 has to be compiled it needs Python, make and a C++ compiler (apt-get install -y python3 make g++). Then run ./setup.sh again.'
echo
if [ -n "$hint" ]; then
  echo 'Node.js is in .node. Before anything else, here and in the profile of your shell:'
  echo "  $hint"
fi
echo 'Next: open Claude Code in this folder and type /setup.'
echo 'Without Claude Code: ./wharfie environment, and README.md has the rest.'
