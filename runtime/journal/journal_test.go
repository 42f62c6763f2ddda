package journal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"
)

func updateOf(table uint32) *p4.Update {
	return &p4.Update{Type: p4.Update_INSERT, Entity: &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: &p4.TableEntry{TableId: table}}}}
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.journal")
	cfg, updates, err := readJournal(path)
	if cfg != nil || updates != nil || err != nil {
		t.Fatalf("without a file: %v, %v, %v", cfg, updates, err)
	}
	j := &journal{path: path}
	want := &p4.ForwardingPipelineConfig{P4DeviceConfig: []byte("x")}
	if err := j.rewrite(want, []*p4.Update{updateOf(1)}); err != nil {
		t.Fatal(err)
	}
	for table := uint32(2); table <= 3; table++ {
		if err := j.write([]*p4.Update{updateOf(table)}); err != nil {
			t.Fatal(err)
		}
	}
	j.close()
	check := func(tables int) {
		t.Helper()
		cfg, updates, err := readJournal(path)
		if err != nil || !proto.Equal(cfg, want) || len(updates) != tables {
			t.Fatalf("%v, %v, %v", cfg, updates, err)
		}
		for i, u := range updates {
			if !proto.Equal(u, updateOf(uint32(1+i))) {
				t.Errorf("update %d: %v", i, u)
			}
		}
	}
	check(3)

	// A crash may cut the last record anywhere.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last, err := appendRecord(nil, recordUpdate, updateOf(3))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut <= len(last); cut++ {
		if err := os.WriteFile(path, whole[:len(whole)-cut], 0o600); err != nil {
			t.Fatal(err)
		}
		check(2)
	}

	// Or leave zeros where it should be, if the whole machine crashed.
	for _, end := range [][]byte{make([]byte, 1), make([]byte, 100<<10), append(last[:1:1], make([]byte, len(last)-1)...), append(last[:1:1], make([]byte, len(last)+9)...)} {
		if err := os.WriteFile(path, append(whole[:len(whole)-len(last):len(whole)-len(last)], end...), 0o600); err != nil {
			t.Fatal(err)
		}
		check(2)
		if err := os.WriteFile(path, append(whole[:len(whole)-len(last):len(whole)-len(last)], append(end, 1)...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readJournal(path); err == nil {
			t.Error("zeros with something behind them are no end")
		}
	}

	for name, bad := range map[string]string{
		"of unknown kind":          "\x01z",
		"before any config":        "\x01u",
		"a record of 0 bytes":      "\x00",
		"a record of 268435457 by": "\x81\x80\x80\x80\x01c",
	} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readJournal(path); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Agents that are killed while they write the journal anew leave no more than one file behind, and nobody else may read any of them.
func TestJournalLeavesNoFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.journal")
	if err := os.WriteFile(path+".new", []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	j := &journal{path: path}
	if err := j.rewrite(&p4.ForwardingPipelineConfig{}, nil); err != nil {
		t.Fatal(err)
	}
	j.close()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Whatever is in a journal: it is read, or refused, and what was read is written as it was.
func FuzzJournal(f *testing.F) {
	good, _ := appendRecord(nil, recordConfig, &p4.ForwardingPipelineConfig{P4DeviceConfig: []byte("x")})
	good, _ = appendRecord(good, recordUpdate, updateOf(7))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg, updates, complete, err := parseJournal(bytes.NewReader(b))
		if err != nil {
			return
		}
		if complete > int64(len(b)) {
			t.Fatalf("%d of %d bytes are complete", complete, len(b))
		}
		if cfg == nil {
			return
		}
		again, err := appendRecord(nil, recordConfig, cfg)
		for _, u := range updates {
			if err == nil {
				again, err = appendRecord(again, recordUpdate, u)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		cfg2, updates2, _, err := parseJournal(bytes.NewReader(again))
		if err != nil || !proto.Equal(cfg, cfg2) || len(updates) != len(updates2) {
			t.Fatalf("read again: %v, %v, %v", cfg2, updates2, err)
		}
	})
}
