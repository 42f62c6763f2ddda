package gnmi_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"pillion/runtime/gnmi"
	"pillion/runtime/port"
	"pillion/runtime/server"
)

func path(t *testing.T, format string, a ...any) *gpb.Path {
	t.Helper()
	p, err := gnmi.ParsePath(fmt.Sprintf(format, a...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A software switch answers gNMI and P4Runtime on one port, and a port that gNMI
// stops passes nothing.
func TestSwitchServesGNMI(t *testing.T) {
	sw, err := server.NewSwitch(server.SwitchOptions{
		Options:  server.Options{DeviceID: 1},
		Services: []func(grpc.ServiceRegistrar, *port.Set){gnmi.Service(gnmi.Options{})},
	})
	if err != nil {
		t.Fatal(err)
	}
	inside, outside := port.Pipe("p7")
	if err := sw.AddPort(7, inside); err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- sw.Serve(ctx, lis) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := sw.Close(); err != nil {
			t.Error(err)
		}
	}()
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := p4.NewP4RuntimeClient(conn).Capabilities(ctx, &p4.CapabilitiesRequest{}); err != nil {
		t.Errorf("P4Runtime: %v", err)
	}
	client := gpb.NewGNMIClient(conn)
	read := func(leaf string) string {
		t.Helper()
		r, err := client.Get(ctx, &gpb.GetRequest{Path: []*gpb.Path{path(t, "/interfaces/interface[name=p7/a]/%s", leaf)}, Encoding: gpb.Encoding_ASCII})
		if err != nil {
			t.Fatal(err)
		}
		return r.GetNotification()[0].GetUpdate()[0].GetVal().GetAsciiVal()
	}
	set := func(enabled bool) {
		t.Helper()
		v := &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: enabled}}
		if _, err := client.Set(ctx, &gpb.SetRequest{Update: []*gpb.Update{{Path: path(t, "/interfaces/interface[name=p7/a]/config/enabled"), Val: v}}}); err != nil {
			t.Fatal(err)
		}
	}
	if id, status := read("state/id"), read("state/oper-status"); id != "7" || status != "UP" {
		t.Errorf("port %s is %s", id, status)
	}
	set(false)
	if status, admin := read("state/oper-status"), read("state/admin-status"); status != "DOWN" || admin != "DOWN" {
		t.Errorf("stopped, it is %s and %s", status, admin)
	}
	if err := sw.Ports.Send(7, []byte("lost")); err == nil {
		t.Error("a stopped port sends")
	}
	if n := read("state/counters/out-discards"); n != "1" {
		t.Errorf("%s discards, want 1", n)
	}
	set(true)
	if err := sw.Ports.Send(7, []byte("arrives")); err != nil {
		t.Fatal(err)
	}
	if f, err := outside.Read(make([]byte, port.BufferSize)); err != nil || !bytes.Equal(f, []byte("arrives")) {
		t.Errorf("%q, %v", f, err)
	}
	if n := read("state/counters/carrier-transitions"); n != "2" {
		t.Errorf("%s transitions, want 2", n)
	}
}

// Devices may have one name: interfaces must not.
func TestPortsHaveNames(t *testing.T) {
	set := port.NewSet(func(uint32, []byte) {})
	for number, name := range map[uint32]string{3: "x", 1: "x", 2: "y"} {
		dev, _ := port.Pipe(name)
		if err := set.Add(number, dev); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, i := range gnmi.Ports(set).Interfaces() {
		got = append(got, fmt.Sprintf("%d=%s", i.Number, i.Name))
	}
	if want := []string{"1=x/a#1", "2=y/a", "3=x/a#3"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := set.Close(); err != nil {
		t.Error(err)
	}
}
