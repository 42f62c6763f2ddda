package dataplane

import (
	"bytes"
	"net/netip"
	"testing"

	"pillion/runtime/packet"
)

// 1,000 flows over three instances: both directions of each pass the same one, no instance is idle, and
// the frame arrives as it was sent.
func TestFlowsAreSymmetric(t *testing.T) {
	w := newWorld(t, `
tenant red { group a = a1, a2 }
tenant blue { group c = c1 }
allow web: red.a -> blue.c on tcp/443, udp/443
allow world: gw -> red.a on tcp/443
middlebox fw { instances fw1, fw2, fw3 stateful }
chain inbound: red.a -> blue.c via fw
chain border: gw -> red.a on tcp/443 via fw
`, twoLeaves)
	used := map[string]int{}
	flow := func(there *packet.Packet, a, b string) {
		back := *there
		back.SrcMAC, back.DstMAC, back.Src, back.Dst = there.DstMAC, there.SrcMAC, there.Dst, there.Src
		back.SPort, back.DPort = there.DPort, there.SPort
		if there.Proto == packet.TCP {
			there.Flags, back.Flags = packet.SYN, packet.SYN|packet.ACK
		}
		first, second := w.passed(a, b, there), w.passed(b, a, &back)
		if first != second {
			t.Fatalf("%v passes %s, its answer %s", there, first, second)
		}
		used[first]++
	}
	const flows = 250
	for i := range uint16(flows) {
		flow(w.tcp("a1", "c1", i%2 == 1, 10000+37*i, 443, 0), "a1", "c1")
		flow(w.udp("a2", "c1", i%2 == 1, 20000+i, 443), "a2", "c1")
		flow(w.tcp("a2", "c1", i%2 == 0, 443+i, 443, 0), "a2", "c1") // also from port 443 to port 443
		p := w.tcp("gw", "a1", false, 999+i, 443, 0)
		p.Src = netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
		flow(p, "gw", "a1")
	}
	total := 0
	for _, in := range []string{"fw1", "fw2", "fw3"} {
		total += used[in]
		if used[in] < 4*flows/10 { // a third each, give or take the buckets' unevenness
			t.Errorf("%s gets %d of %d flows: %v", in, used[in], 4*flows, used)
		}
	}
	if total != 4*flows {
		t.Errorf("%d flows of %d passed an instance: %v", total, 4*flows, used)
	}
}

// passed sends a packet, which must arrive unchanged, and returns the one instance that it passes.
func (w *world) passed(a, b string, p *packet.Packet) string {
	w.t.Helper()
	frame := p.Bytes()
	j, err := w.Send(a, frame)
	if err != nil {
		w.t.Fatal(err)
	}
	got := j.Deliveries()
	if len(got) != 1 || got[0].Endpoint != b || !bytes.Equal(got[0].Frame, frame) {
		w.t.Fatalf("%v: %s", p, w.fateOf(j))
	}
	via := j.Gates(got[0].Hop)
	if len(via) != 1 {
		w.t.Fatalf("%v passes %v", p, via)
	}
	return via[0]
}
