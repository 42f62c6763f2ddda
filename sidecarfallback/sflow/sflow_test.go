package sflow

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// xdr joins numbers and bytes, all padded to four bytes.
func xdr(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = binary.BigEndian.AppendUint32(out, uint32(p))
		case uint32:
			out = binary.BigEndian.AppendUint32(out, p)
		case []byte:
			out = append(out, p...)
			for len(out)%4 != 0 {
				out = append(out, 0)
			}
		}
	}
	return out
}

// block gives a sample or record its format and length.
func block(format int, parts ...any) []byte {
	body := xdr(parts...)
	return xdr(format, len(body), body)
}

func record(frame []byte) []byte { return block(rawHeader, ethernet, 1400, 4, len(frame), frame) }

var frame = []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00text!")

func header(samples ...[]byte) []byte {
	return xdr(version, addressIPv4, []byte{192, 0, 2, 1}, 7, 8, 9000, len(samples), bytes.Join(samples, nil))
}

func TestDecode(t *testing.T) {
	base := Datagram{Agent: netip.MustParseAddr("192.0.2.1"), SubAgent: 7, Sequence: 8, Uptime: 9000}
	with := func(s ...Sample) Datagram { d := base; d.Samples = s; return d }
	compact := block(flowSample, 1, 3<<24|5, 100, 1000, 2, 11, uint32(2<<30|6), 2, block(1001, 1, 2, 3, 4), record(frame))
	counters := block(2, 1, 2, 3, 4, 5)
	tests := []struct {
		name string
		data []byte
		want Datagram
	}{
		{"nothing", header(), base},
		{"compact", header(compact), with(Sample{1, 5, 100, 1000, 2, Port{0, 11}, Port{2, 6}, 1400, 4, frame})},
		{"expanded", header(block(expandedSample, 1, 3, 5, 100, 1000, 2, 0, 1<<31-1, 1, 256, 1, record(frame))),
			with(Sample{1, 5, 100, 1000, 2, Port{0, 1<<31 - 1}, Port{1, 256}, 1400, 4, frame})},
		{"several, with counters between", header(counters, compact, counters, compact),
			with(Sample{1, 5, 100, 1000, 2, Port{0, 11}, Port{2, 6}, 1400, 4, frame}, Sample{1, 5, 100, 1000, 2, Port{0, 11}, Port{2, 6}, 1400, 4, frame})},
		{"no frame quoted", header(block(flowSample, 1, 5, 100, 1000, 2, 0, 0, 1, block(1001, 1))), base},
		{"not Ethernet", header(block(flowSample, 1, 5, 100, 1000, 2, 0, 0, 1, block(rawHeader, 11, 60, 0, 4, []byte("ipv4")))), base},
		{"another enterprise", header(block(4413<<12|flowSample, 1)), base},
		{"IPv6", xdr(version, addressIPv6, netip.MustParseAddr("2001:db8::1").AsSlice(), 7, 8, 9000, 0),
			Datagram{Agent: netip.MustParseAddr("2001:db8::1"), SubAgent: 7, Sequence: 8, Uptime: 9000}},
		{"no address", xdr(version, 0, 7, 8, 9000, 0), Datagram{SubAgent: 7, Sequence: 8, Uptime: 9000}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Decode(test.data)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v, not %+v", got, err, test.want)
			}
			// What is cut short anywhere is refused whole.
			for n := range test.data {
				if got, err := Decode(test.data[:n]); err == nil || !reflect.DeepEqual(got, Datagram{}) {
					t.Fatalf("the first %d of %d bytes give %+v, %v", n, len(test.data), got, err)
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "sflow: at byte 0: 4 bytes should follow, and there are 0"},
		{"version", xdr(4, 1), "sflow: version 4 is not 5"},
		{"address", xdr(version, 3), "sflow: at byte 4: address type 3 is neither IPv4 (1) nor IPv6 (2)"},
		{"too many samples", xdr(version, 0, 0, 0, 0, 1<<20), "sflow: at byte 20: 1048576 samples or records are more than any datagram holds"},
		{"length beyond the end", xdr(version, 0, 0, 0, 0, 1, flowSample, 400), "sflow: at byte 32: 400 bytes should follow, and there are 0"},
		{"quoted frame beyond its record", header(block(flowSample, 1, 5, 1, 1, 0, 0, 0, 1, block(rawHeader, ethernet, 60, 0, 100))),
			"sflow: at byte 92: 100 bytes should follow, and there are 0"},
		{"too long", make([]byte, MaxDatagram+1), "sflow: 65536 bytes are more than a datagram can have (65535)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Decode(test.data); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("the error is %v, not %s", err, test.want)
			}
		})
	}
}

// Whatever frame is quoted comes out as it went in.
func TestAnyFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frames := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 200), 0, 5).Draw(t, "frames")
		var samples [][]byte
		for i, f := range frames {
			samples = append(samples, block(flowSample, i, 1, 1, 1, 0, 0, 0, 1, record(f)))
		}
		d, err := Decode(header(samples...))
		if err != nil || len(d.Samples) != len(frames) {
			t.Fatalf("%+v, %v", d, err)
		}
		for i, f := range frames {
			if !bytes.Equal(d.Samples[i].Header, f) {
				t.Fatalf("sample %d is %x, not %x", i, d.Samples[i].Header, f)
			}
		}
	})
}

func TestReceive(t *testing.T) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	sender, err := net.DialUDP("udp", nil, conn.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	for _, data := range [][]byte{[]byte("nonsense"), header(block(flowSample, 1, 5, 1, 1, 0, 0, 0, 1, record(frame)))} {
		if _, err := sender.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	var bad int
	err = Receive(conn, func(r Received) {
		switch {
		case r.Err != nil:
			bad++
		case len(r.Datagram.Samples) != 1 || !bytes.Equal(r.Datagram.Samples[0].Header, frame):
			t.Errorf("got %+v", r)
			fallthrough
		default:
			conn.Close()
		}
	})
	if err != nil || bad != 1 {
		t.Errorf("ended with %v after %d bad datagrams", err, bad)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(header(block(flowSample, 1, 5, 100, 1000, 2, 0, 0, 1, record(frame))))
	f.Add(header(block(expandedSample, 1, 0, 5, 100, 1000, 2, 0, 1, 0, 1, 1, record(frame)), block(2, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil && !reflect.DeepEqual(d, Datagram{}) {
			t.Errorf("an error, and %+v", d)
		}
		size := 0
		for _, s := range d.Samples {
			size += len(s.Header)
		}
		if size > len(data) {
			t.Errorf("%d bytes quote %d", len(data), size)
		}
	})
}
