package gnmi

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestCapabilities(t *testing.T) {
	c := dial(t, twoPorts(), Options{})
	r, err := c.Capabilities(context.Background(), &gpb.CapabilityRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if r.GetGNMIVersion() != "0.10.0" || len(r.GetSupportedModels()) != 3 || r.GetSupportedEncodings()[0] != gpb.Encoding_JSON {
		t.Errorf("%v", r)
	}
	// It is the version of the protocol file that the types come from.
	opts := gpb.File_github_com_openconfig_gnmi_proto_gnmi_gnmi_proto.Options()
	if v := proto.GetExtension(opts, gpb.E_GnmiService); v != Version {
		t.Errorf("the protocol file is of version %v, the server says %s", v, Version)
	}
	_, err = c.Capabilities(context.Background(), &gpb.CapabilityRequest{Extension: []*gnmi_ext.Extension{{}}})
	refused(t, "an extension", err, codes.Unimplemented, "extensions are not supported")
}

const eth1 = "/interfaces/interface[name=eth1]"
const eth2 = "/interfaces/interface[name=eth2]"

func TestGet(t *testing.T) {
	c := dial(t, twoPorts(), Options{})
	proto, ascii, ietf := gpb.Encoding_PROTO, gpb.Encoding_ASCII, gpb.Encoding_JSON_IETF
	for _, q := range []struct {
		path string
		enc  gpb.Encoding
		kind gpb.GetRequest_DataType
		want string
	}{
		// Scalars in each encoding: RFC 7951 writes 64 bits as strings, and modules before identities.
		{eth1 + "/state/counters/in-octets", 0, 0, eth1 + "/state/counters/in-octets = json 1152921504606846976"},
		{eth1 + "/state/counters/in-octets", ietf, 0, eth1 + `/state/counters/in-octets = ietf "1152921504606846976"`},
		{eth1 + "/state/counters/in-octets", proto, 0, eth1 + "/state/counters/in-octets = uint 1152921504606846976"},
		{eth1 + "/state/counters/in-octets", ascii, 0, eth1 + "/state/counters/in-octets = ascii 1152921504606846976"},
		{eth1 + "/state/ifindex", ietf, 0, eth1 + "/state/ifindex = ietf 7"},
		{eth1 + "/state/mtu", ietf, 0, eth1 + "/state/mtu = ietf 1514"},
		{eth1 + "/state/last-change", ietf, 0, eth1 + `/state/last-change = ietf "1700000000000000005"`},
		{eth1 + "/state/type", ietf, 0, eth1 + `/state/type = ietf "iana-if-type:ethernetCsmacd"`},
		{eth1 + "/state/type", 0, 0, eth1 + `/state/type = json "ethernetCsmacd"`},
		{eth1 + "/state/type", proto, 0, eth1 + "/state/type = string ethernetCsmacd"},
		{eth1 + "/config/enabled", proto, 0, eth1 + "/config/enabled = bool true"},
		{eth1 + "/config/enabled", ascii, 0, eth1 + "/config/enabled = ascii true"},
		{eth1 + "/ethernet/state", ietf, 0, eth1 + `/ethernet/state = ietf {"openconfig-if-ethernet:mac-address":"02:00:00:00:00:ab","openconfig-if-ethernet:hw-mac-address":"02:00:00:00:00:ab","openconfig-if-ethernet:port-speed":"openconfig-if-ethernet:SPEED_10GB"}`},
		{eth1 + "/config", ietf, 0, eth1 + `/config = ietf {"openconfig-interfaces:name":"eth1","openconfig-interfaces:type":"iana-if-type:ethernetCsmacd","openconfig-interfaces:enabled":true,"openconfig-p4rt:id":1}`},
		{eth1 + "/config", 0, 0, eth1 + `/config = json {"name":"eth1","type":"ethernetCsmacd","enabled":true,"id":1}`},
		// Types.
		{eth1 + "/config", proto, gpb.GetRequest_CONFIG, eth1 + "/config/name = string eth1\n" + eth1 + "/config/type = string ethernetCsmacd\n" + eth1 + "/config/enabled = bool true\n" + eth1 + "/config/id = uint 1"},
		{eth1 + "/config", proto, gpb.GetRequest_STATE, ""},
		{eth2 + "/state", proto, gpb.GetRequest_OPERATIONAL, eth2 + "/state/admin-status = string DOWN\n" + eth2 + "/state/oper-status = string DOWN\n" + eth2 + "/state/last-change = uint 1700000000000000005\n" + eth2 + "/state/logical = bool false\n" + eth2 + "/state/management = bool false\n" + eth2 + "/state/cpu = bool false\n" + zeroCounters(eth2)},
		// Wildcards.
		{"/interfaces/interface[name=*]/state/id", proto, 0, eth1 + "/state/id = uint 1\n" + eth2 + "/state/id = uint 2"},
		{"/interfaces/interface/state/oper-status", ietf, 0, eth1 + `/state/oper-status = ietf "UP"` + "\n" + eth2 + `/state/oper-status = ietf "DOWN"`},
		{"/.../port-speed", proto, 0, eth1 + "/ethernet/state/port-speed = string SPEED_10GB"},
		{"/interfaces/interface[name=eth2]/*/enabled", proto, 0, eth2 + "/config/enabled = bool false\n" + eth2 + "/state/enabled = bool false"},
		{"/interfaces/*[name=nobody]/state", proto, 0, ""},
	} {
		r, err := c.Get(context.Background(), &gpb.GetRequest{Path: []*gpb.Path{must(t, q.path)}, Encoding: q.enc, Type: q.kind})
		if err != nil || len(r.GetNotification()) != 1 || r.Notification[0].Timestamp == 0 {
			t.Errorf("%s: %v, %v", q.path, r, err)
			continue
		}
		if got := strings.TrimSuffix(show(r.Notification[0]), "\n"); got != q.want {
			t.Errorf("%s as %v, %v:\n%s\nwant\n%s", q.path, q.enc, q.kind, got, q.want)
		}
	}
}

func zeroCounters(iface string) string {
	var lines []string
	for _, l := range leaves {
		if strings.Contains(l.path, "/counters/") {
			lines = append(lines, iface+"/"+l.path+" = uint 0")
		}
	}
	return strings.Join(lines, "\n")
}

// The whole tree, in both kinds of JSON.
func TestGetGolden(t *testing.T) {
	c := dial(t, twoPorts(), Options{})
	for file, enc := range map[string]gpb.Encoding{"testdata/tree.json": gpb.Encoding_JSON, "testdata/tree_ietf.json": gpb.Encoding_JSON_IETF} {
		r, err := c.Get(context.Background(), &gpb.GetRequest{Path: []*gpb.Path{{}}, Encoding: enc})
		if err != nil {
			t.Fatal(err)
		}
		u := r.GetNotification()[0].GetUpdate()
		if len(u) != 1 || len(u[0].GetPath().GetElem()) != 0 {
			t.Fatalf("the root is %v", u)
		}
		var v any
		raw := append(u[0].GetVal().GetJsonVal(), u[0].GetVal().GetJsonIetfVal()...)
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		got, err := json.MarshalIndent(json.RawMessage(raw), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs (-update writes it anew):\n%s", file, got)
		}
	}
}

func TestGetPrefix(t *testing.T) {
	c := dial(t, twoPorts(), Options{})
	const want = eth1 + "/state/id = uint 1\n"
	for _, q := range []struct {
		prefix *gpb.Path
		path   *gpb.Path
		want   string
	}{
		{&gpb.Path{Elem: must(t, eth1).Elem}, must(t, "/state/id"), want},
		{&gpb.Path{Target: "leaf1", Elem: must(t, "/interfaces").Elem}, must(t, "/interface[name=eth1]/state/id"), "target \"leaf1\" origin \"\"\n" + want},
		{&gpb.Path{Target: "leaf1", Origin: "openconfig"}, must(t, eth1+"/state/id"), "target \"leaf1\" origin \"openconfig\"\n" + want},
		{nil, &gpb.Path{Origin: "openconfig", Elem: must(t, eth1+"/state/id").Elem}, "target \"\" origin \"openconfig\"\n" + want},
		{must(t, eth1+"/state/id"), nil, want},
	} {
		r := &gpb.GetRequest{Prefix: q.prefix, Encoding: gpb.Encoding_PROTO}
		if q.path != nil {
			r.Path = []*gpb.Path{q.path}
		}
		got, err := c.Get(context.Background(), r)
		if err != nil || len(got.GetNotification()) != 1 || show(got.Notification[0]) != q.want {
			t.Errorf("%v + %v: %v, %v", q.prefix, q.path, got, err)
		}
	}
	// One notification for each path, in order (3.3.2).
	got, err := c.Get(context.Background(), &gpb.GetRequest{Path: []*gpb.Path{must(t, eth2+"/state/id"), must(t, eth1+"/state/id")}, Encoding: gpb.Encoding_PROTO})
	if err != nil || len(got.GetNotification()) != 2 || show(got.Notification[0]) != eth2+"/state/id = uint 2\n" || show(got.Notification[1]) != want {
		t.Errorf("two paths: %v, %v", got, err)
	}
	if got, err := c.Get(context.Background(), &gpb.GetRequest{}); err != nil || len(got.GetNotification()) != 0 {
		t.Errorf("no path: %v, %v", got, err)
	}
	got, err = c.Get(context.Background(), &gpb.GetRequest{Path: []*gpb.Path{must(t, eth1+"/config")}, UseModels: []*gpb.ModelData{{Name: "openconfig-p4rt", Version: "1.0.0"}}, Encoding: gpb.Encoding_PROTO})
	if err != nil || show(got.Notification[0]) != eth1+"/config/id = uint 1\n" {
		t.Errorf("of one model only: %v, %v", got, err)
	}
}

func TestGetRefuses(t *testing.T) {
	c := dial(t, twoPorts(), Options{MaxSubscriptions: 3})
	with := func(s string, do func(*gpb.GetRequest)) *gpb.GetRequest {
		r := &gpb.GetRequest{Path: []*gpb.Path{must(t, s)}}
		if do != nil {
			do(r)
		}
		return r
	}
	long := strings.Repeat("x", maxPathLength)
	for _, q := range []struct {
		name  string
		r     *gpb.GetRequest
		code  codes.Code
		words string
	}{
		{"unknown top", with("/components", nil), codes.Unimplemented, "path /components: components is not served; the choices are interfaces"},
		{"unknown leaf", with(eth1+"/state/colour", nil), codes.Unimplemented, "the choices are name, type, mtu"},
		{"below a leaf", with(eth1+"/state/mtu/x", nil), codes.Unimplemented, "mtu is a leaf"},
		{"nothing for a wildcard", with("/.../colour", nil), codes.Unimplemented, "colour"},
		{"missing interface", with("/interfaces/interface[name=eth9]/state", nil), codes.NotFound, "the interfaces are eth1, eth2"},
		{"missing interface, PROTO", with("/interfaces/interface[name=eth9]/state", func(r *gpb.GetRequest) { r.Encoding = gpb.Encoding_PROTO }), codes.NotFound, "eth9"},
		{"unknown value", with(eth2+"/state/mtu", nil), codes.NotFound, "does not exist"},
		{"wrong key", with("/interfaces/interface[id=1]", nil), codes.InvalidArgument, "has no key id; its key is name"},
		{"key on a container", with("/interfaces[name=eth1]", nil), codes.InvalidArgument, "interfaces has no keys"},
		{"key on ...", with("/...[name=eth1]/state", nil), codes.InvalidArgument, "has no keys"},
		{"empty element", &gpb.GetRequest{Path: []*gpb.Path{{Elem: []*gpb.PathElem{{}}}}}, codes.InvalidArgument, "no name"},
		{"a path in one element", &gpb.GetRequest{Path: []*gpb.Path{{Elem: []*gpb.PathElem{{Name: "interfaces/interface"}}}}}, codes.InvalidArgument, "each element in its own PathElem"},
		{"empty key", &gpb.GetRequest{Path: []*gpb.Path{{Elem: []*gpb.PathElem{elem("interfaces"), elem("interface", "name", "")}}}}, codes.InvalidArgument, "is empty"},
		{"the old form of paths", &gpb.GetRequest{Path: []*gpb.Path{{Element: []string{"interfaces"}}}}, codes.InvalidArgument, `use "elem"`},
		{"target in a path", &gpb.GetRequest{Path: []*gpb.Path{{Target: "leaf1"}}}, codes.InvalidArgument, "belongs into the prefix"},
		{"two origins", with("/", func(r *gpb.GetRequest) {
			r.Prefix, r.Path[0].Origin = &gpb.Path{Origin: "openconfig"}, "openconfig"
		}), codes.InvalidArgument, "not into both"},
		{"origin under a prefix", with("/state", func(r *gpb.GetRequest) { r.Prefix, r.Path[0].Origin = must(t, eth1), "openconfig" }), codes.InvalidArgument, "a prefix with elements takes the origin"},
		{"other origin", with("/", func(r *gpb.GetRequest) { r.Path[0].Origin = "srlinux_cli" }), codes.Unimplemented, `write "openconfig"`},
		{"other origin in the prefix", with("/", func(r *gpb.GetRequest) { r.Prefix = &gpb.Path{Origin: "x"} }), codes.Unimplemented, `no origin "x"`},
		{"BYTES", with("/", func(r *gpb.GetRequest) { r.Encoding = gpb.Encoding_BYTES }), codes.Unimplemented, "the choices are JSON, JSON_IETF, PROTO, ASCII"},
		{"unknown encoding", with("/", func(r *gpb.GetRequest) { r.Encoding = 77 }), codes.Unimplemented, "the encoding 77"},
		{"unknown type", with("/", func(r *gpb.GetRequest) { r.Type = 9 }), codes.InvalidArgument, "OPERATIONAL"},
		{"unknown model", with("/", func(r *gpb.GetRequest) { r.UseModels = []*gpb.ModelData{{Name: "openconfig-bgp"}} }), codes.InvalidArgument, "the choices are openconfig-interfaces 3.8.1"},
		{"other version", with("/", func(r *gpb.GetRequest) { r.UseModels = []*gpb.ModelData{{Name: ocInterfaces, Version: "2.0.0"}} }), codes.InvalidArgument, "openconfig-interfaces 2.0.0 is not served"},
		{"extension", with("/", func(r *gpb.GetRequest) {
			r.Extension = []*gnmi_ext.Extension{{Ext: &gnmi_ext.Extension_Depth{Depth: &gnmi_ext.Depth{Level: 1}}}}
		}), codes.Unimplemented, "depth"},
		{"too many paths", &gpb.GetRequest{Path: []*gpb.Path{{}, {}, {}, {}}}, codes.InvalidArgument, "at most 3"},
		{"too long", &gpb.GetRequest{Path: []*gpb.Path{{Elem: []*gpb.PathElem{{Name: "a" + long}}}}}, codes.InvalidArgument, "4096 bytes"},
		{"too long a target", &gpb.GetRequest{Prefix: &gpb.Path{Target: "a" + long}}, codes.InvalidArgument, "4096 bytes"},
		{"too many elements", &gpb.GetRequest{Prefix: &gpb.Path{Elem: repeat(elem("a"), 20)}, Path: []*gpb.Path{{Elem: repeat(elem("a"), 20)}}}, codes.InvalidArgument, "at most 32 elements"},
	} {
		_, err := c.Get(context.Background(), q.r)
		refused(t, q.name, err, q.code, q.words)
	}
}
