//go:build linux

package shim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"

	programs "pillion/p4"
	"pillion/runtime/journal"
	"pillion/runtime/server"
	"pillion/sidecarfallback/shim/bpf"
	"pillion/sidecarfallback/shim/mirror"
)

func (o *Options) complete() error {
	if o.Interface == "" {
		return errors.New("a shim needs the name of the interface that it guards")
	}
	if o.DeviceID == 0 {
		o.DeviceID = 1
	}
	if o.Pins == "" {
		o.Pins = DefaultPins
	}
	if o.State == "" {
		o.State = DefaultState
	}
	if o.Name == "" {
		o.Name = o.Interface
	}
	if o.Name != filepath.Base(o.Name) || o.Name == "." || o.Name == ".." {
		return fmt.Errorf("the name %q of a shim: it must be good for a file's name", o.Name)
	}
	return nil
}

// Agent guards one interface.
type Agent struct {
	options  Options
	ifindex  int
	lock     *os.File
	plane    *dataplane
	finisher *finisher
	watch    *interfaceWatch
	follower *follower
	gone     chan struct{}
	// P4Runtime is its server.
	P4Runtime *server.Server
}

// Open attaches the data plane, or takes over from an agent that ended. Close it in the end. The errors
// [UnsupportedError] and [PermissionError] say that this machine or this user cannot run one.
func Open(o Options) (*Agent, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := Supported(); err != nil {
		return nil, err
	}
	a := &Agent{options: o, gone: make(chan struct{})}
	if err := a.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("shim on %s: %w", o.Interface, err), a.Close())
	}
	return a, nil
}

func (a *Agent) open() error {
	if err := a.find(); err != nil {
		return err
	}
	if err := a.own(); err != nil {
		return err
	}
	if err := mountPins(a.options.Pins); err != nil {
		return err
	}
	if err := a.alone(); err != nil {
		return err
	}
	if a.options.Reset {
		// The old programs stay with their rules until the new ones, which have none, take their places.
		if err := errors.Join(removeIfThere(a.journalPath()), unpinAll(a.pins())); err != nil {
			return err
		}
	}
	var err error
	if a.plane, err = load(a.pins()); err != nil {
		return err
	}
	if err := a.restore(); err != nil {
		return err
	}
	if a.finisher, err = openFinisher(a.options.Interface, a.ifindex); err != nil {
		return err
	}
	if a.watch, err = watchInterface(a.options.Interface, a.ifindex, func(w *interfaceWatch) {
		// If the interface is going, there is nothing to aim at.
		_ = a.aim(w)
	}, func() { close(a.gone) }); err != nil {
		return err
	}
	if err := a.aim(a.watch); err != nil {
		return err
	}
	// The way back in comes before what sends frames there.
	for _, h := range a.hooks() {
		if err := h.attach(a.pins(), h.program, a.options.Attach); err != nil {
			return err
		}
	}
	return nil
}

func (a *Agent) find() error {
	iface, err := netlink.LinkByName(a.options.Interface)
	if err != nil {
		return fmt.Errorf("no such interface in this network namespace: %w", err)
	}
	a.ifindex = iface.Attrs().Index
	return nil
}

// pins is the shim's folder. A bpffs takes no name with a dot.
func (a *Agent) pins() string {
	return filepath.Join(a.options.Pins, strings.ReplaceAll(a.options.Name, ".", "_"))
}

func (a *Agent) journalPath() string {
	return filepath.Join(a.options.State, a.options.Name+".journal")
}

// own makes sure that there is no other agent for this shim.
func (a *Agent) own() error {
	if err := os.MkdirAll(a.options.State, 0o700); err != nil {
		return fmt.Errorf("folder for the journal: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(a.options.State, a.options.Name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("folder for the journal: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("another agent runs (it holds %s): end it first", file.Name()), file.Close())
	}
	a.lock = file
	return nil
}

// restore makes the P4Runtime server hold what the journal says, and the maps what the server holds. Without a
// journal the maps stay as they are until a controller commits a pipeline.
func (a *Agent) restore() error {
	program, err := programs.Shim()
	if err != nil {
		return err
	}
	a.follower = &follower{program: program, journal: journal.New(journal.Options{Path: a.journalPath()})}
	if a.follower.mirror, err = mirror.New(&a.plane.ShimMaps); err != nil {
		return err
	}
	if a.P4Runtime, err = server.New(server.Options{DeviceID: a.options.DeviceID, Follower: a.follower}); err != nil {
		return err
	}
	restored, err := a.follower.journal.Restore(a.P4Runtime)
	if err != nil {
		return fmt.Errorf("%w (or reset the shim)", err)
	}
	if restored {
		if err := a.follower.mirror.Follow(a.follower.eng); err != nil {
			return err
		}
	}
	a.follower.live = true
	return nil
}

// aim tells the programs where they are.
func (a *Agent) aim(watch *interfaceWatch) error {
	device := bpf.ShimDevice{Ifindex: uint32(a.ifindex), Finisher: uint32(a.finisher.in.Attrs().Index)}
	unfinished, err := watch.leavesChecksums()
	if err != nil {
		return err
	}
	if unfinished && !a.options.TrustChecksums {
		device.Finish = 1
	}
	return a.plane.Devices.Put(uint32(0), device)
}

func (a *Agent) hooks() []programHook {
	hooks := []programHook{
		{hook: hook{"incoming", a.ifindex, false}},
		{hook: hook{"outgoing", a.ifindex, true}},
	}
	if a.plane != nil {
		hooks[0].program, hooks[1].program = a.plane.Incoming, a.plane.Outgoing
	}
	if a.finisher != nil {
		hooks = append([]programHook{{hook{"finished", a.finisher.out.Attrs().Index, false}, a.plane.Finished}}, hooks...)
	}
	return hooks
}

// Serve answers P4Runtime on a listener until the context ends (then it returns nil) or the listener fails.
// Credentials and the like come as options.
func (a *Agent) Serve(ctx context.Context, listener net.Listener, options ...grpc.ServerOption) error {
	// Requests that have begun come to their end: what they have changed is then in the journal.
	g := grpc.NewServer(append(append(server.GRPCOptions(), grpc.WaitForHandlers(true)), options...)...)
	a.P4Runtime.Register(g)
	stop := context.AfterFunc(ctx, g.Stop)
	defer stop()
	if err := g.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// Rules counts the entities that the shim holds.
func (a *Agent) Rules() int {
	eng := a.P4Runtime.Engine()
	if eng == nil {
		return 0
	}
	n := len(eng.MulticastGroups()) + len(eng.CloneSessions())
	for _, t := range eng.Program().Tables() {
		n += eng.Table(t.Name).Len()
	}
	return n
}

// Gone is closed when the interface was removed: what was attached to it went with it, and an agent for an interface of the
// same name must be opened anew.
func (a *Agent) Gone() <-chan struct{} { return a.gone }

// Close ends the agent. The data plane goes on with the rules that it has.
func (a *Agent) Close() error {
	var err error
	if a.watch != nil {
		err = a.watch.close()
	}
	if a.P4Runtime != nil {
		a.P4Runtime.Close()
	}
	if a.follower != nil {
		a.follower.journal.Close()
	}
	if a.plane != nil {
		err = errors.Join(err, a.plane.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	a.watch, a.P4Runtime, a.follower, a.plane, a.lock = nil, nil, nil, nil, nil
	return err
}

// Detach takes the data plane off the interface, forgets all rules, and ends the agent.
func (a *Agent) Detach() error {
	return errors.Join(a.clear(), a.Close())
}

// Detach takes off what an agent that has ended left: data plane and rules. Where there is nothing, nothing is done.
func Detach(o Options) error {
	if err := o.complete(); err != nil {
		return err
	}
	if err := Supported(); err != nil {
		return err
	}
	a := &Agent{options: o}
	return a.detached()
}

func (a *Agent) detached() error {
	if err := a.own(); err != nil {
		return fmt.Errorf("shim on %s: %w", a.options.Interface, err)
	}
	var missing netlink.LinkNotFoundError
	err := a.find()
	switch {
	case err == nil:
		if err = a.alone(); err == nil {
			err = a.clear()
		}
	case errors.As(err, &missing):
		// What was attached went with the interface. The rest is still there, and no mistake in a name is passed over.
		err = errors.Join(err, a.forget())
	}
	if err = errors.Join(err, a.Close()); err != nil {
		return fmt.Errorf("shim on %s: %w", a.options.Interface, err)
	}
	return nil
}

// clear removes whatever this or an earlier agent left.
func (a *Agent) clear() error {
	var err error
	for _, h := range a.hooks() {
		err = errors.Join(err, h.detach(a.pins()))
	}
	return errors.Join(err, removeFinisher(a.options.Interface, a.ifindex), a.forget())
}

// forget removes the rules.
func (a *Agent) forget() error {
	return errors.Join(os.RemoveAll(a.pins()), removeIfThere(a.journalPath()))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
