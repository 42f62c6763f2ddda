package scenario

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pillion/compiler/network"
	"pillion/lang"
)

// remakers are the ways to remake a network.
var remakers = map[string]func(*network.Network) (*network.Network, error){
	"sidecar-ovs":  func(n *network.Network) (*network.Network, error) { return allOrdinary(n, ovsDriver) },
	"sidecar-lxbr": func(n *network.Network) (*network.Network, error) { return allOrdinary(n, bridgeDriver) },
	"mixed-leaves": func(n *network.Network) (*network.Network, error) {
		return mixed(n, LayoutLeaves, ovsDriver, bridgeDriver)
	},
	"mixed-core": func(n *network.Network) (*network.Network, error) {
		return mixed(n, LayoutCore, ovsDriver, bridgeDriver)
	},
	"mixed-spine": func(n *network.Network) (*network.Network, error) {
		return mixed(n, LayoutSpine, ovsDriver, bridgeDriver)
	},
}

// remadeEngine is the engine on a remade network.
type remadeEngine struct {
	Engine
	name string
}

func (r remadeEngine) Name() string { return "engine on " + r.name }

func (r remadeEngine) Remake(s *Site) (*network.Network, error) { return remakers[r.name](s.Net) }

// TestEngineOnRemadeNetworks runs every scenario in process on every network that it is remade into: what the compiler
// places on sidecars and shims does what it does on P4 switches.
func TestEngineOnRemadeNetworks(t *testing.T) {
	for name := range remakers {
		t.Run(name, func(t *testing.T) {
			for _, file := range scenarios(t) {
				t.Run(scenarioName(file), func(t *testing.T) {
					t.Parallel()
					s, err := Load(file)
					if err != nil {
						t.Fatal(err)
					}
					if missing := s.Missing(); len(missing) > 0 {
						t.Skip(strings.Join(missing, "; "))
					}
					failures, err := Run(t.Context(), s, remadeEngine{name: name})
					if err != nil {
						t.Fatal(err)
					}
					for _, f := range failures {
						t.Error(f)
					}
				})
			}
		})
	}
}

func scenarios(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios: ", err)
	}
	return files
}

func scenarioName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

// A remade network can be written and read, is the same each time, and has the same endpoints and middleboxes.
func TestRemadeNetworksAreGood(t *testing.T) {
	for name, remake := range remakers {
		for _, file := range scenarios(t) {
			s, err := Load(file)
			if err != nil {
				t.Fatal(err)
			}
			before := string(s.net.JSON())
			made, err := remake(s.net)
			if err != nil {
				t.Fatal(err)
			}
			again, err := remake(s.net)
			if err != nil {
				t.Fatal(err)
			}
			what := name + " of " + scenarioName(file)
			text := string(made.JSON())
			if text != string(again.JSON()) {
				t.Errorf("%s is not the same each time", what)
			}
			if string(s.net.JSON()) != before {
				t.Errorf("%s changed the network that it came from", what)
			}
			if _, list := network.Parse("network.json", []byte(text)); len(list) > 0 {
				t.Errorf("%s: %s\n%s", what, list[0].Message, text)
			}
			if len(made.Endpoints) != len(s.net.Endpoints) || len(made.Middleboxes) != len(s.net.Middleboxes) {
				t.Errorf("%s lost somebody", what)
			}
			ordinary, p4 := 0, 0
			for _, sw := range made.Switches {
				if sw.Target == network.Legacy {
					ordinary++
				} else {
					p4++
				}
			}
			if mix := strings.HasPrefix(name, "mixed"); ordinary == 0 || mix != (p4 > 0) {
				t.Errorf("%s has %d ordinary switches and %d others", what, ordinary, p4)
			}
		}
	}
}

// Over all scenarios there are hosts with shims and without on one switch, and each layout is chosen.
func TestRemadeNetworksMixWell(t *testing.T) {
	layouts := map[Layout]int{}
	var both int
	for _, file := range scenarios(t) {
		layouts[layoutOf(scenarioName(file))]++
		s, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		made, err := allOrdinary(s.net, ovsDriver)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[int32]map[bool]bool{}
		for _, e := range made.Endpoints {
			if kinds[e.At.Switch] == nil {
				kinds[e.At.Switch] = map[bool]bool{}
			}
			kinds[e.At.Switch][e.Shim != ""] = true
		}
		for _, k := range kinds {
			if len(k) == 2 {
				both++
			}
		}
	}
	t.Logf("%v; %d switches have hosts of both kinds", layouts, both)
	for _, l := range Layouts {
		if layouts[l] < 5 {
			t.Errorf("the layout %s is chosen by %d scenarios", l, layouts[l])
		}
	}
	if both < 10 {
		t.Errorf("%d switches have hosts with shims and without", both)
	}
}

// The networks that no scenario has: one switch alone, and one that is mixed already.
func TestRemakeCorners(t *testing.T) {
	policy, said := lang.Parse([]lang.Input{{Name: "p", Text: []byte("tenant a { group g = h1, h2, h3 }\n")}}, lang.Options{})
	if said.HasErrors() {
		t.Fatal(said[0].Message)
	}
	const one = `
switches: [{name: hub, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}]
endpoints:
  - {name: h1, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: hub:1}
  - {name: h2, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: hub:2, mtu: 9000}
  - {name: side-hub, mac: "02:00:00:00:00:04", ip: 10.0.0.4, at: hub:4}
  - {name: h3, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: hub:3}
`
	net, said := network.Parse("n.yaml", []byte(one))
	if said.HasErrors() {
		t.Fatal(said[0].Message)
	}
	for name, remake := range remakers {
		made, err := remake(net)
		if err != nil {
			t.Fatal(err)
		}
		if _, list := network.Parse("network.json", made.JSON()); len(list) > 0 {
			t.Errorf("%s: %s\n%s", name, list[0].Message, made.JSON())
		}
		if _, _, err := lower(policy, made); err != nil {
			t.Errorf("%s: %v\n%s", name, err, made.JSON())
		}
		if !strings.HasPrefix(name, "mixed") {
			continue
		}
		if again, err := remake(made); err != nil || cmp.Diff(string(again.JSON()), string(made.JSON())) != "" {
			t.Errorf("%s: what is mixed did not stay as it is: %v", name, err)
		}
	}
	if _, err := mixed(net, "ring", ovsDriver); err == nil {
		t.Error("there is a layout called ring")
	}
}
