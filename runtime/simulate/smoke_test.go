package simulate

import (
	"fmt"
	"net/netip"
	"testing"

	"pillion/backends"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/p4"
	"pillion/runtime/packet"
)

func TestSmoke(t *testing.T) {
	pol, d := lang.ParseFiles([]string{"/tmp/simhelper/ex.pol"}, lang.Options{Read: lang.ReadFile})
	fmt.Println(d)
	net, d := network.Load("/tmp/simhelper/ex.yaml")
	fmt.Println(d)
	pl, d := compiler.Compile(pol, net)
	for _, x := range d {
		fmt.Println(x.Code, x.Message)
	}
	prog, _ := p4.Pillion()
	b, _, err := backends.Lower(pl, prog, net.JSON())
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(b, prog)
	if err != nil {
		t.Fatal(err)
	}
	a, z := n.Inventory.Endpoint("b1"), n.Inventory.Endpoint("web1")
	p := packet.Packet{SrcMAC: packet.MAC(a.MAC), DstMAC: packet.MAC(z.MAC), Src: netip.MustParseAddr("10.0.0.5"), Dst: netip.MustParseAddr("10.0.0.1"), Proto: 6, SPort: 40000, DPort: 80, Flags: packet.SYN}
	j, err := n.Send("b1", p.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range j.Hops {
		fmt.Printf("%d from %d through %q: %s:%d %s\n", i, h.From, h.Through, h.Switch, h.Port, packet.Describe(h.Frame))
		for _, l := range h.Lookups {
			fmt.Printf("    %s -> %s (out %d)\n", l.Table, l.Action, l.Output)
		}
		fmt.Println("   dropped:", h.Dropped)
		for _, o := range h.Outputs {
			fmt.Printf("   out %d %v %s\n", o.Port, o.Peer, packet.Describe(o.Frame))
		}
	}
	fmt.Println(n.Counters())
}
