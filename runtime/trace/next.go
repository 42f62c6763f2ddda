package trace

import (
	"fmt"
	"slices"
	"strings"

	"pillion/runtime/packet"
)

// next says what to do about a drop. The reasons are those of p4.DropReasons; a test holds the two together.
func (r *Result) next(at int, reason string, p *packet.Packet) string {
	pair := fmt.Sprintf("%s -> %s", r.From, r.To)
	service := service(p)
	switch reason {
	case "policy":
		return r.forbidden(at, pair, service)
	case "destination unknown", "MAC address does not belong to the IP address":
		if at > 0 {
			return contradiction
		}
		if l := r.lookup(at, "destination"); l != nil && l.Match != "" {
			return fmt.Sprintf("nothing permits %s, so the address is taken for another's (%s): add an allow for it", pair, strings.Join(l.Because, ", "))
		}
		return fmt.Sprintf("nothing permits %s: add an allow for it; or no endpoint and no gateway's prefix has the address", pair)
	case "source not allowed on this port":
		return fmt.Sprintf("the network file gives %s another mac, ip or port than this packet has: correct it and compile again", r.From)
	case "every instance down":
		return fmt.Sprintf("bring up an instance of a type of %s (state in the network file), or say on-failure open", strings.Join(r.because(at, "chain "), ", "))
	case "multicast without a group":
		return fmt.Sprintf("make %s a sender of the group, and give it receivers", r.From)
	case "protocol that is not carried":
		return "only IPv4, IPv6 and questions for addresses are carried, and no IPv6 extension header but fragments"
	case "returned from a middlebox without a chain":
		return "the middlebox changed the packet, or a chain was taken away while the packet was in it"
	case "no route to the edge":
		return "no link leads there: correct the links of the network file and compile again"
	case "unknown port":
		return "the network file has nothing at this port: correct it and compile again"
	}
	return contradiction
}

const contradiction = "the targets of this bundle contradict each other: compile again, and report it if that does not help"

func (r *Result) forbidden(at int, pair, service string) string {
	if l := r.lookup(at, "verdict"); l != nil && l.Counts != "" {
		return fmt.Sprintf("%s forbids it: narrow it, for a deny is stronger than any allow", l.Counts)
	}
	if l := r.lookup(at, "policy"); l != nil && l.Counts != "" {
		return fmt.Sprintf("%s forbids it: narrow it, for a deny is stronger than any allow", l.Counts)
	}
	if permits := r.because(at, "allow ", "tenant "); len(permits) > 0 {
		return fmt.Sprintf("%s does not let %s begin with %s (being answered is not beginning): widen it, or add an allow", strings.Join(permits, ", "), pair, service)
	}
	return fmt.Sprintf("nothing permits %s on %s: add an allow for it", pair, service)
}

// service is how the policy would call the packet.
func service(p *packet.Packet) string {
	switch p.Proto {
	case packet.TCP:
		return fmt.Sprintf("tcp/%d", p.DPort)
	case packet.UDP:
		return fmt.Sprintf("udp/%d", p.DPort)
	case packet.ICMP:
		return "icmp"
	}
	return fmt.Sprintf("proto/%d", p.Proto)
}

// lookup is the last lookup of a step in a table, or nil.
func (r *Result) lookup(at int, table string) *Lookup {
	list := r.Steps[at].Lookups
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Table == table {
			return &list[i]
		}
	}
	return nil
}

// because lists the statements of some kinds that a step's entities came from.
func (r *Result) because(at int, kinds ...string) []string {
	var out []string
	for _, l := range r.Steps[at].Lookups {
		if l.Table != "policy" && l.Table != "gates" {
			continue
		}
		for _, s := range l.Because {
			if slices.ContainsFunc(kinds, func(k string) bool { return strings.HasPrefix(s, k) }) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
