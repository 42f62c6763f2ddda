package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What docs/wire.md fixes.
const (
	plainSPI = 0xFFFFFF // unicast that no chain selects
	firstSI  = 255
)

// decodeStep is a conversation whose frames between switches are decoded by tshark.
type decodeStep struct {
	*talkStep
	chain string // "": plain
	none  bool   // nothing crosses a link
}

// decode reads a line of decode behind the verb.
func (r *reader) decode() (step, []family) {
	verb := r.take("ping, udp or tcp")
	if r.err == nil && verbProtocol[verb] == 0 {
		r.fail("what is decoded is ping, udp or tcp, not %q", verb)
	}
	s := &decodeStep{talkStep: r.conversation(verb)}
	if s.to.endpoint == nil {
		r.fail("what is decoded is between two hosts")
	}
	r.expect(":")
	switch {
	case r.accept("no", "nsh"):
		s.none = true
	case r.accept("nsh", "plain"):
	default:
		r.expect("nsh", "of", "chain")
		s.chain = r.take("the name of a chain")
		if r.err == nil && len(r.s.paths(s.chain)) == 0 {
			r.unknown("chain", s.chain, r.s.chains())
		}
	}
	r.s.tshark = true
	return s, r.families(s.from, s.to)
}

// chains are the names of all chains, sorted.
func (s *Scenario) chains() []string {
	var names []string
	for _, c := range s.policy.Chains {
		names = append(names, c.Name.Text)
	}
	slices.Sort(names)
	return names
}

// paths are the service paths of a chain in the plan, sorted.
func (s *Scenario) paths(chain string) []uint32 {
	found := map[uint32]bool{}
	for i := range s.plan.Switches {
		for _, gate := range s.plan.Switches[i].Gates {
			if s.plan.Statements[gate.From[0]] == "chain "+chain {
				found[gate.SPI] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// indexes are the service indexes that a frame on a path may have.
func (s *Scenario) indexes(spi uint32) []uint8 {
	found := map[uint8]bool{}
	for i := range s.plan.Switches {
		for _, gate := range s.plan.Switches[i].Gates {
			if gate.SPI == spi {
				found[gate.SI], found[gate.NextSI] = true, true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func (s *decodeStep) run(r *running, f family) error {
	stop, err := r.world.Record()
	if err != nil {
		return err
	}
	talk := s.talk(r, f)
	outcome, err := r.world.Talk(talk)
	files, stopErr := stop()
	if err != nil {
		return err
	}
	if stopErr != nil {
		return stopErr
	}
	if err := r.judge(s.verdict, s.count, outcome); err != nil {
		return err
	}
	there, back, err := sightings(files, talk)
	if err != nil {
		return err
	}
	if err := s.compare(r, there); err != nil {
		return fmt.Errorf("on the way there: %w", err)
	}
	if err := s.compare(r, back); err != nil {
		return fmt.Errorf("on the way back: %w", err)
	}
	if s.chain != "" && there[0].spi == back[0].spi {
		return fmt.Errorf("both directions are on path %d: each has its own", there[0].spi)
	}
	return nil
}

// sighting is one frame as tshark understands it.
type sighting struct {
	time              string // seconds, 9 decimals
	tagged            bool   // it has NSH
	spi, si, md, next uint64
}

// sightings asks tshark for the frames of a conversation, by direction, each ordered by their time.
func sightings(files []string, t Talk) (there, back []sighting, err error) {
	ip := "ip"
	if t.Source.Addr().Is6() {
		ip = "ipv6"
	}
	filter := fmt.Sprintf("%s.addr == %s && %s.addr == %s", ip, t.Source.Addr(), ip, t.Destination.Addr())
	switch t.Proto {
	case protoTCP:
		filter += fmt.Sprintf(" && tcp.port == %d && tcp.port == %d", t.Source.Port(), t.Destination.Port())
	case protoUDP:
		filter += fmt.Sprintf(" && udp.port == %d && udp.port == %d", t.Source.Port(), t.Destination.Port())
	default:
		filter += " && (icmp || icmpv6.type == 128 || icmpv6.type == 129)"
	}
	for _, file := range files {
		frames, err := tsharkFields(file, filter, "frame.time_epoch", ip+".src", "nsh.spi", "nsh.si", "nsh.mdtype", "nsh.nextproto")
		if err != nil {
			return nil, nil, err
		}
		for _, frame := range frames {
			one, err := newSighting(frame)
			if err != nil {
				return nil, nil, err
			}
			if frame[1] == t.Source.Addr().String() {
				there = append(there, one)
			} else {
				back = append(back, one)
			}
		}
	}
	for _, list := range [][]sighting{there, back} {
		slices.SortStableFunc(list, func(a, b sighting) int { return strings.Compare(a.time, b.time) })
	}
	return there, back, nil
}

// newSighting reads the fields of one frame.
func newSighting(frame []string) (sighting, error) {
	one := sighting{time: frame[0], tagged: frame[2] != ""}
	if !one.tagged {
		return one, nil
	}
	for i, field := range []struct {
		what string
		bits int
		to   *uint64
	}{{"service path", 24, &one.spi}, {"service index", 8, &one.si}, {"MD type", 8, &one.md}, {"next protocol", 8, &one.next}} {
		n, err := strconv.ParseUint(frame[2+i], 0, field.bits)
		if err != nil {
			return one, fmt.Errorf("tshark calls the %s %q: %w", field.what, frame[2+i], err)
		}
		*field.to = n
	}
	return one, nil
}

// compare judges the frames of one direction.
func (s *decodeStep) compare(r *running, list []sighting) error {
	if s.none {
		if len(list) > 0 {
			return fmt.Errorf("%d frames crossed a link between switches", len(list))
		}
		return nil
	}
	if len(list) == 0 {
		return fmt.Errorf("nothing crossed a link between switches")
	}
	paths := []uint32{plainSPI}
	if s.chain != "" {
		paths = r.paths(s.chain)
	}
	for i, one := range list {
		switch {
		case !one.tagged:
			return fmt.Errorf("frame %d is not encapsulated", i+1)
		case !slices.Contains(paths, uint32(one.spi)) || one.spi != list[0].spi:
			return fmt.Errorf("frame %d is on path %d, expected %v", i+1, one.spi, paths)
		case s.chain == "" && one.si != firstSI:
			return fmt.Errorf("frame %d has index %d, expected %d", i+1, one.si, firstSI)
		case s.chain != "" && !slices.Contains(r.indexes(uint32(one.spi)), uint8(one.si)):
			return fmt.Errorf("frame %d has index %d, the plan has %v", i+1, one.si, r.indexes(uint32(one.spi)))
		case s.count == 1 && s.proto != protoTCP && i > 0 && one.si > list[i-1].si:
			return fmt.Errorf("the index goes up from %d to %d", list[i-1].si, one.si)
		}
		if one.md != 1 || one.next != 3 {
			return fmt.Errorf("frame %d has MD type %d and carries protocol %d, expected 1 and 3 (Ethernet)", i+1, one.md, one.next)
		}
	}
	return nil
}
