package p4

import (
	_ "embed"
	"fmt"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

//go:generate sh -c "p4c-bm2-ss --arch v1model --p4runtime-files shim.p4info.txtpb -o shim.json shim.p4 && sha256sum headers.p4 shim.p4 > shim.sha256"

//go:embed shim.p4info.txtpb
var shimP4Info []byte

//go:embed shim.json
var shimConfig []byte

// The ports of shim.p4.
const (
	ShimHost    = 1 // the host's side
	ShimNetwork = 2 // the network's side
)

// Shim is the program of end hosts: what their eBPF data plane must do.
func Shim() (*Program, error) {
	info := new(p4config.P4Info)
	if err := prototext.Unmarshal(shimP4Info, info); err != nil {
		return nil, fmt.Errorf("the embedded shim.p4info.txtpb: %w", err)
	}
	return &Program{Info: info, Config: shimConfig}, nil
}
