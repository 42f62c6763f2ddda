// Package packet makes and reads the frames that endpoints exchange, and the
// encapsulation that they travel in between edges.
//
// In: header fields ([Packet], [ARP], [Neighbour], [Encapsulated]), or the bytes of a frame.
// Out: the bytes ([Packet.Bytes]), or the fields again ([Decode], [Decapsulate]), or one line
// of text ([Describe]). What is made on purpose to look odd (fragments, extension headers, errors that quote)
// is in odd.go.
//
// It must not know: networks, policies, switches. All integers on the wire are big-endian.
package packet
