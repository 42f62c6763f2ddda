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
	"pillion/runtime/server"
	"pillion/sidecarfallback/shim/bpf"
	"pillion/sidecarfallback/shim/mirror"
)

// Where things are kept unless Options say otherwise.
const (
	DefaultPins  = "/sys/fs/bpf/pillion"
	DefaultState = "/run/pillion"
)

// Options of an agent.
type Options struct {
	// Interface is the one to guard, in the network namespace of the calling thread.
	Interface string
	// DeviceID is the P4Runtime device id; 0 stands for 1.
	DeviceID uint64
	// Pins is a folder in a bpffs, which is mounted if need be; empty: DefaultPins.
	Pins string
	// State is a folder for the journal; empty: DefaultState.
	State string
	// Name tells shims apart that share Pins and State, as those of several network namespaces do; empty: the
	// interface's name.
	Name string
	// Attach is for kernels, and tests, where the best way is not to be taken.
	Attach AttachMode
	// Reset begins without the rules that an earlier agent left.
	Reset bool
	// TrustChecksums says that the interface completes the checksums of encapsulated frames: it goes by
	// where the checksum starts, and not by what it finds there. That saves a detour.
	TrustChecksums bool
}

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
	a := &Agent{options: o}
	if err := a.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("shim on %s: %w", o.Interface, err), a.Close())
	}
	return a, nil
}

func (a *Agent) open() error {
	iface, err := netlink.LinkByName(a.options.Interface)
	if err != nil {
		return err
	}
	a.ifindex = iface.Attrs().Index
	if err := a.own(); err != nil {
		return err
	}
	if err := mountPins(a.options.Pins); err != nil {
		return err
	}
	if a.options.Reset {
		if err := a.clear(); err != nil {
			return err
		}
	}
	if a.plane, err = load(a.pins()); err != nil {
		return err
	}
	if err := a.restore(); err != nil {
		return err
	}
	if a.finisher, err = openFinisher(a.options.Interface, a.ifindex); err != nil {
		return err
	}
	if a.watch, err = watchInterface(a.options.Interface, a.ifindex, func() {
		// If the interface is going, there is nothing to aim at.
		_ = a.aim()
	}); err != nil {
		return err
	}
	if err := a.aim(); err != nil {
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
	a.follower = &follower{program: program, journal: &journal{path: a.journalPath()}}
	if a.follower.mirror, err = mirror.New(&a.plane.ShimMaps); err != nil {
		return err
	}
	if a.P4Runtime, err = server.New(server.Options{DeviceID: a.options.DeviceID, Follower: a.follower}); err != nil {
		return err
	}
	cfg, updates, err := readJournal(a.journalPath())
	if err != nil {
		return err
	}
	if cfg != nil {
		if err := errors.Join(a.P4Runtime.SetPipeline(cfg), a.P4Runtime.Restore(updates)); err != nil {
			return fmt.Errorf("journal %s: %w; reset the shim to begin without rules", a.journalPath(), err)
		}
		if err := errors.Join(a.follower.mirror.Follow(a.follower.eng), a.follower.compact()); err != nil {
			return err
		}
	}
	a.follower.live = true
	return nil
}

// aim tells the programs where they are.
func (a *Agent) aim() error {
	device := bpf.ShimDevice{Ifindex: uint32(a.ifindex), Finisher: uint32(a.finisher.in.Attrs().Index)}
	unfinished, err := a.watch.leavesChecksums()
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
	g := grpc.NewServer(append(server.GRPCOptions(), options...)...)
	a.P4Runtime.Register(g)
	stop := context.AfterFunc(ctx, g.Stop)
	defer stop()
	if err := g.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

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
		a.follower.journal.close()
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

// clear removes whatever this or an earlier agent left.
func (a *Agent) clear() error {
	var err error
	for _, h := range a.hooks() {
		err = errors.Join(err, h.detach(a.pins()))
	}
	return errors.Join(err, removeFinisher(a.options.Interface, a.ifindex), os.RemoveAll(a.pins()), removeIfThere(a.journalPath()))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
