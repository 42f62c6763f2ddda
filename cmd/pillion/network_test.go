package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"pillion/runtime/gnmi"
	"pillion/runtime/port"
	"pillion/runtime/server"
)

// serving runs a switch with port 3, web, until the test ends; calls to it take the context.
func serving(t *testing.T, services ...func(grpc.ServiceRegistrar, *port.Set)) (ctx context.Context, address string) {
	t.Helper()
	sw, err := server.NewSwitch(server.SwitchOptions{Options: server.Options{DeviceID: 1}, Services: services})
	if err != nil {
		t.Fatal(err)
	}
	dev, _ := port.Pipe("web")
	if err := sw.AddPort(3, dev); err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- sw.Serve(ctx, lis) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-served, sw.Close()); err != nil {
			t.Error(err)
		}
	})
	return ctx, lis.Addr().String()
}

// The command asks a running switch, and its exit code says what came of it.
func TestNetworkCheck(t *testing.T) {
	ctx, address := serving(t, gnmi.Service(gnmi.Options{}))
	for _, c := range []struct {
		name, at string
		args     []string
		code     error
		want     string
	}{
		{"as the file says", "leaf1:3", nil, nil, "port 3 = web/a (UP): endpoint web1\n1 switch: 1 compared; 0 problems\n"},
		{"another port", "leaf1:4", nil, exitCode(1), "problem: the switch has no port with this number; it has 3 = web/a"},
		{"as JSON", "leaf1:3", []string{"--format", "json"}, nil, `"name": "web/a"`},
	} {
		file := filepath.Join(t.TempDir(), "network.yaml")
		text := "switches: [{name: leaf1, target: p4runtime, address: \"" + address + "\", device-id: 1}]\n" +
			"endpoints: [{name: web1, mac: \"02:00:00:00:00:01\", ip: [10.0.0.1], at: \"" + c.at + "\"}]\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		cmd := newNetwork()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetOut(&out)
		cmd.SetErr(&errs)
		cmd.SetArgs(append([]string{"check", "--network", file}, c.args...))
		if err := cmd.ExecuteContext(ctx); !errors.Is(err, c.code) || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %v\n%s%s\nwant %v with %q", c.name, err, out.String(), errs.String(), c.code, c.want)
		}
	}
}
