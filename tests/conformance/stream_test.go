package conformance

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
)

// onBoth runs a test on our switch and on bmv2, with the features program and its CPU port.
func onBoth(t *testing.T, f func(t *testing.T, on target)) {
	t.Run("ours", func(t *testing.T) { f(t, newOurs(t)) })
	t.Run("bmv2", func(t *testing.T) { f(t, startBMv2(t, "--cpu-port", "510")) })
}

// withFeatures is a primary with the features program and these updates.
func withFeatures(t *testing.T, on target, updates ...string) *session {
	t.Helper()
	s := primary(t, on.client(), 1)
	cfg := committed(t, features)
	if err := s.configure(cfg); err != nil {
		t.Fatal(err)
	}
	for _, u := range updates {
		s.must(t, u)
	}
	return s
}

// must writes one update, INSERT, MODIFY or DELETE and an entity in text form.
func (s *session) must(t *testing.T, text string) {
	t.Helper()
	names := idNames(committed(t, features).P4Info)
	for _, kind := range []p4.Update_Type{insert, modify, remove} {
		if rest, ok := bytes.CutPrefix([]byte(text), []byte(kind.String()+" ")); ok {
			if err := s.write(change(kind, entityOf(t, text, names, string(rest)))); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return
		}
	}
	t.Fatalf("%s: want INSERT, MODIFY or DELETE", text)
}

func frameTo(dst, src byte) []byte {
	return append([]byte{0, 0, 0, 0, 0, dst, 0, 0, 0, 0, 0, src, 0x88, 0xb6}, "payload"...)
}

func metadata(values ...byte) []*p4.PacketMetadata {
	var out []*p4.PacketMetadata
	for i, v := range values {
		out = append(out, &p4.PacketMetadata{MetadataId: uint32(i + 1), Value: []byte{v}})
	}
	return out
}

// TestPacketInOut: a frame for the controller comes with its metadata, from a port and
// from a packet-out.
func TestPacketInOut(t *testing.T) {
	onBoth(t, func(t *testing.T, on target) {
		s := withFeatures(t, on, `INSERT table_entry { table_id: $mac$ match { field_id: 1 exact { value: "\x44" } } action { action { action_id: $to_cpu$ params { param_id: 1 value: "\x05" } } } }`)
		frame := frameTo(0x44, 0x55)
		on.process(3, frame)
		want := &p4.PacketIn{Payload: frame, Metadata: metadata(3, 5)}
		if diff := cmp.Diff(want, s.next().GetPacket(), protocmp.Transform()); diff != "" {
			t.Errorf("from port 3 (-want +got):\n%s", diff)
		}
		s.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Packet{Packet: &p4.PacketOut{Payload: frame, Metadata: metadata(0, 1, 0)}}})
		want.Metadata = []*p4.PacketMetadata{{MetadataId: 1, Value: []byte{1, 0xfe}}, {MetadataId: 2, Value: []byte{5}}}
		if diff := cmp.Diff(want, s.next().GetPacket(), protocmp.Transform()); diff != "" {
			t.Errorf("from a packet-out (-want +got):\n%s", diff)
		}
	})
}

// TestPacketOutErrors: a packet-out that cannot be is told on the stream.
func TestPacketOutErrors(t *testing.T) {
	onBoth(t, func(t *testing.T, on target) {
		s := withFeatures(t, on)
		for name, list := range map[string][]*p4.PacketMetadata{
			"missing": metadata(0, 1),
			"unknown": metadata(0, 1, 0, 0),
		} {
			s.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Packet{Packet: &p4.PacketOut{Payload: frameTo(1, 2), Metadata: list}}})
			if _, ours := on.(*ours); !ours {
				continue // bmv2 tells only who asks by a configuration that is its own
			}
			if e := s.next().GetError(); codes.Code(e.GetCanonicalCode()) != codes.InvalidArgument || e.GetPacketOut() == nil {
				t.Errorf("%s: got %v", name, e)
			}
		}
	})
}

// TestDigests: what is learnt comes in a list, and once while it is not acknowledged.
func TestDigests(t *testing.T) {
	onBoth(t, func(t *testing.T, on target) {
		s := withFeatures(t, on,
			"MODIFY table_entry { table_id: $learning$ is_default_action: true action { action { action_id: $learn$ } } }",
			"INSERT digest_entry { digest_id: $learn_t$ config { max_timeout_ns: 0 max_list_size: 1 ack_timeout_ns: 10000000000 } }")
		learn := func(src byte) *p4.DigestList {
			t.Helper()
			on.process(3, frameTo(1, src))
			return s.next().GetDigest()
		}
		got := learn(0x55)
		want := []*p4.P4Data{{Data: &p4.P4Data_Struct{Struct: &p4.P4StructLike{Members: []*p4.P4Data{bitstring([]byte{0x55}), bitstring([]byte{3})}}}}}
		if diff := cmp.Diff(want, got.GetData(), protocmp.Transform()); diff != "" {
			t.Errorf("digest (-want +got):\n%s", diff)
		}
		on.process(3, frameTo(1, 0x55)) // known, and not acknowledged
		second := learn(0x56)
		if second.GetListId() == got.GetListId() || !bytes.Equal(second.GetData()[0].GetStruct().Members[0].GetBitstring(), []byte{0x56}) {
			t.Errorf("the second list is %v", second)
		}
		s.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_DigestAck{DigestAck: &p4.DigestListAck{DigestId: got.DigestId, ListId: got.ListId}}})
		// The acknowledgement and the packet come by different ways.
		for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			on.process(3, frameTo(1, 0x55))
			if len(s.in) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("an acknowledged digest does not come again")
			}
		}
	})
}

// TestIdle: an entry that no packet hits is told, with its match.
func TestIdle(t *testing.T) {
	onBoth(t, func(t *testing.T, on target) {
		s := withFeatures(t, on, `INSERT table_entry { table_id: $mac$ match { field_id: 1 exact { value: "\x44" } } idle_timeout_ns: 50000000 action { action { action_id: $drop$ } } }`)
		got := s.next().GetIdleTimeoutNotification().GetTableEntry()
		if len(got) != 1 || !bytes.Equal(got[0].Match[0].GetExact().GetValue(), []byte{0x44}) || got[0].IdleTimeoutNs != 50000000 {
			t.Errorf("got %v", got)
		}
	})
}

// TestArbitration is the protocol of who may write.
func TestArbitration(t *testing.T) {
	onBoth(t, func(t *testing.T, on target) {
		first := open(t, on.client())
		first.arbitrate(5)
		wantArbitration(t, "the first", first, codes.OK, 5)
		backup := open(t, on.client())
		backup.arbitrate(3)
		wantArbitration(t, "the backup", backup, codes.AlreadyExists, 5)

		// Only the primary writes; all read.
		if err := backup.configure(committed(t, features)); status.Code(err) != codes.PermissionDenied {
			t.Errorf("a backup's config: %v", err)
		}
		if err := first.configure(committed(t, features)); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.read(&p4.Entity{Entity: &p4.Entity_ActionProfileMember{ActionProfileMember: &p4.ActionProfileMember{}}}); err != nil {
			t.Errorf("a backup's read: %v", err)
		}
		// A higher id takes over, and all are told.
		second := open(t, on.client())
		second.arbitrate(9)
		wantArbitration(t, "the new primary", second, codes.OK, 9)
		wantArbitration(t, "the old primary", first, codes.AlreadyExists, 9)
		wantArbitration(t, "the backup", backup, codes.AlreadyExists, 9)
		if err := first.configure(committed(t, features)); status.Code(err) != codes.PermissionDenied {
			t.Errorf("the old primary's config: %v", err)
		}
		// An id that is taken, and a device that is not there, end the stream.
		for name, m := range map[string]*p4.MasterArbitrationUpdate{
			"taken":  {DeviceId: deviceID, ElectionId: &p4.Uint128{Low: 9}},
			"device": {DeviceId: deviceID + 1, ElectionId: &p4.Uint128{Low: 11}},
		} {
			if _, ok := on.(*ours); !ok && name == "device" {
				continue // bmv2 takes a stream for any device, before it has that device
			}
			s := open(t, on.client())
			s.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Arbitration{Arbitration: m}})
			want := map[string]codes.Code{"taken": codes.InvalidArgument, "device": codes.NotFound}[name]
			select {
			case err := <-s.ended:
				if status.Code(err) != want {
					t.Errorf("%s: %v, want %v", name, err, want)
				}
			case <-time.After(patience):
				t.Errorf("%s: the stream goes on", name)
			}
		}
	})
}

func wantArbitration(t *testing.T, who string, s *session, code codes.Code, election uint64) {
	t.Helper()
	a := s.next().GetArbitration()
	if codes.Code(a.GetStatus().GetCode()) != code || a.GetElectionId().GetLow() != election || a.GetDeviceId() != deviceID {
		t.Fatalf("%s: got %v, want %v and election id %d", who, a, code, election)
	}
}

// TestPipelineConfigs: what is set is what is given back.
func TestPipelineConfigs(t *testing.T) {
	onBoth(t, func(t *testing.T, on target) {
		s := primary(t, on.client(), 1)
		ask := func(kind p4.GetForwardingPipelineConfigRequest_ResponseType) (*p4.ForwardingPipelineConfig, error) {
			r, err := s.GetForwardingPipelineConfig(t.Context(), &p4.GetForwardingPipelineConfigRequest{DeviceId: deviceID, ResponseType: kind})
			return r.GetConfig(), err
		}
		if _, err := s.read(&p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: &p4.TableEntry{}}}); status.Code(err) != codes.FailedPrecondition {
			t.Errorf("a read before any config: %v", err)
		}
		cfg := committed(t, features)
		cfg.Cookie = &p4.ForwardingPipelineConfig_Cookie{Cookie: 0x1234567890}
		if err := s.configure(cfg); err != nil {
			t.Fatal(err)
		}
		for kind, want := range map[p4.GetForwardingPipelineConfigRequest_ResponseType]*p4.ForwardingPipelineConfig{
			p4.GetForwardingPipelineConfigRequest_ALL:                      cfg,
			p4.GetForwardingPipelineConfigRequest_COOKIE_ONLY:              {Cookie: cfg.Cookie},
			p4.GetForwardingPipelineConfigRequest_P4INFO_AND_COOKIE:        {Cookie: cfg.Cookie, P4Info: cfg.P4Info},
			p4.GetForwardingPipelineConfigRequest_DEVICE_CONFIG_AND_COOKIE: {Cookie: cfg.Cookie, P4DeviceConfig: cfg.P4DeviceConfig},
		} {
			got, err := ask(kind)
			if err != nil {
				t.Errorf("%v: %v", kind, err)
				continue
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%v (-want +got):\n%.2000s", kind, diff)
			}
		}
		bad := committed(t, features)
		bad.P4DeviceConfig = []byte("not JSON")
		if err := s.configure(bad); err == nil {
			t.Error("a device config that is none is taken")
		}
	})
}
