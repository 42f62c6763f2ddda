package verify

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/runtime/packet"
	"pillion/tests/compiled"
)

// one is the only frame that an endpoint's shim sends.
func (w *world) one(t *testing.T, from string, frame []byte) []byte {
	t.Helper()
	sent := w.send(t, from, frame)
	if len(sent) != 1 {
		t.Fatalf("%s sends %d frames for %s", from, len(sent), packet.Describe(frame))
	}
	return sent[0].Data
}

// with changes a frame.
func with(frame []byte, change func(e *packet.Encapsulated)) []byte {
	e, err := packet.Decapsulate(frame)
	if err != nil {
		panic(err)
	}
	change(e)
	return e.Bytes()
}

func TestCheck(t *testing.T) {
	w := newWorld(t, policy)
	native := w.one(t, "a1", tcp("a1", "a2", 80))
	if !bytes.Equal(native, tcp("a1", "a2", 80)) {
		t.Fatalf("not native: %s", packet.Describe(native))
	}
	far := w.one(t, "a1", tcp("a1", "b1", 80))
	chained := w.one(t, "a1", tcp("a1", "a2", 443))
	copies := w.send(t, "a1", group("a1"))
	if len(copies) != 1 {
		t.Fatalf("%d copies", len(copies))
	}
	solicitation := between("a1", "a2", true)
	solicitation.Proto, solicitation.Type = packet.ICMP, packet.RouterSolicitation
	elsewhere := w.one(t, "a1", tcp("a1", "a3", 80))
	honest3 := tcp("a3", "a1", 80)
	wrap := func(inner []byte) []byte {
		return (&packet.Encapsulated{Dst: packet.MAC{2, 0x50}, Src: mac("a1"), NSH: packet.NSH{TTL: 63, SPI: 0xFFFFFF, SI: 255}, Inner: inner}).Bytes()
	}
	tests := []struct {
		name  string
		frame Frame
		want  string
	}{
		{"native", at(11, native), "fine"},
		{"native, the port is not known", at(0, native), "fine"},
		{"to another switch of the domain", at(11, elsewhere), "fine"},
		{"encapsulated", at(11, far), "fine"},
		{"into a chain", at(11, chained), "fine"},
		{"a copy to a group", at(11, copies[0].Data), "fine"},
		{"a denied port", at(11, tcp("a1", "a2", 22)), "a1 at 11: policy (deny no-ssh) tcp 10.0.0.1:40000 -> 10.0.0.2:22 S"},
		{"to another tenant", at(11, tcp("a1", "c1", 80)), "a1 at 11: destination unknown (default deny) tcp 10.0.0.1:40000 -> 10.0.0.6:80 S"},
		{"on a port that no allow has", at(11, tcp("a1", "b2", 81)), "a1 at 11: policy (default deny) tcp 10.0.0.1:40000 -> 10.0.0.5:81 S"},
		{"the same without a port", at(0, tcp("a1", "b2", 81)), "a1 at 11: policy (default deny) tcp 10.0.0.1:40000 -> 10.0.0.5:81 S"},
		{"encapsulated, to another tenant", at(11, wrap(tcp("a1", "c1", 80))), "a1 at 11: destination unknown (default deny) nsh to 02:50:00:00:00:00 spi 16777215 si 255 tree 0 ttl 63: tcp 10.0.0.1:40000 -> 10.0.0.6:80 S"},
		{"encapsulated twice", at(11, wrap(far)), "a1 at 11: encapsulation where none may be (default deny) nsh to 02:50:00:00:00:00 spi 16777215 si 255 tree 0 ttl 63: " + packet.Describe(far)},
		{"another host's frame", at(12, native), "a2 at 12: source not allowed on this port (default deny) tcp 10.0.0.1:40000 -> 10.0.0.2:80 S"},
		{"another host's address in it", at(12, func() []byte { f := tcp("a1", "a2", 80); copy(f[6:], tcp("a2", "a1", 80)[6:12]); return f }()),
			"a2 at 12: source not allowed on this port (default deny) tcp 10.0.0.1:40000 -> 10.0.0.2:80 S"},
		{"an unknown source", at(12, with(far, func(e *packet.Encapsulated) { e.Src = packet.MAC{2, 9} })), "a2 at 12: source not allowed on this port (default deny) " + packet.Describe(far)},
		{"past the chain", at(11, tcp("a1", "a2", 443)), "a1 at 11: not encapsulated where a shim does (chain inspected) tcp 10.0.0.1:40000 -> 10.0.0.2:443 S"},
		{"encapsulated for nothing", at(11, wrap(native)), "a1 at 11: encapsulated where a shim does not (tenant a) nsh to 02:50:00:00:00:00 spi 16777215 si 255 tree 0 ttl 63: tcp 10.0.0.1:40000 -> 10.0.0.2:80 S"},
		{"an address question", at(11, packet.Question(mac("a1"), ip("a1", false), ip("a2", false))), "a1 at 11: kept by the shim (default deny) arp 10.0.0.1 asks for 10.0.0.2"},
		{"what kernels send", at(11, solicitation.Bytes()), "a1 at 11: address question without an answer (default deny) icmp fd00::1 -> fd00::2 type 133 code 0"},
		{"to a group, not encapsulated", at(11, group("a1")), "a1 at 11: not encapsulated where a shim does (multicast m) udp 10.0.0.1:40000 -> 239.1.1.1:5000"},
		{"short", at(11, native[:13]), "a1 at 11: malformed (default deny) 13 bytes, too short for Ethernet"},
		{"short NSH", at(11, far[:37]), "a1 at 11: malformed (default deny) nsh: the frame ends inside the service header"},
		{"short NSH with nothing behind", at(11, far[:38]), "a1 at 11: malformed (default deny) nsh to " + packet.MAC(far[:6]).String() + " spi 16777215 si 255 tree 32768 ttl 63: 0 bytes, too short for Ethernet"},
		{"by a link of the domain", at(1, honest3), "fine"},
		{"by a link of the domain, forged", at(1, tcp("a3", "a1", 22)), "a3 at 0: policy (deny no-ssh) tcp 10.0.0.3:40000 -> 10.0.0.1:22 S"},
		{"by a link, from a host that is here", at(1, tcp("a1", "a2", 22)), "a1 at 0: policy (deny no-ssh) tcp 10.0.0.1:40000 -> 10.0.0.2:22 S"},
		{"of another switch's host, by an unknown port", at(0, tcp("a3", "a1", 22)), "a3 at 0: policy (deny no-ssh) tcp 10.0.0.3:40000 -> 10.0.0.1:22 S"},
		{"from a P4 switch", at(2, tcp("a1", "a2", 22)), "fine"},
		{"from the sidecar", at(30, tcp("a1", "a2", 22)), "fine"},
		{"from an endpoint without a shim", at(15, tcp("a1", "a2", 22)), "fine"},
		{"from nowhere", at(99, tcp("a1", "a2", 80)), " at 99: unknown port (default deny) tcp 10.0.0.1:40000 -> 10.0.0.2:80 S"},
		{"encapsulated from nowhere", at(99, with(far, func(e *packet.Encapsulated) { e.Src = packet.MAC{2, 9} })), " at 99: unknown port (default deny) " + packet.Describe(far)},
		{"from a host that is not in the inventory", at(99, func() []byte { f := tcp("a1", "a2", 80); f[6]++; return f }()), "fine"},
		{"encapsulated by nobody known", at(0, with(far, func(e *packet.Encapsulated) { e.Src = packet.MAC{2, 9} })), " at 0: encapsulated by no known edge (default deny) " + packet.Describe(far)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := test.want
			if want[0] == ' ' {
				want = want[1:]
			}
			if got := w.Check(test.frame).String(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Each part of what a shim puts in front of a frame.
func TestForged(t *testing.T) {
	w := newWorld(t, policy)
	chained := w.one(t, "a1", tcp("a1", "a2", 443))
	tests := []struct {
		reason string
		change func(e *packet.Encapsulated)
	}{
		{ForgedIdentity, func(e *packet.Encapsulated) { e.Identity++ }},
		{ForgedIdentity, func(e *packet.Encapsulated) { e.Tenant++ }},
		{ForgedPath, func(e *packet.Encapsulated) { e.SPI = 0xFFFFFF }},
		{ForgedPath, func(e *packet.Encapsulated) { e.SI-- }},
		{ForgedBucket, func(e *packet.Encapsulated) { e.Bucket ^= 1 }},
		{ForgedLocator, func(e *packet.Encapsulated) { e.Dst[5]++ }},
		{ForgedLocator, func(e *packet.Encapsulated) { e.Tree++ }},
		{ForgedHeader, func(e *packet.Encapsulated) { e.Flags = packet.FlagCopy }},
		{ForgedHeader, func(e *packet.Encapsulated) { e.Rules = 1 }},
		{ForgedHeader, func(e *packet.Encapsulated) { e.TTL-- }},
	}
	for _, test := range tests {
		v := w.Check(at(11, with(chained, test.change)))
		if v == nil || v.Reason != test.reason || v.Statement != "chain inspected" || v.Endpoint != "a1" || v.Port != 11 {
			t.Errorf("%s: %v", test.reason, v)
		}
	}
	// Behind a P4 switch the time to live has become less.
	if v := w.Check(at(0, with(chained, func(e *packet.Encapsulated) { e.TTL = 61 }))); v != nil {
		t.Errorf("another time to live without a port: %v", v)
	}
	for at := range 2 { // and the bits around it have not
		forged := bytes.Clone(chained)
		forged[14+at] ^= []byte{0x20, 0x01}[at]
		if v := w.Check(Frame{Data: forged}); v == nil {
			t.Errorf("byte %d of the service header: fine", at)
		}
	}
}

// Without a sidecar the sender's shim makes all copies for a group. Each may be there, and no other.
func TestCopies(t *testing.T) {
	w := newWorldOn(t, `
tenant a { group x = a1, a2, a3 }
multicast m { group 239.1.1.1 senders a receivers a }
`, `
switches:
  - {name: s1, target: legacy, driver: ovs}
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: s1:11, shim: {address: "unix:///run/a1.sock"}}
  - {name: a2, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: s1:12, shim: {address: "unix:///run/a2.sock"}}
  - {name: a3, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: s1:13, shim: {address: "unix:///run/a3.sock"}}
`)
	copies := w.send(t, "a1", group("a1"))
	if len(copies) != 2 {
		t.Fatalf("%d copies", len(copies))
	}
	for _, c := range copies {
		if v := w.Check(c); v != nil {
			t.Error(v)
		}
	}
	other := with(copies[0].Data, func(e *packet.Encapsulated) { e.Dst = mac("a1") })
	if v := w.Check(at(11, other)); v == nil || v.Reason != ForgedLocator || v.Statement != "multicast m" {
		t.Error(v)
	}
}

// Of an sFlow sample only the beginning is there; of a super-frame on a virtual interface all of it.
func TestLengths(t *testing.T) {
	w := newWorld(t, policy)
	long := between("a1", "a2", true)
	long.Proto, long.SPort, long.DPort, long.Payload = packet.TCP, 40000, 80, make([]byte, 64000)
	frame := long.Bytes()
	frame[14+40+16] ^= 0xFF // the checksum of TCP is not finished
	if v := w.Check(at(11, frame)); v != nil {
		t.Error(v)
	}
	wrapped := w.one(t, "a1", tcp("a1", "b1", 80))
	for n := range len(wrapped) {
		if v := w.Check(Frame{Data: wrapped[:n], Length: len(wrapped), Port: 11}); v != nil {
			t.Errorf("%d bytes of %d: %v", n, len(wrapped), v)
		}
	}
	// An ICMP error that quotes a packet has the longest headers.
	quoted := between("a2", "a1", true)
	quoted.Proto, quoted.SPort, quoted.DPort = packet.UDP, 53, 40000
	e := packet.Error(quoted.Bytes(), between("a1", "a2", true), packet.UnreachableV6, 4, 8).Bytes()
	if v := w.Check(at(11, e)); v != nil {
		t.Error(v)
	}
	e[14+40+8+40+1]++ // from another port than the one that was asked: as good
	if v := w.Check(Frame{Data: e[:100], Length: len(e), Port: 11}); v != nil {
		t.Error(v)
	}
	denied := tcp("a1", "a2", 22)
	for n := 14 + 20 + 20; n <= len(denied); n++ {
		if v := w.Check(Frame{Data: denied[:n], Length: len(denied), Port: 11}); v == nil || v.Reason != "policy" {
			t.Errorf("%d bytes of a denied frame: %v", n, v)
		}
	}
}

func TestReplace(t *testing.T) {
	w := newWorld(t, policy)
	now := time.Unix(1000, 0)
	w.now = func() time.Time { return now }
	before, after := at(11, tcp("a1", "b2", 80)), at(11, tcp("a1", "b2", 81))
	check := func(f Frame, fine bool) {
		t.Helper()
		if v := w.Check(f); (v == nil) != fine {
			t.Errorf("at %v: %v", now.Unix(), v)
		}
	}
	check(before, true)
	check(after, false)
	next := compiled.New(t, strings.Replace(policy, "tcp/80", "tcp/81", 1), inventory).Bundle
	if err := w.Replace(next, now.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	check(before, true)
	check(after, true)
	check(at(11, tcp("a1", "b2", 82)), false)
	now = now.Add(10 * time.Second)
	check(before, false)
	check(after, true)
	if n := len(w.state.Load().old); n != 0 {
		t.Errorf("%d rule sets are kept whose time is over", n)
	}
	// Many bundles and no push: shims have the rules of the first.
	other := compiled.New(t, strings.Replace(policy, "tcp/80", "tcp/82", 1), inventory).Bundle
	for range 2 * maxOld {
		if err := w.Replace(other, Forever()); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Excusing(); n != maxOld {
		t.Errorf("%d rule sets are kept", n)
	}
	check(after, true)
	w.End(now.Add(time.Second))
	check(after, true)
	now = now.Add(time.Second)
	check(after, false)
	check(at(11, tcp("a1", "b2", 82)), true)
}

// Engines of hosts that have not sent for long are given up for others.
func TestEnginesAreBounded(t *testing.T) {
	w := newWorld(t, policy)
	r := w.state.Load().current
	cost := func(name string) int { return r.hosts[network.MAC(mac(name))].cost() }
	r.engines.limit = cost("a1") + cost("a2")
	frames := map[string]Frame{"a1": at(11, tcp("a1", "a2", 80)), "a2": at(12, tcp("a2", "a1", 80)), "a3": at(0, tcp("a3", "a1", 80))}
	for round := range 10 {
		for _, from := range []string{"a1", "a2", "a1", "a3", "a1"} {
			if v := w.Check(frames[from]); v != nil {
				t.Fatal(v)
			}
			full, size := 0, 0
			for name := range endpoints {
				if h := r.hosts[network.MAC(mac(name))]; h != nil && h.engine.Load() != nil {
					full, size = full+1, size+h.cost()
				}
			}
			if full != len(r.engines.full) || size != r.engines.size || size > r.engines.limit {
				t.Fatalf("round %d: %d engines of %d entities, and the cache says %d of %d", round, full, size, len(r.engines.full), r.engines.size)
			}
		}
	}
}

func TestConcurrent(t *testing.T) {
	w := newWorld(t, policy)
	w.state.Load().current.engines.limit = emptyEngine // one at a time
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				for _, f := range []Frame{at(11, tcp("a1", "a2", 80)), at(12, tcp("a2", "a1", 80)), at(12, tcp("a2", "a1", 22))} {
					if v := w.Check(f); (v != nil) != bytes.Contains([]byte(v.String()), []byte("no-ssh")) {
						t.Error(v)
					}
				}
			}
		})
	}
	all.Wait()
}

// In brief, the same frames are violations, by the same endpoints.
func TestBrief(t *testing.T) {
	w := newWorld(t, policy)
	for _, f := range []Frame{at(12, tcp("a2", "a1", 22)), at(11, tcp("a1", "a2", 80)), at(11, tcp("a2", "a1", 80)), at(11, nil), at(99, tcp("a1", "a2", 80)),
		{Data: tcp("a2", "a1", 22)[:20], Length: 60, Port: 12}, {Data: tcp("a2", "a1", 22)[:50], Length: 60, Port: 12}} {
		full := w.Check(f)
		f.Brief = true
		brief := w.Check(f)
		if (full == nil) != (brief == nil) || full != nil && (brief.Endpoint != full.Endpoint || brief.Port != full.Port) {
			t.Errorf("%x: %v, in brief %v", f.Data, full, brief)
		}
	}
}

// Nearly every frame is as it should be, and costs no memory.
func TestCleanFramesAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("skipped: the race detector allocates")
	}
	w := newWorld(t, policy)
	frames := slices.Concat(w.send(t, "a1", tcp("a1", "a2", 80)), w.send(t, "a1", tcp("a1", "a2", 443)), w.send(t, "a1", group("a1")))
	for _, f := range frames {
		if n := testing.AllocsPerRun(100, func() { w.Check(f) }); n != 0 {
			t.Errorf("%s: %v allocations", packet.Describe(f.Data), n)
		}
	}
}

// A verifier of the part is that of the whole, and the part is its own.
func TestPart(t *testing.T) {
	w := newWorld(t, policy)
	part, err := Part(w.compiled.Bundle, "s1")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "part")
	if err := bundle.Write(folder, part); err != nil {
		t.Fatal(err)
	}
	if part, err = bundle.Read(folder); err != nil {
		t.Fatal(err)
	}
	v, err := New(part, "s1")
	if err != nil {
		t.Fatal(err)
	}
	entities := func(b *bundle.Bundle) (n int) {
		for i := range b.Targets {
			n += len(b.Targets[i].Entities)
		}
		return n
	}
	if whole, kept := entities(w.compiled.Bundle), entities(part); kept >= whole || kept == 0 {
		t.Errorf("%d entities of %d are kept", kept, whole)
	}
	far := w.one(t, "a1", tcp("a1", "b1", 80))
	for _, f := range []Frame{
		at(11, tcp("a1", "a2", 80)), at(11, tcp("a1", "a2", 22)), at(11, far), at(0, tcp("a3", "a1", 22)), at(2, far), at(99, far),
		at(0, with(far, func(e *packet.Encapsulated) { e.Src = packet.MAC{2, 9} })), at(0, with(far, func(e *packet.Encapsulated) { e.Src = e.Dst })),
	} {
		if got, want := v.Check(f).String(), w.Check(f).String(); got != want {
			t.Errorf("of the part %s, of the whole %s", got, want)
		}
	}
}

// Who does not know which rules shims have excuses everything, until it does.
func TestExcuse(t *testing.T) {
	w := newWorld(t, policy)
	now := time.Unix(1000, 0)
	w.now = func() time.Time { return now }
	w.Excuse()
	bad := at(11, tcp("a1", "a2", 22))
	if v := w.Check(bad); v != nil || w.Excusing() != 1 {
		t.Error(v)
	}
	w.End(now.Add(time.Second))
	now = now.Add(time.Second)
	if v := w.Check(bad); v == nil || w.Excusing() != 0 {
		t.Error("excused")
	}
}

func TestNew(t *testing.T) {
	b := compiled.New(t, policy, inventory).Bundle
	for name, want := range map[string]string{
		"leaf":  `the bundle has no ordinary switch "leaf"; name one with target: legacy`,
		"wrong": `the bundle has no ordinary switch "wrong"; name one with target: legacy`,
	} {
		if _, err := New(b, name); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range b.Targets {
		if b.Targets[i].Name == "a2" {
			b.Targets[i].P4InfoHash = "0"
		}
	}
	const want = "target a2 is for another shim.p4 than this program's; compile again"
	if _, err := New(b, "s1"); err == nil || err.Error() != want {
		t.Errorf("another P4Info: %v", err)
	}
}

func BenchmarkCheck(b *testing.B) {
	w := newWorld(b, policy)
	for name, frame := range map[string][]byte{"native": tcp("a1", "a2", 80), "chained": tcp("a1", "a2", 443), "multicast": group("a1")} {
		b.Run(name, func(b *testing.B) {
			f := w.send(b, "a1", frame)[0]
			b.ReportAllocs()
			for b.Loop() {
				if w.Check(f) != nil {
					b.Fatal("a violation")
				}
			}
		})
	}
}

// Somebody who passes by a shim can send violations as fast as the wire allows.
func BenchmarkBriefViolation(b *testing.B) {
	w := newWorld(b, policy)
	bad := at(12, tcp("a2", "a1", 22))
	if bad.Brief = true; w.Check(bad) == nil {
		b.Fatal("it is none")
	}
	for b.Loop() {
		w.Check(bad)
	}
}
