package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pillion/compiler/network"
	"pillion/compiler/plan"
)

// places knows from the network what is attached where, and which target serves it.
type places struct {
	net       *network.Network
	endpoints map[network.MAC]*network.Endpoint
	byName    map[string]*network.Endpoint
	boxes     map[string]*network.Middlebox
	sidecars  map[string]*network.Sidecar
}

func newPlaces(net *network.Network) *places {
	p := &places{net: net, endpoints: map[network.MAC]*network.Endpoint{}, byName: map[string]*network.Endpoint{},
		boxes: map[string]*network.Middlebox{}, sidecars: map[string]*network.Sidecar{}}
	for i := range net.Endpoints {
		e := &net.Endpoints[i]
		p.endpoints[e.MAC], p.byName[e.Name] = e, e
	}
	for i := range net.Middleboxes {
		p.boxes[net.Middleboxes[i].Name] = &net.Middleboxes[i]
	}
	for i := range net.Sidecars {
		p.sidecars[net.Sidecars[i].Name] = &net.Sidecars[i]
	}
	return p
}

// shimHostPort is the host's side of a shim.
const shimHostPort = 1

// attached are the endpoints at a target by their identities and by their ports there, as the rows say that guard their ports.
func (p *places) attached(sw *plan.Switch) (byIdentity, byPort map[uint32][]string) {
	byIdentity, byPort = map[uint32][]string{}, map[uint32][]string{}
	for i := range sw.Sources {
		s := &sw.Sources[i]
		e := p.endpoints[s.MAC]
		if e == nil || s.Kind != plan.SourceIs || s.Port == 0 || sw.Kind == plan.Shim && s.Port != shimHostPort {
			continue
		}
		byIdentity[s.Identity] = append(byIdentity[s.Identity], e.Name)
		if !slices.Contains(byPort[s.Port], e.Name) {
			byPort[s.Port] = append(byPort[s.Port], e.Name)
		}
	}
	return byIdentity, byPort
}

// ofInstance is where a middlebox instance is served.
func (p *places) ofInstance(name string) (Place, bool) {
	b := p.boxes[name]
	if b == nil {
		return Place{}, false
	}
	sw := &p.net.Switches[b.At.Switch]
	if sw.Target == network.Legacy {
		return Place{Does: Serve, For: []string{name}, Kind: plan.Sidecar, Targets: []string{sw.Sidecar}}, true
	}
	return Place{Does: Serve, For: []string{name}, Kind: plan.P4Switch, Targets: []string{sw.Name}}, true
}

// fewTargets is how many targets of one kind are listed one by one.
const fewTargets = 4

// together joins places that do the same, gives each its reason, and sorts them: all shims are one, and so are switches
// and sidecars where there are many.
func (p *places) together(list []Place) []Place {
	type key struct {
		does   Duty
		kind   plan.TargetKind
		target string
	}
	count := map[key]map[string]bool{}
	for _, place := range list {
		k := key{place.Does, place.Kind, ""}
		if count[k] == nil {
			count[k] = map[string]bool{}
		}
		count[k][place.Targets[0]] = true
	}
	joined := map[key]*Place{}
	for _, place := range list {
		k := key{place.Does, place.Kind, ""}
		if place.Kind != plan.Shim && len(count[k]) <= fewTargets {
			k.target = place.Targets[0]
		}
		if joined[k] == nil {
			joined[k] = &Place{Does: place.Does, Kind: place.Kind}
		}
		joined[k].For = append(joined[k].For, place.For...)
		joined[k].Targets = append(joined[k].Targets, place.Targets...)
	}
	var out []Place
	for _, place := range joined {
		slices.Sort(place.For)
		slices.Sort(place.Targets)
		place.For, place.Targets = slices.Compact(place.For), slices.Compact(place.Targets)
		place.Why = p.why(place)
		out = append(out, *place)
	}
	slices.SortFunc(out, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Does, b.Does), cmp.Compare(a.Kind, b.Kind), slices.Compare(a.Targets, b.Targets))
	})
	return out
}

// why says why it is these targets that do it.
func (p *places) why(place *Place) string {
	one := len(place.Targets) == 1
	switch {
	case place.Does == Replicate && place.Kind == plan.Shim:
		return "ordinary switches keep no groups, so the sender makes a copy for each next edge"
	case place.Does == Replicate && place.Kind == plan.Sidecar && one:
		return "the group's tree goes through " + p.beside(place.Targets[0]) + ", which is ordinary and keeps no groups"
	case place.Does == Replicate && place.Kind == plan.Sidecar:
		return "the group's tree goes through their switches, which are ordinary and keep no groups"
	case place.Does == Replicate:
		return "the group's tree goes through " + map[bool]string{true: "it", false: "them"}[one]
	case place.Kind == plan.Shim && one:
		return fmt.Sprintf("%s is ordinary, and %s has a shim", p.net.Switches[p.byName[place.Targets[0]].At.Switch].Name, place.Targets[0])
	case place.Kind == plan.Shim:
		return "they are behind ordinary switches, and each has a shim"
	case place.Kind == plan.Sidecar && one:
		return p.wired(place.Targets[0], place.For)
	case place.Kind == plan.Sidecar:
		return "they are at ordinary switches and have no shims, so their ports are wired to the sidecars"
	case one:
		return "attached to it, a P4 switch"
	}
	return "attached to them, P4 switches"
}

func (p *places) beside(sidecar string) string {
	return p.net.Switches[p.sidecars[sidecar].At.Switch].Name
}

// wired says that what is named is at the ordinary switch of a sidecar, and by which ports.
func (p *places) wired(sidecar string, names []string) string {
	var ports []uint32
	hosts := false
	for _, name := range names {
		if b := p.boxes[name]; b != nil {
			ports = append(ports, b.At.Number)
			if b.Out.Number != 0 {
				ports = append(ports, b.Out.Number)
			}
		} else {
			hosts = true
			ports = append(ports, p.byName[name].At.Number)
		}
	}
	slices.Sort(ports)
	var list []string
	for _, n := range ports {
		list = append(list, fmt.Sprint(n))
	}
	without := ""
	switch {
	case hosts && len(names) == 1:
		without = fmt.Sprintf(" and %s has no shim", names[0])
	case hosts:
		without = " and they have no shims"
	}
	port := "port " + few(list) + " is"
	if len(ports) > 1 {
		port = "ports " + few(list) + " are"
	}
	return fmt.Sprintf("%s is ordinary%s: its %s wired to %s", p.beside(sidecar), without, port, sidecar)
}

// few are the first of the names, and how many more there are.
func few(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
