package paths

import "math/bits"

// Odd constants with about half of their bits set; their values mean nothing,
// but changing one moves every tree of every network.
const (
	mulA = 0x9e3779b97f4a7c15
	mulB = 0xd6e8feb86659fd93
	mulC = 0xa0761d6478bd642f
)

// Hash turns a name into the 64 bits that stand for it in a Graph and in a
// Dest. It is the same on every machine and in every version.
func Hash(name string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a, then mixed: FNV's high bits alone are weak
	for i := 0; i < len(name); i++ {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return mix(h)
}

// mix is a bijection of 64 bits in which every input bit moves every output
// bit (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// join makes one hash of two; join(a, b) and join(b, a) differ.
func join(a, b uint64) uint64 { return mix(a*mulA + mix(b+mulB)) }

// fold is the cheap hash of the inner loops: one 64×64 multiplication whose
// halves are put on top of each other. Its input must be well mixed already.
func fold(x uint64) uint64 {
	hi, lo := bits.Mul64(x, mulC)
	return hi ^ lo
}

// linkID is the identity of a link: of its two ends, whichever comes first.
func linkID(aName uint64, aPort uint16, bName uint64, bPort uint16) uint64 {
	a, b := join(aName, uint64(aPort)), join(bName, uint64(bPort))
	if a > b {
		a, b = b, a
	}
	return join(a, b)
}
