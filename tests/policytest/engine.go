package policytest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/p4"
	"pillion/runtime/inventory"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

// Engine is the substrate in this process: crafted packets through the P4 engine.
type Engine struct {
	// Network is what carries the packets; middleboxes may be told to behave otherwise.
	Network *simulate.Network
	asked   map[question]resolution
}

// NewEngine makes the substrate of a bundle.
func NewEngine(b *bundle.Bundle, program *p4.Program) (*Engine, error) {
	n, err := simulate.New(b, program)
	if err != nil {
		return nil, err
	}
	return &Engine{Network: n, asked: map[question]resolution{}}, nil
}

// Name implements Substrate.
func (e *Engine) Name() string { return "engine" }

// Counters implements Counter.
func (e *Engine) Counters() (map[string]uint64, error) {
	out := map[string]uint64{}
	for _, c := range e.Network.Counters() {
		out[c.Statement] = c.Packets
	}
	return out, nil
}

// Send implements Substrate.
func (e *Engine) Send(ctx context.Context, p Probe) (Observation, error) {
	from := e.Network.Inventory.Endpoint(p.From)
	if from == nil {
		return Observation{}, fmt.Errorf("the network has no endpoint %s", p.From)
	}
	if err := ctx.Err(); err != nil {
		return Observation{}, err
	}
	t := &talk{Engine: e, probe: p, from: from, to: e.Network.Inventory.Endpoint(p.To)}
	if p.Group() {
		t.toGroup()
	} else {
		t.converse()
	}
	return t.seen, t.err
}

// talk is one conversation under way.
type talk struct {
	*Engine
	probe    Probe
	from, to *network.Endpoint
	seen     Observation
	err      error
}

// leg is one packet of a conversation and what became of it.
type leg struct {
	journey   *simulate.Journey
	receivers []string
	via       []string
	copied    []string
	reason    string
	arrived   bool // at the endpoint that it is for
}

func (t *talk) toGroup() {
	p := packet.Packet{
		SrcMAC: packet.MAC(t.from.MAC), DstMAC: packet.GroupMAC(t.probe.Destination), Src: t.probe.Source, Dst: t.probe.Destination,
		Proto: packet.UDP, SPort: t.probe.SPort, DPort: t.probe.DPort, Payload: payload(0),
	}
	l := t.send(t.from, &p, nil)
	t.seen.DeliveredTo, t.seen.DropReason, t.seen.CopiedTo = l.receivers, l.reason, l.copied
	if len(l.via) > 0 {
		t.trouble("a middlebox got multicast: %s", path(l.via))
	}
}

// converse sends the packets of the conversation in turn until one does not arrive.
func (t *talk) converse() {
	there, back := t.next(true), t.next(false)
	script := script(t.probe.Proto, t.probe.Destination.Is6())
	var first, answer *leg
	for i, step := range script {
		p := there
		sender, receiver := t.from, t.to
		if step.answer {
			p, sender, receiver = back, t.to, t.from
		}
		p.Flags, p.Type, p.Code, p.ID = step.flags, step.icmp, 0, 0x0509
		if step.data {
			p.Payload = payload(i)
		}
		l := t.send(sender, &p, receiver)
		if t.err != nil {
			return
		}
		before := &first
		if step.answer {
			before = &answer
		}
		if *before == nil {
			*before = &l
		} else if l.arrived && !slices.Equal((*before).via, l.via) {
			t.trouble("packet %d (%v) passes %s, one before it %s", i+1, &p, path(l.via), path((*before).via))
		}
		if !l.arrived {
			t.seen.DropReason = l.reason
			if i > 1 {
				t.trouble("packet %d (%v) does not arrive: %s", i+1, &p, l.reason)
			}
			break
		}
		t.seen.Answered = i == len(script)-1
	}
	t.seen.DeliveredTo, t.seen.Via, t.seen.CopiedTo = first.receivers, first.via, first.copied
	if answer != nil {
		t.seen.AnswerVia, t.seen.AnswerCopiedTo = answer.via, answer.copied
	}
}

// next is the packet of one direction without what a step says.
func (t *talk) next(forward bool) packet.Packet {
	p := packet.Packet{
		SrcMAC: packet.MAC(t.from.MAC), DstMAC: packet.MAC(t.to.MAC), Src: t.probe.Source, Dst: t.probe.Destination,
		Proto: t.probe.Proto, SPort: t.probe.SPort, DPort: t.probe.DPort,
	}
	if !forward {
		p.SrcMAC, p.DstMAC, p.Src, p.Dst, p.SPort, p.DPort = p.DstMAC, p.SrcMAC, p.Dst, p.Src, p.DPort, p.SPort
	}
	return p
}

// send asks for the receiver's Ethernet address, as a host would, and sends the packet.
func (t *talk) send(sender *network.Endpoint, p *packet.Packet, receiver *network.Endpoint) leg {
	resolved := resolution{answered: true}
	if receiver != nil {
		resolved = t.resolve(sender, receiver, p.Src, p.Dst)
	}
	frame := p.Bytes()
	j, err := t.Network.Send(sender.Name, frame)
	if err != nil {
		t.err = err
		return leg{}
	}
	l := t.read(j, frame)
	l.arrived = receiver != nil && slices.Contains(l.receivers, receiver.Name)
	if l.arrived && !resolved.answered {
		t.trouble("%v is not answered, so no host would send this", resolved.question)
	}
	return l
}

func (t *talk) trouble(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if !slices.Contains(t.seen.Trouble, s) {
		t.seen.Trouble = append(t.seen.Trouble, s)
	}
}

// question is what a sender asks before it sends.
type question struct {
	asker          string
	sender, target netip.Addr
}

func (q question) String() string {
	word := "ARP"
	if q.target.Is6() {
		word = "neighbour discovery"
	}
	return fmt.Sprintf("%s of %s for %v", word, q.asker, q.target)
}

type resolution struct {
	question
	answered bool
}

// resolve asks for the address on the link: the destination's own, or that of the gateway to it.
func (t *talk) resolve(sender, receiver *network.Endpoint, src, dst netip.Addr) resolution {
	q := question{asker: sender.Name, sender: onLink(sender, src), target: onLink(receiver, dst)}
	if !q.sender.IsValid() || !q.target.IsValid() {
		// A gateway without an address of this family is known by configuration.
		return resolution{question: q, answered: true}
	}
	if known, ok := t.asked[q]; ok {
		return known
	}
	r := resolution{question: q}
	mac := packet.MAC(sender.MAC)
	j, err := t.Network.Send(sender.Name, packet.Question(mac, q.sender, q.target))
	if err != nil {
		t.err = err
		return r
	}
	for _, d := range j.Deliveries() {
		told, ok := packet.Answer(d.Frame, mac, q.sender, q.target)
		switch {
		case d.Endpoint != sender.Name:
			t.trouble("%v reaches %s", q, d.Endpoint)
		case !ok:
			t.trouble("%v is answered by what no host takes for an answer: %s", q, packet.Describe(d.Frame))
		case told != packet.MAC(receiver.MAC):
			t.trouble("%v is answered with %v, but the address is %v", q, told, packet.MAC(receiver.MAC))
		case r.answered:
			t.trouble("%v is answered twice", q)
		}
		r.answered = ok && d.Endpoint == sender.Name
	}
	t.asked[q] = r
	return r
}

// onLink is the address that is asked for: the endpoint's own, or for what is behind a gateway
// the gateway's.
func onLink(e *network.Endpoint, ip netip.Addr) netip.Addr {
	if slices.Contains(e.IPs, ip) {
		return ip
	}
	own, _ := inventory.Own(e, ip.Is6())
	return own
}
