package survey_test

import (
	"bytes"
	"context"
	"flag"
	"net"
	"os"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"pillion/compiler/network"
	"pillion/runtime/gnmi"
	"pillion/runtime/p4rt"
	"pillion/runtime/port"
	"pillion/runtime/survey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// world is switches in memory, by their addresses.
type world map[string]*bufconn.Listener

func (w world) add(t *testing.T, address string, register ...func(grpc.ServiceRegistrar)) {
	t.Helper()
	lis := bufconn.Listen(1 << 20)
	g := grpc.NewServer()
	p4.RegisterP4RuntimeServer(g, p4runtime{})
	for _, r := range register {
		r(g)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(lis) }()
	t.Cleanup(func() {
		g.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	w[address] = lis
}

func (w world) dial(ctx context.Context, _, address string) (net.Conn, error) {
	lis := w[address]
	if lis == nil {
		return nil, os.ErrNotExist
	}
	return lis.DialContext(ctx)
}

// p4runtime is the least of a switch.
type p4runtime struct {
	p4.UnimplementedP4RuntimeServer
}

func (p4runtime) Capabilities(context.Context, *p4.CapabilitiesRequest) (*p4.CapabilitiesResponse, error) {
	return &p4.CapabilitiesResponse{P4RuntimeApiVersion: "1.5.0"}, nil
}

// ours is the gNMI server of our own switch.
func ours(list ...gnmi.Interface) func(grpc.ServiceRegistrar) {
	return gnmi.New(source(list), gnmi.Options{}).Register
}

type source []gnmi.Interface

func (s source) Interfaces() []gnmi.Interface  { return s }
func (s source) SetEnabled(uint32, bool) error { return nil }
func (s source) Watch(func()) (stop func())    { return func() {} }

// iface is an interface that is up.
func iface(number uint32, name string, mtu int, gigabits uint64, do ...func(*gnmi.Interface)) gnmi.Interface {
	i := gnmi.Interface{Name: name, Status: port.Status{Number: number, Name: name, Enabled: true,
		Link: port.Link{Present: true, AdminUp: true, Carrier: true, MTU: mtu, Speed: gigabits * 1e9}}}
	for _, f := range do {
		f(&i)
	}
	return i
}

// foreign is a switch of somebody else.
type foreign struct {
	gpb.UnimplementedGNMIServer
	encodings []gpb.Encoding
	get       func(path string, e gpb.Encoding) ([]*gpb.Update, error)
	once      func(path string) []*gpb.Update
}

func (f foreign) register(r grpc.ServiceRegistrar) { gpb.RegisterGNMIServer(r, f) }

func (f foreign) Capabilities(context.Context, *gpb.CapabilityRequest) (*gpb.CapabilityResponse, error) {
	return &gpb.CapabilityResponse{GNMIVersion: "0.7.0", SupportedEncodings: f.encodings}, nil
}

func (f foreign) Get(_ context.Context, r *gpb.GetRequest) (*gpb.GetResponse, error) {
	if f.get == nil {
		return nil, status.Error(codes.Unimplemented, "no Get")
	}
	u, err := f.get(gnmi.FormatPath(r.GetPath()[0]), r.GetEncoding())
	return &gpb.GetResponse{Notification: []*gpb.Notification{{Update: u}}}, err
}

func (f foreign) Subscribe(s gpb.GNMI_SubscribeServer) error {
	r, err := s.Recv()
	if err != nil {
		return err
	}
	if f.once == nil {
		return status.Error(codes.Unimplemented, "no Subscribe")
	}
	for _, u := range f.once(gnmi.FormatPath(r.GetSubscribe().GetSubscription()[0].GetPath())) {
		if err := s.Send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: &gpb.Notification{Update: []*gpb.Update{u}}}}); err != nil {
			return err
		}
	}
	return s.Send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}})
}

func at(t *testing.T, path string, v *gpb.TypedValue) *gpb.Update {
	t.Helper()
	p, err := gnmi.ParsePath(path)
	if err != nil {
		t.Fatal(err)
	}
	return &gpb.Update{Path: p, Val: v}
}

func ietf(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: []byte(s)}}
}
func plain(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: []byte(s)}}
}
func word(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: s}}
}
func number(n uint64) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: n}}
}

// sample is a network in which each switch answers in another way.
func sample(t *testing.T) (*network.Network, world) {
	t.Helper()
	net, said := network.Load("testdata/network.yaml")
	if said.HasErrors() {
		t.Fatal(said)
	}
	w := world{}
	w.add(t, "192.0.2.1:9559", ours(
		iface(1, "eth1", 1600, 10), iface(2, "eth2", 1500, 10), iface(3, "eth3", 1500, 0),
		iface(4, "eth4", 1400, 0), iface(5, "eth5", 1500, 0, func(i *gnmi.Interface) { i.Enabled = false }),
		iface(6, "eth6", 1500, 0, func(i *gnmi.Interface) { i.Link.Carrier = false }),
		iface(8, "twin-a", 1500, 0), iface(8, "twin-b", 1500, 0), iface(20, "eth20", 1500, 1),
	))
	w.add(t, "192.0.2.2:9559", foreign{
		encodings: []gpb.Encoding{gpb.Encoding_PROTO},
		once: func(path string) []*gpb.Update {
			switch path {
			case "/interfaces/interface[name=*]/state":
				const i = "/interfaces/interface[name=1/1/c1]/state/"
				return []*gpb.Update{at(t, i+"id", number(1)), at(t, i+"oper-status", word("UP")), at(t, i+"admin-status", word("UP")), at(t, i+"mtu", number(9216))}
			case "/interfaces/interface[name=*]/ethernet/state":
				return []*gpb.Update{at(t, "/interfaces/interface[name=1/1/c1]/ethernet/state/port-speed", word("SPEED_25GB"))}
			}
			return nil
		},
	}.register)
	w.add(t, "192.0.2.3:9559")
	w.add(t, "192.0.2.4:9559", foreign{
		encodings: []gpb.Encoding{gpb.Encoding_JSON_IETF},
		get: func(path string, e gpb.Encoding) ([]*gpb.Update, error) {
			if path != "/interfaces/interface[name=*]/state" || e != gpb.Encoding_JSON_IETF {
				return nil, status.Error(codes.NotFound, "nothing there")
			}
			return []*gpb.Update{at(t, "/interfaces", ietf(`{"openconfig-interfaces:interface":[{"name":"Ethernet1","state":{"oper-status":"UP"}},{"name":"Management1","state":{"oper-status":"UP"}}]}`))}, nil
		},
	}.register)
	w.add(t, "192.0.2.6:9559", foreign{get: func(string, gpb.Encoding) ([]*gpb.Update, error) {
		return nil, status.Error(codes.PermissionDenied, "who are you?")
	}}.register)
	return net, w
}

func check(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it anew):\n%s", name, got)
	}
}

func TestCheck(t *testing.T) {
	net, w := sample(t)
	r, err := survey.Check(context.Background(), net, survey.Options{Connect: p4rt.Options{Dialer: w.dial}, Parallel: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r.OK() {
		t.Error("a network with problems is OK")
	}
	var text, js bytes.Buffer
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(&js); err != nil {
		t.Fatal(err)
	}
	check(t, "testdata/report.txt", text.Bytes())
	check(t, "testdata/report.json", js.Bytes())
}

// A switch without gNMI, one without numbers and an ordinary switch are no errors.
func TestCheckOnly(t *testing.T) {
	net, w := sample(t)
	o := survey.Options{Connect: p4rt.Options{Dialer: w.dial}, Only: []string{"leaf3", "leaf4", "old"}}
	r, err := survey.Check(context.Background(), net, o)
	if err != nil || !r.OK() || len(r.Switches) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	o.Only = []string{"leaf9"}
	if _, err := survey.Check(context.Background(), net, o); err == nil || !strings.Contains(err.Error(), "the switches are leaf1, leaf2") {
		t.Errorf("%v", err)
	}
}

// However a switch cuts its answer, it is the same.
func TestShapesOfAnswers(t *testing.T) {
	const list = "/interfaces/interface"
	shapes := map[string][]*gpb.Update{
		"leaves":                {at(t, list+"[name=e]/state/id", number(3)), at(t, list+"[name=e]/state/oper-status", word("UP")), at(t, list+"[name=e]/state/mtu", number(1514))},
		"state":                 {at(t, list+"[name=e]/state", ietf(`{"openconfig-p4rt:id":3,"openconfig-interfaces:oper-status":"UP","openconfig-interfaces:mtu":1514}`))},
		"entry":                 {at(t, list+"[name=e]", plain(`{"name":"e","state":{"id":3,"oper-status":"UP","mtu":1514}}`))},
		"entry without its key": {at(t, list, ietf(`{"openconfig-interfaces:name":"e","openconfig-interfaces:state":{"openconfig-p4rt:id":3,"oper-status":"UP","mtu":1514}}`))},
		"list":                  {at(t, list, plain(`[{"name":"e","state":{"id":3,"oper-status":"UP","mtu":1514}}]`))},
		"root":                  {at(t, "/", ietf(`{"openconfig-interfaces:interfaces":{"interface":[{"name":"e","subinterfaces":{"subinterface":[{"index":0,"state":{"id":9}}]},"config":{"openconfig-p4rt:id":3},"state":{"oper-status":"UP","mtu":1514}}]}}`))},
		"module names in paths": {at(t, "/openconfig-interfaces:interfaces/interface[name=e]/state/openconfig-p4rt:id", plain("3")), at(t, list+"[name=e]/state/oper-status", plain(`"UP"`)), at(t, list+"[name=e]/state/mtu", ietf(`1514`))},
		"ASCII":                 {at(t, list+"[name=e]/state/id", &gpb.TypedValue{Value: &gpb.TypedValue_AsciiVal{AsciiVal: "3"}}), at(t, list+"[name=e]/state/oper-status", word("UP")), at(t, list+"[name=e]/state/mtu", &gpb.TypedValue{Value: &gpb.TypedValue_IntVal{IntVal: 1514}})},
	}
	for name, updates := range shapes {
		net, said := network.Parse("n.yaml", []byte(`
switches: [{name: leaf1, target: p4runtime, address: "192.0.2.1:9559", device-id: 1}]
endpoints: [{name: web1, mac: "02:00:00:00:00:01", ip: [10.0.0.1], at: leaf1:3}]
`))
		if said.HasErrors() {
			t.Fatal(said)
		}
		w := world{}
		w.add(t, "192.0.2.1:9559", foreign{get: func(path string, _ gpb.Encoding) ([]*gpb.Update, error) {
			if path == "/interfaces/interface[name=*]/state" {
				return updates, nil
			}
			return nil, nil
		}}.register)
		r, err := survey.Check(context.Background(), net, survey.Options{Connect: p4rt.Options{Dialer: w.dial}})
		if err != nil || !r.OK() || len(r.Switches[0].Ports) != 1 || r.Switches[0].Ports[0].Interface == nil {
			t.Errorf("%s: %+v, %v", name, r, err)
			continue
		}
		if i := *r.Switches[0].Ports[0].Interface; i != (survey.Interface{Name: "e", Number: 3, Numbered: true, Oper: "UP", MTU: 1500}) {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

// What is no answer is an error of that switch.
func TestBadAnswers(t *testing.T) {
	net, said := network.Parse("n.yaml", []byte(`switches: [{name: leaf1, target: p4runtime, address: "192.0.2.1:9559", device-id: 1}]`))
	if said.HasErrors() {
		t.Fatal(said)
	}
	for text, want := range map[string]string{`{"a":`: "not JSON", `{} {}`: "something behind", strings.Repeat("[", 20000): "not JSON"} {
		w := world{}
		w.add(t, "192.0.2.1:9559", foreign{get: func(string, gpb.Encoding) ([]*gpb.Update, error) {
			return []*gpb.Update{at(t, "/interfaces", plain(text))}, nil
		}}.register)
		r, err := survey.Check(context.Background(), net, survey.Options{Connect: p4rt.Options{Dialer: w.dial}})
		if err != nil || r.OK() || r.Switches[0].Status != survey.StatusUnreachable || !strings.Contains(r.Switches[0].Error, want) {
			t.Errorf("%.20q: %+v, %v", text, r, err)
		}
	}
}
