package bundle

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

// Names says entities in words, by a P4Info: names of tables, fields, actions and parameters, and
// values as addresses where the P4Info says or the name tells that they are. What the P4Info
// does not know is shown by its number.
type Names struct {
	tables  map[uint32]*tableNames
	actions map[uint32]*actionNames
}

type tableNames struct {
	name   string
	order  int
	fields map[uint32]valueName
}

type actionNames struct {
	name   string
	params map[uint32]valueName
}

// valueName is the name and the look of a field or parameter.
type valueName struct {
	name string
	bits int32
	look look
}

// look is how a value is best read.
type look uint8

const (
	decimal look = iota
	hexadecimal
	macAddress
	ipAddress // of 32 or 128 bits
	text
)

// NewNames indexes a P4Info; nil is as good as an empty one.
func NewNames(info *p4configv1.P4Info) *Names {
	n := &Names{map[uint32]*tableNames{}, map[uint32]*actionNames{}}
	for i, t := range info.GetTables() {
		names := &tableNames{name(t.GetPreamble()), i, map[uint32]valueName{}}
		for _, f := range t.GetMatchFields() {
			names.fields[f.GetId()] = valueName{f.GetName(), f.GetBitwidth(),
				lookOf(f.GetName(), f.GetBitwidth(), f.GetTypeName().GetName(), f.GetAnnotations())}
		}
		n.tables[t.GetPreamble().GetId()] = names
	}
	for _, a := range info.GetActions() {
		names := &actionNames{name(a.GetPreamble()), map[uint32]valueName{}}
		for _, p := range a.GetParams() {
			names.params[p.GetId()] = valueName{p.GetName(), p.GetBitwidth(),
				lookOf(p.GetName(), p.GetBitwidth(), p.GetTypeName().GetName(), p.GetAnnotations())}
		}
		n.actions[a.GetPreamble().GetId()] = names
	}
	return n
}

func name(p *p4configv1.Preamble) string {
	if p.GetAlias() != "" {
		return p.GetAlias()
	}
	return p.GetName()
}

// lookOf decides by @format (as in SAI P4 programs), else by the width and the name.
func lookOf(name string, bits int32, typeName string, annotations []string) look {
	for _, a := range annotations {
		switch strings.ReplaceAll(a, " ", "") {
		case "@format(IPV4_ADDRESS)", "@format(IPV6_ADDRESS)":
			return ipAddress
		case "@format(MAC_ADDRESS)":
			return macAddress
		case "@format(HEX_STRING)":
			return hexadecimal
		case "@format(STRING)":
			return text
		}
	}
	switch {
	case bits == 128, bits == 32 && hasWord(name+"."+typeName, "ip", "ipv4", "ip4", "spa", "tpa", "addr", "address", "src", "dst"):
		return ipAddress
	case bits == 48:
		return macAddress
	case bits > 64, hasWord(name, "type", "ethertype", "flags", "mask"):
		return hexadecimal
	}
	return decimal
}

// hasWord says whether one of the words is in a name like hdr.ipv4.srcAddr, which has the words
// hdr, ipv4, src and addr.
func hasWord(name string, words ...string) bool {
	start := 0
	for i := 0; i <= len(name); i++ {
		letter := i < len(name) && (name[i] >= 'a' && name[i] <= 'z' || name[i] >= 'A' && name[i] <= 'Z' || name[i] >= '0' && name[i] <= '9')
		capital := letter && name[i] <= 'Z' && name[i] >= 'A'
		if letter && !capital {
			continue
		}
		if slices.Contains(words, strings.ToLower(name[start:i])) {
			return true
		}
		start = i
		if !letter {
			start++
		}
	}
	return false
}

// Table is the name of a table.
func (n *Names) Table(id uint32) string {
	if t := n.tables[id]; t != nil {
		return t.name
	}
	return fmt.Sprintf("table %d", id)
}

// TableOrder is the place of a table in the P4Info, which for p4c is the order in which packets
// meet the tables. A table that the P4Info does not know is last.
func (n *Names) TableOrder(id uint32) int {
	if t := n.tables[id]; t != nil {
		return t.order
	}
	return len(n.tables)
}

// Where is what kind of thing an entity is: the table's name, "multicast group" or "clone session".
func (n *Names) Where(e *Entity) string {
	switch e.Kind {
	case MulticastGroup:
		return "multicast group"
	case CloneSession:
		return "clone session"
	}
	return n.Table(e.ID)
}

// Match is the key of an entity within Where: "dst=10.0.0.0/8 port=80..443 priority=5", or the
// number of a multicast group or clone session, or "any" for an entry that matches everything.
func (n *Names) Match(e *Entity) string {
	if e.Kind != TableEntry {
		return fmt.Sprint(e.ID)
	}
	var parts []string
	var fields map[uint32]valueName
	if t := n.tables[e.ID]; t != nil {
		fields = t.fields
	}
	for _, m := range e.Match {
		f, ok := fields[m.Field]
		if !ok {
			f = valueName{name: fmt.Sprintf("field %d", m.Field), look: hexadecimal}
		}
		parts = append(parts, f.name+"="+f.match(m))
	}
	if len(parts) == 0 {
		parts = append(parts, "any")
	}
	if e.Priority != 0 {
		parts = append(parts, fmt.Sprintf("priority=%d", e.Priority))
	}
	return strings.Join(parts, " ")
}

// Action is what an entity does: "forward(port=3)", or its replicas: "ports 1, 2:7" (port:instance).
func (n *Names) Action(e *Entity) string {
	if e.Kind != TableEntry {
		var ports []string
		for _, r := range e.Replicas {
			if r.Instance == 0 {
				ports = append(ports, fmt.Sprint(r.Port))
			} else {
				ports = append(ports, fmt.Sprintf("%d:%d", r.Port, r.Instance))
			}
		}
		return "ports " + strings.Join(ports, ", ")
	}
	a := n.actions[e.Action]
	if a == nil {
		a = &actionNames{name: fmt.Sprintf("action %d", e.Action)}
	}
	var params []string
	for _, p := range e.Params {
		v, ok := a.params[p.ID]
		if !ok {
			v = valueName{name: fmt.Sprintf("param %d", p.ID), look: hexadecimal}
		}
		params = append(params, v.name+"="+v.value(p.Value))
	}
	return a.name + "(" + strings.Join(params, ", ") + ")"
}

// Entity is all of it: "acl dst=10.0.0.0/8 priority=5 -> permit()".
func (n *Names) Entity(e *Entity) string {
	return n.Where(e) + " " + n.Match(e) + " -> " + n.Action(e)
}

func (v valueName) match(m Match) string {
	switch m.Kind {
	case LPM:
		return v.prefix(m.Value, int(m.PrefixLen))
	case Range:
		if m.Value == m.Mask {
			return v.value(m.Value)
		}
		return v.value(m.Value) + ".." + v.value(m.Mask)
	case Ternary:
		if length, ok := v.prefixLen(m.Mask); ok && length == int(v.bits) {
			return v.value(m.Value)
		} else if ok && v.look == ipAddress {
			return v.prefix(m.Value, length)
		}
		hex := valueName{look: hexadecimal}
		return hex.value(m.Value) + "&" + hex.value(m.Mask)
	}
	return v.value(m.Value)
}

// prefix says a value and the number of its leading bits that count.
func (v valueName) prefix(s string, length int) string {
	if addr, ok := v.address(s); ok && addr.Is4In6() && length >= 96 {
		return fmt.Sprintf("%s/%d", addr.Unmap(), length-96)
	} else if ok {
		return fmt.Sprintf("%s/%d", addr, length)
	}
	return fmt.Sprintf("%s/%d", v.value(s), length)
}

// address is a value that is an IP address.
func (v valueName) address(s string) (netip.Addr, bool) {
	if v.look != ipAddress {
		return netip.Addr{}, false
	}
	b, ok := padded(s, int(v.bits)/8)
	if !ok {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(b)
}

// prefixLen is the number of ones at the start of a mask, if nothing but zeros follows.
func (v valueName) prefixLen(mask string) (int, bool) {
	n := new(big.Int).SetBytes([]byte(mask))
	zeros := int(n.TrailingZeroBits())
	ones := int(v.bits) - zeros
	want := new(big.Int).Lsh(big.NewInt(1), uint(max(ones, 0)))
	want.Sub(want, big.NewInt(1)).Lsh(want, uint(zeros))
	return ones, ones > 0 && n.Cmp(want) == 0
}

// value says one bytestring.
func (v valueName) value(s string) string {
	switch v.look {
	case macAddress:
		if b, ok := padded(s, 6); ok {
			return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
		}
	case ipAddress:
		if addr, ok := v.address(s); ok {
			return addr.Unmap().String() // a program may keep IPv4 in 128 bits
		}
	case text:
		return fmt.Sprintf("%q", s)
	case decimal:
		return new(big.Int).SetBytes([]byte(s)).String()
	}
	return "0x" + string(appendHex(nil, s))
}

// padded fills a bytestring up with zeros in front.
func padded(s string, size int) ([]byte, bool) {
	if len(s) > size {
		return nil, false
	}
	b := make([]byte, size)
	copy(b[size-len(s):], s)
	return b, true
}
