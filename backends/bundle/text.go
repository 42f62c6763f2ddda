package bundle

import (
	"bytes"
	"slices"
	"strconv"
)

// AppendText appends the entity as one update of a p4.v1.WriteRequest in text form, without a
// line end: "updates { type: INSERT entity { … } }". Fields are in the order of the protobuf
// definition, and bytes are always \x and two hex digits, so that an address can be searched for.
func (e *Entity) AppendText(b []byte) []byte {
	b = append(b, "updates { type: INSERT entity { "...)
	switch e.Kind {
	case MulticastGroup:
		b = append(b, "packet_replication_engine_entry { multicast_group_entry { multicast_group_id: "...)
		b = e.appendReplicas(b)
	case CloneSession:
		b = append(b, "packet_replication_engine_entry { clone_session_entry { session_id: "...)
		b = e.appendReplicas(b)
	default:
		b = e.appendTableEntry(b)
	}
	return append(b, "} } }"...)
}

func (e *Entity) appendReplicas(b []byte) []byte {
	b = append(strconv.AppendUint(b, uint64(e.ID), 10), ' ')
	for _, r := range e.Replicas {
		b = strconv.AppendUint(append(b, "replicas { egress_port: "...), uint64(r.Port), 10)
		if r.Instance != 0 {
			b = strconv.AppendUint(append(b, " instance: "...), uint64(r.Instance), 10)
		}
		b = append(b, " } "...)
	}
	return append(b, "} "...)
}

func (e *Entity) appendTableEntry(b []byte) []byte {
	b = strconv.AppendUint(append(b, "table_entry { table_id: "...), uint64(e.ID), 10)
	for i := range e.Match {
		m := &e.Match[i]
		b = strconv.AppendUint(append(b, " match { field_id: "...), uint64(m.Field), 10)
		switch m.Kind {
		case Exact:
			b = appendQuoted(append(b, " exact { value: "...), m.Value)
		case LPM:
			b = appendQuoted(append(b, " lpm { value: "...), m.Value)
			b = strconv.AppendInt(append(b, " prefix_len: "...), int64(m.PrefixLen), 10)
		case Ternary:
			b = appendQuoted(append(b, " ternary { value: "...), m.Value)
			b = appendQuoted(append(b, " mask: "...), m.Mask)
		case Range:
			b = appendQuoted(append(b, " range { low: "...), m.Value)
			b = appendQuoted(append(b, " high: "...), m.Mask)
		case Optional:
			b = appendQuoted(append(b, " optional { value: "...), m.Value)
		}
		b = append(b, " } }"...)
	}
	b = strconv.AppendUint(append(b, " action { action { action_id: "...), uint64(e.Action), 10)
	for i := range e.Params {
		b = strconv.AppendUint(append(b, " params { param_id: "...), uint64(e.Params[i].ID), 10)
		b = append(appendQuoted(append(b, " value: "...), e.Params[i].Value), " }"...)
	}
	b = append(b, " } } "...)
	if e.Priority != 0 {
		b = append(strconv.AppendInt(append(b, "priority: "...), int64(e.Priority), 10), ' ')
	}
	return b
}

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		b = append(b, '\\', 'x', hexDigits[s[i]>>4], hexDigits[s[i]&15])
	}
	return append(b, '"')
}

// Sort sorts entities by their text, as a bundle wants them.
func Sort(entities []Entity) {
	var all []byte
	ends := make([]int, len(entities)+1)
	order := make([]int, len(entities))
	for i := range entities {
		all = entities[i].AppendText(all)
		ends[i+1] = len(all)
		order[i] = i
	}
	text := func(i int) []byte { return all[ends[i]:ends[i+1]] }
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(text(a), text(b)) })
	unsorted := slices.Clone(entities)
	for i, from := range order {
		entities[i] = unsorted[from]
	}
}
