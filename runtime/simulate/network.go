package simulate

import (
	"fmt"
	"slices"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/inventory"
	"pillion/runtime/program"
)

// Network is a bundle at work. It is for one goroutine.
type Network struct {
	Inventory *inventory.Inventory
	// Bundle is what runs. Hops refer to its entities.
	Bundle *bundle.Bundle
	// Names says entities in words.
	// of switches; those of shims are in the devices.
	Names *bundle.Names

	devices  map[string]*device
	places   map[place]*attachment
	boxes    map[string]*network.Middlebox
	behave   map[string]Behaviour
	captures []Capture
	ordinary map[string]*ordinary
	shim     *program.Program // once a target needs it
}

// place is a port of a switch.
type place struct {
	node string
	port uint32
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.node, p.port) }

// attachment is what a port leads to.
type attachment struct {
	Peer
	link place // the other end, of PeerSwitch
}

// PeerKind says what is at the other side of a port.
type PeerKind string

// The kinds of peers.
const (
	PeerNothing   PeerKind = "nothing"
	PeerSwitch    PeerKind = "switch"
	PeerEndpoint  PeerKind = "endpoint"
	PeerMiddlebox PeerKind = "middlebox"
)

// Peer is what a port leads to.
type Peer struct {
	Kind PeerKind
	Name string
	Arm  Arm // of a middlebox
}

// device is one switch; its engine is made when the first frame comes.
type device struct {
	target  *bundle.Target
	program *program.Program
	engine  *engine.Switch
}

// Capture sees every frame that crosses a port, in the order of time: towards the switch or away from it.
type Capture func(node string, port uint32, towards bool, frame []byte)

// New makes the network of a bundle whose targets run the program. Middleboxes forward ([Forward]).
func New(b *bundle.Bundle, p *p4.Program) (*Network, error) {
	net, problems := network.Parse("network.json", b.Network)
	if problems.HasErrors() {
		return nil, fmt.Errorf("the network.json of the bundle has errors, the first is: %s", problems.Sorted()[0].Message)
	}
	code, err := program.Load(p)
	if err != nil {
		return nil, err
	}
	n := &Network{
		Inventory: inventory.New(net), Bundle: b, Names: code.Names,
		devices: map[string]*device{}, places: map[place]*attachment{}, boxes: map[string]*network.Middlebox{}, behave: map[string]Behaviour{},
		ordinary: map[string]*ordinary{},
	}
	for i := range b.Targets {
		d := &device{target: &b.Targets[i], program: code}
		if d.target.Kind == shimKind {
			if d.program, err = n.shimProgram(); err != nil {
				return nil, err
			}
		}
		n.devices[b.Targets[i].Name] = d
	}
	if err := n.wire(net); err != nil {
		return nil, err
	}
	return n, n.redirect()
}

// wire says what each port leads to.
func (n *Network) wire(net *network.Network) error {
	n.wireOrdinary(net)
	at := func(p network.Port) place { return place{net.Switches[p.Switch].Name, p.Number} }
	for i := range net.Links {
		a, b := at(net.Links[i].Ends[0]), at(net.Links[i].Ends[1])
		n.places[a] = &attachment{Peer: Peer{Kind: PeerSwitch, Name: b.node}, link: b}
		n.places[b] = &attachment{Peer: Peer{Kind: PeerSwitch, Name: a.node}, link: a}
	}
	for i := range net.Endpoints {
		e := &net.Endpoints[i]
		n.places[n.endpointPlace(e)] = &attachment{Peer: Peer{Kind: PeerEndpoint, Name: e.Name}}
	}
	for i := range net.Middleboxes {
		b := &net.Middleboxes[i]
		n.boxes[b.Name] = b
		n.places[n.place(b.At)] = &attachment{Peer: Peer{Kind: PeerMiddlebox, Name: b.Name, Arm: ArmAt}}
		if b.Out.Number != 0 {
			n.places[n.place(b.Out)] = &attachment{Peer: Peer{Kind: PeerMiddlebox, Name: b.Name, Arm: ArmOut}}
		}
	}
	for i := range net.Switches {
		if net.Switches[i].Target != network.Legacy && n.devices[net.Switches[i].Name] == nil {
			return fmt.Errorf("the bundle has no target %s, which its network.json has; compile again", net.Switches[i].Name)
		}
	}
	return nil
}

// at is the place of a middlebox's arm.
func (n *Network) at(b *network.Middlebox, arm Arm) place {
	p := b.At
	if arm == ArmOut {
		p = b.Out
	}
	return n.place(p)
}

// device returns the switch with its engine.
func (n *Network) device(node string) (*device, error) {
	d := n.devices[node]
	if d == nil {
		return nil, fmt.Errorf("the bundle has no target %s", node)
	}
	if d.engine != nil {
		return d, nil
	}
	var err error
	d.engine, err = d.program.Engine(d.target)
	return d, err
}

// Engine gives the engine of a switch to who looks inside.
func (n *Network) Engine(node string) (*engine.Switch, error) {
	d, err := n.device(node)
	if err != nil {
		return nil, err
	}
	return d.engine, nil
}

// Watch adds a capture.
func (n *Network) Watch(c Capture) { n.captures = append(n.captures, c) }

// Count is what the counters of one statement say.
type Count struct {
	Statement string
	Packets   uint64
	Bytes     uint64 // of frames as they came in
}

// Counters sums up the direct counters by statement, sorted. Statements whose packets nothing counts
// are not listed.
func (n *Network) Counters() []Count {
	sums := map[uint32]*Count{}
	for i := range n.Bundle.Targets {
		t := &n.Bundle.Targets[i]
		d := n.devices[t.Name]
		for j := range t.Entities {
			e := &t.Entities[j]
			if e.Counts < 0 {
				continue
			}
			s := sums[uint32(e.Counts)]
			if s == nil {
				s = &Count{Statement: n.Bundle.Statements[e.Counts]}
				sums[uint32(e.Counts)] = s
			}
			if d.engine == nil {
				continue
			}
			table, key, err := d.program.Key(e)
			if err != nil || !table.Counted {
				continue
			}
			if info, ok := d.engine.Table(table.Name).Get(key); ok {
				s.Packets += info.Counter.Packets
				s.Bytes += info.Counter.Bytes
			}
		}
	}
	order := make([]uint32, 0, len(sums))
	for s := range sums {
		order = append(order, s)
	}
	slices.Sort(order) // Statements are sorted
	out := make([]Count, len(order))
	for i, s := range order {
		out[i] = *sums[s]
	}
	return out
}
