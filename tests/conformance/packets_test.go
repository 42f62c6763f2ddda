package conformance

import (
	"encoding/json"
	"math/big"
)

// packets makes frames that a program's parser has something to do with: a walk from
// its initial state to an end, with the bits that each step asks for; and then, of one
// frame in eight, a few bits or the length changed.
type packets struct {
	*values
	*shape
}

// draft is a frame in the making.
type draft struct {
	bits []bool
	// fixed bits are those that a transition asked for.
	fixed map[int]bool
	// at is where the parser stands, in bits.
	at int
	// place is where fields were taken from, by header.field; of a stack, by its name.
	place map[string]int
	// last is the length in bits that the last header said one of variable length has.
	variable int
}

func (d *draft) grow(g *packets, n int) {
	for len(d.bits) < n {
		d.bits = append(d.bits, g.IntN(2) == 1)
	}
}

// put writes the low width bits of n, if force over fixed bits too.
func (d *draft) put(g *packets, at, width int, n *big.Int, force bool) {
	d.grow(g, at+width)
	for i := range width {
		if force || !d.fixed[at+i] {
			d.bits[at+i] = n.Bit(width-1-i) == 1
		}
		if force {
			d.fixed[at+i] = true
		}
	}
}

// frame makes one frame.
func (g *packets) frame() []byte {
	d := &draft{fixed: map[int]bool{}, place: map[string]int{}}
	next := &g.initial
	for steps := 0; next != nil && steps < 24; steps++ {
		st, ok := g.states[*next]
		if !ok {
			break
		}
		for _, op := range st.Ops {
			g.step(d, op.Op, op.Parameters)
		}
		next = g.follow(d, &st)
	}
	d.grow(g, (len(d.bits)+7)/8*8)
	out := make([]byte, len(d.bits)/8)
	for i, b := range d.bits {
		if b {
			out[i/8] |= 0x80 >> (i % 8)
		}
	}
	if at, ok := d.place["ipv4.checksum"]; ok && g.IntN(10) > 0 {
		fixChecksum(out, at/8)
	}
	for range g.IntN(60) {
		out = append(out, byte(g.Uint32()))
	}
	return g.mutate(out)
}

// step does what one operation of a parse state needs of the frame.
func (g *packets) step(d *draft, op string, parameters []json.RawMessage) {
	var refs []struct {
		Type  string
		Value any
	}
	for _, p := range parameters {
		var r struct {
			Type  string
			Value any
		}
		if json.Unmarshal(p, &r) == nil {
			refs = append(refs, r)
		}
	}
	if len(refs) == 0 {
		return
	}
	switch op {
	case "extract", "extract_VL":
		switch v := refs[0].Value.(type) {
		case string:
			header := v
			if refs[0].Type == "stack" {
				header = v + "[0]"
			}
			g.extract(d, header, v)
		case []any: // a stack of unions, and the member
			stack, _ := v[0].(string)
			member, _ := v[1].(string)
			g.extract(d, stack+"[0]."+member, stack+"."+member)
		}
	case "advance", "shift":
		if text, ok := refs[0].Value.(string); ok {
			d.at += int(hexNumber(text).Int64())
		}
	case "set":
		// A field that was set from bits ahead stands for them.
		ahead, ok := refs[1].Value.([]any)
		field, ok2 := refs[0].Value.([]any)
		if ok && ok2 && refs[1].Type == "lookahead" {
			off, _ := ahead[0].(float64)
			d.place[refName(field)] = d.at + int(off)
		}
	}
}

func (g *packets) extract(d *draft, header, name string) {
	for _, f := range g.widths[header] {
		width := f.width
		if width == 0 {
			// Headers before said how much; or it is anything.
			if width = d.variable; width < 0 || g.IntN(10) == 0 {
				width = 8 * g.IntN(12)
			}
			for i := range width {
				d.put(g, d.at+i, 1, big.NewInt(int64(g.IntN(2))), false)
			}
			d.at += width
			continue
		}
		d.place[name+"."+f.name] = d.at
		n := g.of(f.name, width)
		d.put(g, d.at, width, n, false)
		if f.name == "ihl" {
			d.variable = (int(n.Int64()) - 5) * 32
		}
		d.at += width
	}
}

func refName(ref []any) string {
	a, _ := ref[0].(string)
	b, _ := ref[1].(string)
	return a + "." + b
}

// follow chooses a transition and makes the frame fit it.
func (g *packets) follow(d *draft, st *parseState) *string {
	if len(st.Transitions) == 0 {
		return nil
	}
	tr := st.Transitions[g.IntN(len(st.Transitions))]
	if tr.Type != "hexstr" {
		return tr.Next
	}
	value := hexNumber(*tr.Value)
	var mask *big.Int
	if tr.Mask != nil {
		mask = hexNumber(*tr.Mask)
	}
	total := 0
	widths := make([]int, len(st.Key))
	for i, k := range st.Key {
		switch k.Type {
		case "lookahead":
			n, _ := k.Value[1].(float64)
			widths[i] = int(n)
		case "stack_field":
			stack, _ := k.Value[0].(string)
			widths[i] = g.width([]any{stack + "[0]", k.Value[1]})
		default:
			widths[i] = g.width(k.Value)
		}
		// The key's parts stand in the value in whole bytes.
		total += (widths[i] + 7) / 8 * 8
	}
	for i, k := range st.Key {
		total -= (widths[i] + 7) / 8 * 8
		at, known := d.place[refName(k.Value)]
		if k.Type == "lookahead" {
			off, _ := k.Value[0].(float64)
			at, known = d.at+int(off), true
		}
		if !known {
			continue
		}
		part := new(big.Int).Rsh(value, uint(total))
		care := ones(widths[i])
		if mask != nil {
			care.And(care, new(big.Int).Rsh(mask, uint(total)))
		}
		for b := range widths[i] {
			if care.Bit(widths[i]-1-b) == 1 {
				d.put(g, at+b, 1, new(big.Int).SetBit(new(big.Int), 0, part.Bit(widths[i]-1-b)), true)
			}
		}
	}
	return tr.Next
}

// fixChecksum writes the checksum of the IPv4 header that has it at the byte.
func fixChecksum(b []byte, at int) {
	start := at - 10
	if start < 0 {
		return
	}
	end := start + int(b[start]&15)*4
	if end > len(b) || end < start+20 {
		return
	}
	b[at], b[at+1] = 0, 0
	sum := 0
	for i := start; i+1 < end; i += 2 {
		sum += int(b[i])<<8 | int(b[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	b[at], b[at+1] = byte(^sum>>8), byte(^sum)
}

// mutate changes one frame in eight.
func (g *packets) mutate(b []byte) []byte {
	if len(b) == 0 {
		return []byte{0}
	}
	switch g.IntN(32) {
	case 0, 1:
		return b[:1+g.IntN(len(b))]
	case 2, 3:
		for range 1 + g.IntN(4) {
			i := g.IntN(len(b))
			b[i] ^= 1 << g.IntN(8)
		}
	}
	return b
}
