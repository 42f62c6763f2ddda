package engine

import (
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
)

var mutations = flag.Int("mutations", 40, "damaged configs to try per program")

// TestDamagedConfigs damages configs at random places. Load must refuse them with an
// error that says where, or else packets must get through without a panic.
func TestDamagedConfigs(t *testing.T) {
	for _, name := range []string{"router", "wide", "copies", "stateful", "stacks", "strip"} {
		b, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(*mutations) {
			var tree any
			if err := json.Unmarshal(b, &tree); err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(seed, 1))
			for range 1 + r.IntN(2) {
				damage(r, tree, 0)
			}
			damaged, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			tryConfig(t, name, seed, damaged)
		}
	}
}

func tryConfig(t *testing.T, name string, seed uint64, config []byte) {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s, seed %d: panic: %v", name, seed, r)
		}
	}()
	p, err := Load(config)
	if err != nil {
		var unsupported *UnsupportedError
		var wrong *ConfigError
		if !errors.As(err, &unsupported) && !errors.As(err, &wrong) {
			t.Errorf("%s, seed %d: %T is not an error of this package: %v", name, seed, err, err)
		}
		return
	}
	sw := New(p, Options{MaxPasses: 3, MaxCopies: 16})
	frame := make([]byte, 90)
	for op := range 32 {
		frame[0] = byte(op * 8)
		frame[12], frame[13], frame[14] = 8, 0, 0x45
		sw.Process(1, frame[:20+op*2], func(uint32, []byte) {})
	}
}

// damage changes one node somewhere below v.
func damage(r *rand.Rand, v any, depth int) {
	var child any
	var set func(any)
	switch x := v.(type) {
	case map[string]any:
		var keys []string
		for k := range x {
			if k != "source_info" {
				keys = append(keys, k)
			}
		}
		if len(keys) == 0 {
			return
		}
		k := pick(r, keys)
		child, set = x[k], func(n any) { x[k] = n }
	case []any:
		if len(x) == 0 {
			return
		}
		i := r.IntN(len(x))
		child, set = x[i], func(n any) { x[i] = n }
	}
	switch child.(type) {
	case map[string]any, []any:
		// The deeper, the more is worth breaking.
		if r.IntN(4+4*max(0, 6-depth)) > 0 {
			damage(r, child, depth+1)
			return
		}
	}
	set(replacement(r, child))
}

// pick chooses the same key for the same seed, whatever the order of the map was.
func pick(r *rand.Rand, keys []string) string {
	n := r.IntN(len(keys))
	for range n {
		least := 0
		for i := range keys {
			if keys[i] < keys[least] {
				least = i
			}
		}
		keys = append(keys[:least], keys[least+1:]...)
	}
	least := keys[0]
	for _, k := range keys {
		least = min(least, k)
	}
	return least
}

func replacement(r *rand.Rand, old any) any {
	switch x := old.(type) {
	case float64:
		return []any{0.0, -1.0, x + 1, x - 1, 1 << 30, 0.5, nil, "x"}[r.IntN(8)]
	case string:
		return []any{"", "0x", "-0x1", "0xffffffffffffffffffffffffffff", "$valid$", "scalars", nil, 7.0, "h.i", "expression"}[r.IntN(10)]
	case bool:
		return !x
	}
	return []any{nil, map[string]any{}, []any{}, "", 0.0}[r.IntN(5)]
}
