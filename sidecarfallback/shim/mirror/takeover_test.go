package mirror

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/cilium/ebpf"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/packet"
)

// watched is the kernel, and something that is done after each change of a map.
type watched struct {
	kernel
	after func()
}

func (w watched) put(m *ebpf.Map, key, value []byte) error {
	defer w.after()
	return w.kernel.put(m, key, value)
}

func (w watched) remove(m *ebpf.Map, key []byte) error {
	defer w.after()
	return w.kernel.remove(m, key)
}

// fates are what comes of frames, in a form that can be compared; of one that is dropped, nothing.
func (r *rig) fates(t *testing.T, frames [][]byte) []string {
	t.Helper()
	var out []string
	for _, data := range frames {
		got, err := r.kernel(p4.ShimHost, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		var all [][]byte
		for _, f := range got {
			all = append(all, append([]byte{byte(f.port)}, f.data...))
		}
		slices.SortFunc(all, bytes.Compare)
		out = append(out, string(bytes.Join(all, []byte("|"))))
	}
	return out
}

// takeOver has another agent follow an engine. At no moment may a frame fare otherwise than before, but that it may be dropped.
func (r *rig) takeOver(t *testing.T, frames [][]byte, sw *engine.Switch) {
	t.Helper()
	before := r.fates(t, frames)
	var err error
	if r.mirror, err = New(&r.objects.ShimMaps); err != nil {
		t.Fatal(err)
	}
	changes, wrong := 0, false
	r.mirror.live = watched{after: func() {
		changes++
		for i, fate := range r.fates(t, frames) {
			if !wrong && fate != before[i] && fate != "" {
				wrong = true
				t.Errorf("after %d changes frame %d fares otherwise than before", changes, i)
			}
		}
	}}
	if err := r.mirror.Follow(sw); err != nil {
		t.Fatal(err)
	}
	r.mirror.live, r.mirror.out = kernel{}, kernel{}
	if changes == 0 {
		t.Error("nothing was changed: this tests nothing")
	}
}

// judged are the entities of a host whose frames to peer 2 are judged by rule set 1, and those frames: to all ports that a rule denies, and to
// one more, which is let through.
func judged(rules int) (base, denied []entity, frames [][]byte) {
	for _, e := range crowd(2) {
		if e.table != "ingress.rules" {
			base = append(base, e)
		}
	}
	add := func(port uint64, priority int32, action string, args ...[]byte) entity {
		ports := engine.KeyField{Value: be(port), High: be(port)}
		if port == 0 {
			ports = engine.KeyField{}
		}
		return entity{table: "ingress.rules", entry: engine.Entry{Priority: priority, Action: action, Args: args,
			Key: []engine.KeyField{exact(1), {Value: be(6), Mask: be(255)}, {}, {}, {}, ports}}}
	}
	base = append(base, add(0, 1, "ingress.match_slot", be(3)))
	for port := uint16(80); len(frames) <= rules; port++ {
		frames = append(frames, (&packet.Packet{SrcMAC: host, DstMAC: others[0], Src: peer(0), Dst: peer(2), Proto: packet.TCP, SPort: 40000, DPort: port,
			Flags: packet.ACK}).Bytes())
		if len(denied) < rules {
			denied = append(denied, add(uint64(port), 100000-int32(port), "ingress.no_slot"))
		}
	}
	return base, denied, frames
}

// An agent that starts again finds the rules of the one before, to which they came in another order.
func TestTakeoverKeepsRuleSetsWhole(t *testing.T) {
	const rules = 40
	for name, blocks := range map[string]uint32{"room for two": 8192, "room for one": 8} {
		t.Run(name, func(t *testing.T) {
			r := newRigOf(t, func(s *ebpf.CollectionSpec) { s.Maps["rules"].MaxEntries = blocks })
			base, denied, frames := judged(rules)
			if err := r.mirror.Follow(load(t, r.program, base)); err != nil {
				t.Fatal(err)
			}
			for _, e := range slices.Backward(denied) {
				if !insert(r.mirror.sw, e) {
					t.Fatalf("%+v", e)
				}
				if err := r.tell(e); err != nil {
					t.Fatal(err)
				}
			}
			before := r.fates(t, frames)
			for i, fate := range before {
				if last := i == len(frames)-1; (fate != "") != last {
					t.Fatalf("frame %d fares wrongly before: %x", i, fate)
				}
			}
			journal := load(t, r.program, slices.Concat(base, denied))
			r.takeOver(t, frames, journal)
			if after := r.fates(t, frames); !slices.Equal(before, after) {
				t.Error("in the end frames fare otherwise")
			}
			// What comes later finds its way.
			for _, e := range denied[:20] {
				key := engine.Entry{Key: e.entry.Key, Priority: e.entry.Priority}
				if err := errors.Join(journal.Table(e.table).Delete(key), r.tell(e)); err != nil {
					t.Fatal(err)
				}
			}
			if fate := r.fates(t, frames[:1])[0]; fate == "" {
				t.Error("a rule that was deleted still holds")
			}
		})
	}
}

// A new pipeline begins without entities. Nothing passes by a chain on the way there.
func TestClearingPassesNoChain(t *testing.T) {
	r := newRig(t)
	base, _, frames := judged(0)
	add := func(table, action string, priority int32, key []engine.KeyField, args ...[]byte) {
		base = append(base, entity{table: table, entry: engine.Entry{Key: key, Priority: priority, Action: action, Args: args}})
	}
	pair := []engine.KeyField{exact(1), exact(3), exact(0)}
	add("ingress.chain_policy", "ingress.steer_by", 0, pair, be(5))
	add("ingress.chain_rules", "ingress.chain_slot", 1, []engine.KeyField{exact(5), {}, {}, {}, {}, {}, {}}, be(4))
	add("ingress.chain_select", "ingress.chain", 0, append(pair[:3:3], exact(4)), be(77))
	add("ingress.gates", "ingress.pass", 0, []engine.KeyField{exact(77), exact(255), exact(0)}, be(254), be(9), be(0), be(0))
	add("ingress.instances", "ingress.to_instance", 1, []engine.KeyField{exact(9), exact(0), {}}, edges[1][:], be(0))
	if err := r.mirror.Follow(load(t, r.program, base)); err != nil {
		t.Fatal(err)
	}
	if fate := r.fates(t, frames)[0]; len(fate) != 1+len(frames[0])+packet.EncapsulationSize {
		t.Fatalf("the frame does not enter its chain: %x", fate)
	}
	r.takeOver(t, frames, engine.New(r.program, engine.Options{}))
	if fate := r.fates(t, frames)[0]; fate != "" {
		t.Errorf("without entities a frame passes: %x", fate)
	}
}
