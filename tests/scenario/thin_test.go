//go:build linux
package scenario
import (
	"testing"
	"context"
	"fmt"
	"os"
	"pillion/tests/lab"
	"pillion/runtime/push"
	"pillion/runtime/p4rt"
	"pillion/p4"
)

func TestThin(t *testing.T) {
	m, err := build(source{"x", 1, []byte(`
tenant acme { group web = web1 
group app = app1
}
tenant bravo { group all = b1 }
allow partner: bravo.all -> acme.web on tcp/80, icmp
`)}, source{"x", 1, []byte(`
switches:
  - {name: leaf1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
  - {name: leaf2, target: p4runtime, address: "127.0.0.1:50052", device-id: 2}
links:
  - [leaf1:21, leaf2:21]
endpoints:
  - {name: web1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: leaf1:1}
  - {name: app1, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: leaf1:2}
  - {name: b1, mac: "02:00:00:00:00:11", ip: [10.0.1.1, "fd00::11"], at: leaf2:3}
`)})
	if err != nil { t.Fatal(err) }
	l, err := lab.New()
	if err != nil { t.Fatal(err) }
	defer l.Close()
	w, err := wire(l, &Scenario{made: m})
	if err != nil { t.Fatal(err) }
	for i, sw := range m.net.Switches {
		s, err := l.StartBMv2(context.Background(), lab.BMv2{Namespace: w.switches[i], Ports: w.ports[i], DeviceID: sw.DeviceID, CPUPort: sw.CPUPort, LogLevel: os.Getenv("BMLOG")})
		if err != nil { t.Fatal(err) }
		m.bundle.Targets[i].Address = s.Address()
		if os.Getenv("BMLOG") != "" {
			defer func() { b, _ := os.ReadFile(s.LogFile()); os.WriteFile("/tmp/scenario/"+sw.Name+".log", b, 0644) }()
		}
	}
	program, _ := p4.Pillion()
	r, err := push.Push(context.Background(), m.bundle, p4rt.Pipelines{"switch": {P4Info: program.Info, Config: program.Config}}, push.Options{})
	if err != nil { t.Fatal(err) }
	r.WriteText(os.Stdout)
	for _, c := range [][2]string{{"web1","app1"},{"b1","web1"},{"b1","app1"}} {
		for fam := range 2 {
			var dst = 0
			_ = dst
			for _, e := range m.net.Endpoints { if e.Name == c[1] {
				p, err := lab.Ping{From: w.hosts[c[0]], Destination: e.IPs[fam], Count: 3}.Run()
				fmt.Println(c, e.IPs[fam], p, err)
			}}
		}
	}
}
