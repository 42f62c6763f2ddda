package backends

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/p4"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with testdata/name, or writes it there.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./backends -update rewrites it); got:\n%s", path, got)
	}
}

func pillion(t testing.TB) *p4.Program {
	t.Helper()
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func at(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// Statements of samplePlan, out of order.
const (
	endpointWeb uint32 = iota
	allowPartner
	chainInbound
	denySSH
	linkA
	multicastTicker
)

func of(from ...uint32) plan.Origin { return plan.Origin{From: from, Counts: -1} }

func counting(s uint32, from ...uint32) plan.Origin {
	return plan.Origin{From: from, Counts: int32(s)}
}

var (
	here  = network.MAC{2, 0, 0, 0, 1, 1}
	there = network.MAC{2, 0, 0, 0, 1, 2}
	web   = network.MAC{2, 0, 0, 0, 0, 1}
)

// samplePlan has rows of every kind, with what each kind may leave open.
func samplePlan() *plan.Plan {
	pair := plan.Pair{Source: 0x01020304, Destination: 5}
	back := plan.Pair{Source: 5, Destination: 0x01020304, Returning: true}
	all := plan.Ports{AnyProto: true, SHi: 65535, DHi: 65535}
	http := plan.Ports{Proto: 6, KnownPorts: true, SHi: 65535, DLo: 80, DHi: 80}
	answer := plan.Ports{Proto: 6, KnownPorts: true, NoStart: true, SLo: 80, SHi: 80, DHi: 65535}
	return &plan.Plan{
		Statements: []string{"endpoint web1", "allow partner", "chain inbound", "deny no-ssh", "link leaf1:1", "multicast ticker"},
		Switches: []plan.Switch{{
			Name: "leaf1", Address: "127.0.0.1:50051", DeviceID: 1, CPUPort: 510, Locator: here,
			Ports: []plan.Port{
				{Origin: of(linkA), Number: 1, Role: plan.RoleFabric},
				{Origin: of(linkA), Number: 2, Role: plan.RoleTrunk},
				{Origin: of(endpointWeb), Number: 3, Role: plan.RoleEndpoint},
				{Origin: of(chainInbound), Number: 300, Role: plan.RoleMiddlebox},
			},
			Sources: []plan.Source{
				{Origin: of(endpointWeb), Port: 3, MAC: web, Prefix: at("10.0.0.1/32"), Kind: plan.SourceIs, Identity: 5, Tenant: 7},
				{Origin: of(endpointWeb), Port: 3, MAC: web, Prefix: at("fe80::/10"), Kind: plan.SourceLinkLocal},
				{Origin: of(endpointWeb), Port: 3, MAC: web, Prefix: at("::/0"), Kind: plan.SourceElsewhere},
				{Origin: of(endpointWeb), Prefix: at("fd00::1/128"), Kind: plan.SourceIs, Identity: 5},
			},
			Destinations: []plan.Destination{
				{Origin: of(endpointWeb), Prefix: at("10.0.0.1/32"), Port: 3, MAC: web, Identity: 5, Answers: true},
				{Origin: of(allowPartner), Prefix: at("0.0.0.0/0"), Locator: there, Tree: 256, MAC: web, Identity: 6},
				{Origin: of(), Prefix: netip.MustParsePrefix("10.1.2.3/8"), Nowhere: true}, // host bits are no matter
			},
			Policies: []plan.Policy{
				{Origin: counting(allowPartner, allowPartner), Pair: pair, Kind: plan.PolicyPermit},
				{Origin: counting(denySSH, denySSH, endpointWeb), Pair: back, Kind: plan.PolicyDeny},
				{Origin: of(denySSH, allowPartner), Pair: plan.Pair{Source: 1, Destination: 2}, Kind: plan.PolicyByPorts, RuleSet: 9},
			},
			Rules: []plan.Rule{
				{Origin: of(allowPartner), RuleSet: 9, Priority: 1000, Ports: http, Slot: 1},
				{Origin: of(allowPartner), RuleSet: 9, Priority: 1000, Ports: answer, Slot: 1},
				{Origin: of(denySSH), RuleSet: 9, Priority: 10, Ports: all, Slot: 0x10000},
			},
			Verdicts: []plan.Verdict{
				{Origin: counting(allowPartner, allowPartner), Pair: pair, Slot: 1},
				{Origin: counting(denySSH, denySSH), Pair: pair, Slot: 2, Deny: true},
			},
			ChainPolicies: []plan.ChainPolicy{{Origin: of(chainInbound), Pair: pair, ChainSet: 77}},
			ChainRules: []plan.ChainRule{
				{Origin: of(chainInbound), ChainSet: 77, Priority: 30, Ports: http, Slot: 1},
				{Origin: of(chainInbound), ChainSet: 77, Priority: 30, Ports: plan.Ports{Proto: 17, SLo: 1024, SHi: 65535, DHi: 65535}, Slot: 4},
				{Origin: of(chainInbound), ChainSet: 77, Priority: 20, Ports: all, Order: plan.SourceLower, Slot: 2},
				{Origin: of(chainInbound), ChainSet: 77, Priority: 20, Ports: all, Order: plan.SourceUpper, Slot: 3},
				{Origin: of(chainInbound), ChainSet: 77, Priority: 10, Ports: all, Fragment: true},
			},
			ChainSelects: []plan.ChainSelect{{Origin: counting(chainInbound, chainInbound), Pair: pair, Slot: 1, SPI: 0xFFFFFE}},
			Returns:      []plan.Return{{Origin: of(chainInbound), Port: 300, SPI: 0xFFFFFE, SI: 254}},
			Gates: []plan.Gate{
				{Origin: of(chainInbound), SPI: 0xFFFFFE, SI: 255, Kind: plan.GatePass, NextSI: 254, Type: 11, Reverse: true, TapSet: 4},
				{Origin: of(chainInbound), SPI: 0xFFFFFE, SI: 254, Kind: plan.GateFinish, NextSI: 0},
				{Origin: of(chainInbound), SPI: 0xFFFFFE, SI: 255, Copy: true, Kind: plan.GateTap, TapSet: 4},
				{Origin: of(chainInbound), SPI: 3, SI: 255, Kind: plan.GateClosed},
			},
			Instances: []plan.Instance{
				{Origin: of(chainInbound), Type: 11, Lo: 0, Hi: 127, Port: 300},
				{Origin: of(chainInbound), Type: 11, Reverse: true, Lo: 128, Hi: 255, Locator: there, Tree: 1},
			},
			Taps: []plan.Tap{
				{Origin: of(chainInbound), TapSet: 4, Lo: 0, Hi: 255, Session: 12},
				{Origin: of(chainInbound), TapSet: 5, Lo: 0, Hi: 0, Session: 12},
			},
			Multicasts:   []plan.Multicast{{Origin: counting(multicastTicker, multicastTicker), Group: netip.MustParseAddr("239.1.1.1"), Source: 5, SPI: 99}},
			Replications: []plan.Replication{{Origin: of(multicastTicker), SPI: 99, CameFrom: there, Group: 2, Tree: 1}},
			Fabric: []plan.Route{
				{Origin: of(linkA), Locator: there, Tree: 0, Port: 1},
				{Origin: of(linkA), Locator: there, Tree: 1, Port: 2},
			},
			Edges: []plan.ReplicaEdge{{Origin: of(multicastTicker), Instance: 1, Locator: there, Tree: 1}},
			Groups: []plan.Group{
				{Origin: of(multicastTicker), ID: 2, Replicas: []plan.Replica{{Port: 1, Instance: 1}, {Port: 3}, {Port: 4}}},
				{Origin: of(multicastTicker), ID: 10, Replicas: []plan.Replica{{Port: 1, Instance: 1}}},
			},
			Sessions: []plan.Session{{Origin: of(chainInbound), ID: 12, Replicas: []plan.Replica{{Port: 300}}}},
		}},
		Redirects: []plan.Redirect{
			{Origin: of(linkA), Switch: "old 1", Driver: "linux-bridge", Sidecar: "side1",
				Wires: []plan.Wire{
					{Origin: of(chainInbound), Port: 300, Sidecar: 20, Tag: 300},
					{Origin: of(endpointWeb, linkA), Port: 4, Sidecar: 21},
				},
				Statics: []plan.Static{{Origin: of(linkA), Locator: there, Port: 1}, {Origin: of(endpointWeb), Locator: here, Port: 2}},
				Guards:  []plan.Guard{{Origin: of(endpointWeb), Port: 2, MAC: web}},
				Samples: []plan.Sample{{Origin: of(linkA), OneIn: 100, Port: 30}}},
			{Origin: of(linkA), Switch: "old2", Driver: "ovs",
				Samples: []plan.Sample{{Origin: of(), OneIn: 1, Collector: netip.MustParseAddrPort("[2001:db8::1]:6343")}}},
		},
	}
}
