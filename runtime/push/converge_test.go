package push

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt/p4rttest"
)

// genState draws a state without dangling references. Edges are at most 14, of the 16 that fit.
func genState() *rapid.Generator[[]bundle.Entity] {
	return rapid.Custom(func(t *rapid.T) []bundle.Entity {
		var out []bundle.Entity
		edges := rapid.SliceOfNDistinct(rapid.IntRange(1, 20), 1, 14, rapid.ID).Draw(t, "edges")
		for _, id := range edges {
			out = append(out, edge(id, rapid.IntRange(0, 2).Draw(t, "port")))
		}
		groups := rapid.SliceOfNDistinct(rapid.IntRange(1, 6), 1, 6, rapid.ID).Draw(t, "groups")
		for _, id := range groups {
			out = append(out, group(id, rapid.SliceOfNDistinct(rapid.Uint32Range(0, 3), 0, 3, rapid.ID).Draw(t, "ports")...))
			slices.SortFunc(out[len(out)-1].Replicas, func(a, b bundle.Replica) int { return int(a.Port) - int(b.Port) })
		}
		for _, id := range rapid.SliceOfNDistinct(rapid.IntRange(1, 3), 0, 3, rapid.ID).Draw(t, "sessions") {
			out = append(out, session(id, rapid.Uint32Range(0, 1).Draw(t, "port")))
		}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 0, 9, rapid.ID).Draw(t, "routes") {
			switch rapid.IntRange(0, 2).Draw(t, "action") {
			case 0:
				out = append(out, route(n, toEdge, rapid.SampledFrom(edges).Draw(t, "to")))
			case 1:
				out = append(out, route(n, flood, rapid.SampledFrom(groups).Draw(t, "to")))
			default:
				out = append(out, route(n, miss, 0))
			}
		}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 9), 0, 5, rapid.ID).Draw(t, "acl") {
			out = append(out, acl(n, n*7, rapid.SampledFrom([]uint32{permit, deny}).Draw(t, "verdict")))
		}
		return out
	})
}

// From any state to any other, interrupted at any write any number of times, with the answer lost or the
// write itself: the next push completes it, nothing is ever refused, what is foreign stays, and one more push writes
// nothing.
func TestPushConverges(t *testing.T) {
	cut := status.Error(codes.Unavailable, "the cable was pulled")
	foreign := []bundle.Entity{edge(100, 1), group(100, 1), session(100, 1), route(100, miss, 0), acl(100, 100, permit)}
	rapid.Check(t, func(rt *rapid.T) {
		s := &p4rttest.Server{NoGroupMetadata: rapid.Bool().Draw(rt, "no group metadata"), ReadChunk: rapid.IntRange(0, 3).Draw(rt, "chunk")}
		var done []func()
		d := newDevice(cleanup(func(f func()) { done = append(done, f) }), s)
		defer func() {
			for _, f := range done {
				f()
			}
		}()
		d.pushedWell(rt, bundleOf(), d.options)
		for i := range foreign {
			d.Put(p4v1.Update_INSERT, foreign[i].Proto())
		}
		for range rapid.IntRange(1, 3).Draw(rt, "states") {
			want := genState().Draw(rt, "state")
			b := bundleOf(slices.Clone(want)...)
			for range rapid.IntRange(0, 4).Draw(rt, "interruptions") {
				at := rapid.IntRange(1, 12).Draw(rt, "at")
				lost := rapid.Bool().Draw(rt, "answer lost")
				d.interrupt = func(n int, write func() error) error {
					if n < at {
						return write()
					}
					if lost && n == at {
						_ = write()
					}
					return cut
				}
				if r := d.push(rt, b, d.options); len(r.Errors) != 0 {
					rt.Fatalf("refused: %v", r.Errors)
				}
			}
			d.interrupt = nil
			r := d.pushedWell(rt, b, d.options)
			if r.Foreign.Count != len(foreign) {
				rt.Fatalf("%d foreign: %v", r.Foreign.Count, r.Foreign.Entities)
			}
			d.holds(rt, append(slices.Clone(want), foreign...)...)
			before, _, _ := d.Written()
			d.pushedWell(rt, b, d.options)
			if after, _, _ := d.Written(); after != before {
				rt.Fatalf("one more push wrote %d requests", after-before)
			}
		}
	})
}

type cleanup func(func())

func (c cleanup) Cleanup(f func()) { c(f) }

// Every single write of one big change is the one that fails, one after another.
func TestInterruptedAtEveryWrite(t *testing.T) {
	var old, next []bundle.Entity
	for i := range 12 {
		old = append(old, edge(i+1, 1), route(i, toEdge, i+1), group(i+1, 1), acl(i+1, i, permit))
		next = append(next, edge(i+7, 2), route(i+3, flood, i+5), group(i+5, 2), acl(i+4, i+3, deny))
	}
	for k := 1; ; k++ {
		d := newDevice(t, &p4rttest.Server{NoGroupMetadata: true})
		d.pushedWell(t, bundleOf(slices.Clone(old)...), d.options)
		failed := false
		d.interrupt = func(n int, write func() error) error {
			if n == k {
				failed = true
				return status.Error(codes.Unavailable, fmt.Sprintf("write %d", n))
			}
			return write()
		}
		r := d.push(t, bundleOf(slices.Clone(next)...), d.options)
		if failed == r.OK() {
			t.Fatalf("write %d: %+v", k, r)
		}
		d.interrupt = nil
		if r := d.pushedWell(t, bundleOf(slices.Clone(next)...), d.options); r.Foreign.Count != 0 {
			t.Fatalf("write %d: %+v", k, r)
		}
		d.holds(t, next...)
		if !failed {
			if k < 20 {
				t.Fatalf("only %d writes: too few to prove anything", k-1)
			}
			return
		}
	}
}
