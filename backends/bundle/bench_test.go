package bundle

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// bigBundle has a million entities, on so many targets.
func bigBundle(targets int) *Bundle {
	b := &Bundle{Network: []byte("{}\n")}
	for i := range 1000 {
		b.Statements = append(b.Statements, fmt.Sprintf("allow rule-%04d", i))
	}
	const all = 1_000_000
	for t := range targets {
		target := Target{Name: fmt.Sprintf("leaf%04d", t), Kind: "switch", DeviceID: uint64(t + 1)}
		for i := range all / targets {
			var id [4]byte
			binary.BigEndian.PutUint32(id[:], uint32(i)|1<<31)
			target.Entities = append(target.Entities, Entity{ID: 33554433, Action: 16777217, From: []uint32{uint32(i % 1000)}, Counts: int32(i % 1000),
				Match: []Match{
					{Field: 1, Kind: Exact, Value: string(id[:])},
					{Field: 2, Kind: Exact, Value: "\x0a\x00\x00\x01"},
				},
				Params: []Param{{1, "\x12\x34"}}})
		}
		b.Targets = append(b.Targets, target)
	}
	return b
}

func BenchmarkWriteMillion(b *testing.B) {
	for _, targets := range []int{1, 20} {
		b.Run(fmt.Sprintf("targets=%d", targets), func(b *testing.B) {
			big := bigBundle(targets)
			dir := filepath.Join(b.TempDir(), "out")
			b.ResetTimer()
			for range b.N {
				if err := Write(dir, big); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(folderSize(b, dir))
		})
	}
}

func BenchmarkReadMillion(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "out")
	if err := Write(dir, bigBundle(20)); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(folderSize(b, dir))
	b.ResetTimer()
	for range b.N {
		if _, err := Read(dir); err != nil {
			b.Fatal(err)
		}
	}
}

func folderSize(b *testing.B, dir string) int64 {
	var size int64
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	return size
}
