package network

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of the network file, for editors
// and for programs that write such files. What it cannot express (references,
// what must be unique, MTUs that go together) Parse checks.
//
//go:embed schema.json
var Schema []byte
