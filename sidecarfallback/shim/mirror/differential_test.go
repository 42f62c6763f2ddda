package mirror

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/packet"
	"pillion/sidecarfallback/shim/bpf"
)

var (
	sets = flag.Int("sets", 10000, "how many random sets of entities the two data planes are compared on")
	only = flag.Int("set", -1, "compare on this set alone")
)

// What the programs return.
const (
	letGo    = ^uint32(0)
	dropped  = 2
	redirect = 7
)

// rig is the data plane between two interfaces of a network namespace that goes away with the test's thread.
type rig struct {
	objects bpf.ShimObjects
	mirror  *Mirror
	program *engine.Program
	ifindex int // of the guarded interface
	wire    int // socket at the other end

	outcomes map[string]int
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigOf(t, func(*ebpf.CollectionSpec) {})
}

// newRigOf makes a rig of programs and maps that are not quite those of a shim.
func newRigOf(t testing.TB, change func(*ebpf.CollectionSpec)) *rig {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("skipped: eBPF programs and network namespaces need root")
	}
	must := func(err error) {
		t.Helper()
		var refused *ebpf.VerifierError
		if errors.As(err, &refused) {
			t.Fatalf("%+v", refused)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r := &rig{outcomes: map[string]int{}}
	// The thread stays locked, and so ends with the test.
	runtime.LockOSThread()
	_, err := netns.New()
	must(err)
	for _, name := range []string{"default", "all"} {
		must(os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0o644))
	}
	pair := netlink.NewVeth(netlink.NewLinkAttrs())
	pair.Name, pair.PeerName = "guarded", "wire"
	must(netlink.LinkAdd(pair))
	for _, name := range []string{"guarded", "wire"} {
		link, err := netlink.LinkByName(name)
		must(err)
		must(netlink.LinkSetUp(link))
		if name == "guarded" {
			r.ifindex = link.Attrs().Index
			continue
		}
		r.wire, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(htons(unix.ETH_P_ALL)))
		must(err)
		must(unix.Bind(r.wire, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: link.Attrs().Index}))
		t.Cleanup(func() { unix.Close(r.wire) })
	}
	spec, err := bpf.Spec()
	must(err)
	change(spec)
	must(spec.LoadAndAssign(&r.objects, nil))
	t.Cleanup(func() { r.objects.Close() })
	must(r.objects.Devices.Put(uint32(0), bpf.ShimDevice{Ifindex: uint32(r.ifindex)}))
	r.mirror, err = New(&r.objects.ShimMaps)
	must(err)
	program, err := p4.Shim()
	must(err)
	r.program, err = engine.Load(program.Config)
	must(err)
	return r
}

func htons(n uint16) uint16 { return n<<8 | n>>8 }

// frame is one that leaves, by a port of shim.p4.
type frame struct {
	port uint32
	data []byte
}

func (f frame) String() string {
	return fmt.Sprintf("port %d: %s\n      %x", f.port, packet.Describe(f.data), f.data)
}

// kernel runs a frame through the program for its port.
func (r *rig) kernel(port uint32, data []byte, atMost int) ([]frame, error) {
	program := r.objects.Outgoing
	if port == p4.ShimNetwork {
		program = r.objects.Incoming
	}
	var context [48]uint32 // struct __sk_buff
	context[10] = uint32(r.ifindex)
	var after [48]uint32
	options := &ebpf.RunOptions{Data: data, DataOut: make([]byte, len(data)+256), Context: context, ContextOut: &after}
	verdict, err := program.Run(options)
	if err != nil {
		return nil, fmt.Errorf("into port %d, %d bytes: %x: %w", port, len(data), data, err)
	}
	const mark = 2
	if verdict == redirect && after[mark] == 0 {
		verdict = dropped // to no interface
	}
	if verdict != dropped {
		atMost-- // one of them is in the buffer
	}
	out, err := r.captured(atMost)
	if err != nil {
		return nil, err
	}
	switch verdict {
	case letGo:
		out = append(out, frame{3 - port, options.DataOut})
	case redirect:
		out = append(out, frame{port, options.DataOut})
	case dropped:
	default:
		return nil, fmt.Errorf("verdict %d", verdict)
	}
	return out, nil
}

// captured are the frames that were transmitted; at least as many as are expected, if they come at all.
func (r *rig) captured(atLeast int) ([]frame, error) {
	var out []frame
	buffer := make([]byte, 4096)
	for deadline := time.Now().Add(time.Second); ; {
		n, _, err := unix.Recvfrom(r.wire, buffer, unix.MSG_DONTWAIT)
		switch {
		case err == nil:
			out = append(out, frame{p4.ShimNetwork, bytes.Clone(buffer[:n])})
		case !errors.Is(err, unix.EAGAIN):
			return nil, err
		case len(out) >= atLeast || time.Now().After(deadline):
			return out, nil
		default:
			runtime.Gosched()
		}
	}
}

// insert writes an entity into the engine, unless it is there already.
func insert(sw *engine.Switch, e entity) bool {
	switch e.table {
	case "group":
		_, there := sw.Multicast(e.id)
		return !there && sw.SetMulticast(e.id, e.list) == nil
	case "session":
		_, there := sw.CloneSession(e.id)
		return !there && sw.SetCloneSession(e.id, engine.CloneSession{Replicas: e.list}) == nil
	}
	err := sw.Table(e.table).Insert(e.entry)
	if err != nil && !errors.Is(err, engine.ErrExists) && !errors.Is(err, engine.ErrFull) {
		panic(err)
	}
	return err == nil
}

func (r *rig) tell(e entity) error {
	switch e.table {
	case "group":
		return r.mirror.Group(e.id)
	case "session":
		return r.mirror.Session(e.id)
	}
	return r.mirror.Entry(e.table, engine.Entry{Key: e.entry.Key, Priority: e.entry.Priority}, false)
}

// configure brings both data planes to the same random state: part of it at once, the rest change by change.
func (r *rig) configure(w world) (*engine.Switch, error) {
	if err := r.mirror.Follow(engine.New(r.program, engine.Options{})); err != nil {
		return nil, err
	}
	for _, at := range missCounter {
		r.mirror.counters.set(at, engine.CounterData{})
	}
	if err := r.mirror.Drops(0, 32); err != nil {
		return nil, err
	}
	sw := engine.New(r.program, engine.Options{})
	all := w.entities()
	first := w.IntN(len(all))
	for _, e := range all[:first] {
		insert(sw, e)
	}
	if err := r.mirror.Follow(sw); err != nil {
		return nil, err
	}
	for i, e := range all[first:] {
		if insert(sw, e) {
			if err := r.tell(e); err != nil {
				return nil, err
			}
		}
		if err := r.disturb(w, sw, all[:first+i]); err != nil {
			return nil, err
		}
	}
	return sw, nil
}

// disturb sometimes deletes or modifies what was written before.
func (r *rig) disturb(w world, sw *engine.Switch, before []entity) error {
	if len(before) == 0 || !w.one(3) {
		return nil
	}
	e := pick(w, before)
	key := engine.Entry{Key: e.entry.Key, Priority: e.entry.Priority}
	switch e.table {
	case "group":
		_ = sw.DeleteMulticast(e.id)
	case "session":
		_ = sw.DeleteCloneSession(e.id)
	default:
		if w.one(2) && e.table != "ingress.ports" {
			_ = sw.Table(e.table).Delete(key)
			break
		}
		other := w.entry(e.table).entry
		other.Key, other.Priority = e.entry.Key, e.entry.Priority
		if e.table == "ingress.ports" {
			other.Action = e.entry.Action
		}
		_ = sw.Table(e.table).Modify(other)
	}
	return r.tell(e)
}

func show(frames []frame) string {
	if len(frames) == 0 {
		return "    nothing\n"
	}
	var b strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&b, "    %s\n", f)
	}
	return b.String()
}

// outcome says in a few words what became of a frame that came in by a port.
func outcome(port uint32, out []frame) string {
	switch {
	case len(out) == 0:
		return ""
	case out[0].port == port:
		return "answered"
	case port == p4.ShimNetwork:
		return "delivered to the host"
	}
	last := out[len(out)-1].data
	e, err := packet.Decapsulate(last)
	switch {
	case err != nil:
		return fmt.Sprintf("native and %d copies", len(out)-1)
	case e.Inner[0]&1 != 0:
		return fmt.Sprintf("%d copies to a group", len(out))
	case e.Flags != 0:
		return fmt.Sprintf("%d copies alone", len(out))
	case e.SPI == 0xFFFFFF:
		return fmt.Sprintf("encapsulated and %d copies", len(out)-1)
	}
	return fmt.Sprintf("into a chain and %d copies", len(out)-1)
}

// compare runs one frame through both, and says how they differ.
func (r *rig) compare(sw *engine.Switch, port uint32, data []byte) error {
	var want []frame
	sw.Process(port, data, func(out uint32, f []byte) { want = append(want, frame{out, bytes.Clone(f)}) })
	r.outcomes[outcome(port, want)]++
	got, err := r.kernel(port, data, len(want))
	if err != nil {
		return err
	}
	// In what order the copies of a frame leave is nobody's business.
	sorted := func(list []frame) []frame {
		return slices.SortedFunc(slices.Values(list), func(a, b frame) int {
			return cmp.Or(cmp.Compare(a.port, b.port), bytes.Compare(a.data, b.data))
		})
	}
	if slices.EqualFunc(sorted(got), sorted(want), func(a, b frame) bool { return a.port == b.port && bytes.Equal(a.data, b.data) }) {
		return nil
	}
	var trace strings.Builder
	for _, e := range sw.Trace(port, data).Events {
		fmt.Fprintf(&trace, "    %v\n", e)
	}
	return fmt.Errorf("into port %d: %s\n      %x\n  the engine makes of it\n%s  the kernel\n%s  trace of the engine\n%s", port, packet.Describe(data), data, show(want), show(got), trace.String())
}

// compareCounters says how the counters differ.
func (r *rig) compareCounters(sw *engine.Switch) error {
	type counted struct {
		name string
		engine.CounterData
	}
	var want []counted
	read := func() (out []counted) {
		for i := range 32 {
			c, _ := sw.Counter(dropCounters).Read(i)
			out = append(out, counted{fmt.Sprint("drops ", i), c})
		}
		for _, t := range tables {
			if t.counted {
				out = append(out, counted{t.name + " default", sw.Table(t.name).Default().Counter})
				sw.Table(t.name).Each(func(e engine.EntryInfo) bool {
					out = append(out, counted{fmt.Sprintf("%s %x", t.name, e.Key), e.Counter})
					return true
				})
			}
		}
		return out
	}
	want = read()
	if err := r.mirror.Count(); err != nil {
		return err
	}
	for i, got := range read() {
		if got != want[i] {
			return fmt.Errorf("counter %s: the engine counts %+v, the kernel %+v", got.name, want[i].CounterData, got.CounterData)
		}
	}
	return nil
}

// The P4 program is the specification: on the same entities, the engine that runs it and the kernel make the same of every
// frame, and count the same.
func TestKernelDoesWhatTheProgramSays(t *testing.T) {
	r := newRig(t)
	n := *sets
	if testing.Short() {
		n = min(n, 300)
	}
	for set := range n {
		if *only >= 0 && set != *only {
			continue
		}
		w := newWorld(uint64(set))
		sw, err := r.configure(w)
		if err != nil {
			t.Fatalf("set %d: %v", set, err)
		}
		for i := range 12 {
			port, data := uint32(p4.ShimHost), []byte(nil)
			if w.one(3) {
				port, data = p4.ShimNetwork, w.received()
			} else {
				data = w.sent()
			}
			if !runnable(data) {
				continue
			}
			if err := r.compare(sw, port, data); err != nil {
				t.Fatalf("set %d, frame %d (go test -run %s -set %d):\n%v", set, i, t.Name(), set, err)
			}
		}
		for i := range 32 {
			c, _ := sw.Counter(dropCounters).Read(i)
			if c.Packets > 0 {
				reason := fmt.Sprint(i)
				if i < len(p4.DropReasons) {
					reason = p4.DropReasons[i]
				}
				r.outcomes["dropped: "+reason] += int(c.Packets)
			}
		}
		if err := r.compareCounters(sw); err != nil {
			t.Fatalf("set %d: %v", set, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.outcomes)) {
		if name != "" {
			t.Logf("%6d %s", r.outcomes[name], name)
		}
	}
}
