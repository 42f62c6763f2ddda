//go:build linux

package linuxbridge

import (
	"encoding/binary"
	"fmt"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// register is the one that every step uses: none needs two at a time.
const register = unix.NFT_REG_1

// expressions gives a step as the kernel takes it: expr.Any, or fwd, which that
// package lacks. index says which number an interface has.
func expressions(s step, index func(device string) uint32) []any {
	switch s := s.(type) {
	case drop:
		return []any{&expr.Verdict{Kind: expr.VerdictDrop}}
	case accept:
		return []any{&expr.Verdict{Kind: expr.VerdictAccept}}
	case setMark:
		return []any{load(uint32(s)), &expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: register}}
	case ifMark:
		return []any{&expr.Meta{Key: expr.MetaKeyMARK, Register: register}, equal(uint32(s))}
	case ifSource:
		return []any{
			&expr.Payload{OperationType: expr.PayloadLoad, DestRegister: register, Base: expr.PayloadBaseLLHeader, Offset: 6, Len: 6},
			&expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: s[:]},
		}
	case oneIn:
		return []any{&expr.Numgen{Register: register, Modulus: uint32(s), Type: unix.NFT_NG_RANDOM}, equal(0)}
	case forward:
		return []any{load(index(s.device)), fwd{}}
	case duplicate:
		return []any{load(index(s.device)), &expr.Dup{RegDev: register, IsRegDevSet: true}}
	}
	panic(fmt.Sprintf("linuxbridge: step %T has no expressions", s))
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

// encode gives the bytes of a rule's expressions.
func encode(r rule, index func(string) uint32) ([][]byte, error) {
	var out [][]byte
	for _, s := range r.steps {
		for _, e := range expressions(s, index) {
			data, err := marshal(e)
			if err != nil {
				return nil, fmt.Errorf("nftables: %s: %w", s, err)
			}
			out = append(out, data)
		}
	}
	return out, nil
}

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
