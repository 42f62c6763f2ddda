package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vishvananda/netlink"

	"pillion/backends/bundle"
	"pillion/runtime/pipelines"
	"pillion/runtime/push"
	"pillion/tests/lab"
)

// benchOrdinary measures two hosts on an ordinary switch, a Linux bridge: by itself, with shims, with shims that must
// encapsulate, with a sidecar that all frames pass, and with a P4 switch in its place. The wires are the same; hosts keep their
// offloads where no switch in user space has to forward what they leave undone.
func benchOrdinary(t *table) error {
	peers, programs, clean, err := setUp(t)
	if err != nil {
		t.row("ordinary", "skipped: %v", err)
		return nil
	}
	defer clean()
	ways := []ordinaryWay{
		{name: "plain bridge", offloads: true},
		{name: "shims, native", network: nativeNetwork, shims: true, offloads: true},
		{name: "shims, encapsulated", network: encapsulatedNetwork, shims: true, offloads: true},
		{name: "plain bridge, no offloads"},
		{name: "through a sidecar, no offloads", network: sidecarNetwork},
	}
	for i := range peers {
		ways = append(ways, ordinaryWay{name: peers[i].name + " in its place, no offloads", peer: &peers[i], program: &programs[0]})
	}
	for _, k := range []struct {
		name string
		unit string
		run  func(*wires) (float64, error)
	}{
		{"TCP", "Mbit/s", (*wires).tcp},
		{"64 B", "packets/s", (*wires).blastUDP},
	} {
		// In turn, four times, the best: on which cores the ends of a connection come to lie is chance.
		values := make([]float64, len(ways))
		for range 4 {
			for i := range ways {
				v, err := ways[i].measure(peers[0].binary, k.run)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", k.name, ways[i].name, err)
				}
				values[i] = max(values[i], v)
			}
		}
		for i := range ways {
			t.row(k.name+", "+ways[i].name, "%s %s, %.2f of plain", grouped(values[i]), k.unit, values[i]/values[0])
		}
	}
	return nil
}

const ordinaryPolicy = "tenant acme { group all = web1, db1 }\n"

// The networks are what the compiler is told. On the wire there is one bridge in each case.
const (
	nativeNetwork = `{"switches": [{"name": "sw", "target": "legacy", "driver": "linux-bridge"}],
"endpoints": [
 {"name": "web1", "mac": "02:00:00:00:00:01", "ip": ["10.0.0.1"], "at": "sw:3", "shim": {"address": "unix://DIR/web1.sock"}},
 {"name": "db1", "mac": "02:00:00:00:00:04", "ip": ["10.0.0.4"], "at": "sw:4", "shim": {"address": "unix://DIR/db1.sock"}}]}`

	// Two layer-2 domains, so that the shims must encapsulate.
	encapsulatedNetwork = `{"switches": [{"name": "a", "target": "legacy", "driver": "linux-bridge"}, {"name": "b", "target": "legacy", "driver": "linux-bridge"},
 {"name": "middle", "address": "127.0.0.1:1", "device-id": 1}], "links": [["a:1", "middle:1"], ["b:1", "middle:2"]],
"endpoints": [
 {"name": "web1", "mac": "02:00:00:00:00:01", "ip": ["10.0.0.1"], "at": "a:3", "shim": {"address": "unix://DIR/web1.sock"}},
 {"name": "db1", "mac": "02:00:00:00:00:04", "ip": ["10.0.0.4"], "at": "b:4", "shim": {"address": "unix://DIR/db1.sock"}}]}`

	sidecarNetwork = `{"switches": [{"name": "sw", "target": "legacy", "driver": "linux-bridge", "sidecar": "side"}],
"sidecars": [{"name": "side", "at": "sw:9", "address": "unix://DIR/side.sock", "device-id": 1, "wires": [[3, 13], [4, 14]]}],
"endpoints": [
 {"name": "web1", "mac": "02:00:00:00:00:01", "ip": ["10.0.0.1"], "at": "sw:3"},
 {"name": "db1", "mac": "02:00:00:00:00:04", "ip": ["10.0.0.4"], "at": "sw:4"}]}`
)

// ordinaryWay is one way to join two hosts.
type ordinaryWay struct {
	name     string
	network  string // empty: nothing but a bridge
	shims    bool
	offloads bool  // of the hosts' interfaces
	peer     *peer // instead of a bridge
	program  *switchProgram
}

func (o *ordinaryWay) measure(pillion string, run func(*wires) (float64, error)) (float64, error) {
	l, err := lab.New()
	if err != nil {
		return 0, err
	}
	defer l.Close()
	middle, err := l.Box("switch")
	if err != nil {
		return 0, err
	}
	w := &wires{}
	for _, h := range []struct {
		ns   **lab.Namespace
		e    webEndpoint
		port string
	}{{&w.left, web1, "p3"}, {&w.right, db1, "p4"}} {
		if *h.ns, err = ordinaryHost(l, middle, h.e, h.port, o.offloads); err != nil {
			return 0, err
		}
	}
	if err := errors.Join(w.left.AddNeighbour("eth0", db1.ip, net.HardwareAddr(db1.mac[:])), w.right.AddNeighbour("eth0", web1.ip, net.HardwareAddr(web1.mac[:]))); err != nil {
		return 0, err
	}
	if o.peer != nil {
		r, err := o.peer.start(l, middle, []lab.SwitchPort{{Number: 3, Interface: "p3"}, {Number: 4, Interface: "p4"}})
		if err != nil {
			return 0, err
		}
		defer r.stop()
		ctx := context.Background()
		if err := errors.Join(r.client.SetPipeline(ctx, o.program.pipeline, 1), r.client.Write(ctx, o.program.updates)); err != nil {
			return 0, err
		}
		return run(w)
	}
	if err := middle.AddBridge("br0", "p3", "p4"); err != nil {
		return 0, err
	}
	if o.network != "" {
		stop, err := o.agents(l, middle, w, pillion)
		if err != nil {
			return 0, err
		}
		defer stop()
	}
	return run(w)
}

// ordinaryMTU leaves room for the encapsulation beside what hosts send.
const ordinaryMTU = 1538

// ordinaryHost is a host whose routes keep to 1,500 bytes, on a wire that takes more.
func ordinaryHost(l *lab.Lab, middle *lab.Namespace, e webEndpoint, port string, offloads bool) (*lab.Namespace, error) {
	ns, err := l.Host(e.name)
	if err != nil {
		return nil, err
	}
	near := lab.End{Namespace: ns, Interface: "eth0", MAC: net.HardwareAddr(e.mac[:]), MTU: ordinaryMTU, Offloads: offloads, Addresses: []netip.Prefix{netip.PrefixFrom(e.ip, 16)}}
	if err := l.Connect(near, lab.End{Namespace: middle, Interface: port, MTU: ordinaryMTU, Offloads: offloads}); err != nil {
		return nil, err
	}
	return ns, ns.Do(func() error {
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		routes, err := netlink.RouteList(link, netlink.FAMILY_V4)
		for i := range routes {
			routes[i].MTU = 1500
			err = errors.Join(err, netlink.RouteReplace(&routes[i]))
		}
		return err
	})
}

// agents starts what the network needs and brings it its rules.
func (o *ordinaryWay) agents(l *lab.Lab, middle *lab.Namespace, w *wires, pillion string) (stop func(), err error) {
	b, err := compiled([]byte(ordinaryPolicy), "network.json", []byte(strings.ReplaceAll(o.network, "DIR", l.Dir())))
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(l.Dir(), "bundle")
	if err := bundle.Write(folder, b); err != nil {
		return nil, err
	}
	var processes []*lab.Process
	stop = func() {
		for _, p := range processes {
			p.Stop()
		}
	}
	run := func(ns *lab.Namespace, args ...string) error {
		log := filepath.Join(l.Dir(), fmt.Sprintf("agent-%d.log", len(processes)))
		p, err := ns.Start(lab.Command{Path: pillion, Args: args, Log: log})
		if err == nil {
			processes = append(processes, p)
		}
		return err
	}
	var only, sockets []string
	if o.shims {
		for _, h := range []struct {
			name string
			ns   *lab.Namespace
		}{{"web1", w.left}, {"db1", w.right}} {
			socket := filepath.Join(l.Dir(), h.name+".sock")
			only, sockets = append(only, h.name), append(sockets, socket)
			pins := filepath.Join(l.Dir(), "bpf-"+h.name)
			if err := run(h.ns, "shim", "-i", "eth0", "--name", h.name, "--grpc", "unix:"+socket, "--pins", pins, "--state", filepath.Join(l.Dir(), "state-"+h.name)); err != nil {
				return stop, err
			}
		}
	} else {
		// The sidecar is beside the bridge: one interface for each virtual wire, and its trunk.
		for _, port := range []string{"9", "13", "14"} {
			if err := l.Connect(lab.End{Namespace: middle, Interface: "s" + port, MTU: ordinaryMTU}, lab.End{Namespace: middle, Interface: "p" + port, MTU: ordinaryMTU}); err != nil {
				return stop, err
			}
			if err := addToBridge(middle, "br0", "p"+port); err != nil {
				return stop, err
			}
		}
		only, sockets = []string{"side"}, []string{filepath.Join(l.Dir(), "side.sock")}
		if err := run(middle, "sidecar", "side", "--bundle", folder, "--trunk", "s9", "--wire", "3@s13", "--wire", "4@s14", "--driver", "linux-bridge", "--bridge", "br0",
			"--port", "3@p3", "--port", "4@p4", "--port", "9@p9", "--port", "13@p13", "--port", "14@p14", "--state", filepath.Join(l.Dir(), "state")); err != nil {
			return stop, err
		}
	}
	for deadline := time.Now().Add(10 * time.Second); len(sockets) > 0; {
		if conn, err := net.Dial("unix", sockets[0]); err == nil {
			conn.Close()
			sockets = sockets[1:]
			continue
		}
		if time.Now().After(deadline) {
			return stop, fmt.Errorf("nobody listens on %s: %s", sockets[0], said(l.Dir()))
		}
		time.Sleep(10 * time.Millisecond)
	}
	programs, err := pipelines.All()
	if err != nil {
		return stop, err
	}
	report, err := push.Push(context.Background(), b, programs, push.Options{Only: only})
	if err == nil && !report.OK() {
		err = fmt.Errorf("the push failed: %+v", report.Targets)
	}
	return stop, err
}

// said is what agents wrote.
func said(dir string) string {
	var all []string
	files, _ := filepath.Glob(filepath.Join(dir, "agent-*.log"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		all = append(all, strings.TrimSpace(string(text)))
	}
	return strings.Join(all, "; ")
}

func addToBridge(ns *lab.Namespace, bridge, port string) error {
	return ns.Do(func() error {
		b, err := netlink.LinkByName(bridge)
		if err != nil {
			return err
		}
		p, err := netlink.LinkByName(port)
		if err != nil {
			return err
		}
		return netlink.LinkSetMaster(p, b)
	})
}
