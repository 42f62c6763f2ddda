package survey

import (
	"fmt"
	"strings"

	"pillion/compiler/network"
)

// compare judges the interfaces of one switch by what the network file wants.
func (s *Switch) compare(needs []need, d *device) {
	s.Version = d.version
	byNumber := map[uint32][]Interface{}
	numbered := false
	for _, i := range d.interfaces {
		if i.Numbered {
			byNumber[i.Number] = append(byNumber[i.Number], i)
			numbered = true
		}
	}
	if !numbered {
		s.Status = StatusNoNumbers
		s.Unused = d.interfaces
		for _, n := range needs {
			s.Ports = append(s.Ports, Port{Number: n.number, Uses: n.uses, NeedMTU: n.mtu})
		}
		return
	}
	used := map[uint32]bool{}
	for _, n := range needs {
		used[n.number] = true
		p := Port{Number: n.number, Uses: n.uses, NeedMTU: n.mtu}
		switch found := byNumber[n.number]; len(found) {
		case 0:
			p.problem("the switch has no port with this number; it has %s", listed(d.interfaces))
		case 1:
			p.Interface = &found[0]
			p.judge()
		default:
			p.problem("several interfaces have this number: %s", listed(found))
		}
		s.Ports = append(s.Ports, p)
	}
	for _, i := range d.interfaces {
		if !i.Numbered || !used[i.Number] {
			s.Unused = append(s.Unused, i)
		}
	}
	s.Status = StatusOK
}

// judge looks at the one interface behind a port.
func (p *Port) judge() {
	i := p.Interface
	switch {
	case i.Admin == "DOWN" || i.Enabled == "false":
		p.problem("%s is switched off; /interfaces/interface[name=%s]/config/enabled starts it", i.Name, i.Name)
	case i.Oper == "" || i.Oper == "UNKNOWN":
		p.Notes = append(p.Notes, "the switch does not say whether it is up")
	case i.Oper != "UP":
		p.problem("%s is %s; look at what it is connected to", i.Name, i.Oper)
	}
	if i.MTU != 0 && i.MTU < p.NeedMTU {
		p.problem("%s carries %d bytes, and the network file says %d; raise the interface's MTU, or lower mtu in the file", i.Name, i.MTU, p.NeedMTU)
	}
}

func (p *Port) problem(format string, a ...any) {
	p.Problems = append(p.Problems, fmt.Sprintf(format, a...))
}

// compareLinks looks at both ends of the links at once.
func (r *Report) compareLinks(net *network.Network, indexOf map[int]int) {
	port := func(p network.Port) *Port {
		k, ok := indexOf[int(p.Switch)]
		if !ok {
			return nil
		}
		for i := range r.Switches[k].Ports {
			if q := &r.Switches[k].Ports[i]; q.Number == p.Number && q.Interface != nil && q.Interface.Speed != 0 {
				return q
			}
		}
		return nil
	}
	for _, l := range net.Links {
		a, b := port(l.Ends[0]), port(l.Ends[1])
		if a != nil && b != nil && a.Interface.Speed != b.Interface.Speed {
			a.problem("its speed is %s, and that of %s is %s; the two ends of a link have one speed: is it cabled as the network file says?",
				speedText(a.Interface.Speed), portName(net, l.Ends[1]), speedText(b.Interface.Speed))
		}
	}
}

// maxListed bounds what is listed of a switch's interfaces in one line.
const maxListed = 16

// listed names interfaces with their numbers.
func listed(list []Interface) string {
	if len(list) == 0 {
		return "none"
	}
	var words []string
	for k, i := range list {
		if k == maxListed {
			words = append(words, fmt.Sprintf("and %d more", len(list)-k))
			break
		}
		if i.Numbered {
			words = append(words, fmt.Sprintf("%d = %s", i.Number, i.Name))
		} else {
			words = append(words, i.Name+" (no number)")
		}
	}
	return strings.Join(words, ", ")
}
