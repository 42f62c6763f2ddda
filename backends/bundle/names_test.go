package bundle

import (
	"testing"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

func TestNames(t *testing.T) {
	var info p4configv1.P4Info
	if err := prototext.Unmarshal([]byte(`
		tables {
			preamble { id: 1 name: "ingress.acl" alias: "acl" }
			match_fields { id: 1 name: "hdr.ipv4.srcAddr" bitwidth: 32 match_type: TERNARY }
			match_fields { id: 2 name: "hdr.ethernet.dst" bitwidth: 48 match_type: EXACT }
			match_fields { id: 3 name: "address" bitwidth: 128 match_type: LPM }
			match_fields { id: 4 name: "dport" bitwidth: 16 match_type: RANGE }
			match_fields { id: 5 name: "ether_type" bitwidth: 16 match_type: OPTIONAL }
			match_fields { id: 6 name: "identity" bitwidth: 32 match_type: EXACT }
			match_fields { id: 7 name: "vrf" bitwidth: 32 match_type: EXACT annotations: "@format(HEX_STRING)" }
		}
		tables { preamble { id: 2 name: "ingress.edge" } }
		actions { preamble { id: 9 name: "forward" } params { id: 1 name: "port" bitwidth: 9 } params { id: 2 name: "gateway_ip" bitwidth: 32 } }
	`), &info); err != nil {
		t.Fatal(err)
	}
	n := NewNames(&info)
	mapped := "\xff\xff\x0a\x01\x00\x00"
	for _, c := range []struct {
		entity Entity
		want   string
	}{
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 1, Kind: Ternary, Value: "\x0a\x00\x00\x00", Mask: "\xff\x00\x00\x00"}}, Params: []Param{{1, "\x01\x00"}, {2, "\x0a\x00\x00\x01"}}},
			"acl hdr.ipv4.srcAddr=10.0.0.0/8 -> forward(port=256, gateway_ip=10.0.0.1)"},
		{Entity{ID: 1, Action: 9, Priority: 7, Match: []Match{{Field: 1, Kind: Ternary, Value: "\x01", Mask: "\x00\x00\xff\x01"[2:]}}},
			"acl hdr.ipv4.srcAddr=0x01&0xff01 priority=7 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 1, Kind: Ternary, Value: "\x0a\x00\x00\x01", Mask: "\xff\xff\xff\xff"}}}, "acl hdr.ipv4.srcAddr=10.0.0.1 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 2, Value: "\x02\x00\x00\x00\x01"}}}, "acl hdr.ethernet.dst=00:02:00:00:00:01 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 3, Kind: LPM, Value: mapped, PrefixLen: 112}}}, "acl address=10.1.0.0/16 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 3, Kind: LPM, Value: "\x20\x01" + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", PrefixLen: 16}}}, "acl address=2001::/16 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 4, Kind: Range, Value: "\x50", Mask: "\x01\xbb"}, {Field: 5, Kind: Optional, Value: "\x08\x00"}}}, "acl dport=80..443 ether_type=0x0800 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 4, Kind: Range, Value: "\x50", Mask: "\x50"}}}, "acl dport=80 -> forward()"},
		{Entity{ID: 1, Action: 9, Match: []Match{{Field: 6, Value: "\x0a\x00\x00\x01"}, {Field: 7, Value: "\x01"}}}, "acl identity=167772161 vrf=0x01 -> forward()"},
		{Entity{ID: 2, Action: 8, Match: []Match{{Field: 4, Value: "\x01"}}, Params: []Param{{3, "\x05"}}}, "ingress.edge field 4=0x01 -> action 8(param 3=0x05)"},
		{Entity{ID: 3, Action: 8}, "table 3 any -> action 8()"},
		{Entity{Kind: MulticastGroup, ID: 5, Replicas: []Replica{{1, 0}, {2, 7}}}, "multicast group 5 -> ports 1, 2:7"},
		{Entity{Kind: CloneSession, ID: 6, Replicas: []Replica{{510, 0}}}, "clone session 6 -> ports 510"},
	} {
		if got := n.Entity(&c.entity); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if NewNames(nil).Table(4) != "table 4" {
		t.Error("without a P4Info")
	}
}
