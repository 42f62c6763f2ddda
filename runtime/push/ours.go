package push

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
)

// mark is the metadata of what a push wrote.
const mark = "pillion"

// replicationID is a multicast group or clone session.
type replicationID struct {
	kind bundle.Kind
	id   uint32
}

// ledger is the list of our multicast groups and clone sessions, as it is on the target.
type ledger struct {
	entry *p4v1.TableEntry // the default entry that keeps it; nil: nowhere
	ours  map[replicationID]bool
}

// readLedger reads the list. A target that cannot keep one has an empty one.
func readLedger(ctx context.Context, c *p4rt.Client, table uint32) (*ledger, error) {
	l := &ledger{ours: map[replicationID]bool{}}
	if table == 0 {
		return l, nil
	}
	filter := &p4v1.TableEntry{TableId: table, IsDefaultAction: true}
	err := c.Read(ctx, []*p4v1.Entity{{Entity: &p4v1.Entity_TableEntry{TableEntry: filter}}}, func(e *p4v1.Entity) error {
		if t := e.GetTableEntry(); t.GetIsDefaultAction() && t.GetTableId() == table && t.GetAction().GetAction().GetActionId() != 0 && !t.GetIsConst() {
			l.entry = t
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.ours = parseLedger(string(l.entry.GetMetadata()))
	return l, nil
}

// save brings the list on the target to exactly these. It says false if the target keeps none.
func (l *ledger) save(ctx context.Context, c *p4rt.Client, ours map[replicationID]bool) (bool, error) {
	l.ours = ours
	if l.entry == nil {
		return false, nil
	}
	entry := proto.Clone(l.entry).(*p4v1.TableEntry)
	entry.Metadata = []byte(formatLedger(ours))
	entry.CounterData, entry.MeterCounterData = nil, nil
	err := c.Write(ctx, []*p4v1.Update{{Type: p4v1.Update_MODIFY, Entity: &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: entry}}}})
	if err != nil {
		return false, fmt.Errorf("keeping the list of our multicast groups and clone sessions at a default entry: %w", err)
	}
	return true, nil
}

// formatLedger writes the list: "pillion multicast 1-4,7 clone 5".
func formatLedger(ours map[replicationID]bool) string {
	text := mark
	for _, part := range []struct {
		name string
		kind bundle.Kind
	}{{" multicast ", bundle.MulticastGroup}, {" clone ", bundle.CloneSession}} {
		var ids []uint32
		for r, in := range ours {
			if in && r.kind == part.kind {
				ids = append(ids, r.id)
			}
		}
		slices.Sort(ids)
		var ranges []string
		for i := 0; i < len(ids); {
			end := i
			for end+1 < len(ids) && ids[end+1] == ids[end]+1 {
				end++
			}
			if end == i {
				ranges = append(ranges, fmt.Sprint(ids[i]))
			} else {
				ranges = append(ranges, fmt.Sprintf("%d-%d", ids[i], ids[end]))
			}
			i = end + 1
		}
		if len(ranges) > 0 {
			text += part.name + strings.Join(ranges, ",")
		}
	}
	return text
}

// parseLedger reads what formatLedger writes. What is not understood is not ours.
func parseLedger(text string) map[replicationID]bool {
	ours := map[replicationID]bool{}
	left := uint64(1 << 20) // ids: the list comes from a device, so it is bounded
	words := strings.Fields(text)
	if len(words) == 0 || words[0] != mark {
		return ours
	}
	for i := 1; i+1 < len(words); i += 2 {
		kind := bundle.MulticastGroup
		switch words[i] {
		case "multicast":
		case "clone":
			kind = bundle.CloneSession
		default:
			return ours
		}
		for _, part := range strings.Split(words[i+1], ",") {
			first, last, isRange := strings.Cut(part, "-")
			from, err := strconv.ParseUint(first, 10, 32)
			to := from
			if isRange && err == nil {
				to, err = strconv.ParseUint(last, 10, 32)
			}
			if err != nil || to < from || to-from >= left {
				return ours
			}
			left -= to - from + 1
			for id := from; id <= to; id++ {
				ours[replicationID{kind, uint32(id)}] = true
			}
		}
	}
	return ours
}

// isOurs says whether a push wrote what was read back.
func (l *ledger) isOurs(p *p4v1.Entity) bool {
	switch p := p.GetEntity().(type) {
	case *p4v1.Entity_TableEntry:
		return string(p.TableEntry.GetMetadata()) == mark
	case *p4v1.Entity_PacketReplicationEngineEntry:
		if g := p.PacketReplicationEngineEntry.GetMulticastGroupEntry(); g != nil {
			return string(g.GetMetadata()) == mark || l.ours[replicationID{bundle.MulticastGroup, g.GetMulticastGroupId()}]
		}
		if c := p.PacketReplicationEngineEntry.GetCloneSessionEntry(); c != nil {
			return l.ours[replicationID{bundle.CloneSession, c.GetSessionId()}]
		}
	}
	return false
}

// marked is the P4Runtime message of an entity of ours.
func marked(e *bundle.Entity) *p4v1.Entity {
	p := e.Proto()
	if t := p.GetTableEntry(); t != nil {
		t.Metadata = []byte(mark)
	}
	if g := p.GetPacketReplicationEngineEntry().GetMulticastGroupEntry(); g != nil {
		g.Metadata = []byte(mark)
	}
	return p
}
