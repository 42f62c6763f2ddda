package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pillion/lang"
	"pillion/p4"
	"pillion/runtime/packet"
	"pillion/runtime/simulate"
)

func TestDropReasons(t *testing.T) {
	rows := read(t, "docs/wire.md").table(t, "index")
	if len(rows) != len(p4.DropReasons) {
		t.Fatalf("wire.md has %d drop reasons, pillion.p4 %d", len(rows), len(p4.DropReasons))
	}
	for i, row := range rows {
		if row[0] != strconv.Itoa(i) || row[1] != p4.DropReasons[i] {
			t.Errorf("wire.md lists %s %q, pillion.p4 has %d %q", row[0], row[1], i, p4.DropReasons[i])
		}
	}
}

// The fields of the service header are those of the P4 program, in order and width.
func TestHeaderFields(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(root, "p4", "headers.p4"))
	if err != nil {
		t.Fatal(err)
	}
	body := regexp.MustCompile(`(?s)header nsh_t \{(.*?)\n\}`).FindSubmatch(source)
	if body == nil {
		t.Fatal("headers.p4 has no nsh_t")
	}
	fields := regexp.MustCompile(`bit<(\d+)>\s+(\w+);`).FindAllStringSubmatch(string(body[1]), -1)
	rows := read(t, "docs/wire.md").table(t, "field")
	if len(rows) != len(fields) {
		t.Fatalf("wire.md has %d fields, nsh_t %d", len(rows), len(fields))
	}
	for i, f := range fields {
		if code(rows[i][0]) != f[2] || rows[i][1] != f[1] {
			t.Errorf("field %d: wire.md has %s of %s bits, nsh_t %s of %s", i, rows[i][0], rows[i][1], f[2], f[1])
		}
	}
}

// exampleNetwork is examples/web at work in this process.
func exampleNetwork(t *testing.T) *simulate.Network {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples", "web", "policy.pol"))
	if err != nil {
		t.Fatal(err)
	}
	inventory, err := os.ReadFile(filepath.Join(root, "examples", "web", "network.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r := compile(t, string(inventory), lang.Input{Name: "policy.pol", Text: text})
	if len(r.said) > 0 {
		t.Fatal(r.text(t))
	}
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	net, err := simulate.New(r.bundle, program)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// The example frames are what the program makes.
func TestWireExample(t *testing.T) {
	p := read(t, "docs/wire.md")
	net := exampleNetwork(t)
	from, to := net.Inventory.Endpoint("b1"), net.Inventory.Endpoint("web2")
	syn := packet.Packet{
		SrcMAC: packet.MAC(from.MAC), DstMAC: packet.MAC(to.MAC), Src: from.IPs[0], Dst: to.IPs[0],
		Proto: packet.TCP, SPort: 40001, DPort: 80, Flags: packet.SYN,
	}
	j, err := net.Send("b1", syn.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var journey strings.Builder
	var first []byte
	for i := range j.Hops {
		for _, o := range j.Hops[i].Outputs {
			if o.Peer.Kind != simulate.PeerSwitch {
				continue
			}
			if first == nil {
				first = o.Frame
			}
			fmt.Fprintf(&journey, "%s:%d  %s\n", j.Hops[i].Switch, o.Port, packet.Describe(o.Frame))
		}
	}
	p.only(t, "text", "journey").compare(t, journey.String())
	p.only(t, "text", "bytes").compare(t, annotated(t, first))
}

// annotated is the encapsulation of a frame, field by field.
func annotated(t *testing.T, frame []byte) string {
	t.Helper()
	e, err := packet.Decapsulate(frame)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	at := 0
	line := func(bytes int, format string, args ...any) {
		fmt.Fprintf(&out, "%2d  %-18s %s\n", at, fmt.Sprintf("% x", frame[at:at+bytes]), fmt.Sprintf(format, args...))
		at += bytes
	}
	line(6, "locator of the next edge")
	line(6, "locator of the edge that encapsulated")
	line(2, "EtherType")
	line(2, "version 0, TTL %d, length 6", e.TTL)
	line(1, "MD type 1")
	line(1, "next protocol 3: Ethernet")
	line(3, "SPI %d", e.SPI)
	line(1, "SI %d", e.SI)
	line(1, "rules %d", e.Rules)
	line(1, "flags %d", e.Flags)
	line(2, "tree %d", e.Tree)
	line(4, "tenant %d", e.Tenant)
	line(4, "identity %d", e.Identity)
	line(2, "bucket %d", e.Bucket)
	line(2, "reserved")
	return out.String()
}
