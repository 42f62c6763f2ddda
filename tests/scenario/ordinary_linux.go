package scenario

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"pillion/backends/bundle"
	"pillion/compiler/network"
	"pillion/tests/lab"
)

// The interfaces in the namespace of an ordinary switch, besides its ports.
const (
	bridgeName = "br0"
	trunkName  = "trunk"  // the sidecar's end of its trunk
	sampleName = "sample" // where the switch copies samples to
)

// wireName is the sidecar's end of a virtual wire that has interfaces of its own.
func wireName(port uint32) string { return fmt.Sprintf("wire%d", port) }

// agents are the processes beside ordinary switches: as users run them.
type agents struct {
	program string // the command pillion
	folder  string // of the bundle

	mu      sync.Mutex
	running []*lab.Process
}

// ordinary says whether the i-th switch is an ordinary one.
func (w *wiring) ordinary(i int) bool { return w.net.Switches[i].Target == network.Legacy }

// sidecar is that of a switch; nil if there is none.
func (w *wiring) sidecar(i int) *network.Sidecar {
	at := slices.IndexFunc(w.net.Sidecars, func(c network.Sidecar) bool { return c.At.Switch == int32(i) })
	if at < 0 {
		return nil
	}
	return &w.net.Sidecars[at]
}

// cable joins the sidecar of an ordinary switch with it. Both ends are in the switch's namespace, where the sidecar runs.
func (w *wiring) cable(c *network.Sidecar) error {
	ns := w.switches[c.At.Switch]
	join := func(name string, p network.Port) error {
		far := w.end(p)
		far.MTU = trunkMTU
		return w.lab.Connect(lab.End{Namespace: ns, Interface: name, MTU: trunkMTU}, far)
	}
	if err := join(trunkName, c.At); err != nil {
		return err
	}
	for _, wire := range c.Wires {
		if err := join(wireName(wire.Port), network.Port{Switch: c.At.Switch, Number: wire.Via}); err != nil {
			return err
		}
	}
	if via := c.Sample.Via; via != 0 {
		return join(sampleName, network.Port{Switch: c.At.Switch, Number: via})
	}
	return nil
}

// trunkMTU is enough for what any host here sends, encapsulated.
const trunkMTU = 9600

// startOrdinary starts an ordinary switch with its sidecar, or else with its redirect rules. It returns the sidecar's address.
func (w *kernelWorld) startOrdinary(ctx context.Context, i int) (address string, err error) {
	sw, ns := &w.net.Switches[i], w.switches[i]
	var ports, at []string
	for _, p := range w.ports[i] {
		ports = append(ports, p.Interface)
		at = append(at, "--port", fmt.Sprintf("%d@%s", p.Number, p.Interface))
	}
	drive := append([]string{"--driver", sw.Driver, "--bridge", bridgeName}, at...)
	switch sw.Driver {
	case ovsDriver:
		folder := filepath.Join(w.lab.Dir(), fmt.Sprintf("ovs-%d", i))
		drive = append(drive, "--ovs-dir", folder)
		err = w.lab.StartOVS(ctx, lab.OVS{Namespace: ns, Folder: folder, Bridge: bridgeName, Ports: ports})
	default:
		err = ns.AddBridge(bridgeName, ports...)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", sw.Name, err)
	}
	c := w.sidecar(i)
	if c == nil {
		return "", w.redirect(ctx, i, drive)
	}
	socket := filepath.Join(w.lab.Dir(), fmt.Sprintf("sidecar-%d.sock", i))
	args := append([]string{"sidecar", c.Name, "--bundle", w.agents.folder, "--trunk", trunkName, "--grpc", "unix:" + socket,
		"--state", filepath.Join(w.lab.Dir(), "state")}, drive...)
	for _, wire := range c.Wires {
		args = append(args, "--wire", fmt.Sprintf("%d@%s", wire.Port, wireName(wire.Port)))
	}
	if c.Sample.Via != 0 {
		args = append(args, "--sample", sampleName)
	}
	return "unix:" + socket, w.agent(ctx, ns, c.Name, socket, args)
}

// redirect has a switch without a sidecar do what the bundle says.
func (w *kernelWorld) redirect(ctx context.Context, i int, drive []string) error {
	name := w.net.Switches[i].Name
	if !slices.ContainsFunc(w.bundle.Redirects, func(r bundle.Redirect) bool { return r.Switch == name }) {
		return nil
	}
	args := append(append([]string{"redirect", "apply"}, drive...), filepath.Join(w.agents.folder, name+".redirect"))
	process, err := w.switches[i].Start(lab.Command{Path: w.agents.program, Args: args, Log: filepath.Join(w.lab.Dir(), fmt.Sprintf("redirect-%d.log", i))})
	if err == nil {
		err = process.Wait(ctx)
	}
	if err != nil {
		return fmt.Errorf("redirect rules of %s: %w", name, err)
	}
	return nil
}

// startShim starts the shim of the i-th endpoint, and returns its address.
func (w *kernelWorld) startShim(ctx context.Context, i int) (address string, err error) {
	e := &w.net.Endpoints[i]
	socket := filepath.Join(w.lab.Dir(), fmt.Sprintf("shim-%d.sock", i))
	// The agent mounts the file system of its pins in a mount namespace of its own, so they go when it goes.
	return "unix:" + socket, w.agent(ctx, w.hosts[e.Name], e.Name, socket, []string{"shim", "-i", hostPort, "--grpc", "unix:" + socket,
		"--name", "shim-" + strconv.Itoa(i), "--pins", filepath.Join(w.lab.Dir(), "bpf"), "--state", filepath.Join(w.lab.Dir(), "state")})
}

// agent starts an agent in a namespace and waits until it listens.
func (w *kernelWorld) agent(ctx context.Context, ns *lab.Namespace, name, socket string, args []string) error {
	process, err := ns.Start(lab.Command{Path: w.agents.program, Args: args, Log: socket + ".log"})
	if err == nil {
		err = answers(ctx, process, socket)
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w", args[0], name, err)
	}
	w.agents.mu.Lock()
	defer w.agents.mu.Unlock()
	w.agents.running = append(w.agents.running, process)
	return nil
}

// lastWords is how long an agent that fails may take to say why.
const lastWords = 300 * time.Millisecond

// ended is an error for each agent that has ended though nobody asked it to.
func (a *agents) ended() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	time.Sleep(lastWords)
	for _, p := range a.running {
		select {
		case <-p.Done():
			errs = append(errs, p.Ended())
		default:
		}
	}
	return errors.Join(errs...)
}

// shimmed says whether an endpoint's host has a shim.
func (w *wiring) shimmed(e *network.Endpoint) bool {
	return e.Shim != "" && w.ordinary(int(e.At.Switch))
}

// offloads says whether the hosts on a switch keep the offloads of their interfaces: an ordinary switch does not mind,
// unless it is in user space.
func (w *wiring) offloads(i int32) bool { return w.net.Switches[i].Driver == bridgeDriver }

// start starts everything that takes rules, side by side, and notes its address. p4 starts P4 switches.
func (w *kernelWorld) start(ctx context.Context, p4 startSwitch) error {
	var starting group
	launch := func(target string, start func(context.Context) (string, error)) {
		starting.run(func() error {
			address, err := start(ctx)
			if err == nil && address != "" {
				w.addressed(target, address)
			}
			return err
		})
	}
	for i := range w.net.Switches {
		if !w.ordinary(i) {
			launch(w.net.Switches[i].Name, func(ctx context.Context) (string, error) { return p4(ctx, w.wiring, i) })
			continue
		}
		target := ""
		if c := w.sidecar(i); c != nil {
			target = c.Name
		}
		launch(target, func(ctx context.Context) (string, error) { return w.startOrdinary(ctx, i) })
	}
	for i := range w.net.Endpoints {
		if e := &w.net.Endpoints[i]; w.shimmed(e) {
			launch(e.Name, func(ctx context.Context) (string, error) { return w.startShim(ctx, i) })
		}
	}
	return starting.wait()
}

// addressed notes where a target is here.
func (w *kernelWorld) addressed(target, address string) {
	for t := range w.bundle.Targets {
		if w.bundle.Targets[t].Name == target {
			w.bundle.Targets[t].Address = address
		}
	}
}

// writeBundle puts the bundle where agents read it.
func (w *kernelWorld) writeBundle() error {
	if w.agents.program == "" {
		return errors.New("the command pillion is missing")
	}
	w.agents.folder = filepath.Join(w.lab.Dir(), "bundle")
	return bundle.Write(w.agents.folder, w.bundle)
}
