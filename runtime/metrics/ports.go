package metrics

import (
	"strconv"

	"pillion/runtime/port"
)

// Ports shows the ports of a switch.
func (r *Registry) Ports(set *port.Set) {
	r.show([]string{
		"pillion_port_receive_frames_total", "pillion_port_receive_bytes_total", "pillion_port_receive_errors_total", "pillion_port_receive_discards_total",
		"pillion_port_transmit_frames_total", "pillion_port_transmit_bytes_total", "pillion_port_transmit_errors_total", "pillion_port_transmit_discards_total",
		"pillion_port_up", "pillion_port_transitions_total",
	}, func(e *emitter) error {
		for _, number := range set.Numbers() {
			c, err := set.Counters(number)
			if err != nil {
				continue // it was removed meanwhile
			}
			st, err := set.Status(number)
			if err != nil {
				continue
			}
			up := 0.0
			if st.Up() {
				up = 1
			}
			for _, v := range []struct {
				name  string
				value float64
			}{
				{"pillion_port_receive_frames_total", float64(c.InFrames)},
				{"pillion_port_receive_bytes_total", float64(c.InBytes)},
				{"pillion_port_receive_errors_total", float64(c.InErrors)},
				{"pillion_port_receive_discards_total", float64(c.InDiscards)},
				{"pillion_port_transmit_frames_total", float64(c.OutFrames)},
				{"pillion_port_transmit_bytes_total", float64(c.OutBytes)},
				{"pillion_port_transmit_errors_total", float64(c.OutErrors)},
				{"pillion_port_transmit_discards_total", float64(c.OutDiscards)},
				{"pillion_port_up", up},
				{"pillion_port_transitions_total", float64(st.Transitions)},
			} {
				e.emit(v.name, v.value, strconv.FormatUint(uint64(number), 10), st.Name)
			}
		}
		return nil
	})
}
