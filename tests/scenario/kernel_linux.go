package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"pillion/backends/bundle"
	"pillion/runtime/pipelines"
	"pillion/runtime/push"
	"pillion/tests/lab"
)

// kernelWorld is a network of Linux namespaces: kernel sockets talk, over switches that are processes.
type kernelWorld struct {
	*wiring
	agents  agents
	site    *Site
	bundle  *bundle.Bundle // the site's, with the addresses of the switches here
	members map[netip.Addr][]string
	joined  map[membership]*lab.Member
	records int
}

type membership struct {
	endpoint string
	group    netip.AddrPort
}

// startSwitch starts the switch that is the i-th of the network, and returns its P4Runtime address.
type startSwitch func(ctx context.Context, w *wiring, i int) (address string, err error)

// startKernel brings a site up, with P4 switches of one kind, and pushes the bundle to all targets. The program is the
// command pillion, for the agents of ordinary switches, if there are any.
func startKernel(ctx context.Context, site *Site, program string, start startSwitch) (World, error) {
	l, err := lab.New()
	if err != nil {
		return nil, err
	}
	w := &kernelWorld{site: site, members: map[netip.Addr][]string{}, joined: map[membership]*lab.Member{}}
	w.agents.program = program
	if err := w.up(ctx, l, start); err != nil {
		return nil, errors.Join(err, w.agents.ended(), l.Close())
	}
	return w, nil
}

func (w *kernelWorld) up(ctx context.Context, l *lab.Lab, start startSwitch) (err error) {
	if w.wiring, err = wire(l, w.site); err != nil {
		return err
	}
	w.bundle = &bundle.Bundle{}
	*w.bundle = *w.site.Bundle
	w.bundle.Targets = slices.Clone(w.site.Bundle.Targets)
	if hasOrdinary(w.net) {
		if err := w.writeBundle(); err != nil {
			return err
		}
	}
	if err := w.start(ctx, start); err != nil {
		return err
	}
	if err := w.push(ctx); err != nil {
		return err
	}
	return w.plug()
}

func (w *kernelWorld) push(ctx context.Context) error {
	programs, err := pipelines.All()
	if err != nil {
		return err
	}
	report, err := push.Push(ctx, w.bundle, programs, push.Options{})
	if err != nil {
		return err
	}
	if !report.OK() {
		var said strings.Builder
		report.WriteText(&said) // a strings.Builder takes everything
		return fmt.Errorf("the push failed:\n%s", said.String())
	}
	return nil
}

// Join implements [World].
func (w *kernelWorld) Join(endpoint string, group netip.Addr) error {
	w.members[group] = append(w.members[group], endpoint)
	return nil
}

// listen makes the kernel's memberships of a group, on the port that is spoken to.
func (w *kernelWorld) listen(group netip.AddrPort, without string) (names []string, err error) {
	names = slices.Clone(w.members[group.Addr()])
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(name string) bool { return name == without })
	for _, name := range names {
		key := membership{name, group}
		if w.joined[key] != nil {
			continue
		}
		if w.joined[key], err = w.hosts[name].Join(hostPort, group); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Send implements [World].
func (w *kernelWorld) Send(endpoint string, source netip.Addr, group netip.AddrPort, expected []string) ([]string, error) {
	if err := w.answersFor(w.site.endpoint(endpoint), source); err != nil {
		return nil, err
	}
	names, err := w.listen(group, endpoint)
	if err != nil {
		return nil, err
	}
	v := lab.Multicast{From: w.hosts[endpoint], Interface: hostPort, Source: source, Group: group}
	var members, others []string
	for _, name := range names {
		if slices.Contains(expected, name) {
			members, v.Members = append(members, name), append(v.Members, w.joined[membership{name, group}])
		} else {
			others, v.Others = append(others, name), append(v.Others, w.joined[membership{name, group}])
		}
	}
	result, err := v.Run()
	if err != nil {
		return nil, err
	}
	var got []string
	for i, name := range members {
		if result.Delivered[i] > 0 {
			got = append(got, name)
		}
	}
	for i, name := range others {
		if result.Leaked[i] > 0 {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	return got, nil
}

// Record implements [World].
func (w *kernelWorld) Record() (func() ([]string, error), error) {
	var files []string
	var captures []*lab.Capture
	w.records++
	for i, link := range w.net.Links {
		end := link.Ends[0]
		file := filepath.Join(w.lab.Dir(), fmt.Sprintf("link-%d-%d.pcap", w.records, i))
		capture, err := w.switches[end.Switch].Capture(portName(end.Number), file)
		if err != nil {
			return nil, err
		}
		files, captures = append(files, file), append(captures, capture)
	}
	return func() ([]string, error) {
		var errs error
		var full []string
		for i, capture := range captures {
			frames, err := capture.Stop()
			errs = errors.Join(errs, err)
			if frames > 0 {
				full = append(full, files[i])
			}
		}
		return full, errs
	}, nil
}

// Close implements [World].
func (w *kernelWorld) Close() error { return w.lab.Close() }

// needs are what every kernel substrate needs for a site.
func needs(site *Site, more ...lab.Requirement) []string {
	list := append([]lab.Requirement{lab.Namespaces, lab.FreshSysfs}, more...)
	for _, kind := range site.Boxes {
		if kind == BoxBridge {
			list = append(list, lab.LinuxBridge)
			break
		}
	}
	return lab.Missing(list...)
}

// p4Only says that a substrate has P4 switches alone, if the site needs others.
func p4Only(site *Site) []string {
	if hasOrdinary(site.Net) {
		return []string{"the network has ordinary switches (target: legacy): run it on mixed"}
	}
	return nil
}
