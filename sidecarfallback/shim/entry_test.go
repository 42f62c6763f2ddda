//go:build linux

package shim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"

	config "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
)

type (
	fields map[string][]byte
	args   map[string][]byte
)

// entry is a table entry by names. Prefixes are of full length.
type entry struct {
	table  string
	fields fields
	action string
	args   args
}

func num(n uint64) []byte {
	b := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, n), "\x00")
	if len(b) == 0 {
		return []byte{0}
	}
	return b
}

func long(a netip.Addr) []byte {
	b := a.As16()
	return bytes.TrimLeft(b[:], "\x00")
}

func tableOf(info *config.P4Info, name string) *config.Table {
	for _, t := range info.Tables {
		if t.Preamble.Alias == name {
			return t
		}
	}
	panic(fmt.Sprintf("no table %s", name))
}

func (e entry) entity(info *config.P4Info) *p4.Entity {
	table := tableOf(info, e.table)
	out := &p4.TableEntry{TableId: table.Preamble.Id}
	for _, f := range table.MatchFields {
		value, ok := e.fields[f.Name]
		if !ok {
			panic(fmt.Sprintf("table %s: field %s is not set", e.table, f.Name))
		}
		m := &p4.FieldMatch{FieldId: f.Id}
		switch f.GetMatchType() {
		case config.MatchField_EXACT:
			m.FieldMatchType = &p4.FieldMatch_Exact_{Exact: &p4.FieldMatch_Exact{Value: bytes.TrimLeft(value, "\x00")}}
			if len(bytes.TrimLeft(value, "\x00")) == 0 {
				m.GetExact().Value = []byte{0}
			}
		case config.MatchField_LPM:
			m.FieldMatchType = &p4.FieldMatch_Lpm{Lpm: &p4.FieldMatch_LPM{Value: value, PrefixLen: f.Bitwidth}}
		default:
			panic(fmt.Sprintf("table %s: field %s is %v", e.table, f.Name, f.GetMatchType()))
		}
		out.Match = append(out.Match, m)
	}
	for _, a := range info.Actions {
		if a.Preamble.Alias != e.action {
			continue
		}
		action := &p4.Action{ActionId: a.Preamble.Id}
		for _, p := range a.Params {
			value := bytes.TrimLeft(e.args[p.Name], "\x00")
			if len(value) == 0 {
				value = []byte{0}
			}
			action.Params = append(action.Params, &p4.Action_Param{ParamId: p.Id, Value: value})
		}
		out.Action = &p4.TableAction{Type: &p4.TableAction_Action{Action: action}}
		return &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: out}}
	}
	panic(fmt.Sprintf("no action %s", e.action))
}
