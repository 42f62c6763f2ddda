package gnmi

import (
	"fmt"

	"pillion/runtime/port"
)

// Interface is one port as gNMI shows it.
type Interface struct {
	// Name is the key of the interface: unique, and not empty.
	Name string
	port.Status
	port.Counters
}

// Source is where the data comes from. Its methods may be called side by side.
type Source interface {
	// Interfaces are all there are, in an order that does not change by itself.
	Interfaces() []Interface
	// SetEnabled lets the port with this number pass frames, or stops it. On an
	// error nothing has changed.
	SetEnabled(number uint32, enabled bool) error
	// Watch calls changed after every change but those of counters, until stop is
	// called. changed does not wait.
	Watch(changed func()) (stop func())
}

// Ports makes a Source of a switch's ports. An interface has the name of its
// device; if several devices have one name, each has its port number behind it
// ("eth0#3").
func Ports(set *port.Set) Source { return ports{set} }

type ports struct{ *port.Set }

func (p ports) Interfaces() []Interface {
	numbers := p.Numbers()
	out := make([]Interface, 0, len(numbers))
	count := map[string]int{}
	for _, n := range numbers {
		status, err := p.Status(n)
		if err != nil {
			continue // removed just now
		}
		counters, err := p.Set.Counters(n)
		if err != nil {
			continue
		}
		count[status.Name]++
		out = append(out, Interface{Name: status.Name, Status: status, Counters: counters})
	}
	for i := range out {
		if count[out[i].Name] > 1 || out[i].Name == "" {
			out[i].Name = fmt.Sprintf("%s#%d", out[i].Name, out[i].Number)
		}
	}
	return out
}
