package bpf

import (
	"fmt"
	"hash/crc32"

	"github.com/cilium/ebpf"
)

// Spec is the data plane, ready to be loaded.
func Spec() (*ebpf.CollectionSpec, error) {
	spec, err := LoadShim()
	if err != nil {
		return nil, fmt.Errorf("the embedded data plane: %w", err)
	}
	if err := spec.Variables[ShimVarCrcTables].Set(crcTables()); err != nil {
		return nil, fmt.Errorf("the embedded data plane: %w", err)
	}
	return spec, nil
}

// crcTables says what a byte contributes to the CRC-32 of Ethernet (polynomial 0xEDB88320, lowest bit
// first) when 0 to 3 more bytes follow.
func crcTables() [4][256]uint32 {
	tables := [4][256]uint32{0: *crc32.IEEETable}
	for k := 1; k < len(tables); k++ {
		for b, crc := range tables[k-1] {
			tables[k][b] = crc>>8 ^ tables[0][byte(crc)]
		}
	}
	return tables
}
