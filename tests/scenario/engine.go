package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"pillion/p4"
	"pillion/runtime/simulate"
)

// Engine is the substrate in this process: crafted packets through the engine that executes the P4 program. It needs no
// rights.
type Engine struct{}

// Name implements [Substrate].
func (Engine) Name() string { return "engine" }

// Missing implements [Substrate].
func (Engine) Missing(*Site) []string { return nil }

// Start implements [Substrate].
func (Engine) Start(_ context.Context, site *Site) (World, error) {
	program, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	w := &engineWorld{site: site, joined: map[netip.Addr][]string{}, found: map[[2]netip.Addr]bool{}}
	if w.network, err = simulate.New(site.Bundle, program); err != nil {
		return nil, err
	}
	for name, kind := range site.Boxes {
		if kind == BoxBridge {
			err = errors.Join(err, w.network.SetMiddlebox(name, simulate.Bridge()))
		}
	}
	if err != nil {
		return nil, err
	}
	w.network.Watch(w.watch)
	return w, nil
}

// engineWorld is a network of engines.
type engineWorld struct {
	site    *Site
	network *simulate.Network
	joined  map[netip.Addr][]string
	found   map[[2]netip.Addr]bool // pairs of which the first knows the second's MAC address
	folder  string                 // for captures; made when needed
	record  *recording
	records int
}

// Join implements [World]. Membership is the policy's business, and whether a host listens is a matter of hosts: so
// the world remembers.
func (w *engineWorld) Join(endpoint string, group netip.Addr) error {
	w.joined[group] = append(w.joined[group], endpoint)
	return nil
}

// Counters implements [World].
func (w *engineWorld) Counters() (map[string]uint64, error) {
	counted := map[string]uint64{}
	for _, c := range w.network.Counters() {
		counted[c.Statement] = c.Packets
	}
	return counted, nil
}

// Inject implements [World].
func (w *engineWorld) Inject(i Injection) ([]Arrival, error) {
	journey, err := w.network.Send(i.At, i.Frame)
	if err != nil {
		return nil, err
	}
	var list []Arrival
	for _, d := range journey.Deliveries() {
		if i.Mine(d.Frame) {
			list = append(list, Arrival{At: d.Endpoint, Frame: d.Frame})
		}
	}
	for _, p := range journey.Passes() {
		if i.Mine(p.Frame) {
			list = append(list, Arrival{At: p.Instance, Box: true, Frame: p.Frame})
		}
	}
	return list, nil
}

// Record implements [World].
func (w *engineWorld) Record() (func() ([]string, error), error) {
	if w.folder == "" {
		folder, err := os.MkdirTemp("", "pillion-engine-")
		if err != nil {
			return nil, err
		}
		w.folder = folder
	}
	w.records++
	r, err := newRecording(filepath.Join(w.folder, fmt.Sprintf("%d.pcap", w.records)))
	if err != nil {
		return nil, err
	}
	w.record = r
	return func() ([]string, error) {
		w.record = nil
		return []string{r.file.Name()}, r.close()
	}, nil
}

// watch sees every frame at every port. Of those on links between switches it keeps the end that sends.
func (w *engineWorld) watch(node string, port uint32, towards bool, frame []byte) {
	if w.record != nil && !towards && w.onLink(node, port) {
		w.record.add(frame)
	}
}

func (w *engineWorld) onLink(node string, port uint32) bool {
	for _, link := range w.site.Net.Links {
		for _, end := range link.Ends {
			if end.Number == port && w.site.Net.Switches[end.Switch].Name == node {
				return true
			}
		}
	}
	return false
}

// Close implements [World].
func (w *engineWorld) Close() error {
	if w.folder == "" {
		return nil
	}
	return os.RemoveAll(w.folder)
}

// members are the endpoints that listen to a group, sorted, without one.
func (w *engineWorld) members(group netip.Addr, without string) []string {
	list := slices.Clone(w.joined[group])
	slices.Sort(list)
	return slices.DeleteFunc(list, func(name string) bool { return name == without })
}
