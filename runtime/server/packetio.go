package server

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
)

// packetIn sends a frame that left by the CPU port to the primaries, its first
// header taken apart if the program has a @controller_header("packet_in").
func (s *Server) packetIn(p *pipeline, frame []byte) {
	m := &p4.PacketIn{}
	if h := p.schema.packetIn; h != nil {
		if len(frame) < h.bytes {
			s.stats.malformed.Add(1)
			return
		}
		m.Metadata = h.split(frame[:h.bytes])
		frame = frame[h.bytes:]
	}
	m.Payload = append([]byte(nil), frame...)
	s.stats.packetIns.Add(1)
	if !s.arb.toPrimaries(&p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_Packet{Packet: m}}) {
		s.stats.noPrimary.Add(1)
	}
}

// packetOut sends a primary's packet into the program, from the CPU port.
func (s *Server) packetOut(c *client, m *p4.PacketOut) error {
	if !s.arb.isPrimary(c) {
		return denied("only the primary may send packets; this client is not primary")
	}
	s.gate.RLock()
	p := s.active.Load()
	s.gate.RUnlock()
	if p == nil {
		return invalid("no forwarding pipeline config is committed; the packet has nowhere to go")
	}
	frame, err := packetOutFrame(p.schema.packetOut, m)
	if err != nil {
		return err
	}
	s.stats.packetOuts.Add(1)
	s.Receive(s.opt.CPUPort, frame)
	return nil
}

// packetOutFrame is the frame that a packet-out is for the program: the header,
// then the payload.
func packetOutFrame(h *controllerHeader, m *p4.PacketOut) ([]byte, error) {
	if h == nil {
		if len(m.Metadata) != 0 {
			return nil, invalid("packet-out has metadata, but the program has no @controller_header(\"packet_out\")")
		}
		return append([]byte(nil), m.Payload...), nil
	}
	header, err := h.join(m.Metadata)
	if err != nil {
		return nil, err
	}
	return append(header, m.Payload...), nil
}

// split takes a header's bytes apart into its fields.
func (h *controllerHeader) split(b []byte) []*p4.PacketMetadata {
	out := make([]*p4.PacketMetadata, 0, len(h.fields))
	at := 0
	for _, f := range h.fields {
		out = append(out, &p4.PacketMetadata{MetadataId: f.id, Value: canonical(bitsAt(b, at, f.bits))})
		at += f.bits
	}
	return out
}

// join makes a header's bytes of exactly one value per field.
func (h *controllerHeader) join(list []*p4.PacketMetadata) ([]byte, error) {
	values := make(map[uint32][]byte, len(list))
	for _, m := range list {
		if _, twice := values[m.MetadataId]; twice {
			return nil, invalid("%s metadata %d is given twice", h.name, m.MetadataId)
		}
		values[m.MetadataId] = m.Value
	}
	out := make([]byte, h.bytes)
	at := 0
	for _, f := range h.fields {
		v, ok := values[f.id]
		if !ok {
			return nil, invalid("%s metadata %v is missing", h.name, f)
		}
		delete(values, f.id)
		v, err := unsigned(v, min(f.width, f.bits))
		if err != nil {
			return nil, invalid("%s metadata %v: %v", h.name, f, err)
		}
		putBits(out, at, f.bits, v)
		at += f.bits
	}
	for _, m := range list {
		if _, extra := values[m.MetadataId]; extra {
			return nil, invalid("%s metadata %d is not known; there is %s", h.name, m.MetadataId, choices(h.fields, headerField.String))
		}
	}
	return out, nil
}

// bitsAt reads width bits from the bit offset at, most significant bit first.
func bitsAt(b []byte, at, width int) []byte {
	out := make([]byte, (width+7)/8)
	for i := range width {
		from, to := at+i, len(out)*8-width+i
		if b[from/8]&(0x80>>(from%8)) != 0 {
			out[to/8] |= 0x80 >> (to % 8)
		}
	}
	return out
}

// putBits writes the low width bits of v to the bit offset at; b is zero there.
func putBits(b []byte, at, width int, v []byte) {
	v = pad(v, (width+7)/8)
	for i := range width {
		from, to := len(v)*8-width+i, at+i
		if v[from/8]&(0x80>>(from%8)) != 0 {
			b[to/8] |= 0x80 >> (to % 8)
		}
	}
}
