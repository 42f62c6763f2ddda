package linuxbridge

import (
	"encoding/binary"
	"fmt"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// step is one statement or match of a rule. Its String is nftables' own syntax.
type step interface {
	fmt.Stringer
	// expressions gives the step as the kernel takes it: expr.Any, or fwd,
	// which that package lacks. index says which number an interface has.
	expressions(index func(device string) uint32) []any
}

type (
	drop      struct{}
	accept    struct{}
	setMark   uint32
	ifMark    uint32
	oneIn     uint32 // one frame in so many, at random
	forward   struct{ device string }
	duplicate struct{ device string }
)

func (drop) String() string        { return "drop" }
func (accept) String() string      { return "accept" }
func (m setMark) String() string   { return fmt.Sprintf("meta mark set 0x%08x", uint32(m)) }
func (m ifMark) String() string    { return fmt.Sprintf("meta mark 0x%08x", uint32(m)) }
func (n oneIn) String() string     { return fmt.Sprintf("numgen random mod %d 0", uint32(n)) }
func (f forward) String() string   { return fmt.Sprintf("fwd to %q", f.device) }
func (d duplicate) String() string { return fmt.Sprintf("dup to %q", d.device) }

// register is the one that every step uses: none needs two at a time.
const register = unix.NFT_REG_1

func (drop) expressions(func(string) uint32) []any {
	return []any{&expr.Verdict{Kind: expr.VerdictDrop}}
}

func (accept) expressions(func(string) uint32) []any {
	return []any{&expr.Verdict{Kind: expr.VerdictAccept}}
}

func (m setMark) expressions(func(string) uint32) []any {
	return []any{load(uint32(m)), &expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: register}}
}

func (m ifMark) expressions(func(string) uint32) []any {
	return []any{&expr.Meta{Key: expr.MetaKeyMARK, Register: register}, equal(uint32(m))}
}

func (n oneIn) expressions(func(string) uint32) []any {
	return []any{&expr.Numgen{Register: register, Modulus: uint32(n), Type: unix.NFT_NG_RANDOM}, equal(0)}
}

func (f forward) expressions(index func(string) uint32) []any {
	return []any{load(index(f.device)), fwd{}}
}

func (d duplicate) expressions(index func(string) uint32) []any {
	return []any{load(index(d.device)), &expr.Dup{RegDev: register, IsRegDevSet: true}}
}

// load puts a number into the register, in the machine's byte order, as marks
// and interface numbers are.
func load(v uint32) any { return &expr.Immediate{Register: register, Data: native(v)} }

func equal(v uint32) any {
	return &expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: native(v)}
}

func native(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }

// fwd is nftables' fwd expression: the frame goes out of the interface whose
// number is in the register, and nowhere else.
type fwd struct{}

// marshal gives the bytes of one expression: its name and its attributes.
func marshal(expression any) ([]byte, error) {
	if e, ok := expression.(expr.Any); ok {
		return expr.Marshal(unix.NFPROTO_NETDEV, e)
	}
	return attributes(
		attribute{unix.NFTA_EXPR_NAME, text("fwd")},
		attribute{unix.NFTA_EXPR_DATA | unix.NLA_F_NESTED, attributes(
			attribute{unix.NFTA_FWD_SREG_DEV, number(register)},
		)},
	), nil
}
