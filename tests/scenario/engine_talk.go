package scenario

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"

	"pillion/compiler/network"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

// conversation is a talk as its packets.
type conversation struct {
	world *engineWorld
	talk  Talk
	from  *network.Endpoint
	to    *network.Endpoint
	out   *Outcome
	id    uint32 // of the last fragmented packet
}

// Talk implements [World].
func (w *engineWorld) Talk(t Talk) (Outcome, error) {
	c := &conversation{world: w, talk: t, out: &Outcome{}, from: w.site.endpoint(t.From), to: w.site.endpoint(t.To)}
	if c.from == nil || c.to == nil {
		return Outcome{}, fmt.Errorf("the network has not both %s and %s", t.From, t.To)
	}
	var err error
	if t.Proto == protoTCP {
		err = c.connection()
	} else {
		err = c.datagrams()
	}
	return *c.out, err
}

// Flows implements [World].
func (w *engineWorld) Flows(t Talk, count int) ([]Outcome, error) {
	var list []Outcome
	for range count {
		o, err := w.Talk(t)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
		t.Source = netip.AddrPortFrom(t.Source.Addr(), t.Source.Port()+1)
	}
	return list, nil
}

// request is a packet from the source, without payload.
func (c *conversation) request() packet.Packet {
	t := &c.talk
	return packet.Packet{SrcMAC: packet.MAC(c.from.MAC), DstMAC: packet.MAC(c.to.MAC), Src: t.Source.Addr(), Dst: t.Destination.Addr(),
		Proto: t.Proto, SPort: t.Source.Port(), DPort: t.Destination.Port()}
}

// reply is a packet from the destination, without payload.
func (c *conversation) reply() packet.Packet {
	p := c.request()
	p.SrcMAC, p.DstMAC, p.Src, p.Dst, p.SPort, p.DPort = p.DstMAC, p.SrcMAC, p.Dst, p.Src, p.DPort, p.SPort
	return p
}

// datagrams sends all pings or datagrams, and answers those that arrive.
func (c *conversation) datagrams() error {
	for number := range c.talk.Count {
		request, reply := c.request(), c.reply()
		request.Payload = pattern(c.talk.Size, number)
		reply.Payload = request.Payload
		request.Type, reply.Type = packet.Echo, packet.EchoReply
		if request.Six() {
			request.Type, reply.Type = packet.EchoV6, packet.EchoReplyV6
		}
		request.ID, request.Number, reply.ID, reply.Number = 99, uint16(number), 99, uint16(number)
		arrived, err := c.forward(request)
		if err != nil {
			return err
		}
		if !arrived {
			continue
		}
		c.out.Arrived++
		if c.talk.Closed {
			if err := c.refuse(request); err != nil {
				return err
			}
			continue
		}
		answered, err := c.back(reply)
		if err != nil {
			return err
		}
		if answered {
			c.out.Answered++
		}
	}
	return nil
}

// refuse sends the error of a host where nobody listens.
func (c *conversation) refuse(request packet.Packet) error {
	reply := c.reply()
	typ, code := uint8(packet.Unreachable), uint8(3) // port unreachable: RFC 792
	if request.Six() {
		typ, code = packet.UnreachableV6, 4 // RFC 4443
	}
	came, err := c.back(*packet.Error(request.Bytes(), reply, typ, code, 512))
	c.out.Refused = c.out.Refused || came
	return err
}

// segment is the payload of a full TCP segment, in bytes.
const segment = 1400

// connection is a TCP connection with its data in both directions.
func (c *conversation) connection() error {
	syn := c.request()
	syn.Flags = packet.SYN
	if arrived, err := c.forward(syn); err != nil || !arrived {
		return err
	}
	c.out.Arrived = 1
	answer := c.reply()
	answer.Flags, answer.AckNo = packet.SYN|packet.ACK, 1
	if c.talk.Closed {
		answer.Flags = packet.RST | packet.ACK
		came, err := c.back(answer)
		c.out.Refused = came
		return err
	}
	if came, err := c.back(answer); err != nil || !came {
		return err
	}
	for _, part := range c.segments() {
		arrived, err := c.forward(part.request)
		if err == nil && arrived {
			arrived, err = c.back(part.reply)
		}
		if err != nil || !arrived {
			return err
		}
	}
	c.out.Answered = 1
	return nil
}

type exchange struct{ request, reply packet.Packet }

// segments are what follows the handshake: data in both directions, and its end.
func (c *conversation) segments() []exchange {
	var list []exchange
	for sent := 0; sent <= c.talk.Size; sent += segment {
		e := exchange{c.request(), c.reply()}
		size := min(segment, c.talk.Size-sent)
		e.request.Payload, e.reply.Payload = pattern(size, sent), pattern(size, sent)
		e.request.Flags, e.reply.Flags = packet.ACK, packet.ACK
		if sent+segment > c.talk.Size {
			e.request.Flags, e.reply.Flags = packet.FIN|packet.ACK, packet.FIN|packet.ACK
		}
		e.request.Seq, e.request.AckNo = uint32(sent)+1, uint32(sent)+1
		e.reply.Seq, e.reply.AckNo = uint32(sent)+1, uint32(sent+size)+1
		list = append(list, e)
	}
	return list
}

func pattern(size, seed int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i + seed)
	}
	return b
}

func (c *conversation) forward(p packet.Packet) (bool, error) {
	return c.send(p, c.from, c.to, &c.out.There, &c.out.CopiedThere)
}

func (c *conversation) back(p packet.Packet) (bool, error) {
	return c.send(p, c.to, c.from, &c.out.Back, &c.out.CopiedBack)
}

// send sends a packet, in fragments if it is too long, and says whether all of it arrived. What else happens that must
// not, is trouble.
func (c *conversation) send(p packet.Packet, from, to *network.Endpoint, way, taps *[]string) (bool, error) {
	if found, err := c.finds(from, to, p.Src, p.Dst); err != nil || !found {
		return false, err
	}
	c.id++
	frames := fragments(p, from.MTU, c.id)
	arrived := 0
	for _, frame := range frames {
		journey, err := c.world.network.Send(from.Name, frame)
		if err != nil {
			return false, err
		}
		if c.follow(journey, frame, to, way, taps) {
			arrived++
		}
	}
	return arrived == len(frames), nil
}

// finds asks for the receiver's MAC address, as a host does before it sends, and says whether the right answer came.
// What is behind a gateway is reached by the gateway's own address.
func (c *conversation) finds(from, to *network.Endpoint, src, dst netip.Addr) (bool, error) {
	src, dst = onLink(from, src), onLink(to, dst)
	key := [2]netip.Addr{src, dst}
	if !src.IsValid() || !dst.IsValid() || c.world.found[key] {
		return true, nil // known by configuration, or asked before
	}
	mac := packet.MAC(from.MAC)
	journey, err := c.world.network.Send(from.Name, packet.Question(mac, src, dst))
	if err != nil {
		return false, err
	}
	for _, d := range journey.Deliveries() {
		if told, ok := packet.Answer(d.Frame, mac, src, dst); ok && d.Endpoint == from.Name && told == packet.MAC(to.MAC) {
			c.world.found[key] = true
		}
	}
	return c.world.found[key], nil
}

// onLink is an endpoint's own address in place of one that is behind it.
func onLink(e *network.Endpoint, ip netip.Addr) netip.Addr {
	if slices.Contains(e.IPs, ip) {
		return ip
	}
	return end{e, e.IPs}.address(familyOf(ip))
}

// follow says whether a frame arrived, and notes its way.
func (c *conversation) follow(journey *simulate.Journey, frame []byte, to *network.Endpoint, way, taps *[]string) bool {
	for _, pass := range journey.Passes() {
		if pass.Copy && !slices.Contains(*taps, pass.Instance) {
			*taps = append(*taps, pass.Instance)
			slices.Sort(*taps)
		}
	}
	arrived := false
	for _, d := range journey.Deliveries() {
		gates := journey.Gates(d.Hop)
		switch {
		case d.Endpoint != to.Name:
			c.trouble("came to %s: %s", d.Endpoint, packet.Describe(d.Frame))
		case !bytes.Equal(d.Frame, frame):
			c.trouble("arrived changed: %s", packet.Describe(d.Frame))
		case arrived:
			c.trouble("arrived twice: %s", packet.Describe(d.Frame))
		case *way != nil && !slices.Equal(*way, gates):
			c.trouble("packets of one conversation went different ways: %v and %v", *way, gates)
		default:
			arrived = true
			*way = append([]string{}, gates...)
		}
	}
	return arrived
}

func (c *conversation) trouble(format string, args ...any) {
	if c.out.Trouble == "" {
		c.out.Trouble = fmt.Sprintf(format, args...)
	}
}

// fragments are the frames of a packet: one if it fits the MTU.
func fragments(p packet.Packet, mtu int, id uint32) [][]byte {
	const ethernet = 14
	whole := p.Bytes()
	header := 20
	if p.Six() {
		header = 40
	}
	if len(whole)-ethernet <= mtu {
		return [][]byte{whole}
	}
	room := (mtu - header - 8) &^ 7 // 8 is what IPv6 takes more
	body := whole[ethernet+header:]
	transport := len(body) - len(p.Payload)
	var frames [][]byte
	for at := 0; at < len(body); at += room {
		part := p
		end := min(at+room, len(body))
		part.Fragment = &packet.Fragment{Offset: uint16(at / 8), More: end < len(body), ID: id}
		part.Payload = body[max(at, transport):end]
		frames = append(frames, part.Bytes())
	}
	return frames
}

// Send implements [World].
func (w *engineWorld) Send(endpoint string, source netip.Addr, group netip.AddrPort, _ []string) ([]string, error) {
	from := w.site.endpoint(endpoint)
	p := packet.Packet{SrcMAC: packet.MAC(from.MAC), DstMAC: packet.GroupMAC(group.Addr()), Src: source, Dst: group.Addr(),
		Proto: protoUDP, SPort: group.Port(), DPort: group.Port(), Payload: pattern(defaultSize, 0)}
	frame := p.Bytes()
	journey, err := w.network.Send(endpoint, frame)
	if err != nil {
		return nil, err
	}
	members := w.members(group.Addr(), endpoint)
	var got []string
	for _, d := range journey.Deliveries() {
		if !bytes.Equal(d.Frame, frame) {
			return nil, fmt.Errorf("came to %s changed: %s", d.Endpoint, packet.Describe(d.Frame))
		}
		if slices.Contains(got, d.Endpoint) {
			return nil, fmt.Errorf("came to %s twice", d.Endpoint)
		}
		if slices.Contains(members, d.Endpoint) {
			got = append(got, d.Endpoint)
		}
	}
	slices.Sort(got)
	return got, nil
}
