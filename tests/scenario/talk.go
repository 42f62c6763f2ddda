package scenario

import (
	"net/netip"
	"time"
)

// talkStep is a ping, udp or tcp between two hosts.
type talkStep struct {
	proto    uint8
	from, to end
	port     uint16
	fromPort uint16 // 0: one of ours
	size     int    // 0: the default
	count    int
	verdict  verdict
}

// shortPatience is how long to wait where nothing is expected.
const shortPatience = 300 * time.Millisecond

const (
	defaultSize     = 64
	defaultTransfer = 1 << 10
	maxTimes        = 10000
)

var verbProtocol = map[string]uint8{"ping": protoICMP, "udp": protoUDP, "tcp": protoTCP}

// talk reads a ping, udp or tcp behind the verb.
func (r *reader) talk(verb string) (step, []family) {
	t := r.conversation(verb)
	if m := t.multicast(r); m != nil {
		return m, []family{familyOf(m.group)}
	}
	r.expect(":")
	t.verdict = r.verdict()
	switch {
	case t.verdict.fate == fateRefused && t.proto == protoICMP:
		r.fail("a ping cannot be refused: expect delivered or dropped")
	case t.verdict.fate == fateOneWay && t.proto == protoTCP:
		r.fail("tcp cannot be one-way: use udp or ping, or expect dropped")
	}
	return t, r.families(t.from, t.to)
}

// conversation reads what comes before the outcome.
func (r *reader) conversation(verb string) *talkStep {
	t := &talkStep{proto: verbProtocol[verb], size: r.size(), count: 1}
	t.from = r.takeEnd()
	if t.proto != protoICMP {
		t.fromPort = r.port("from-port")
	}
	r.expect("->")
	if group, err := netip.ParseAddr(r.peek()); err == nil && group.IsMulticast() && t.proto == protoUDP {
		r.take("a group")
		t.to = end{ips: []netip.Addr{group}}
	} else {
		t.to = r.takeEnd()
	}
	if t.proto != protoICMP {
		if r.peek() != "port" {
			r.fail("expected port and its number, found %q", r.peek())
		}
		t.port = r.port("port")
	}
	if t.proto != protoTCP && r.accept("times") {
		t.count = r.number("times", 1, maxTimes)
	}
	return t
}

// talk is the conversation in one family.
func (t *talkStep) talk(r *running, f family) Talk {
	from := t.fromPort
	if from == 0 {
		from = r.ports(1)
	}
	size := t.size
	if size == 0 {
		size = defaultSize
		if t.proto == protoTCP {
			size = defaultTransfer
		}
	}
	talk := Talk{
		Proto: t.proto, From: t.from.endpoint.Name, To: t.to.endpoint.Name,
		Source: netip.AddrPortFrom(t.from.address(f), from), Destination: netip.AddrPortFrom(t.to.address(f), t.port),
		Size: size, Count: t.count,
		Closed:  t.verdict.fate == fateRefused,
		Settled: func(o Outcome) bool { return r.judge(t.verdict, t.count, o) == nil },
	}
	if t.verdict.fate == fateDropped || t.verdict.fate == fateOneWay {
		talk.Patience = shortPatience
	}
	if t.proto == protoICMP {
		talk.Source, talk.Destination = netip.AddrPortFrom(t.from.address(f), 0), netip.AddrPortFrom(t.to.address(f), 0)
	}
	return talk
}

func (t *talkStep) run(r *running, f family) error {
	outcome, err := r.world.Talk(t.talk(r, f))
	if err != nil {
		return err
	}
	return r.judge(t.verdict, t.count, outcome)
}
