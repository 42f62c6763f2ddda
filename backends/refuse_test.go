package backends

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/proto"

	"pillion/compiler/plan"
	"pillion/p4"
)

// Every way in which P4Info can be another than the rows need, and what is said then.
func TestLowerChecksP4Info(t *testing.T) {
	cases := []struct {
		name   string
		change func(*p4config.P4Info)
	}{
		{"a table has another name", func(i *p4config.P4Info) {
			find(i, "gates").Preamble.Name, find(i, "gates").Preamble.Alias = "ingress.steps", "steps"
		}},
		{"a match field has another name", func(i *p4config.P4Info) { find(i, "policy").MatchFields[0].Name = "from" }},
		{"a match field is too many", func(i *p4config.P4Info) {
			f := &find(i, "fabric").MatchFields
			*f = append(*f, &p4config.MatchField{Id: 3, Name: "colour", Bitwidth: 8})
		}},
		{"a range is exact", func(i *p4config.P4Info) { setKind(find(i, "taps").MatchFields[1], p4config.MatchField_EXACT) }},
		{"a prefix is ternary", func(i *p4config.P4Info) {
			setKind(find(i, "source").MatchFields[2], p4config.MatchField_TERNARY)
		}},
		{"a prefix is narrow", func(i *p4config.P4Info) { find(i, "destination").MatchFields[0].Bitwidth = 32 }},
		{"a field that may stay open is exact", func(i *p4config.P4Info) {
			setKind(find(i, "rules").MatchFields[1], p4config.MatchField_EXACT)
		}},
		{"ranked rows without a ternary or range field", func(i *p4config.P4Info) {
			for _, f := range find(i, "rules").MatchFields[1:] {
				setKind(f, p4config.MatchField_LPM)
			}
		}},
		{"an action has another name", func(i *p4config.P4Info) {
			findAction(i, "out_of").Preamble = &p4config.Preamble{Id: findAction(i, "out_of").Preamble.Id, Name: "ingress.send", Alias: "send"}
		}},
		{"an action is for the default entry only", func(i *p4config.P4Info) {
			find(i, "ports").ActionRefs[0].Scope = p4config.ActionRef_DEFAULT_ONLY
		}},
		{"a parameter has another name", func(i *p4config.P4Info) { findAction(i, "to_arm").Params[0].Name = "out" }},
		{"a parameter is too many", func(i *p4config.P4Info) {
			a := findAction(i, "closed")
			a.Params = append(a.Params, &p4config.Action_Param{Id: 1, Name: "why", Bitwidth: 8})
		}},
		{"a parameter has no width", func(i *p4config.P4Info) { findAction(i, "to_arm").Params[0].Bitwidth = 0 }},
	}
	var out strings.Builder
	for _, c := range cases {
		info := proto.Clone(pillion(t).Info).(*p4config.P4Info)
		c.change(info)
		_, _, err := Lower(&plan.Plan{}, &p4.Program{Info: info}, nil)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		out.WriteString("# " + c.name + "\n" + err.Error() + "\n\n")
	}
	golden(t, "p4info.golden", out.String())
}

func find(i *p4config.P4Info, table string) *p4config.Table {
	for _, t := range i.Tables {
		if t.Preamble.Alias == table {
			return t
		}
	}
	panic(table)
}

func findAction(i *p4config.P4Info, action string) *p4config.Action {
	for _, a := range i.Actions {
		if a.Preamble.Alias == action {
			return a
		}
	}
	panic(action)
}

func setKind(f *p4config.MatchField, kind p4config.MatchField_MatchType) {
	f.Match = &p4config.MatchField_MatchType_{MatchType: kind}
}

// Rows that cannot be: a mistake of the compiler is found here and not on a switch.
func TestLowerChecksRows(t *testing.T) {
	cases := []struct {
		name   string
		change func(*plan.Switch)
	}{
		{"a port wider than 9 bits", func(s *plan.Switch) { s.Ports[1].Number = 512 }},
		{"an SPI wider than 24 bits", func(s *plan.Switch) { s.ChainSelects[0].SPI = 1 << 24 }},
		{"a rule without a priority", func(s *plan.Switch) { s.Rules[0].Priority = 0 }},
		{"an empty range", func(s *plan.Switch) { s.Rules[0].SLo, s.Rules[0].SHi = 9, 8 }},
		{"no prefix", func(s *plan.Switch) { s.Destinations[0].Prefix = netip.Prefix{} }},
		{"a chain that asks for starts", func(s *plan.Switch) { s.ChainRules[0].NoStart = true }},
		{"counts where there is no counter", func(s *plan.Switch) { s.Fabric[0].Counts = 1 }},
		{"counts for no statement", func(s *plan.Switch) { s.Policies[0].Counts = 6 }},
		{"from no statement", func(s *plan.Switch) { s.Policies[0].From = []uint32{6} }},
		{"one key twice", func(s *plan.Switch) { s.Policies[1].Pair = s.Policies[0].Pair }},
		{"one key and priority twice", func(s *plan.Switch) {
			s.Rules = append(s.Rules, s.Rules[2], s.Rules[2])
			s.Rules[3].Priority = 11
			s.Rules[4].Slot = 1
		}},
		{"group 0", func(s *plan.Switch) { s.Groups[0].ID = 0 }},
		{"group 32768", func(s *plan.Switch) { s.Groups[0].ID = 1 << 15 }},
		{"one group twice", func(s *plan.Switch) { s.Groups[0].ID = s.Groups[1].ID }},
		{"one replica twice", func(s *plan.Switch) { s.Groups[0].Replicas[1] = s.Groups[0].Replicas[0] }},
		{"session 0", func(s *plan.Switch) { s.Sessions[0].ID = 0 }},
		{"many problems in one table", func(s *plan.Switch) {
			s.Ports = nil
			for i := range 30 {
				s.Ports = append(s.Ports, plan.Port{Origin: of(linkA), Number: uint32(600 + i)})
			}
		}},
		{"problems in several tables", func(s *plan.Switch) { s.Ports[0].Number = 512; s.Gates[0].SPI = 1 << 30; s.Rules[0].Priority = -1 }},
	}
	var out strings.Builder
	for _, c := range cases {
		p := samplePlan()
		c.change(&p.Switches[0])
		_, _, err := Lower(p, pillion(t), nil)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		out.WriteString("# " + c.name + "\n" + err.Error() + "\n\n")
	}
	golden(t, "rows.golden", out.String())
}

// Redirects that no ordinary switch could do.
func TestLowerChecksRedirects(t *testing.T) {
	cases := []struct {
		name   string
		change func(*plan.Plan)
	}{
		{"a port wired twice", func(p *plan.Plan) { p.Redirects[0].Wires[1].Port = 300 }},
		{"a tag wider than 12 bits", func(p *plan.Plan) { p.Redirects[0].Wires[0].Tag = 4095 }},
		{"a locator at two ports", func(p *plan.Plan) { p.Redirects[0].Statics[1].Locator = there }},
		{"two samples", func(p *plan.Plan) { p.Redirects[1].Samples = append(p.Redirects[1].Samples, p.Redirects[1].Samples...) }},
		{"a sample to nowhere", func(p *plan.Plan) { p.Redirects[0].Samples[0].Port = 0 }},
		{"from no statement", func(p *plan.Plan) { p.Redirects[0].Guards[0].From = []uint32{6} }},
		{"out of order", func(p *plan.Plan) { p.Redirects[0].Switch = "old3" }},
		{"several", func(p *plan.Plan) {
			p.Redirects[0].Wires[0].Port, p.Redirects[0].Guards[0].MAC = 0, there
			p.Redirects[1].Switch = ""
		}},
	}
	var out strings.Builder
	for _, c := range cases {
		p := samplePlan()
		c.change(p)
		_, _, err := Lower(p, pillion(t), nil)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		out.WriteString("# " + c.name + "\n" + err.Error() + "\n\n")
	}
	golden(t, "redirects.golden", out.String())
}

func TestLowerWantsSwitchesSorted(t *testing.T) {
	p := &plan.Plan{Switches: []plan.Switch{{Name: "b"}, {Name: "a"}}}
	var refused *Error
	if _, _, err := Lower(p, pillion(t), nil); !errors.As(err, &refused) || refused.Diagnostics[0].Code != codeRow {
		t.Errorf("got %v", err)
	}
}
