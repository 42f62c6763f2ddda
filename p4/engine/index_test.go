package engine

import (
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// TestMatcher compares the tuple space with a linear scan, over random inserts and
// removals, for each kind of table.
func TestMatcher(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SampledFrom([][]MatchKind{
			{Exact, Exact}, {Exact, LPM}, {LPM}, {Ternary, Exact}, {Range}, {Exact, Range, Ternary}, {LPM, Range},
		}).Draw(t, "kinds")
		d := &tableDef{name: "t", meter: -1}
		d.allExact = true
		for _, k := range kinds {
			d.keys = append(d.keys, keyDef{kind: k, width: 3, words: wordRun{d.keyWords, 1}})
			d.keyWords++
			d.allExact = d.allExact && k == Exact
			d.needsPriority = d.needsPriority || k == Ternary || k == Range
		}
		m := d.newMatcher()
		var all []*entry
		small := rapid.ByteRange(0, 7)
		steps := rapid.IntRange(1, 60).Draw(t, "steps")
		for i := range steps {
			if len(all) > 0 && rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				n := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				m.remove(all[n])
				all = append(all[:n], all[n+1:]...)
			} else {
				in := d.newEntry()
				err := d.parseKey(in, drawEntry(t, d, small))
				if err != nil {
					t.Fatal(err)
				}
				in.seq = uint64(i)
				there := false
				for _, e := range all {
					there = there || e.rank == in.rank && equalWords(e.value(), in.value()) && equalWords(e.aux(), in.aux())
				}
				if got := m.same(in) != nil; got != there {
					t.Fatalf("same() is %v, want %v", got, there)
				}
				if there {
					continue
				}
				m.insert(in)
				all = append(all, in)
			}
			key := make([]uint64, d.keyWords)
			for range 8 {
				for j := range key {
					key[j] = uint64(small.Draw(t, "key"))
				}
				if got, want := m.lookup(key), scan(d, all, key); got != want {
					t.Fatalf("key %v: got %+v, want %+v", key, got, want)
				}
			}
		}
	})
}

func drawEntry(t *rapid.T, d *tableDef, small *rapid.Generator[byte]) Entry {
	var e Entry
	if d.needsPriority {
		e.Priority = int32(small.Draw(t, "priority"))
	}
	for _, k := range d.keys {
		f := KeyField{Value: []byte{small.Draw(t, "value")}}
		switch k.kind {
		case LPM:
			f.PrefixLen = rapid.IntRange(0, 3).Draw(t, "prefix")
		case Ternary:
			f.Mask = []byte{small.Draw(t, "mask")}
		case Range:
			f.High = []byte{f.Value[0] + rapid.ByteRange(0, 7-f.Value[0]).Draw(t, "width")}
		}
		e.Key = append(e.Key, f)
	}
	return e
}

// scan is the plain meaning of a lookup.
func scan(d *tableDef, all []*entry, key []uint64) *entry {
	var best *entry
next:
	for _, e := range all {
		for i, k := range d.keys {
			switch {
			case k.kind == Range:
				if key[i] < e.value()[i] || key[i] > e.aux()[i] {
					continue next
				}
			case e.aux() == nil:
				if key[i] != e.value()[i] {
					continue next
				}
			case key[i]&e.aux()[i] != e.value()[i]:
				continue next
			}
		}
		if best == nil || e.rank > best.rank || e.rank == best.rank && e.seq < best.seq {
			best = e
		}
	}
	return best
}

// TestConcurrent writes to everything while packets flow; the race detector looks on.
// The route that the frame takes is never touched, so every packet must get through.
func TestConcurrent(t *testing.T) {
	sw, frame := routerSwitch(t, 0)
	var readers, writers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				sent := 0
				sw.Process(1, frame, func(uint32, []byte) { sent++ })
				if sent != 1 {
					t.Error("a packet was lost")
					return
				}
			}
		})
	}
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	writers.Go(func() {
		n := sw.Table("Forward.neighbours")
		r := sw.Table("Forward.routes")
		for round := range 20 {
			for i := range 200 {
				check(n.Insert(Entry{Key: []KeyField{{Value: []byte{9, byte(i)}}, {Value: []byte{1}}}, Action: "Forward.set_mac", Args: [][]byte{{1}, {2}}}))
				check(r.Insert(Entry{Key: []KeyField{{Value: []byte{99, 0, 0, byte(i)}, PrefixLen: 32 - round}}, Action: "Forward.direct", Args: [][]byte{{1}}}))
				if err := r.Modify(Entry{Key: []KeyField{{Value: []byte{10, 0, 0, 0}, PrefixLen: 8}}, Action: "Forward.route", Args: [][]byte{{10, 0, 0, 1}, {3}}}); err != nil {
					t.Error(err)
				}
				check(r.Delete(Entry{Key: []KeyField{{Value: []byte{99, 0, 0, byte(i)}, PrefixLen: 32 - round}}}))
			}
			for i := range 200 {
				check(n.Delete(Entry{Key: []KeyField{{Value: []byte{9, byte(i)}}, {Value: []byte{1}}}}))
			}
		}
	})
	writers.Go(func() {
		acl := sw.Table("Forward.acl")
		for i := range 1000 {
			e := Entry{
				Key:      []KeyField{{Value: []byte{byte(i)}, Mask: []byte{byte(i), 0xff}}, {}, {Value: []byte{1}, High: []byte{byte(1 + i%7)}}},
				Priority: int32(i%13 + 1), Action: "Forward.permit", Args: [][]byte{{1}},
			}
			check(acl.Insert(e))
			acl.Each(func(EntryInfo) bool { return true })
			check(acl.Delete(e))
		}
	})
	writers.Wait()
	close(stop)
	readers.Wait()
}
