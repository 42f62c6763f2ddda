package packet

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"pgregory.net/rapid"
)

var (
	here  = MAC{2, 0, 0, 0, 0, 1}
	there = MAC{2, 0, 0, 0, 0, 2}
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func drawPacket(t *rapid.T) *Packet {
	six := rapid.Bool().Draw(t, "six")
	ip := func(label string) netip.Addr {
		if six {
			return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Filter(func(b []byte) bool {
				return !netip.AddrFrom16([16]byte(b)).Is4In6()
			}).Draw(t, label)))
		}
		return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, label)))
	}
	p := &Packet{
		SrcMAC: here, DstMAC: there, Src: ip("src"), Dst: ip("dst"), TTL: rapid.Uint8Range(1, 255).Draw(t, "ttl"),
		Proto:   rapid.SampledFrom([]uint8{ICMP, TCP, UDP, 99, 253}).Draw(t, "proto"),
		Payload: rapid.SliceOfN(rapid.Byte(), 46, 200).Draw(t, "payload"), // as much as needs no padding
	}
	if rapid.Bool().Draw(t, "fragmented") {
		p.Fragment = &Fragment{Offset: rapid.Uint16Range(0, 8191).Draw(t, "offset"), More: rapid.Bool().Draw(t, "more"), ID: uint32(rapid.Uint16().Draw(t, "id"))}
		if p.Fragment.Offset == 0 {
			p.Fragment.More = true
		} else {
			return p // no transport header
		}
	}
	switch p.Proto {
	case TCP:
		p.Flags, p.Seq, p.AckNo = Flags(rapid.Uint8Range(0, 31).Draw(t, "flags")), rapid.Uint32().Draw(t, "seq"), rapid.Uint32().Draw(t, "ack")
		fallthrough
	case UDP:
		p.SPort, p.DPort = rapid.Uint16().Draw(t, "sport"), rapid.Uint16().Draw(t, "dport")
	case ICMP:
		p.Type, p.Code = rapid.Uint8().Draw(t, "type"), rapid.Uint8().Draw(t, "code")
		p.ID, p.Number = rapid.Uint16().Draw(t, "echo"), rapid.Uint16().Draw(t, "number")
	}
	return p
}

// What Bytes writes, Decode reads.
func TestDecodeIsInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPacket(t)
		got, err := Decode(want.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
			t.Fatalf("written (-) and read (+) differ:\n%s", d)
		}
	})
}

// Another decoder agrees on lengths and checksums.
func TestChecksums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPacket(t)
		p.Fragment = nil
		g := gopacket.NewPacket(p.Bytes(), layers.LayerTypeEthernet, gopacket.Default)
		for _, l := range g.Layers() {
			if c, ok := l.(interface {
				SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
			}); ok {
				_ = c.SetNetworkLayerForChecksum(g.NetworkLayer()) // the layer before, always IP
			}
		}
		errs, found := g.VerifyChecksums()
		if errs != nil || len(found) > 0 {
			t.Fatalf("%v: %v %v", p, errs, found)
		}
	})
}

func TestExtensions(t *testing.T) {
	p := &Packet{SrcMAC: here, DstMAC: there, Src: addr("fd00::1"), Dst: addr("fd00::2"), Proto: UDP, SPort: 1, DPort: 2, Payload: []byte("x"),
		Extensions: []Extension{{HopByHop, make([]byte, 6)}, {DestOptions, make([]byte, 9)}}, Fragment: &Fragment{More: true, ID: 5}}
	f := p.Bytes()
	if want := []byte{DestOptions, 0}; !bytes.Equal(f[54:56], want) || f[20] != HopByHop {
		t.Errorf("hop-by-hop header % x behind next header %d", f[54:56], f[20])
	}
	if want := []byte{FragmentV6, 1}; !bytes.Equal(f[62:64], want) {
		t.Errorf("destination options start with % x", f[62:64])
	}
	if want := []byte{UDP, 0, 0, 1, 0, 0, 0, 5}; !bytes.Equal(f[78:86], want) {
		t.Errorf("fragment header % x", f[78:86])
	}
	got, err := Decode(f)
	if err != nil || got.DPort != 2 || *got.Fragment != *p.Fragment {
		t.Errorf("read %+v, %v", got, err)
	}
}

// Bytes by hand, from RFC 8300 and docs/wire.md.
func TestEncapsulation(t *testing.T) {
	e := &Encapsulated{Dst: there, Src: here, Inner: []byte{0xAA, 0xBB},
		NSH: NSH{TTL: 63, SPI: 0x010203, SI: 254, Rules: 4, Flags: FlagCopy, Tree: 0x0506, Tenant: 0x0708090A, Identity: 0x0B0C0D0E, Bucket: 0x00FF}}
	want := []byte{
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x89, 0x4F,
		0x0F, 0xC6, 0x01, 0x03, // version 0, TTL 63, length 6; MD type 1, Ethernet
		1, 2, 3, 254,
		4, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0, 255, 0, 0,
		0xAA, 0xBB,
	}
	if got := e.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}
	got, err := Decapsulate(want)
	if err != nil || !cmp.Equal(got, e) {
		t.Errorf("read %+v, %v", got, err)
	}
	for what, change := range map[string]func([]byte) []byte{
		"short":         func(b []byte) []byte { return b[:37] },
		"EtherType":     func(b []byte) []byte { b[12] = 0; return b },
		"version":       func(b []byte) []byte { b[14] |= 0x80; return b },
		"length":        func(b []byte) []byte { b[15] = 0xC7; return b },
		"MD type":       func(b []byte) []byte { b[16] = 2; return b },
		"next protocol": func(b []byte) []byte { b[17] = 1; return b },
		"empty":         func([]byte) []byte { return nil },
	} {
		if _, err := Decapsulate(change(bytes.Clone(want))); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestAnswers(t *testing.T) {
	asker, target := addr("10.0.0.1"), addr("10.0.0.2")
	arp := ARP{SrcMAC: there, DstMAC: here, Operation: 2, SenderMAC: there, Sender: target, TargetMAC: here, Target: asker}
	if mac, ok := Answer(arp.Bytes(), here, asker, target); !ok || mac != there {
		t.Errorf("an ARP answer is refused: %v", mac)
	}
	for what, change := range map[string]func(*ARP){
		"a question":        func(a *ARP) { a.Operation = 1 },
		"of somebody else":  func(a *ARP) { a.Sender = addr("10.0.0.3") },
		"for somebody else": func(a *ARP) { a.Target = addr("10.0.0.3") },
		"to somebody else":  func(a *ARP) { a.DstMAC = there },
		"two MACs":          func(a *ARP) { a.SenderMAC = here },
	} {
		a := arp
		change(&a)
		if _, ok := Answer(a.Bytes(), here, asker, target); ok {
			t.Errorf("ARP: %s is taken for an answer", what)
		}
	}
	asker, target = addr("fd00::1"), addr("fd00::2")
	nd := Neighbour{SrcMAC: there, DstMAC: here, Src: target, Dst: asker, Advertisement: true, Flags: 0x60, Target: target, Option: there}
	if mac, ok := Answer(nd.Bytes(), here, asker, target); !ok || mac != there {
		t.Errorf("a neighbour advertisement is refused: %v", mac)
	}
	for what, change := range map[string]func(*Neighbour){
		"unsolicited":      func(n *Neighbour) { n.Flags = 0x20 },
		"from afar":        func(n *Neighbour) { n.HopLimit = 64 },
		"without option":   func(n *Neighbour) { n.NoOption = true },
		"a question":       func(n *Neighbour) { n.Advertisement = false },
		"of somebody else": func(n *Neighbour) { n.Target = addr("fd00::3") },
	} {
		n := nd
		change(&n)
		if _, ok := Answer(n.Bytes(), here, asker, target); ok {
			t.Errorf("neighbour discovery: %s is taken for an answer", what)
		}
	}
	broken := nd.Bytes()
	broken[56]++ // checksum
	if _, ok := Answer(broken, here, asker, target); ok {
		t.Error("a wrong checksum is taken for an answer")
	}
}

func TestGroupMAC(t *testing.T) {
	for ip, want := range map[string]string{
		"239.129.2.3": "01:00:5e:01:02:03", "ff0e::1:203": "33:33:00:01:02:03",
	} {
		if got := GroupMAC(addr(ip)).String(); got != want {
			t.Errorf("%s has %s, want %s", ip, got, want)
		}
	}
}

func TestDescribe(t *testing.T) {
	p := Packet{SrcMAC: here, DstMAC: there, Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), Proto: TCP, SPort: 40000, DPort: 80, Flags: SYN | ACK}
	six := p
	six.Src, six.Dst = addr("fd00::1"), addr("fd00::2")
	ping := p
	ping.Proto, ping.Type = ICMP, Echo
	part := p
	part.Fragment = &Fragment{Offset: 100}
	for want, frame := range map[string][]byte{
		"tcp 10.0.0.1:40000 -> 10.0.0.2:80 S.":           p.Bytes(),
		"tcp [fd00::1]:40000 -> [fd00::2]:80 S.":         six.Bytes(),
		"icmp 10.0.0.1 -> 10.0.0.2 echo":                 ping.Bytes(),
		"tcp 10.0.0.1 -> 10.0.0.2 fragment at 800":       part.Bytes(),
		"arp 10.0.0.1 asks for 10.0.0.2":                 Question(here, p.Src, p.Dst),
		"icmp fd00::1 -> ff02::1:ff00:2 type 135 code 0": Question(here, six.Src, six.Dst),
		"3 bytes, too short for Ethernet":                {1, 2, 3},
		"14 bytes, EtherType 0x88cc":                     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0xCC},
		"nsh to 02:00:00:00:00:02 spi 7 si 255 tree 0 ttl 9 copy: tcp 10.0.0.1:40000 -> 10.0.0.2:80 S.": (&Encapsulated{
			Dst: there, NSH: NSH{TTL: 9, SPI: 7, SI: 255, Flags: FlagCopy}, Inner: p.Bytes()}).Bytes(),
	} {
		if got := Describe(frame); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// An error quotes the packet from its IP header on.
func TestError(t *testing.T) {
	for _, ips := range [][2]string{{"10.0.0.1", "10.0.0.2"}, {"fd00::1", "fd00::2"}} {
		p := Packet{SrcMAC: here, DstMAC: there, Src: addr(ips[0]), Dst: addr(ips[1]), Proto: UDP, SPort: 5, DPort: 6, Payload: make([]byte, 100)}
		frame := p.Bytes()
		e := Error(frame, Packet{SrcMAC: there, DstMAC: here, Src: p.Dst, Dst: p.Src}, Unreachable, 3, 8)
		header := 20
		if p.Six() {
			header = 40
		}
		if !bytes.Equal(e.Payload, frame[14:14+header+8]) || e.Proto != ICMP || e.Code != 3 {
			t.Errorf("%v quotes % x", e, e.Payload)
		}
	}
}

func FuzzDescribe(f *testing.F) {
	p := Packet{SrcMAC: here, DstMAC: there, Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), Proto: TCP}
	f.Add(p.Bytes())
	p.Src, p.Dst, p.Fragment = addr("fd00::1"), addr("fd00::2"), &Fragment{More: true}
	f.Add(p.Bytes())
	f.Add(Question(here, p.Src, p.Dst))
	f.Add(Question(here, addr("10.0.0.1"), addr("10.0.0.2")))
	f.Add((&Encapsulated{Inner: p.Bytes()}).Bytes())
	f.Fuzz(func(t *testing.T, frame []byte) {
		if Describe(frame) == "" {
			t.Error("nothing to say")
		}
		_, _ = Decode(frame)
		Answer(frame, here, addr("fd00::1"), addr("fd00::2"))
		Answer(frame, here, addr("10.0.0.1"), addr("10.0.0.2"))
	})
}
