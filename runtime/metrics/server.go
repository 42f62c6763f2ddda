package metrics

import (
	"pillion/p4/engine"
	"pillion/runtime/server"
)

// Bounds of what a program, which comes from outside, can make of labels.
const (
	maxTables    = 1024
	maxTableName = 255 // bytes
)

// Server shows a P4Runtime server and the tables of its pipeline. Its requests are counted by [Registry.GRPC].
func (r *Registry) Server(s *server.Server) {
	r.show([]string{
		"pillion_p4runtime_clients", "pillion_p4runtime_primaries", "pillion_p4runtime_packet_ins_total", "pillion_p4runtime_packet_outs_total",
		"pillion_p4runtime_digest_lists_total", "pillion_p4runtime_lost_total", "pillion_p4runtime_updates_total", "pillion_p4runtime_entities_read_total",
	}, func(e *emitter) error {
		st := s.Stats()
		e.emit("pillion_p4runtime_clients", float64(st.Clients))
		e.emit("pillion_p4runtime_primaries", float64(st.Primaries))
		e.emit("pillion_p4runtime_updates_total", float64(st.Accepted), "accepted")
		e.emit("pillion_p4runtime_updates_total", float64(st.Refused), "refused")
		e.emit("pillion_p4runtime_entities_read_total", float64(st.Read))
		e.emit("pillion_p4runtime_packet_ins_total", float64(st.PacketIns))
		e.emit("pillion_p4runtime_packet_outs_total", float64(st.PacketOuts))
		e.emit("pillion_p4runtime_digest_lists_total", float64(st.DigestLists))
		for _, lost := range []struct {
			reason string
			count  uint64
		}{
			{"no pipeline", st.NoPipeline}, {"no primary", st.NoPrimary}, {"malformed", st.Malformed},
			{"queue full", st.QueueFull}, {"not acknowledged", st.DigestsUnacknowledged},
		} {
			e.emit("pillion_p4runtime_lost_total", float64(lost.count), lost.reason)
		}
		return nil
	})
	r.show([]string{"pillion_table_entries", "pillion_table_size_entries", "pillion_multicast_groups", "pillion_clone_sessions"}, func(e *emitter) error {
		eng := s.Engine()
		if eng == nil {
			return nil
		}
		for i, t := range eng.Program().Tables() {
			if i == maxTables {
				break
			}
			if len(t.Name) > maxTableName {
				continue
			}
			e.emit("pillion_table_entries", float64(eng.Table(t.Name).Len()), t.Name)
			e.emit("pillion_table_size_entries", float64(t.Size), t.Name)
		}
		e.emit("pillion_multicast_groups", float64(len(eng.MulticastGroups())))
		e.emit("pillion_clone_sessions", float64(len(eng.CloneSessions())))
		return nil
	})
}

// Drops shows what the policy's program drops, by the reasons of its drop counter: read returns its cells, or none while another
// program runs.
func (r *Registry) Drops(reasons []string, read func() ([]engine.CounterData, error)) {
	r.show([]string{"pillion_drops_total", "pillion_drop_bytes_total"}, func(e *emitter) error {
		cells, err := read()
		if err != nil {
			return err
		}
		for i, reason := range reasons {
			if i < len(cells) {
				e.emit("pillion_drops_total", float64(cells[i].Packets), reason)
				e.emit("pillion_drop_bytes_total", float64(cells[i].Bytes), reason)
			}
		}
		return nil
	})
}

// DropCells reads the drop counter of the engine behind a server, if the server runs the program with this config.
func DropCells(s *server.Server, config []byte, counter string) func() ([]engine.CounterData, error) {
	return func() ([]engine.CounterData, error) {
		eng := s.Engine()
		if eng == nil || string(s.DeviceConfig()) != string(config) {
			return nil, nil
		}
		c := eng.Counter(counter)
		if c == nil {
			return nil, nil
		}
		out := make([]engine.CounterData, c.Size())
		for i := range out {
			var err error
			if out[i], err = c.Read(i); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}
