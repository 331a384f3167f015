#!/bin/sh
# Builds the dashboard, with the machine's Node.js, into a folder of classes.
# usage: build.sh WORK OUT
#   WORK  where npm installs and builds; may be deleted at any time
#   OUT   where the files are to lie
# Without Node.js or its packages the gateway is built without its dashboard, unless SLUICE_UI=required.
set -eu
web=$(cd "$(dirname "$0")" && pwd)
work=$1
out=$2

skip() {
  echo "The dashboard is left out: $1. The gateway works without it." >&2
  rm -rf "$out"
  [ "${SLUICE_UI:-}" = required ] && exit 1
  exit 0
}

command -v node > /dev/null 2>&1 || skip "there is no Node.js on the PATH (20.19 or newer is needed)"
command -v npm > /dev/null 2>&1 || skip "there is no npm on the PATH"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
  || skip "Node.js $(node --version) is too old (20.19 or newer is needed)"

state=$(cd "$web" && find . -type f | LC_ALL=C sort | xargs cksum | cksum)
[ -f "$out/index.html" ] && [ -f "$work/built" ] && [ "$(cat "$work/built")" = "$state" ] && exit 0

mkdir -p "$work"
rm -rf "$work/src" "$work/public" "$work/built"
cp -R "$web/." "$work/"
cd "$work"
packages=$(cksum < package-lock.json)
if [ ! -f installed ] || [ "$(cat installed)" != "$packages" ]; then
  rm -f installed
  npm ci --prefer-offline --fetch-retries=1 --fetch-timeout=30000 --no-audit --no-fund --loglevel=error > npm.log 2>&1 \
    || skip "npm could not install its packages (its words are in $work/npm.log)"
  echo "$packages" > installed
fi
SLUICE_WEB_OUT=$out npm run --silent build > build.log 2>&1 || {
  cat build.log >&2
  echo "The dashboard cannot be built: its reason stands above." >&2
  exit 1
}
echo "$state" > built
