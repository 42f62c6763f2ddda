package scenario

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/lang"
)

// Substrate is a way to bring a network to life.
type Substrate interface {
	Name() string
	// Missing says, in sentences, what this machine lacks to run the site on the substrate.
	Missing(*Site) []string
	// Start brings the site up, with its entities in place. Whoever starts a world closes it.
	Start(context.Context, *Site) (World, error)
}

// Site is what a substrate brings to life.
type Site struct {
	Name   string // where there are many: chooses among what is equally good
	Policy *lang.Policy
	Net    *network.Network
	Bundle *bundle.Bundle
	// Boxes says for each instance what it is.
	Boxes map[string]BoxKind
}

// NewSite is the site of a policy's bundle. Middleboxes are what policy and network make of them: taps, one-armed, or
// transparent.
func NewSite(policy *lang.Policy, net *network.Network, b *bundle.Bundle) *Site {
	taps := map[string]bool{}
	for _, typ := range policy.Middleboxes {
		for _, instance := range typ.Instances {
			taps[instance.Text] = typ.Tap
		}
	}
	site := &Site{Policy: policy, Net: net, Bundle: b, Boxes: map[string]BoxKind{}}
	for i := range net.Middleboxes {
		box := &net.Middleboxes[i]
		switch {
		case taps[box.Name]:
			site.Boxes[box.Name] = BoxTap
		case box.Out.Number == 0:
			site.Boxes[box.Name] = BoxOneArmed
		default:
			site.Boxes[box.Name] = BoxTransparent
		}
	}
	return site
}

// endpoint finds an endpoint by its name; nil if there is none.
func (s *Site) endpoint(name string) *network.Endpoint {
	for i := range s.Net.Endpoints {
		if s.Net.Endpoints[i].Name == name {
			return &s.Net.Endpoints[i]
		}
	}
	return nil
}

// BoxKind is what a middlebox does with the frames that it gets.
type BoxKind string

// The kinds of middleboxes.
const (
	BoxTransparent BoxKind = "transparent"  // from either arm to the other
	BoxBridge      BoxKind = "linux-bridge" // the same, by a real bridge that learns addresses
	BoxOneArmed    BoxKind = "one-armed"    // back by the port that they came by
	BoxTap         BoxKind = "tap"          // nothing: they are copies
)

// World is a network that runs. Its methods are for one goroutine.
type World interface {
	// Talk runs a conversation between two hosts.
	Talk(Talk) (Outcome, error)
	// Flows runs many conversations that are like a talk but for their source ports: the talk's, and those that follow.
	Flows(talk Talk, count int) ([]Outcome, error)
	// Join makes an endpoint's host a member of a group.
	Join(endpoint string, group netip.Addr) error
	// Send sends a datagram to a group, and says which of the members got it, in the order of their names.
	Send(endpoint string, source netip.Addr, group netip.AddrPort, expected []string) ([]string, error)
	// Inject puts a frame on an endpoint's wire and says where it, or what came of it, was seen.
	Inject(Injection) ([]Arrival, error)
	// Record starts to record what crosses the links between switches. Stop returns pcap files, which exist until
	// the world is closed.
	Record() (stop func() ([]string, error), err error)
	// Counters are the packets that every statement counted.
	Counters() (map[string]uint64, error)
	Close() error
}

// Protocols of a talk.
const (
	protoICMP = 1 // and ICMPv6
	protoTCP  = 6
	protoUDP  = 17
)

// Talk is a conversation. Endpoints are named because an address may be behind a gateway, which then answers for it.
type Talk struct {
	Proto               uint8 // protoICMP stands for ICMPv6 too
	From, To            string
	Source, Destination netip.AddrPort // of ICMP only the addresses count
	Size                int            // payload bytes of each packet, and of a TCP connection in each direction
	Count               int            // packets; connections are one at a time
	Closed              bool           // nobody listens at the destination
	Patience            time.Duration  // how long to wait for what does not come; 0: as long as anybody should
	// Settled says that the outcome is as it should be. What middleboxes saw may be known a little later than what hosts
	// saw, so a world looks again for a while until it is.
	Settled func(Outcome) bool
}

// Outcome is what came of a conversation.
type Outcome struct {
	Arrived  int  // packets that came to the destination's interface; a connection counts as one
	Answered int  // answers that came back to the source
	Refused  bool // word came back that nobody listens
	// There and Back are the instances that packets came through, in order, without taps.
	There, Back []string
	// CopiedThere and CopiedBack are the taps that saw packets of the two directions, sorted.
	CopiedThere, CopiedBack []string
	Trouble                 string // what else is wrong, such as damaged data
}

// copied are the taps that saw the conversation, sorted.
func (o *Outcome) copied() []string {
	list := slices.Concat(o.CopiedThere, o.CopiedBack)
	slices.Sort(list)
	return slices.Compact(list)
}

// Injection is a frame out of the ordinary.
type Injection struct {
	At    string // the endpoint
	Frame []byte
	// Mine recognises the frame, and what comes of it, wherever they are seen.
	Mine func(frame []byte) bool
	// Await names the endpoint that should see something; empty if nobody should.
	Await string
}

// Arrival is a frame that somebody got.
type Arrival struct {
	At    string // an endpoint or an instance
	Box   bool   // an instance
	Frame []byte
}
