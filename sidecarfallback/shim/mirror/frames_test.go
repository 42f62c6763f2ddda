package mirror

import (
	"encoding/binary"
	"net/netip"

	"pillion/runtime/packet"
)

// sent is a frame that the host might send.
func (w world) sent() []byte {
	src := pick(w, hostAddrs)
	if w.one(30) {
		src = pick(w, otherAddrs)
	}
	dst := pick(w, otherAddrs)
	mac := macOf(dst)
	switch {
	case w.one(8):
		dst = pick(w, groups)
		mac = packet.GroupMAC(dst)
	case w.one(20):
		dst, mac = pick(w, hostAddrs), host
	}
	return w.frame(src, dst, host, mac)
}

// received is a frame that the network might send.
func (w world) received() []byte {
	src, dst, mac := pick(w, otherAddrs), pick(w, hostAddrs), host
	switch {
	case w.one(5):
		dst = pick(w, groups)
		mac = packet.GroupMAC(dst)
	case w.one(12):
		dst = pick(w, otherAddrs)
		mac = macOf(dst)
	}
	inner := w.frame(src, dst, macOf(src), mac)
	if w.one(3) {
		return inner
	}
	e := packet.Encapsulated{Dst: local, Src: pick(w, edges), Inner: inner, NSH: packet.NSH{
		TTL: uint8(w.IntN(64)), SPI: uint32(pick(w, []uint64{w.spi(), 0xFFFFFF})), SI: uint8(w.si()), Rules: uint8(w.IntN(2)), Flags: uint8(w.IntN(8) / 7 * w.IntN(4)),
		Tree: uint16(w.tree()), Tenant: w.Uint32(), Identity: uint32(w.identity()), Bucket: uint16(w.IntN(256)),
	}}
	if w.one(12) {
		e.Dst = pick(w, edges)
	}
	return e.Bytes()
}

// frame makes one frame between two ends, often a valid packet.
func (w world) frame(src, dst netip.Addr, srcMAC, dstMAC packet.MAC) []byte {
	if src.Is4() != dst.Is4() {
		// The other family, or the frame would be none.
		for _, a := range hostAddrs {
			if a.Is4() == dst.Is4() && srcMAC == host {
				src = a
			}
		}
		if src.Is4() != dst.Is4() {
			for _, a := range otherAddrs {
				if a.Is4() == dst.Is4() {
					src, srcMAC = a, macOf(a)
				}
			}
		}
	}
	if w.one(30) {
		dstMAC = w.mac()
	}
	if w.one(30) {
		srcMAC = w.mac()
	}
	var b []byte
	switch w.IntN(14) {
	case 0:
		b = w.question(src, dst, srcMAC, dstMAC)
	case 1:
		b = w.quoting(src, dst, srcMAC, dstMAC)
	default:
		b = w.packet(src, dst, srcMAC, dstMAC).Bytes()
	}
	if w.one(8) {
		b = w.damage(b)
	}
	return b
}

func (w world) packet(src, dst netip.Addr, srcMAC, dstMAC packet.MAC) *packet.Packet {
	p := &packet.Packet{SrcMAC: srcMAC, DstMAC: dstMAC, Src: src, Dst: dst, Proto: pick(w, []uint8{packet.TCP, packet.TCP, packet.TCP, packet.UDP, packet.UDP, packet.UDP, packet.ICMP, pick(w, protocols)}),
		SPort: pick(w, ports), DPort: pick(w, ports), Flags: packet.Flags(w.IntN(32)), Type: pick(w, []uint8{8, 0, 128, 129, 130, 133, 136, 143, 200}),
		Payload: make([]byte, w.IntN(80))}
	if dst.IsMulticast() && !w.one(5) {
		p.Proto = packet.UDP
	}
	for i := range p.Payload {
		p.Payload[i] = byte(w.Uint32())
	}
	if p.Six() && p.Proto == packet.ICMP && p.Type < 128 {
		p.Type |= 128
	}
	if w.one(15) {
		p.Fragment = &packet.Fragment{Offset: uint16(w.IntN(3)), More: w.one(2), ID: w.Uint32()}
		if p.Fragment.Offset != 0 {
			p.Payload = append(p.Payload, make([]byte, 8)...)
		}
	}
	if w.one(8) {
		p.OptionWords = w.IntN(11)
	}
	if p.Six() && w.one(15) {
		p.Extensions = []packet.Extension{{Proto: pick(w, []uint8{packet.HopByHop, packet.Routing, packet.DestOptions}), Body: make([]byte, 6)}}
	}
	return p
}

// question asks for an address, in one way or another.
func (w world) question(src, dst netip.Addr, srcMAC, dstMAC packet.MAC) []byte {
	if dst.IsMulticast() {
		dst = src
	}
	if src.Is4() {
		a := &packet.ARP{SrcMAC: srcMAC, DstMAC: packet.Broadcast, Operation: 1, SenderMAC: srcMAC, Sender: src, Target: dst}
		switch w.IntN(12) {
		case 0:
			a.Operation = 2
		case 1:
			a.SenderMAC = pick(w, others)
		case 2:
			a.Sender = ip("0.0.0.0")
		case 3:
			a.Sender = dst
		}
		return append(a.Bytes(), make([]byte, w.IntN(20))...)
	}
	n := &packet.Neighbour{SrcMAC: srcMAC, DstMAC: dstMAC, Src: src, Dst: dst, Target: dst, Option: srcMAC}
	switch w.IntN(12) {
	case 0:
		n.HopLimit = 64
	case 1:
		n.NoOption = true
	case 2:
		n.Src = ip("::")
	case 3:
		n.Src = dst
	case 4:
		n.Advertisement = true
	case 5:
		n.Target = ip("::ffff:10.0.0.2")
	}
	return append(n.Bytes(), make([]byte, w.IntN(20))...)
}

// quoting is an ICMP error.
func (w world) quoting(src, dst netip.Addr, srcMAC, dstMAC packet.MAC) []byte {
	if dst.IsMulticast() {
		dst = src
	}
	quoted := w.packet(dst, src, dstMAC, srcMAC).Bytes()
	typ := pick(w, []uint8{3, 4, 5, 11, 12})
	if src.Is6() {
		typ = pick(w, []uint8{1, 2, 3, 4, 100})
	}
	return packet.Error(quoted, packet.Packet{SrcMAC: srcMAC, DstMAC: dstMAC, Src: src, Dst: dst}, typ, 0, w.IntN(40)).Bytes()
}

// damage changes a few bytes, or cuts the frame, or makes it a frame of another kind.
func (w world) damage(b []byte) []byte {
	switch w.IntN(6) {
	case 0:
		return b[:14+w.IntN(len(b)-13)]
	case 1:
		binary.BigEndian.PutUint16(b[12:], pick(w, []uint16{0x0800, 0x86DD, 0x0806, 0x894F, 0x8100, 0x88CC, 64}))
	case 2:
		b[14+w.IntN(min(len(b)-14, 80))] = byte(w.Uint32())
	default:
		// Mostly fields that are looked at.
		at := pick(w, []int{14, 18, 20, 21, 22, 23, 34, 47, 54, 56, 20 + w.IntN(30)})
		if at < len(b) {
			b[at] ^= 1 << w.IntN(8)
		}
	}
	return b
}

// runnable says whether the kernel takes a frame for a test run: what calls itself IP must have a whole header.
func runnable(b []byte) bool {
	switch binary.BigEndian.Uint16(b[12:]) {
	case 0x0800:
		return len(b) >= 14+20
	case 0x86DD:
		return len(b) >= 14+40
	}
	return len(b) > 14
}
