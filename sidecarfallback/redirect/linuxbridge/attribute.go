//go:build linux

package linuxbridge

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// attribute is one netlink attribute: 16-bit length and type in the machine's
// byte order, the value, and padding to four bytes.
type attribute struct {
	kind uint16
	data []byte
}

func attributes(list ...attribute) []byte {
	var out []byte
	for _, a := range list {
		out = binary.NativeEndian.AppendUint16(out, uint16(4+len(a.data)))
		out = binary.NativeEndian.AppendUint16(out, a.kind)
		out = append(out, a.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

// text is a string attribute's value, which ends with a zero.
func text(s string) []byte { return append([]byte(s), 0) }

// number is a number's value: nftables has its own in network byte order.
func number(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// parse splits attributes; the type comes without its flags.
func parse(data []byte) ([]attribute, error) {
	raw, err := netlink.UnmarshalAttributes(data)
	if err != nil {
		return nil, err
	}
	list := make([]attribute, len(raw))
	for i, a := range raw {
		list[i] = attribute{a.Type &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER), a.Data}
	}
	return list, nil
}

// find returns the value of the first attribute of a type; nil if there is none.
func find(list []attribute, kind uint16) []byte {
	for _, a := range list {
		if a.kind == kind {
			return a.data
		}
	}
	return nil
}

func findText(list []attribute, kind uint16) string {
	return string(bytes.TrimRight(find(list, kind), "\x00"))
}

func findNumber(list []attribute, kind uint16) uint32 {
	if data := find(list, kind); len(data) == 4 {
		return binary.BigEndian.Uint32(data)
	}
	return 0
}

// nested lists, by expression and path of types, which attributes hold others.
// The kernel does not flag them all.
var nested = map[string]bool{
	"immediate.2": true, "immediate.2.2": true, // NFTA_IMMEDIATE_DATA, NFTA_DATA_VERDICT
	"cmp.3": true, // NFTA_CMP_DATA
}

// describe gives an expression's name and attributes a form that is the same
// for what was sent to the kernel and for what it returns: without flags,
// padding, order, and numbers that are zero, which either side may leave out.
func describe(expression []byte) (string, error) {
	list, err := parse(expression)
	if err != nil {
		return "", fmt.Errorf("an expression of nftables: %w", err)
	}
	name := findText(list, unix.NFTA_EXPR_NAME)
	var b strings.Builder
	b.WriteString(name)
	if err := describeInto(&b, name, find(list, unix.NFTA_EXPR_DATA)); err != nil {
		return "", fmt.Errorf("nftables' expression %s: %w", name, err)
	}
	return b.String(), nil
}

func describeInto(b *strings.Builder, path string, data []byte) error {
	list, err := parse(data)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b attribute) int { return cmp.Compare(a.kind, b.kind) })
	b.WriteByte('{')
	for _, a := range list {
		below := fmt.Sprintf("%s.%d", path, a.kind)
		switch {
		case nested[below]:
			fmt.Fprintf(b, "%d", a.kind)
			if err := describeInto(b, below, a.data); err != nil {
				return err
			}
		case len(a.data) == 4 && path != "immediate.2" && path != "cmp.3" && binary.NativeEndian.Uint32(a.data) == 0:
		default:
			fmt.Fprintf(b, "%d=%s;", a.kind, hex.EncodeToString(a.data))
		}
	}
	b.WriteByte('}')
	return nil
}
