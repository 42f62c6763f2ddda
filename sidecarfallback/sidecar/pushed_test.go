package sidecar

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pillion/backends/bundle"
	"pillion/runtime/packet"
	"pillion/sidecarfallback/verify"
	"pillion/tests/compiled"
)

const pushedNetwork = `
switches:
  - {name: leaf, target: legacy, driver: ovs, sidecar: side}
sidecars:
  - {name: side, at: leaf:9, address: "127.0.0.1:50061", device-id: 11}
endpoints:
  - {name: a, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: leaf:1, shim: {address: "unix:///run/a.sock"}}
  - {name: b, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: leaf:2, shim: {address: "unix:///run/b.sock"}}
`

// bundleFor has a reach b on one port.
func bundleFor(t *testing.T, port string) *bundle.Bundle {
	t.Helper()
	return compiled.New(t, "tenant one { group x = a }\ntenant two { group y = b }\nallow r: one.x -> two.y on udp/"+port+"\n", pushedNetwork).Bundle
}

// An agent that is killed at any moment and starts again judges by the rules that shims may have, whatever is in the folder of the bundle.
func TestStartsWithWhatWasPushed(t *testing.T) {
	first, second := bundleFor(t, "1"), bundleFor(t, "2")
	written := time.Unix(1000, 0)
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	if err := errors.Join(os.WriteFile(manifest, nil, 0o600), os.Chtimes(manifest, written, written)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(manifest)
	if err != nil {
		t.Fatal(err)
	}
	old, young, neither := datagram(1), datagram(2), datagram(3)
	tests := []struct {
		name   string
		before func(a *Agent) // the life of the agent before
		starts *bundle.Bundle // what is in the folder when it starts again
		good   []packet.Packet
	}{
		{"never a push", func(*Agent) {}, first, []packet.Packet{old, young, neither}},
		{"pushed", func(a *Agent) { a.grace.coming(); a.grace.gone(written.Add(1)) }, first, []packet.Packet{old}},
		{"pushed, and there is a new bundle", func(a *Agent) { a.grace.coming(); a.grace.gone(written.Add(1)) }, second, []packet.Packet{old, young}},
		{"killed in a push", func(a *Agent) {
			a.grace.coming()
			a.grace.gone(written.Add(1))
			replace(t, a, second, written.Add(2))
			a.grace.coming()
		}, second, []packet.Packet{old, young, neither}},
		{"pushed twice", func(a *Agent) {
			a.grace.coming()
			a.grace.gone(written.Add(1))
			replace(t, a, second, written.Add(2))
			a.grace.coming()
			a.grace.gone(written.Add(3))
		}, second, []packet.Packet{young}},
		{"pushed twice, and back", func(a *Agent) {
			a.grace.coming()
			a.grace.gone(written.Add(1))
			replace(t, a, second, written.Add(2))
			a.grace.coming()
			a.grace.gone(written.Add(3))
		}, first, []packet.Packet{old, young}},
		{"a controller that changes nothing", func(a *Agent) {
			a.grace.coming()
			a.grace.gone(written.Add(1))
			a.grace.coming()
		}, first, []packet.Packet{old}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := t.TempDir()
			start := func(b *bundle.Bundle) *Agent {
				a := &Agent{options: Options{Name: "side", State: state, Grace: 1}, log: newProblems(slog.New(slog.DiscardHandler))}
				a.reloader.seen.Store(&info)
				_, err := a.verification(&duty{bundle: b, sw: "leaf"})
				if err != nil {
					t.Fatal(err)
				}
				a.grace.look = nil // the bundle is as the test says
				return a
			}
			test.before(start(first))
			if left, _ := filepath.Glob(filepath.Join(state, "*")); len(left) > 1 {
				t.Errorf("left: %s", strings.Join(left, ", "))
			}
			v := start(test.starts).grace.verifier
			for _, p := range []packet.Packet{old, young, neither} {
				want := false
				for _, g := range test.good {
					want = want || g.DPort == p.DPort
				}
				if got := v.Check(verify.Frame{Data: p.Bytes(), Port: 1}); (got == nil) != want {
					t.Errorf("to port %d: %+v", p.DPort, got)
				}
			}
		})
	}
}

func replace(t *testing.T, a *Agent, b *bundle.Bundle, written time.Time) {
	t.Helper()
	if _, err := a.grace.replace(b, written); err != nil {
		t.Fatal(err)
	}
}

func datagram(port uint16) packet.Packet {
	return packet.Packet{SrcMAC: packet.MAC{2, 0, 0, 0, 0, 1}, DstMAC: packet.MAC{2, 0, 0, 0, 0, 2}, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"),
		Proto: packet.UDP, SPort: 40000, DPort: port}
}
