package mirror

import (
	"fmt"

	"pillion/p4/engine"
)

// canonical gives a key the form in which the engine gives it back: all bytes of the width, all masks and ends
// spelled out, and nothing in the value that the mask leaves out.
func canonical(fields []engine.KeyInfo, key engine.Entry) engine.Entry {
	out := engine.Entry{Key: make([]engine.KeyField, len(key.Key)), Priority: key.Priority}
	for i, f := range key.Key {
		if i >= len(fields) {
			break
		}
		width := fields[i].Width
		c := engine.KeyField{Value: wide(f.Value, width), PrefixLen: f.PrefixLen}
		switch fields[i].Kind {
		case engine.LPM:
			for bit := f.PrefixLen; bit < width; bit++ {
				at := 8*len(c.Value) - width + bit
				c.Value[at/8] &^= 0x80 >> (at % 8)
			}
		case engine.Ternary:
			c.Mask = wide(f.Mask, width)
			if f.Mask == nil && f.Value != nil {
				c.Mask = ones(width)
			}
			for j := range c.Value {
				c.Value[j] &= c.Mask[j]
			}
		case engine.Range:
			c.High = wide(f.High, width)
			if f.High == nil {
				c.High = ones(width)
			}
		}
		out.Key[i] = c
	}
	return out
}

func wide(b []byte, bits int) []byte {
	out := make([]byte, (bits+7)/8)
	if len(b) > len(out) {
		b = b[len(b)-len(out):]
	}
	copy(out[len(out)-len(b):], b)
	return out
}

func ones(bits int) []byte {
	out := make([]byte, (bits+7)/8)
	for i := range out {
		out[i] = 0xFF
	}
	if rest := bits % 8; rest != 0 {
		out[0] = 1<<rest - 1
	}
	return out
}

// keyText tells canonical keys of one table apart.
func keyText(e engine.Entry) string {
	var b []byte
	for _, f := range e.Key {
		b = append(b, f.Value...)
		b = append(b, f.Mask...)
		b = append(b, f.High...)
		b = append(b, byte(f.PrefixLen))
	}
	return string(fmt.Appendf(b, "%d", e.Priority))
}
