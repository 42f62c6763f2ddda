package scenario

import (
	"strings"
	"testing"

	"pillion/tests/policytest"
)

// probed is a policy with test blocks of every kind.
const probed = `-- policy.pol --
tenant acme {
  group web = web1, web2
  group app = app1
}
tenant bravo { group all = b1 }
service http = tcp/80, udp/80

allow partner: bravo.all -> acme.web on http
allow world:   192.0.2.0/24 -> acme.web on http
allow log:     acme.app -> bravo.all on udp/514 one-way
deny  shell:   any -> acme.app on tcp/22

middlebox fw  { instances fw1, fw2   stateful }
middlebox ids { instances ids1   tap }

chain inbound: bravo.all -> acme.web on http via fw -> ids

multicast ticker {
  group     239.1.1.1
  senders   acme.app
  receivers acme.web
}

test "everything" {
  web1      -> web2 : delivered
  web1      -> app1 on tcp/22: dropped
  b1        -> web1 on http: delivered via fw copied to ids
  b1        -> web2 on http: delivered via fw
  b1        -> app1: dropped
  web1      -> 192.0.2.7 on http: dropped
  app1      -> b1 on udp/514: delivered to b1
  app1      -> 239.1.1.1: delivered to web1, web2
  web1      -> 239.1.1.1: dropped
}
-- network.yaml --
switches:
  - {name: leaf1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
  - {name: leaf2, target: p4runtime, address: "127.0.0.1:50052", device-id: 2}
links:
  - [leaf1:21, leaf2:21]
endpoints:
  - {name: web1, mac: "02:00:00:00:00:01", ip: [10.0.0.1, "fd00::1"], at: leaf1:1}
  - {name: web2, mac: "02:00:00:00:00:02", ip: [10.0.0.2, "fd00::2"], at: leaf2:1}
  - {name: app1, mac: "02:00:00:00:00:03", ip: [10.0.0.3, "fd00::3"], at: leaf2:2}
  - {name: b1, mac: "02:00:00:00:00:11", ip: [10.0.1.1, "fd00::11"], at: leaf2:3}
  - {name: internet, mac: "02:00:00:00:00:fe", ip: [10.0.0.254, "fd00::fe"], prefixes: [0.0.0.0/0, "::/0"], at: leaf1:9}
middleboxes:
  - {name: fw1, at: leaf1:11, out: leaf1:12}
  - {name: fw2, at: leaf2:11, out: leaf2:12}
  - {name: ids1, at: leaf2:14}
-- expect --
`

// TestProber runs the test blocks of a policy on every substrate, as `pillion test` does.
func TestProber(t *testing.T) {
	for _, on := range substrates {
		t.Run(on.Name(), func(t *testing.T) {
			t.Parallel()
			s, err := Parse("probed.txtar", []byte(probed))
			if err != nil {
				t.Fatal(err)
			}
			if missing := on.Missing(&s.Site); len(missing) > 0 {
				t.Skip(strings.Join(missing, "; "))
			}
			suite, list := policytest.Prepare(s.policy, s.net)
			if list.HasErrors() {
				t.Fatal(rendered(list))
			}
			prober, err := NewProber(t.Context(), &s.Site, on)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := prober.Close(); err != nil {
					t.Error(err)
				}
			}()
			result, err := suite.Run(t.Context(), prober)
			if err != nil {
				t.Fatal(err)
			}
			passed, failed, skipped := result.Count()
			t.Logf("%d passed, %d failed, %d skipped", passed, failed, skipped)
			if !result.OK() || passed == 0 || skipped > 0 {
				var said strings.Builder
				if err := result.Text(&said); err != nil {
					t.Error(err)
				}
				t.Error(said.String())
			}
			if len(result.Unexercised) != 1 || result.Unexercised[0].Name != "allow world" {
				t.Errorf("unexercised: %v, expected allow world alone", result.Unexercised)
			}
		})
	}
}
