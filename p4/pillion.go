package p4

import (
	_ "embed"
	"fmt"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

//go:embed pillion.p4info.txtpb
var pillionP4Info []byte

//go:embed pillion.json
var pillionConfig []byte

// Program is a compiled P4 program as a P4Runtime server takes it.
type Program struct {
	Info   *p4config.P4Info
	Config []byte // bmv2 JSON
}

// Pillion is the program of switches and sidecars.
func Pillion() (*Program, error) {
	info := new(p4config.P4Info)
	if err := prototext.Unmarshal(pillionP4Info, info); err != nil {
		return nil, fmt.Errorf("the embedded pillion.p4info.txtpb: %w", err)
	}
	return &Program{Info: info, Config: pillionConfig}, nil
}
