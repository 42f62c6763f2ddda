package conformance

import (
	"math/big"
	"math/rand/v2"
	"strings"
)

// ports are the ports of generated tests: 1 to ports.
const ports = 8

// values draws values such that entries and packets often agree: for each width there
// are a few that come again and again.
type values struct {
	*rand.Rand
	pool map[int][]*big.Int
}

func newValues(seed uint64, s *shape) *values {
	v := &values{Rand: rand.New(rand.NewPCG(seed, 0x70696c6c696f6e)), pool: map[int][]*big.Int{}}
	for w, list := range s.constants {
		v.pool[w] = append(v.pool[w], list...)
	}
	return v
}

// of gives a value of so many bits; the name of what it is for may say more.
func (v *values) of(name string, width int) *big.Int {
	switch {
	case width == 9: // a port
		if v.IntN(20) == 0 {
			return big.NewInt(511)
		}
		return big.NewInt(int64(1 + v.IntN(ports)))
	case strings.HasSuffix(name, "group") || strings.HasSuffix(name, "session"):
		return big.NewInt(int64(v.IntN(6)))
	case strings.HasSuffix(name, "slot"):
		return big.NewInt(int64(v.IntN(64)))
	case strings.HasSuffix(name, "len"), strings.HasSuffix(name, "packet_length"):
		return new(big.Int).And(big.NewInt(int64(v.IntN(200))), ones(width))
	case strings.HasSuffix(name, "ihl") || strings.HasSuffix(name, "version"):
		if v.IntN(10) > 0 {
			n := int64(4)
			if strings.HasSuffix(name, "ihl") {
				n = 5 + int64(v.IntN(10)/7*v.IntN(6))
			}
			return big.NewInt(n)
		}
	}
	if v.IntN(10) < 8 {
		return v.pooled(width)
	}
	return v.fresh(width)
}

// pooled is one of the few values of a width.
func (v *values) pooled(width int) *big.Int {
	for len(v.pool[width]) < 5 {
		v.pool[width] = append(v.pool[width], v.fresh(width))
	}
	return v.pool[width][v.IntN(len(v.pool[width]))]
}

// fresh is small, all ones, a power of two or anything.
func (v *values) fresh(width int) *big.Int {
	switch v.IntN(6) {
	case 0, 1, 2:
		return new(big.Int).And(big.NewInt(int64(v.IntN(8))), ones(width))
	case 3:
		return ones(width)
	case 4:
		return new(big.Int).Lsh(big.NewInt(1), uint(v.IntN(width)))
	}
	n := new(big.Int)
	for i := 0; i < width; i += 32 {
		n.Or(n.Lsh(n, 32), big.NewInt(int64(v.Uint32())))
	}
	return n.And(n, ones(width))
}
