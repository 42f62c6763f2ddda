package engine

import "sync/atomic"

// randomSource is SplitMix64: repeatable from its seed, and safe for concurrent use.
type randomSource struct{ state atomic.Uint64 }

func (r *randomSource) next() uint64 {
	z := r.state.Add(0x9e3779b97f4a7c15)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// between returns a number in lo..hi, both included.
func (r *randomSource) between(lo, hi uint64) uint64 {
	n := hi - lo + 1
	if n == 0 {
		return r.next()
	}
	return lo + r.next()%n
}
