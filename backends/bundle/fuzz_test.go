package bundle

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
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
	f.Add([]byte("{\n  \"statements\": [\n    \"a\"\n  ],\n  \"targets\": {\n  },\n  \"redirects\": {\n    \"s\": {\n      \"switch s\": {\"from\": [\"a\"]}\n    }\n  }\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = parseOrigins("provenance.json", data)
	})
}

// Whatever is in a target's file: it is refused with a place, or means what it is written as again.
func FuzzReadText(f *testing.F) {
	f.Add([]byte("updates { type: INSERT entity { table_entry {\n table_id: 1 # }\n action { action { action_id: 2 } } } } }\n"))
	b := smallBundle()
	for _, e := range b.Targets[0].Entities {
		f.Add(append(e.AppendText(nil), '\n'))
	}
	path := filepath.Join(f.TempDir(), "target.txtpb")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		var read Target
		err := read.readText(path, len(b.Targets[0].Entities))
		if err != nil && !strings.HasPrefix(err.Error(), path+":") {
			t.Errorf("no place: %v", err)
		}
		for i := range read.Entities {
			if err := read.Entities[i].Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}
