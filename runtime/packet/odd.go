package packet

import "encoding/binary"

// Protocol numbers of IPv6 extension headers.
const (
	HopByHop    = 0
	Routing     = 43
	FragmentV6  = 44
	DestOptions = 60
)

// extensions lays out the extension headers, a fragment header last, and says what follows IPv6.
func (p *Packet) extensions() (first uint8, b []byte) {
	list := p.Extensions
	if f := p.Fragment; f != nil {
		body := make([]byte, 6) // offset, and identification, as the header has no length
		offset := f.Offset << 3
		if f.More {
			offset |= 1
		}
		binary.BigEndian.PutUint16(body, offset)
		binary.BigEndian.PutUint32(body[2:], f.ID)
		list = append(list[:len(list):len(list)], Extension{Proto: FragmentV6, Body: body})
	}
	for i, e := range list {
		next := p.wireProto()
		if i+1 < len(list) {
			next = list[i+1].Proto
		}
		size := (2 + len(e.Body) + 7) &^ 7
		header := make([]byte, size)
		header[0], header[1] = next, byte(size/8-1) // for a fragment header: reserved, 0
		copy(header[2:], e.Body)
		b = append(b, header...)
	}
	if len(list) == 0 {
		return p.wireProto(), nil
	}
	return list[0].Proto, b
}

// Error is the ICMP error that a host or router with the given address, in front of from, sends to the sender of
// a frame: it quotes IP and as many bytes behind it as room says (RFC 792 asks for 8). typ and code
// are of the frame's family. The frame must be one that [Packet.Bytes] made.
func Error(quoted []byte, reply Packet, typ, code uint8, room int) *Packet {
	ip := quoted[14:]
	size := 40
	if ip[0]>>4 == 4 {
		size = int(ip[0]&15) * 4
	}
	reply.Proto, reply.Type, reply.Code = ICMP, typ, code
	reply.Payload = append([]byte(nil), ip[:min(len(ip), size+room)]...)
	return &reply
}
