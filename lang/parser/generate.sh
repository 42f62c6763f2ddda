#!/bin/sh
# Generates the parser from ../Policy.g4. It needs Node.js 20 or newer; building
# and testing Pillion needs neither this script nor Node.js.
set -eu
cd "$(dirname "$0")/.."
npx --yes --package antlr-ng@1.0.10 antlr-ng -Dlanguage=Go --package parser \
    --generate-listener false --generate-visitor false -o parser Policy.g4
rm -f parser/*.interp parser/*.tokens
for file in parser/policy_lexer.go parser/policy_parser.go; do
    { echo '// Code generated from Policy.g4 by antlr-ng 1.0.10. DO NOT EDIT.'; echo; cat "$file"; } > "$file.new"
    mv "$file.new" "$file"
done
gofmt -w parser/*.go
