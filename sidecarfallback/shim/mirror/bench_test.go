package mirror

import (
	"net/netip"
	"testing"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/packet"
	"pillion/sidecarfallback/shim/bpf"
)

// crowd is a host that may talk to many: entries of the tables that grow with them. Peers are native or edges in turn, and
// every other pair is judged by ports.
func crowd(peers int) []entity {
	var out []entity
	add := func(table, action string, key []engine.KeyField, args ...[]byte) {
		out = append(out, entity{table: table, entry: engine.Entry{Key: key, Action: action, Args: args}})
	}
	add("ingress.ports", "ingress.endpoint", []engine.KeyField{exact(1)}, local[:])
	add("ingress.ports", "ingress.fabric_port", []engine.KeyField{exact(2)}, local[:])
	own := engine.KeyField{Value: long(peer(0)), PrefixLen: 128}
	add("ingress.source", "ingress.from", []engine.KeyField{exact(1), exact(macNumber(host)), own}, be(1), be(1))
	add("ingress.destination", "ingress.to_port", []engine.KeyField{own}, be(1), host[:], be(1), be(0))
	for i := range uint64(8) {
		p := be(80 + i)
		out = append(out, entity{table: "ingress.rules", entry: engine.Entry{Priority: int32(8 - i), Action: "ingress.match_slot", Args: [][]byte{be(i)},
			Key: []engine.KeyField{exact(1), {Value: be(6), Mask: be(255)}, {}, {}, {}, {Value: p, High: p}}}})
	}
	for i := 1; i <= peers; i++ {
		at, id := engine.KeyField{Value: long(peer(i)), PrefixLen: 128}, be(uint64(1+i))
		if i%2 == 0 {
			add("ingress.destination", "ingress.to_port", []engine.KeyField{at}, be(2), others[0][:], id, be(1))
		} else {
			add("ingress.destination", "ingress.to_edge", []engine.KeyField{at}, edges[0][:], be(0), others[0][:], id, be(1))
		}
		pair := []engine.KeyField{exact(1), {Value: id}, exact(0)}
		add("ingress.policy", "ingress.by_ports", pair, be(1))
		add("ingress.verdict", "ingress.permit_slot", append(pair[:3:3], exact(3)))
		add("ingress.source", "ingress.from", []engine.KeyField{exact(2), exact(macNumber(others[0])), at}, id, be(1))
	}
	return out
}

func peer(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

func load(tb testing.TB, program *engine.Program, all []entity) *engine.Switch {
	sw := engine.New(program, engine.Options{})
	for _, e := range all {
		if !insert(sw, e) {
			tb.Fatalf("%+v", e)
		}
	}
	return sw
}

const manyPeers = 25000 // with four entries each

// BenchmarkLoad puts 100,000 entries into the maps: all at once, as at the start of an agent, and one by one.
func BenchmarkLoad(b *testing.B) {
	r := newRig(b)
	all := crowd(manyPeers)
	sw := load(b, r.program, all)
	empty := engine.New(r.program, engine.Options{})
	run := func(name string, from, to *engine.Switch, tell func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				if err := r.mirror.Follow(from); err != nil {
					b.Fatal(err)
				}
				r.mirror.sw = to
				b.StartTimer()
				if err := tell(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
	run("at once", empty, sw, func() error { return r.mirror.Follow(sw) })
	run("one by one", empty, sw, func() error {
		for _, e := range all {
			if err := r.tell(e); err != nil {
				return err
			}
		}
		return nil
	})
	run("nothing to do", sw, sw, func() error { return r.mirror.Follow(sw) })
}

// BenchmarkPacket is what the programs cost per frame by BPF_PROG_TEST_RUN, with 100,000 entries in the maps. Where a
// frame is changed, every run needs a fresh one, and its measure has the kernel's two readings of the clock in it.
func BenchmarkPacket(b *testing.B) {
	r := newRig(b)
	if err := r.mirror.Follow(load(b, r.program, crowd(manyPeers))); err != nil {
		b.Fatal(err)
	}
	if err := r.objects.Devices.Put(uint32(0), bpf.ShimDevice{Ifindex: uint32(r.ifindex)}); err != nil {
		b.Fatal(err)
	}
	tcp := func(from, to int, src, dst packet.MAC, port uint16) []byte {
		return (&packet.Packet{SrcMAC: src, DstMAC: dst, Src: peer(from), Dst: peer(to), Proto: packet.TCP, SPort: 40000, DPort: port,
			Flags: packet.ACK, Payload: make([]byte, 10)}).Bytes()
	}
	arriving := packet.Encapsulated{Dst: local, Src: edges[0], NSH: packet.NSH{TTL: 63, SPI: 0xFFFFFF, SI: 255, Identity: 7}, Inner: tcp(7, 0, others[0], host, 83)}
	for _, c := range []struct {
		name   string
		port   uint32
		frame  []byte
		repeat int
		spread bool // a different destination each time
	}{
		{"native out", p4.ShimHost, tcp(0, 20000, host, others[0], 83), 1_000_000, false},
		{"native in", p4.ShimNetwork, tcp(20000, 0, others[0], host, 83), 1_000_000, false},
		{"denied", p4.ShimHost, tcp(0, 20000, host, others[0], 9), 1_000_000, false},
		{"encapsulated out", p4.ShimHost, tcp(0, 20001, host, others[0], 83), 1, false},
		{"encapsulated in", p4.ShimNetwork, arriving.Bytes(), 1, false},
		{"native out, alone", p4.ShimHost, tcp(0, 20000, host, others[0], 83), 1, false},
		{"to all in turn", p4.ShimHost, tcp(0, 20000, host, others[0], 83), 1, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			program := r.objects.Outgoing
			if c.port == p4.ShimNetwork {
				program = r.objects.Incoming
			}
			out, err := r.kernel(c.port, c.frame, 0)
			if err != nil || (len(out) == 0) != (c.name == "denied") {
				b.Fatalf("%v, %v", out, err)
			}
			var total, runs float64
			for i := 0; b.Loop(); i++ {
				if c.spread {
					to := peer(1 + i*7919%manyPeers).As4()
					copy(c.frame[30:], to[:])
				}
				_, each, err := program.Benchmark(c.frame, c.repeat, nil)
				if err != nil {
					b.Fatal(err)
				}
				total += float64(each.Nanoseconds()) * float64(c.repeat)
				runs += float64(c.repeat)
			}
			b.ReportMetric(total/runs, "ns/packet")
		})
	}
}
