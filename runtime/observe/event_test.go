package observe

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"pillion/p4/engine"
)

// Every kind of match is shown as it is written in P4Runtime's terms.
func TestMatches(t *testing.T) {
	fields := []engine.KeyInfo{{Name: "a", Kind: engine.Exact}, {Name: "b", Kind: engine.LPM}, {Name: "c", Kind: engine.Ternary},
		{Name: "d", Kind: engine.Ternary}, {Name: "e", Kind: engine.Range}, {Name: "f", Kind: engine.Valid}}
	key := []engine.KeyField{{Value: []byte{1}}, {Value: []byte{10, 0}, PrefixLen: 8}, {Value: []byte{2}, Mask: []byte{0xf}}, {},
		{Value: []byte{0, 80}, High: []byte{0, 81}}, {Value: []byte{1}}, {Value: []byte{9}}}
	want := []Value{{"a", "0x01"}, {"b", "0x0a00/8"}, {"c", "0x02 mask 0x0f"}, {"d", "any"}, {"e", "0x0050..0x0051"}, {"f", "0x01"}}
	if diff := cmp.Diff(want, matchOf(fields, key)); diff != "" {
		t.Error(diff)
	}
	yes, two, port := true, 2, uint32(7)
	for want, s := range map[string]Step{
		"table t: hit a=0x01 priority 3, group 4, member 5 → act(0x01, 0x02)": {Event: engine.EventTable, Name: "t", Hit: &yes,
			Match: []Value{{"a", "0x01"}}, Priority: 3, Group: 4, Member: 5, Action: "act", Args: []string{"0x01", "0x02"}},
		"clone, session 9: 2 copies":   {Event: engine.EventClone, Session: 9, Copies: &two},
		"multicast, group 9: 2 copies": {Event: engine.EventMulticast, Group: 9, Copies: &two},
		"output, port 7":               {Event: engine.EventOutput, Port: &port},
		"resubmit":                     {Event: engine.EventResubmit},
		"parser error PacketTooShort":  {Event: engine.EventParserError, Name: "PacketTooShort"},
		"condition node_3: true":       {Event: engine.EventCondition, Name: "node_3", Hit: &yes},
		"ingress, port 7, instance 0":  {Event: engine.EventIngress, Port: &port},
		"drop dropped in ingress":      {Event: engine.EventDrop, Name: "dropped in ingress"},
	} {
		if got := s.text(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
