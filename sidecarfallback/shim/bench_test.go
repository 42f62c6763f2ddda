//go:build linux

package shim

import (
	"context"
	"net/netip"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	programs "pillion/p4"
)

// manyPeers have four entries each.
const manyPeers = 25000

// crowd is a host's entries when it may talk to many.
func crowd(b *testing.B, h *guarded) []*p4.Update {
	program, err := programs.Shim()
	must(b, err)
	var updates []*p4.Update
	add := func(e entry) {
		updates = append(updates, &p4.Update{Type: p4.Update_INSERT, Entity: e.entity(program.Info)})
	}
	for i := range uint64(manyPeers) {
		at, id := long(netip.AddrFrom4([4]byte{10, 1 + byte(i>>16), byte(i >> 8), byte(i)})), num(2+i)
		add(entry{"destination", fields{"address": at}, "to_port", args{"port": num(2), "mac": h.mac, "identity": id, "answers": num(1)}})
		add(entry{"policy", fields{"source": num(1), "destination": id, "returning": num(0)}, "by_ports", args{"ruleset": num(1)}})
		add(entry{"verdict", fields{"source": num(1), "destination": id, "returning": num(0), "slot": num(1)}, "permit_slot", nil})
		add(entry{"source", fields{"port": num(2), "mac": h.mac, "address": at}, "from", args{"identity": id, "tenant": num(1)}})
	}
	return updates
}

func (h *guarded) writeAll(b *testing.B, updates []*p4.Update) {
	for first := 0; first < len(updates); first += 1000 {
		must(b, h.client.Write(context.Background(), updates[first:min(first+1000, len(updates))]))
	}
}

// BenchmarkWrite writes 100,000 entries by P4Runtime: over a Unix socket, into the engine, the maps and the journal.
func BenchmarkWrite(b *testing.B) {
	h := newSite(b, 1, AttachAuto).hosts[0]
	updates := crowd(b, h)
	for b.Loop() {
		b.StopTimer()
		h.configure()
		b.StartTimer()
		h.writeAll(b, updates)
	}
	b.ReportMetric(float64(len(updates)*b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkRestart starts an agent again, which reads 100,000 entries from the journal and compares the maps.
func BenchmarkRestart(b *testing.B) {
	h := newSite(b, 1, AttachAuto).hosts[0]
	h.configure()
	h.writeAll(b, crowd(b, h))
	for b.Loop() {
		b.StopTimer()
		h.end((*Agent).Close)
		b.StartTimer()
		h.start()
	}
}
