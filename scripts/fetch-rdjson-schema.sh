#!/usr/bin/env bash
# Fetches the schema of the Reviewdog Diagnostic Format into .cache/, where the tests of
# report/ look for it. It is part of reviewdog's Go module (MIT), pinned by version and
# checksum, and is not kept in the repository.
set -euo pipefail

module='github.com/reviewdog/reviewdog@v0.21.2'
member='proto/rdf/jsonschema/DiagnosticResult.json'
sum='89b09042bc3f833f76c502ab793ee4fceba4bb75919498563b17f2be68569970'

cd "$(dirname "$0")/.."
schema='.cache/rdjson.schema.json'

if echo "$sum  $schema" | sha256sum --check --status 2>/dev/null; then
  exit 0
fi

mkdir -p .cache
dir=$(go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
if ! echo "$sum  $dir/$member" | sha256sum --check --status; then
  echo "fetch-rdjson-schema: $module holds another $member than expected: check it, then update the checksum in $0" >&2
  exit 1
fi
install -m 644 "$dir/$member" "$schema"
