package backends

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/proto"

	"pillion/compiler/plan"
	"pillion/p4"
)

func useText(t *testing.T, uses []TableUse) string {
	t.Helper()
	var out strings.Builder
	if err := WriteUse(&out, uses); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTableUse(t *testing.T) {
	p := samplePlan()
	p.Switches = append(p.Switches, plan.Switch{Name: "spine-with-a-long-name", Fabric: make([]plan.Route, 65535)})
	for i := range p.Switches[1].Fabric {
		p.Switches[1].Fabric[i] = plan.Route{Origin: of(linkA), Tree: uint16(i), Port: 1}
	}
	_, uses, err := Lower(p, pillion(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "use.golden", useText(t, uses))
	tables := len(pillion(t).Info.GetTables())
	if want := 2 * (tables + 3); len(uses) != want {
		t.Errorf("%d uses, want %d: each table, multicast groups, replication nodes and clone sessions of 2 targets", len(uses), want)
	}
}

// Of many shims the use says how full their tables are at most.
func TestUseOfManyShims(t *testing.T) {
	uses := []TableUse{{"leaf1", plan.P4Switch, "ports", 3, 512}}
	for i := range fewShims + 1 {
		uses = append(uses, TableUse{fmt.Sprintf("h%d", i), plan.Shim, "ports", 2, 2}, TableUse{fmt.Sprintf("h%d", i), plan.Shim, "sources", int64(i), 32})
	}
	want := `target             table    used  size
leaf1              ports       3   512   <1%
17 shims, at most  ports       2     2  100%
17 shims, at most  sources    16    32   50%
`
	if got := useText(t, uses); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// crowded needs more than fits in many places.
func crowded() *plan.Plan {
	s := plan.Switch{Name: "leaf1"}
	for i := range 513 {
		s.Ports = append(s.Ports, plan.Port{Origin: of(), Number: uint32(i)})
	}
	for i := range 8200 {
		s.Rules = append(s.Rules, plan.Rule{Origin: of(), RuleSet: uint32(i), Priority: 1})
		s.Taps = append(s.Taps, plan.Tap{Origin: of(), TapSet: uint32(i), Hi: 255, Session: 1})
	}
	for i := range 4090 {
		s.Groups = append(s.Groups, plan.Group{Origin: of(), ID: uint16(i + 1),
			Replicas: []plan.Replica{{Port: 1}, {Port: 2}, {Port: 2, Instance: 7}}})
	}
	for i := range 10 {
		s.Sessions = append(s.Sessions, plan.Session{Origin: of(), ID: uint16(i + 1), Replicas: []plan.Replica{{Port: 1}}})
	}
	t := plan.Switch{Name: "leaf2"}
	for i := range 65537 {
		t.Multicasts = append(t.Multicasts, plan.Multicast{Origin: of(), Group: netip.MustParseAddr("ff0e::1"), Source: uint32(i)})
	}
	return &plan.Plan{Switches: []plan.Switch{s, t}}
}

func TestOverflow(t *testing.T) {
	b, uses, err := Lower(crowded(), pillion(t), nil)
	var refused *Error
	if b != nil || !errors.As(err, &refused) {
		t.Fatalf("got %v, %v", b, err)
	}
	golden(t, "overflow.golden", err.Error()+"\n\n"+useText(t, uses))
}

// What the platform is said to hold takes the place of bmv2's defaults.
func TestOverflowOfPlatform(t *testing.T) {
	info := proto.Clone(pillion(t).Info).(*p4config.P4Info)
	info.PkgInfo.PlatformProperties = &p4config.PlatformProperties{
		MulticastGroupTableSize: 4099, MulticastGroupTableTotalReplicas: 20000, MulticastGroupTableMaxReplicasPerEntry: 2}
	for _, table := range info.Tables {
		table.Size = 0 // not known
	}
	p := crowded()
	for i := range p.Switches[0].Groups[1:] {
		p.Switches[0].Groups[i+1].Replicas = p.Switches[0].Groups[i+1].Replicas[:2]
	}
	_, uses, err := Lower(p, &p4.Program{Info: info}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	golden(t, "platform.golden", err.Error()+"\n\n"+useText(t, uses))
}

// A shim that is to copy to more receivers than its data plane can is refused, and the error says what would help.
func TestOverflowOfShim(t *testing.T) {
	s := plan.Switch{Name: "web1", Kind: plan.Shim}
	g := plan.Group{Origin: of(), ID: 7}
	for i := range 33 {
		g.Replicas = append(g.Replicas, plan.Replica{Port: 2, Instance: uint16(i + 1)})
	}
	s.Groups = append(s.Groups, g)
	var statements []string
	for i := range 5 {
		statements = append(statements, fmt.Sprintf("multicast ticker%d", i))
		s.Replications = append(s.Replications, plan.Replication{Origin: of(uint32(i)), SPI: uint32(i + 1), Group: 7})
	}
	_, _, err := Lower(&plan.Plan{Statements: statements, Switches: []plan.Switch{s}}, pillion(t), nil)
	if err == nil {
		t.Fatal("no error")
	}
	golden(t, "shim.golden", err.Error()+"\n")
}
