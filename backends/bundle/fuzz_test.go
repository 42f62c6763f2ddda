package bundle

import (
	"flag"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func FuzzScanEntity(f *testing.F) {
	b := smallBundle()
	for _, e := range b.Targets[0].Entities {
		f.Add(e.AppendText(nil))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, ok := newScanner().entity(line)
		if ok && string(e.AppendText(nil)) != string(line) {
			t.Errorf("read %q, which is written %q", line, e.AppendText(nil))
		}
	})
}

func FuzzOrigins(f *testing.F) {
	f.Add([]byte("{\n  \"statements\": [\n    \"a\"\n  ],\n  \"targets\": {\n    \"x\": {\n      \"0123456789abcdef\": {\"from\": [\"a\"], \"counts\": \"a\"}\n    }\n  }\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = parseOrigins("provenance.json", data)
	})
}
