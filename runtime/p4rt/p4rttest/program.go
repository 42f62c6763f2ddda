package p4rttest

import (
	"fmt"
	"math/big"
	"strings"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
)

// program is a P4Info by its ids.
type program struct {
	tables   map[uint32]*p4configv1.Table
	actions  map[uint32]*p4configv1.Action
	counters map[uint32]*p4configv1.Counter
	counted  map[uint32]bool // tables with a direct counter
}

func newProgram(info *p4configv1.P4Info) *program {
	p := &program{map[uint32]*p4configv1.Table{}, map[uint32]*p4configv1.Action{}, map[uint32]*p4configv1.Counter{}, map[uint32]bool{}}
	for _, t := range info.GetTables() {
		p.tables[t.GetPreamble().GetId()] = t
	}
	for _, a := range info.GetActions() {
		p.actions[a.GetPreamble().GetId()] = a
	}
	for _, c := range info.GetCounters() {
		p.counters[c.GetPreamble().GetId()] = c
	}
	for _, c := range info.GetDirectCounters() {
		p.counted[c.GetDirectTableId()] = true
	}
	return p
}

func (p *program) action(alias string) uint32 {
	for id, a := range p.actions {
		if a.GetPreamble().GetAlias() == alias {
			return id
		}
	}
	return 0
}

func (p *program) table(alias string) uint32 {
	for id, t := range p.tables {
		if t.GetPreamble().GetAlias() == alias {
			return id
		}
	}
	return 0
}

// check checks one entity and gives its key. Of one to delete, only the key matters.
func (p *program) check(e *p4v1.Entity, keyOnly bool) (string, error) {
	switch pre := e.GetPacketReplicationEngineEntry(); {
	case pre.GetMulticastGroupEntry() != nil:
		g := pre.GetMulticastGroupEntry()
		if g.GetMulticastGroupId() == 0 || g.GetMulticastGroupId() > 32767 {
			return "", refuse(codes.InvalidArgument, "multicast group %d", g.GetMulticastGroupId())
		}
		return fmt.Sprintf("multicast %d", g.GetMulticastGroupId()), checkReplicas(g.GetReplicas())
	case pre.GetCloneSessionEntry() != nil:
		c := pre.GetCloneSessionEntry()
		if c.GetSessionId() == 0 {
			return "", refuse(codes.InvalidArgument, "clone session 0")
		}
		return fmt.Sprintf("clone %d", c.GetSessionId()), checkReplicas(c.GetReplicas())
	case e.GetTableEntry() != nil:
		return p.checkEntry(e.GetTableEntry(), keyOnly)
	}
	return "", refuse(codes.Unimplemented, "entity %T", e.GetEntity())
}

func checkReplicas(replicas []*p4v1.Replica) error {
	seen := map[string]bool{}
	for _, r := range replicas {
		text := fmt.Sprint(r.GetPortKind(), r.GetInstance())
		if seen[text] || r.GetPortKind() == nil || r.GetInstance() > 0xffff {
			return refuse(codes.InvalidArgument, "replica %v", r)
		}
		seen[text] = true
	}
	return nil
}

func (p *program) checkEntry(t *p4v1.TableEntry, keyOnly bool) (string, error) {
	table := p.tables[t.GetTableId()]
	if table == nil {
		return "", refuse(codes.NotFound, "no table %d", t.GetTableId())
	}
	if table.GetIsConstTable() {
		return "", refuse(codes.PermissionDenied, "a constant table")
	}
	key, err := p.checkMatch(table, t)
	if err != nil || keyOnly {
		return key, err
	}
	a := t.GetAction().GetAction()
	allowed := false
	for _, r := range table.GetActionRefs() {
		allowed = allowed || r.GetId() == a.GetActionId()
	}
	if !allowed {
		return "", refuse(codes.InvalidArgument, "action %d in this table", a.GetActionId())
	}
	params := p.actions[a.GetActionId()].GetParams()
	if len(params) != len(a.GetParams()) {
		return "", refuse(codes.InvalidArgument, "%d params", len(a.GetParams()))
	}
	for i, param := range a.GetParams() {
		if param.GetParamId() != params[i].GetId() {
			return "", refuse(codes.InvalidArgument, "param %d", param.GetParamId())
		}
		if err := checkValue(param.GetValue(), params[i].GetBitwidth()); err != nil {
			return "", err
		}
	}
	return key, nil
}

func (p *program) checkMatch(table *p4configv1.Table, t *p4v1.TableEntry) (string, error) {
	key := fmt.Sprintf("table %d", t.GetTableId())
	priorities := false
	given := t.GetMatch()
	for _, f := range table.GetMatchFields() {
		kind := f.GetMatchType()
		priorities = priorities || kind == p4configv1.MatchField_TERNARY || kind == p4configv1.MatchField_RANGE || kind == p4configv1.MatchField_OPTIONAL
		if len(given) == 0 || given[0].GetFieldId() != f.GetId() {
			if kind == p4configv1.MatchField_EXACT {
				return "", refuse(codes.InvalidArgument, "field %d is missing, or not in order", f.GetId())
			}
			continue
		}
		m := given[0]
		given = given[1:]
		var values [][]byte
		switch {
		case kind == p4configv1.MatchField_EXACT && m.GetExact() != nil:
			values = [][]byte{m.GetExact().GetValue()}
		case kind == p4configv1.MatchField_OPTIONAL && m.GetOptional() != nil:
			values = [][]byte{m.GetOptional().GetValue()}
		case kind == p4configv1.MatchField_LPM && m.GetLpm() != nil:
			values = [][]byte{m.GetLpm().GetValue()}
			if n := m.GetLpm().GetPrefixLen(); n <= 0 || n > f.GetBitwidth() {
				return "", refuse(codes.InvalidArgument, "prefix length %d", n)
			} else if v := new(big.Int).SetBytes(values[0]); v.Sign() != 0 && v.TrailingZeroBits() < uint(f.GetBitwidth()-n) {
				return "", refuse(codes.InvalidArgument, "%x has ones after the prefix of length %d", values[0], n)
			}
		case kind == p4configv1.MatchField_TERNARY && m.GetTernary() != nil:
			values = [][]byte{m.GetTernary().GetValue(), m.GetTernary().GetMask()}
			v, mask := new(big.Int).SetBytes(values[0]), new(big.Int).SetBytes(values[1])
			if mask.Sign() == 0 || v.AndNot(v, mask).Sign() != 0 {
				return "", refuse(codes.InvalidArgument, "value %x with mask %x", values[0], values[1])
			}
		case kind == p4configv1.MatchField_RANGE && m.GetRange() != nil:
			values = [][]byte{m.GetRange().GetLow(), m.GetRange().GetHigh()}
			if number(values[0]) > number(values[1]) || number(values[0]) == 0 && number(values[1]) == 1<<f.GetBitwidth()-1 {
				return "", refuse(codes.InvalidArgument, "range %x..%x", values[0], values[1])
			}
		default:
			return "", refuse(codes.InvalidArgument, "field %d is of another kind", f.GetId())
		}
		for _, v := range values {
			if err := checkValue(v, f.GetBitwidth()); err != nil {
				return "", err
			}
		}
		key += fmt.Sprintf(" %d=%s", f.GetId(), strings.TrimSuffix(joinHex(values...)+fmt.Sprintf("/%d", m.GetLpm().GetPrefixLen()), "/0"))
	}
	if len(given) != 0 {
		return "", refuse(codes.InvalidArgument, "field %d does not exist, is given twice or not in order", given[0].GetFieldId())
	}
	if priorities != (t.GetPriority() > 0) {
		return "", refuse(codes.InvalidArgument, "priority %d", t.GetPriority())
	}
	if priorities {
		key += fmt.Sprintf(" priority %d", t.GetPriority())
	}
	return key, nil
}

// checkValue wants a canonical bytestring of so many bits.
func checkValue(v []byte, bits int32) error {
	if len(v) == 0 || len(v) > 1 && v[0] == 0 {
		return refuse(codes.InvalidArgument, "%x is not canonical", v)
	}
	if new(big.Int).SetBytes(v).BitLen() > int(bits) {
		return refuse(codes.OutOfRange, "%x has more than %d bits", v, bits)
	}
	return nil
}

func (p *program) cells(c *p4v1.CounterEntry) ([]*p4v1.Entity, error) {
	counter := p.counters[c.GetCounterId()]
	if counter == nil {
		return nil, refuse(codes.NotFound, "no counter %d", c.GetCounterId())
	}
	var out []*p4v1.Entity
	for i := range counter.GetSize() {
		if c.GetIndex() == nil || c.GetIndex().GetIndex() == i {
			out = append(out, &p4v1.Entity{Entity: &p4v1.Entity_CounterEntry{CounterEntry: &p4v1.CounterEntry{CounterId: c.GetCounterId(),
				Index: &p4v1.Index{Index: i}, Data: &p4v1.CounterData{PacketCount: 100 + i, ByteCount: 1000 + i}}}})
		}
	}
	return out, nil
}
