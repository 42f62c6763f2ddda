package conformance

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/runtime/server"
)

// soakVariable says how many packets TestSoak sends, for instance 10000000.
const soakVariable = "PILLION_SOAK"

// shortSoak is how many it sends when nobody says.
const shortSoak = 120_000

// soakPrograms have digests, groups and clones between them.
var soakPrograms = []string{"switching", "balancing", "replication"}

// TestSoak sends packets while a controller writes and reads all the time, and looks at
// memory and goroutines after a fifth of the packets and in the end.
func TestSoak(t *testing.T) {
	count := shortSoak
	if text := os.Getenv(soakVariable); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", soakVariable, err)
		}
	} else {
		t.Logf("%d packets; %s=10000000 sends more", count, soakVariable)
	}
	for _, name := range soakPrograms {
		t.Run(name, func(t *testing.T) { soak(t, name, count/len(soakPrograms)) })
	}
}

func soak(t *testing.T, name string, count int) {
	cfg := committed(t, filepath.Join(programs, name))
	var sent atomic.Uint64
	sw := newOurs(t, func(o *server.Options) {
		o.Transmit = func(uint32, []byte) { sent.Add(1) }
	})
	c := primary(t, sw.conn, 1)
	if err := c.configure(cfg); err != nil {
		t.Fatal(err)
	}
	// What comes on the stream is read and forgotten.
	ctx, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() {
		for {
			select {
			case <-c.in:
			case <-ctx.Done():
				return
			}
		}
	})
	shape := readShape(t, cfg)
	g := generate(newValues(*firstSeed, shape), cfg.P4Info)
	for _, d := range cfg.P4Info.Digests {
		g.add(insert, &p4.Entity{Entity: &p4.Entity_DigestEntry{DigestEntry: &p4.DigestEntry{
			DigestId: d.Preamble.Id, Config: &p4.DigestEntry_Config{MaxListSize: 10}}}})
	}
	var frames [][]byte
	packets := &packets{newValues(*firstSeed+1, shape), shape}
	for range 5000 {
		frames = append(frames, packets.frame())
	}
	send := func(n int) {
		for i := range n {
			sw.Receive(uint32(1+i%ports), frames[i%len(frames)])
		}
	}
	// With all entries there something comes out, whatever meets whatever later.
	for _, u := range g.updates {
		_ = c.write(u)
	}
	send(len(frames))
	if sent.Load() == 0 {
		t.Error("nothing came out")
	}
	var writes atomic.Uint64
	background.Go(func() {
		for ctx.Err() == nil {
			writes.Add(rewrite(c, g))
		}
	})

	look := func() (heap uint64, goroutines int) {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	send(count / 5)
	heap, goroutines := look()
	send(count - count/5)
	heapAfter, goroutinesAfter := look()
	stop()
	background.Wait()
	t.Logf("%d packets in, %d out, %d writes; heap %d KiB, then %d KiB; goroutines %d, then %d",
		count, sent.Load(), writes.Load(), heap>>10, heapAfter>>10, goroutines, goroutinesAfter)
	if writes.Load() == 0 {
		t.Error("nothing was written")
	}
	// Entries come and go all the while, so that the heap is not the same; a leak of one
	// word per packet would show from a million packets on.
	if heapAfter > heap+heap/2+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", heap, heapAfter)
	}
	if goroutinesAfter > goroutines+4 {
		t.Errorf("there were %d goroutines, and then %d", goroutines, goroutinesAfter)
	}
}

// rewrite writes everything, reads it, and deletes it again, one update at a time.
func rewrite(c *session, g *entries) (done uint64) {
	write := func(kind p4.Update_Type, e *p4.Entity) {
		if c.write(change(kind, e)) == nil {
			done++
		}
	}
	for _, u := range g.updates {
		write(u.Type, u.Entity)
	}
	_, _ = c.read(&p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: &p4.TableEntry{}}})
	for i := len(g.updates) - 1; i >= 0; i-- {
		u := g.updates[i]
		if u.Type == insert {
			write(remove, u.Entity)
		} else {
			write(modify, tableEntity(&p4.TableEntry{TableId: u.Entity.GetTableEntry().GetTableId(), IsDefaultAction: true}))
		}
	}
	return done
}
