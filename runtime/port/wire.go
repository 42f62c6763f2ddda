package port

import "encoding/binary"

// insertVLAN puts a VLAN tag back behind the two MAC addresses. frame must have
// four bytes of room in front of it: buf is the same memory from there on, so
// the addresses move four bytes towards the front. The result is buf.
func insertVLAN(buf []byte, tpid, tci uint16) []byte {
	copy(buf, buf[4:16])
	binary.BigEndian.PutUint16(buf[12:], tpid)
	binary.BigEndian.PutUint16(buf[14:], tci)
	return buf
}

// finishChecksum completes an Internet checksum (RFC 1071) that the sender left
// to its network card: the field at start+offset holds the sum of the pseudo
// header already. It reports false, and changes nothing, if the field is not in
// the frame.
func finishChecksum(frame []byte, start, offset int) bool {
	if start < 0 || offset < 0 || start+offset+2 > len(frame) {
		return false
	}
	var sum uint64
	p := frame[start:]
	for ; len(p) >= 2; p = p[2:] {
		sum += uint64(binary.BigEndian.Uint16(p))
	}
	if len(p) == 1 {
		sum += uint64(p[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	c := ^uint16(sum)
	// UDP writes a computed zero as all ones (RFC 768); for TCP both mean the same.
	if c == 0 {
		c = 0xffff
	}
	binary.BigEndian.PutUint16(frame[start+offset:], c)
	return true
}
