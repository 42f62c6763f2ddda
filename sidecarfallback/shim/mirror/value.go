package mirror

import (
	"fmt"

	"pillion/p4/engine"
)

// RefusedError says why the data plane cannot do what the P4 program allows.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return "the shim's data plane: " + e.Reason }

func refuse(format string, a ...any) error { return &RefusedError{fmt.Sprintf(format, a...)} }

// number reads a big-endian value of at most 8 bytes.
func number(b []byte) uint64 {
	var n uint64
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n
}

func num32(b []byte) uint32 { return uint32(number(b)) }

// mac gives a shortened value its leading zeros back.
func mac(b []byte) (out [6]byte) {
	copy(out[max(0, len(out)-len(b)):], b)
	return out
}

func address(b []byte) (out [16]byte) {
	copy(out[max(0, len(out)-len(b)):], b)
	return out
}

// arg is the i-th argument of an entry's action, or nothing.
func arg(e *engine.Entry, i int) []byte {
	if i < len(e.Args) {
		return e.Args[i]
	}
	return nil
}
