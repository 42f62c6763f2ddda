// Package network reads the network file: which switches, links, endpoints and
// middleboxes exist, and where they are attached.
//
// In goes a YAML or JSON file (by its ending; the keys are the same, and
// schema.json describes them). Out come a Network and diagnostics with places.
// The way of a file:
//
//  1. load.go bounds it: size, UTF-8, no binary.
//  2. json.go or yaml.go makes a document of it (document.go): values with
//     their places, whatever the syntax was. Depth and number are bounded.
//  3. objects.go says, key by key, what each kind of object may hold; fields.go
//     goes by these tables, values.go reads single values.
//  4. check.go looks at what concerns several objects: names, ports and
//     addresses that are used twice, references, MTUs.
//
// (*Network).JSON writes a Network in one canonical form, which reads back.
//
// The package knows nothing of policies: whether a network is in one piece,
// whether a target is supported, and what a middlebox is for, is for the
// compiler to say. A Network that came with errors may be incomplete.
package network
