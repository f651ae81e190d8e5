#!/bin/sh
# From a fresh clone to the first step: looks for Node, installs the packages, says what comes next.
set -eu
cd "$(dirname "$0")"

if ! command -v node >/dev/null 2>&1; then
  echo 'Node.js is not installed. Wharfie needs 20.19 or later; 24 is best: https://nodejs.org' >&2
  echo 'Then run ./setup.sh again.' >&2
  exit 2
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "Node.js $(node --version) is too old. Wharfie needs 20.19 or later; 24 is best: https://nodejs.org" >&2
  exit 2
fi
echo 'Installing the packages of package-lock.json ...'
npm ci --no-audit --no-fund
echo
echo 'Next: open Claude Code in this folder and type /setup.'
echo 'Without Claude Code: npx tsx setup/index.ts --step environment, and README.md has the rest.'
