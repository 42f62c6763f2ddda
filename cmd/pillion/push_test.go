package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"pillion/runtime/gnmi"
	"pillion/runtime/port"
)

// A push says what a switch has otherwise than the network file, and pushes all the same; a switch without gNMI is one line.
func TestPushWarns(t *testing.T) {
	for _, c := range []struct {
		name     string
		services []func(grpc.ServiceRegistrar, *port.Set)
		want     string
	}{
		{"gNMI", []func(grpc.ServiceRegistrar, *port.Set){gnmi.Service(gnmi.Options{})},
			"warning: leaf1 port 4 (endpoint web2): the switch has no port with this number; it has 3 = web/a\n"},
		{"no gNMI", nil, "warning: ports not compared with the network file: no gNMI there (leaf1)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, address := serving(t, c.services...)
			dir := t.TempDir()
			policy, file, bundle := filepath.Join(dir, "p.pol"), filepath.Join(dir, "network.yaml"), filepath.Join(dir, "bundle")
			for name, text := range map[string]string{
				policy: "tenant acme { group web = web1, web2 }\n",
				file: "switches: [{name: leaf1, target: p4runtime, address: \"" + address + "\", device-id: 1}]\n" +
					"endpoints:\n- {name: web1, mac: \"02:00:00:00:00:01\", ip: [10.0.0.1], at: \"leaf1:3\"}\n" +
					"- {name: web2, mac: \"02:00:00:00:00:02\", ip: [10.0.0.2], at: \"leaf1:4\"}\n",
			} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			for _, args := range [][]string{{"compile", policy, "--network", file, "-o", bundle}, {"push", bundle}} {
				root := newRoot()
				root.SetOut(&out)
				root.SetErr(&errs)
				root.SetArgs(args)
				if err := root.ExecuteContext(ctx); err != nil {
					t.Fatalf("%v: %v\n%s%s", args, err, &out, &errs)
				}
			}
			if errs.String() != c.want {
				t.Errorf("stderr: %s\nwant %s", &errs, c.want)
			}
			if !strings.Contains(out.String(), "leaf1 ("+address+", device 1): ok:") {
				t.Errorf("stdout: %s", &out)
			}
		})
	}
}
