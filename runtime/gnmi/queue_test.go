package gnmi

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// However puts and takes come, a queue holds one value of each leaf at most, loses
// no count, and ends with the newest value of each.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue()
		put, got, newest, last := map[key]uint32{}, map[key]uint32{}, map[key]int{}, map[key]any{}
		take := func() bool {
			c, ok := q.take()
			if ok {
				got[c.key] += 1 + c.duplicates
				last[c.key] = c.value
			}
			return ok
		}
		for i := range rapid.IntRange(0, 200).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "put") {
				k := key{name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"), node: root}
				q.put(change{key: k, value: i, at: time.Unix(int64(i), 0)})
				put[k]++
				newest[k] = i
			} else {
				take()
			}
			if len(q.order) > 3 || len(q.pending) != len(q.order) {
				t.Fatalf("%d in order, %d pending, of 3 leaves", len(q.order), len(q.pending))
			}
		}
		for take() {
		}
		for k, n := range put {
			if got[k] != n || last[k] != newest[k] {
				t.Fatalf("%s: %d values put, %d accounted for; the last is %v, want %d", k.name, n, got[k], last[k], newest[k])
			}
		}
	})
}
