// Package l2 holds the plain layer-2 program that the benchmark measures beside pillion.p4, compiled.
package l2

import (
	_ "embed"
	"fmt"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"

	"pillion/p4"
)

//go:generate sh -c "p4c-bm2-ss --arch v1model --p4runtime-files l2.p4info.txtpb -o l2.json l2.p4 && sha256sum l2.p4 > l2.sha256"

//go:embed l2.p4info.txtpb
var info []byte

//go:embed l2.json
var config []byte

// Program is the compiled program.
func Program() (*p4.Program, error) {
	i := new(p4config.P4Info)
	if err := prototext.Unmarshal(info, i); err != nil {
		return nil, fmt.Errorf("the embedded l2.p4info.txtpb: %w", err)
	}
	return &p4.Program{Info: i, Config: config}, nil
}
