package server

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"pillion/p4/engine"
)

func ethernet(dst, src string, ethertype uint16) []byte {
	f := append([]byte(dst), src...)
	f = binary.BigEndian.AppendUint16(f, ethertype)
	return append(f, "payload"...)
}

// wantSent expects frames out of these ports, in order, and returns them.
func (b *bench) wantSent(ports ...uint32) [][]byte {
	b.t.Helper()
	var out [][]byte
	for _, p := range ports {
		select {
		case got := <-b.sent:
			if got.Port != p {
				b.t.Fatalf("a frame left by port %d, want %d", got.Port, p)
			}
			out = append(out, got.Frame)
		case <-time.After(patience):
			b.t.Fatalf("no frame left by port %d", p)
		}
	}
	// Receive works off a frame before it returns: what else it sends is here by now.
	select {
	case got := <-b.sent:
		b.t.Fatalf("another frame left by port %d", got.Port)
	default:
	}
	return out
}

func TestPacketIn(t *testing.T) {
	b, c := newReady(t)
	c.mustWrite("INSERT " + te(macKey, `action { action { action_id: $to_cpu$ params { param_id: 1 value: "\x55" } } }`))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	monitor := b.controller("monitor", 1)
	monitor.wantArbitration(codes.OK, 1)
	backup := b.connect()
	backup.arbitrate(&p4.Uint128{})
	backup.wantArbitration(codes.AlreadyExists, 1)

	b.srv.Receive(300, frame)
	want := &p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_Packet{Packet: &p4.PacketIn{
		Payload: frame,
		Metadata: []*p4.PacketMetadata{
			{MetadataId: 1, Value: []byte{1, 44}},
			{MetadataId: 2, Value: []byte{0x55}},
		},
	}}}
	defer func() {
		// A small number comes in its shortest form.
		b.srv.Receive(5, frame)
		if got := c.next().GetPacket().GetMetadata(); len(got) != 2 || string(got[0].Value) != "\x05" {
			t.Errorf("from port 5: metadata %v", got)
		}
	}()
	for _, x := range []*controller{c, monitor} {
		if d := cmp.Diff(want, x.next(), protocmp.Transform()); d != "" {
			t.Errorf("role %q (-want +got):\n%s", x.role, d)
		}
	}
	b.wantSent()
	select {
	case m := <-backup.in:
		t.Errorf("the backup got %v", m)
	default:
	}
}

func packetOutOf(payload []byte, values ...[]byte) *p4.StreamMessageRequest {
	m := &p4.PacketOut{Payload: payload}
	for i, v := range values {
		m.Metadata = append(m.Metadata, &p4.PacketMetadata{MetadataId: uint32(i + 1), Value: v})
	}
	return &p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Packet{Packet: m}}
}

func TestPacketOut(t *testing.T) {
	b, c := newReady(t)
	c.mustWrite("INSERT " + te(macKey, fwd))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	c.send(packetOutOf(frame, []byte{1, 2}, []byte{0}, []byte{0}))
	if got := b.wantSent(258); !bytes.Equal(got[0], frame) {
		t.Errorf("sent %x, want %x", got[0], frame)
	}
	// Through the tables.
	c.send(packetOutOf(frame, []byte{0}, []byte{1}, []byte{0}))
	b.wantSent(3)
}

func TestStreamErrors(t *testing.T) {
	b, c := newReady(t)
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	backup := b.connect()
	backup.arbitrate(&p4.Uint128{})
	backup.wantArbitration(codes.AlreadyExists, 1)
	stranger := b.connect()
	extra := packetOutOf(frame, []byte{1}, []byte{0}, []byte{0}, []byte{0})
	twice := packetOutOf(frame, []byte{1}, []byte{0}, []byte{0})
	twice.GetPacket().Metadata[2].MetadataId = 1
	for _, x := range []struct {
		name string
		from *controller
		m    *p4.StreamMessageRequest
		want codes.Code
	}{
		{"metadata missing", c, packetOutOf(frame, []byte{1}), codes.InvalidArgument},
		{"metadata too wide", c, packetOutOf(frame, []byte{2, 0}, []byte{0}, []byte{0}), codes.InvalidArgument},
		{"metadata empty", c, packetOutOf(frame, nil, []byte{0}, []byte{0}), codes.InvalidArgument},
		{"metadata unknown", c, extra, codes.InvalidArgument},
		{"metadata twice", c, twice, codes.InvalidArgument},
		{"packet-out from a backup", backup, packetOutOf(frame, []byte{1}, []byte{0}, []byte{0}), codes.PermissionDenied},
		{"packet-out without arbitration", stranger, packetOutOf(frame, []byte{1}, []byte{0}, []byte{0}), codes.PermissionDenied},
		{"ack of an unknown digest", c, &p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_DigestAck{DigestAck: &p4.DigestListAck{DigestId: 1}}}, codes.InvalidArgument},
		{"ack from a backup", backup, &p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_DigestAck{DigestAck: &p4.DigestListAck{DigestId: 1}}}, codes.PermissionDenied},
		{"empty", c, &p4.StreamMessageRequest{}, codes.InvalidArgument},
	} {
		t.Run(x.name, func(t *testing.T) {
			x.from.t = t
			x.from.send(x.m)
			e := x.from.next().GetError()
			if codes.Code(e.GetCanonicalCode()) != x.want || e.GetDetails() == nil {
				t.Fatalf("%v; want %v with details", e, x.want)
			}
			if p := x.m.GetPacket(); p != nil && !proto.Equal(e.GetPacketOut().GetPacketOut(), p) {
				t.Errorf("the error does not carry the packet-out: %v", e)
			}
		})
	}
	b.wantSent()
}

func TestMulticastAndClone(t *testing.T) {
	b, c := newReady(t)
	c.mustWrite(
		`INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 9 replicas { port: "\x02" instance: 1 } replicas { egress_port: 5 instance: 2 } } }`,
		`INSERT packet_replication_engine_entry { clone_session_entry { session_id: 4 replicas { egress_port: 7 } packet_length_bytes: 16 } }`,
		"INSERT "+te(macKey, `action { action { action_id: $flood$ params { param_id: 1 value: "\x09" } } }`),
		"INSERT "+te("table_id: $acl$ priority: 1", `match { field_id: 3 optional { value: "\x01" } }`, `action { action { action_id: $mirror$ params { param_id: 1 value: "\x04" } } }`),
	)
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	got := map[uint32][]byte{}
	b.srv.Receive(1, frame)
	for range 3 {
		x := <-b.sent
		got[x.Port] = x.Frame
	}
	b.wantSent()
	want := map[uint32][]byte{2: frame, 5: frame, 7: frame[:16]}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestCountersCount(t *testing.T) {
	b, c := newReady(t)
	c.mustWrite("INSERT " + te(macKey, fwd))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	for range 3 {
		b.srv.Receive(1, frame)
	}
	b.wantSent(3, 3, 3)
	n := 3 * len(frame)
	c.wantRead(te("table_id: $mac$ counter_data {}"), te(macKey, fwd, fmt.Sprintf("counter_data { packet_count: 3 byte_count: %d }", n)))
	c.wantRead("direct_counter_entry { "+te(macKey)+" }", fmt.Sprintf("direct_counter_entry { %s data { packet_count: 3 byte_count: %d } }", te(macKey), n))
	c.wantRead("counter_entry { counter_id: $per_port$ index { index: 1 } }", fmt.Sprintf("counter_entry { counter_id: $per_port$ index { index: 1 } data { packet_count: 3 byte_count: %d } }", n))
	c.wantRead("register_entry { register_id: $last_source$ index { index: 1 } }", `register_entry { register_id: $last_source$ index { index: 1 } data { bitstring: "\x02\x00\x00\x00\x00\x01" } }`)
}

func TestDigestReachesTheController(t *testing.T) {
	b, c := newReady(t, func(o *Options) { o.WallClock = func() time.Time { return time.Unix(5, 6) } })
	c.mustWrite("INSERT digest_entry { digest_id: $learn_t$ config { max_list_size: 1 ack_timeout_ns: 3600000000000 } }",
		`MODIFY `+te("table_id: $learning$ is_default_action: true action { action { action_id: $learn$ } }"))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	b.srv.Receive(3, frame)
	list := c.next().GetDigest()
	want := &p4.DigestList{DigestId: list.GetDigestId(), ListId: 1, Timestamp: 5_000_000_006, Data: []*p4.P4Data{
		{Data: &p4.P4Data_Struct{Struct: &p4.P4StructLike{Members: []*p4.P4Data{
			{Data: &p4.P4Data_Bitstring{Bitstring: []byte{2, 0, 0, 0, 0, 1}}},
			{Data: &p4.P4Data_Bitstring{Bitstring: []byte{3}}},
		}}}}}}
	if d := cmp.Diff(want, list, protocmp.Transform()); d != "" {
		t.Fatalf("(-want +got):\n%s", d)
	}
	// The same again is not sent until it is acknowledged.
	b.srv.Receive(3, frame)
	c.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_DigestAck{DigestAck: &p4.DigestListAck{DigestId: list.DigestId, ListId: 1}}})
	// An unknown ack is answered, so the one before has been done.
	c.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_DigestAck{DigestAck: &p4.DigestListAck{DigestId: 1}}})
	if c.next().GetError() == nil {
		t.Fatal("want an error for the second ack")
	}
	b.srv.Receive(3, frame)
	if again := c.next().GetDigest(); again.GetListId() != 2 || len(again.Data) != 1 {
		t.Errorf("after the ack: %v, want list 2 with one message", again)
	}
}

func TestDigestTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var got []*p4.DigestList
		d := &digest{id: 1, name: "d", codec: codec{kind: codecBit, width: 16}}
		l := newLearner([]*digest{d}, func(m *p4.StreamMessageResponse) bool {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, m.GetDigest())
			return true
		}, time.Now, &stats{})
		learn := func(v byte) { l.receive(engine.Digest{Name: "d", Values: [][]byte{{0, v}}}) }
		sizes := func() string {
			mu.Lock()
			defer mu.Unlock()
			s := ""
			for _, m := range got {
				s += fmt.Sprintf("%d ", len(m.Data))
			}
			return s
		}
		learn(1) // disabled: nothing
		l.configure(1, &p4.DigestEntry_Config{MaxTimeoutNs: int64(time.Second), MaxListSize: 3, AckTimeoutNs: int64(10 * time.Second)})
		learn(1)
		learn(1) // a duplicate in the buffer
		learn(2)
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if s := sizes(); s != "" {
			t.Errorf("before the timeout: lists of %s", s)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if s := sizes(); s != "2 " {
			t.Errorf("after the timeout: lists of %q, want 2", s)
		}
		learn(2) // in the cache
		learn(3)
		learn(4)
		learn(5) // the list is full
		if s := sizes(); s != "2 3 " {
			t.Errorf("after a full list: lists of %q, want 2 3", s)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		learn(1)
		learn(2)
		learn(3) // the cache has expired
		if s := sizes(); s != "2 3 3 " {
			t.Errorf("after the ack timeout: lists of %q, want 2 3 3", s)
		}
		l.configure(1, nil)
		learn(9)
		time.Sleep(time.Hour)
		if s := sizes(); s != "2 3 3 " {
			t.Errorf("after disabling: lists of %q", s)
		}
	})
}

func TestIdleNotification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{DeviceID: 1, IdleScan: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.SetPipeline(featuresConfig(t)); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var list []*p4.IdleTimeoutNotification
		sent := func() []*p4.IdleTimeoutNotification {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(list)
		}
		if _, err := s.arb.update(nil, &p4.MasterArbitrationUpdate{DeviceId: 1, ElectionId: &p4.Uint128{Low: 1}}, func(m *p4.StreamMessageResponse) {
			if n := m.GetIdleTimeoutNotification(); n != nil {
				mu.Lock()
				defer mu.Unlock()
				list = append(list, n)
			}
		}); err != nil {
			t.Fatal(err)
		}
		c := &controller{bench: &bench{t: t}}
		u := c.parse("INSERT " + te(macKey, fwd, `metadata: "m" idle_timeout_ns: 3500000000`))
		if _, err := s.Write(context.Background(), &p4.WriteRequest{DeviceId: 1, ElectionId: &p4.Uint128{Low: 1}, Updates: []*p4.Update{u}}); err != nil {
			t.Fatal(updateErrors(err))
		}
		frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
		time.Sleep(3 * time.Second)
		s.Receive(1, frame) // a hit starts the time anew
		time.Sleep(3 * time.Second)
		synctest.Wait()
		got := sent()
		if len(got) != 0 {
			t.Fatalf("a notification although the entry was hit: %v", got)
		}
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		got = sent()
		if len(got) != 1 {
			t.Fatalf("%d notifications, want 1", len(got))
		}
		want := &p4.IdleTimeoutNotification{Timestamp: got[0].Timestamp, TableEntry: []*p4.TableEntry{c.entity(te(macKey, `metadata: "m" idle_timeout_ns: 3500000000`)).GetTableEntry()}}
		if d := cmp.Diff(want, got[0], protocmp.Transform()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		// It comes again after another timeout, not with every scan.
		time.Sleep(3 * time.Second)
		synctest.Wait()
		got = sent()
		if len(got) != 1 {
			t.Errorf("%d notifications 3 s after the first, want 1", len(got))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		got = sent()
		if len(got) != 2 {
			t.Errorf("%d notifications 4 s after the first, want 2", len(got))
		}
	})
}

// A controller header comes back as it went in, whatever the widths.
func TestControllerHeaderSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &controllerHeader{name: "packet_out"}
		bits := 0
		for i := range rapid.IntRange(0, 8).Draw(t, "fields") {
			w := rapid.IntRange(1, 130).Draw(t, "width")
			h.fields = append(h.fields, headerField{param{id: uint32(i + 1), width: w}, w})
			bits += w
		}
		if rest := (8 - bits%8) % 8; rest != 0 {
			h.fields = append(h.fields, headerField{param{id: 1000, width: rest}, rest})
			bits += rest
		}
		h.bytes = bits / 8
		raw := rapid.SliceOfN(rapid.Byte(), h.bytes, h.bytes).Draw(t, "header")
		back, err := h.join(h.split(raw))
		if err != nil || !bytes.Equal(back, raw) {
			t.Fatalf("%x became %x, %v", raw, back, err)
		}
	})
}

// A translated type's field has the controller's width in messages and the program's in
// the frame; with strings it is refused.
func TestTranslatedHeader(t *testing.T) {
	translate := func(to *configv1.P4NewTypeTranslation) *p4.ForwardingPipelineConfig {
		cfg := featuresConfig(t)
		cfg.P4Info.TypeInfo = proto.CloneOf(cfg.P4Info.TypeInfo)
		if cfg.P4Info.TypeInfo == nil {
			cfg.P4Info.TypeInfo = &configv1.P4TypeInfo{}
		}
		cfg.P4Info.TypeInfo.NewTypes = map[string]*configv1.P4NewTypeSpec{"wide_t": {
			Representation: &configv1.P4NewTypeSpec_TranslatedType{TranslatedType: to}}}
		for _, h := range cfg.P4Info.ControllerPacketMetadata {
			h.Metadata[0].TypeName = &configv1.P4NamedType{Name: "wide_t"}
			h.Metadata[0].Bitwidth = to.GetSdnBitwidth()
		}
		return cfg
	}
	b := newBench(t)
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	c.setPipeline(commitNew, translate(&configv1.P4NewTypeTranslation{SdnType: &configv1.P4NewTypeTranslation_SdnBitwidth{SdnBitwidth: 32}}), codes.OK)
	h := b.srv.active.Load().schema.packetOut
	first, plain := h.fields[0], featuresConfig(t).P4Info.ControllerPacketMetadata
	if first.width != 32 || first.bits >= 32 || len(plain) == 0 {
		t.Fatalf("the first field has %d bits for controllers and %d in the program", first.width, first.bits)
	}
	values := func(n byte) []*p4.PacketMetadata {
		out := []*p4.PacketMetadata{{MetadataId: first.id, Value: []byte{n, 1}}}
		for _, f := range h.fields[1:] {
			out = append(out, &p4.PacketMetadata{MetadataId: f.id, Value: []byte{0}})
		}
		return out
	}
	raw, err := h.join(values(0))
	if err != nil || len(raw) != h.bytes || !bytes.Equal(h.split(raw)[0].Value, []byte{1}) {
		t.Errorf("1 became %x, %v", raw, err)
	}
	if _, err := h.join(values(255)); err == nil {
		t.Error("a value that does not fit the program's header was taken")
	}
	c.setPipeline(commitNew, translate(&configv1.P4NewTypeTranslation{SdnType: &configv1.P4NewTypeTranslation_SdnString_{SdnString: &configv1.P4NewTypeTranslation_SdnString{}}}), codes.InvalidArgument)
}
