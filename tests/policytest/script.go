package policytest

import (
	"fmt"

	"pillion/runtime/packet"
)

// step is one packet of a conversation.
type step struct {
	answer bool
	flags  packet.Flags
	icmp   uint8 // type
	data   bool
}

// script is the conversation of a protocol.
func script(proto uint8, six bool) []step {
	switch proto {
	case packet.TCP:
		return []step{
			{flags: packet.SYN},
			{flags: packet.SYN | packet.ACK, answer: true},
			{flags: packet.ACK},
			{flags: packet.PSH | packet.ACK, data: true},
			{flags: packet.PSH | packet.ACK, data: true, answer: true},
		}
	case packet.ICMP:
		if six {
			return []step{{icmp: packet.EchoV6, data: true}, {icmp: packet.EchoReplyV6, data: true, answer: true}}
		}
		return []step{{icmp: packet.Echo, data: true}, {icmp: packet.EchoReply, data: true, answer: true}}
	}
	return []step{{data: true}, {data: true, answer: true}}
}

// payload is what packet i carries.
func payload(i int) []byte { return fmt.Appendf(nil, "packet %d of a policy's test", i+1) }
