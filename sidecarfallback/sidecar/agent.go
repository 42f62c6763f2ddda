package sidecar

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"pillion/runtime/gnmi"
	"pillion/runtime/journal"
	"pillion/runtime/packet"
	"pillion/runtime/port"
	"pillion/runtime/server"
	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/verify"
)

// Agent is one sidecar.
type Agent struct {
	options    Options
	log        *problems
	lock       *os.File
	duty       atomic.Pointer[duty]
	reloader   reloader
	reloading  sync.Mutex // held by who uses the reloader
	recorder   *journal.Recorder
	sw         *server.Switch
	ports      ports
	inspector  *inspector
	grace      grace
	quarantine quarantine
	keeper     *keeper // nil: no driver
	collector  collector
	samples    *port.Set // nil: none
	restored   bool
	bundles    atomic.Uint64 // that were read
}

// Open reads the bundle, and restores what an earlier agent held. No port is open yet: Serve does that. Close it in the
// end.
func Open(o Options) (*Agent, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	a := &Agent{options: o, log: newProblems(o.Log)}
	if err := a.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("sidecar %s: %w", o.Name, err), a.Close())
	}
	return a, nil
}

func (a *Agent) open() error {
	o := &a.options
	a.reloader.folder, a.reloader.name = o.Bundle, o.Name
	d, err := a.reloader.first()
	if err != nil {
		return err
	}
	a.duty.Store(d)
	a.bundles.Add(1)
	a.ports = ports{options: o, open: map[uint32]portKind{}}
	if _, err := a.ports.wanted(d); err != nil {
		return err
	}
	if o.Driver != nil {
		if d.rules.Switch == "" {
			return fmt.Errorf("bundle %s has no redirect rules for %s: compile again", o.Bundle, d.sw)
		}
		driver, err := o.Driver.Open()
		if err != nil {
			return err
		}
		a.keeper = newKeeper(driver, o.Log, a.log)
	}
	if err := permitted(); err != nil {
		return err
	}
	if err := a.own(); err != nil {
		return err
	}
	a.quarantine.path = o.file("quarantine")
	if _, err := a.quarantine.refresh(); err != nil {
		return err
	}
	verifier, err := a.verification(d)
	if err != nil {
		return err
	}
	a.inspector = newInspector(verifier, o.Log, a.reloader.stale, a.blame)
	a.collector.inspector, a.collector.switches, a.collector.senders.others = a.inspector, o.Driver, o.SflowFrom
	return a.restore(d)
}

// verification begins with the rules that shims have, which may not be those of the bundle yet.
func (a *Agent) verification(d *duty) (*verify.Verifier, error) {
	past := &pushed{folder: a.options.file("pushed"), sw: d.sw}
	if a.options.Reset {
		if err := past.forget(); err != nil {
			return nil, err
		}
	}
	last, err := past.read()
	a.log.set("pushed rules", err)
	g := &a.grace
	g.after, g.now = a.options.Grace, time.Now
	g.past, g.report = past, func(err error) { a.log.set("pushed rules", err) }
	g.look = a.reload
	if last != nil && !past.holds(d.bundle) {
		if g.verifier, err = verify.New(last, d.sw); err == nil {
			_, err = g.replace(d.bundle, a.reloader.written())
			return g.verifier, err
		}
		last = nil // of another release, perhaps
	}
	if g.verifier, err = verify.New(d.bundle, d.sw); err != nil {
		return nil, err
	}
	if last == nil {
		g.unsure(d.bundle, a.reloader.written())
	} else {
		g.current = d.bundle
	}
	return g.verifier, nil
}

// own makes sure that there is no other agent for this sidecar.
func (a *Agent) own() error {
	if err := os.MkdirAll(a.options.State, 0o700); err != nil {
		return fmt.Errorf("folder for the journal: %w; make it, or name another", err)
	}
	// One that was killed may have been about to run a program of the switch's, which has the file for a moment longer.
	lock, err := lockFile(a.options.file("lock"), false)
	for try := 0; err != nil && try < 20; try++ {
		time.Sleep(50 * time.Millisecond)
		lock, err = lockFile(a.options.file("lock"), false)
	}
	if err != nil {
		return fmt.Errorf("another agent runs, or the folder is not ours: %w; end it first, or name another folder (--state)", err)
	}
	a.lock = lock
	return nil
}

// restore makes the switch, and has it hold what the journal says.
func (a *Agent) restore(d *duty) error {
	path := a.options.file("journal")
	if a.options.Reset {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	a.recorder = journal.New(journal.Options{Path: path, Sync: true})
	var err error
	a.sw, err = server.NewSwitch(server.SwitchOptions{
		Options:  server.Options{DeviceID: d.deviceID, Follower: a.recorder, OnLog: a.options.OnLog},
		Admit:    a.admit,
		Services: []func(grpc.ServiceRegistrar, *port.Set){gnmi.Service(gnmi.Options{})},
	})
	if err != nil {
		return err
	}
	a.ports.sw = a.sw
	a.restored, err = a.recorder.Restore(a.sw.P4Runtime)
	return err
}

// admit keeps frames out of the program that no shim would have sent. Only the trunk brings frames of shims. What is not
// encapsulated there was flooded, and the program takes none of it.
func (a *Agent) admit(number uint32, frame []byte) bool {
	if !packet.IsEncapsulated(frame) || number != a.duty.Load().trunk {
		return true
	}
	return a.inspector.good(verify.Frame{Data: frame, Length: len(frame)}, byTrunk)
}

// Address is where the bundle says that the sidecar answers P4Runtime.
func (a *Agent) Address() string { return a.duty.Load().address }

// Serve opens the ports, applies the redirect rules, and answers P4Runtime on a listener until the context ends (then it returns
// nil) or the listener fails. Credentials and the like come as options. It is called once.
func (a *Agent) Serve(ctx context.Context, listener net.Listener, options ...grpc.ServerOption) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	if err := a.start(ctx); err != nil {
		return errors.Join(fmt.Errorf("sidecar %s: %w", a.options.Name, err), listener.Close())
	}
	if a.keeper != nil {
		work.Go(func() { a.keeper.run(ctx, a.options.keep) })
	}
	work.Go(func() { a.look(ctx) })
	// Requests that have begun come to their end: what they have changed is then in the journal.
	own := []grpc.ServerOption{grpc.WaitForHandlers(true), grpc.ChainStreamInterceptor(a.grace.watch)}
	return a.sw.Serve(ctx, listener, append(own, options...)...)
}

// start opens and applies everything once. What cannot be had is an error here; later, when it goes away, it
// is waited for.
func (a *Agent) start(ctx context.Context) error {
	d := a.duty.Load()
	if err := a.ports.follow(d); err != nil {
		return err
	}
	if a.options.Sample.Interface != "" {
		var err error
		if a.samples, err = openSamples(a.options.Sample, a.inspector); err != nil {
			return fmt.Errorf("samples: %w", err)
		}
	}
	if err := a.collector.follow(d.rules.Sample.Collector); err != nil {
		return err
	}
	if a.keeper != nil {
		a.keeper.want(a.rules())
		if err := a.keeper.begin(ctx, d.kept); err != nil {
			return err
		}
	}
	a.options.Log.Info("ready", "switch", d.sw, "device", d.deviceID, "ports", a.sw.Ports.Numbers(), "restored", a.restored, "quarantine", a.quarantine.list())
	return nil
}

// rules are those of the bundle, and the quarantine.
func (a *Agent) rules() redirect.Rules {
	d := a.duty.Load()
	r := d.rules
	r.Quarantined = nil
	for _, p := range a.quarantine.list() {
		if !d.kept[p] {
			r.Quarantined = append(r.Quarantined, p)
		}
	}
	return r
}

// look sees to what changes around the agent, until the context ends.
func (a *Agent) look(ctx context.Context) {
	ticker := time.NewTicker(a.options.look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		a.reload()
		released, err := a.quarantine.refresh()
		a.log.set("quarantine", err)
		now := a.duty.Load()
		a.log.set("ports", a.ports.follow(now))
		a.log.set("samples", a.collector.follow(now.rules.Sample.Collector))
		if a.keeper != nil && released {
			a.keeper.want(a.rules())
		}
	}
}

// reload takes over a bundle that is another one.
func (a *Agent) reload() {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	fresh := false
	err := a.reloader.next(a.duty.Load(), func(d *duty, written time.Time) error {
		unpushed, err := a.grace.replace(d.bundle, written)
		if err != nil {
			return err
		}
		fresh = true
		a.duty.Store(d)
		a.bundles.Add(1)
		a.options.Log.Info("the bundle has changed", "wired", d.wired(), "pushed", !unpushed)
		return nil
	})
	if !errors.Is(err, errUnread) {
		a.log.set("bundle", err)
	}
	if fresh && a.keeper != nil {
		a.keeper.want(a.rules())
	}
}

// blame cuts the port off that a violation came from, if that is wanted and it is an end host's.
func (a *Agent) blame(v *verify.Violation, explain func() *verify.Violation) {
	if !a.options.Quarantine || v.Port == 0 || a.duty.Load().kept[v.Port] || a.quarantine.holds(v.Port) {
		return
	}
	port := v.Port
	v = explain()
	why := fmt.Sprintf("%s: %s, %s (%s), %s", time.Now().UTC().Format(time.RFC3339), v.Endpoint, v.Reason, v.Statement, v.Packet)
	fresh, err := a.quarantine.add(port, why)
	a.log.set("quarantine", err)
	if !fresh {
		return
	}
	a.options.Log.Warn("quarantine: the port is cut off", "endpoint", v.Endpoint, "port", port)
	a.keeper.want(a.rules())
}

// Close ends the agent. The redirect rules stay in the switch.
func (a *Agent) Close() error {
	var err error
	a.collector.close()
	if a.samples != nil {
		err = errors.Join(err, a.samples.Close())
	}
	if a.sw != nil {
		err = errors.Join(err, a.sw.Close())
	}
	if a.recorder != nil {
		a.recorder.Close()
	}
	if a.keeper != nil {
		err = errors.Join(err, a.keeper.driver.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	a.samples, a.sw, a.recorder, a.keeper, a.lock = nil, nil, nil, nil, nil
	return err
}
