package server

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

//go:generate sh -c "cd testdata && p4c-bm2-ss --std p4-16 --arch v1model --p4runtime-files features.p4info.txtpb -o features.json features.p4 && sha256sum features.p4 | cut -d' ' -f1 > features.p4.sha256"

// The committed output of p4c belongs to the committed source.
func TestCompiledFromThisSource(t *testing.T) {
	src, err := os.ReadFile("testdata/features.p4")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/features.p4.sha256")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(src)
	if hex.EncodeToString(sum[:]) != strings.TrimSpace(string(want)) {
		t.Error("features.p4 has changed since it was compiled; run go generate, which needs p4c-bm2-ss")
	}
}

func fuzzPipeline(t testing.TB) *pipeline {
	t.Helper()
	s := &Server{arb: newArbiter(1, 1, nil)}
	p, err := s.newPipeline(featuresConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whatever update comes in: no panic, and what one update does its undo takes back.
func FuzzUpdate(f *testing.F) {
	c := &controller{bench: &bench{t: f}}
	for _, line := range []string{
		"INSERT " + te(macKey, fwd, `metadata: "m" counter_data { packet_count: 5 }`),
		"INSERT " + te("table_id: $acl$ priority: 3", aclSrc, drop, "meter_config { cir: 1 cburst: 2 pir: 3 pburst: 4 }"),
		"MODIFY " + te("table_id: $mac$ is_default_action: true", fwd),
		`INSERT action_profile_member { action_profile_id: $spread$ member_id: 1 action { action_id: $forward$ params { param_id: 1 value: "\x01" } } }`,
		"INSERT action_profile_group { action_profile_id: $spread$ group_id: 1 }",
		"MODIFY counter_entry { counter_id: $per_port$ data { packet_count: 7 } }",
		`MODIFY register_entry { register_id: $last_source$ data { bitstring: "\x07" } }`,
		`MODIFY value_set_entry { value_set_id: $refused_types$ ` + valueSetMembers(2) + ` }`,
		`INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 replicas { egress_port: 1 } } }`,
		`INSERT packet_replication_engine_entry { clone_session_entry { session_id: 1 replicas { port: "\x01" } } }`,
		"INSERT digest_entry { digest_id: $learn_t$ config { max_list_size: 3 } }",
	} {
		b, err := proto.Marshal(c.parse(line))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		u := &p4.Update{}
		if proto.Unmarshal(b, u) != nil {
			return
		}
		p := fuzzPipeline(t)
		defer p.close()
		before := state(t, p)
		_ = p.read(u.Entity, func(*p4.Entity) {})
		back, err := p.apply(u)
		if err == nil {
			state(t, p)
			back()
		}
		if after := state(t, p); after != before {
			t.Errorf("%v (%v), then undone, changed the state from\n%s\nto\n%s", u, err, before, after)
		}
	})
}

// state is all that was written, in bytes.
func state(t *testing.T, p *pipeline) string {
	updates, err := p.dump()
	if err != nil {
		t.Fatal(err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(&p4.WriteRequest{Updates: updates})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Whatever packet-out comes in: a frame that begins with a whole header, or an error.
func FuzzPacketOut(f *testing.F) {
	h := &controllerHeader{name: "packet_out", bytes: 2, fields: []headerField{{param{id: 1, width: 9}, 9}, {param{id: 2, width: 7}, 7}}}
	good, err := proto.Marshal(packetOutOf([]byte("x"), []byte{1}, []byte{2}).GetPacket())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &p4.PacketOut{}
		if proto.Unmarshal(b, m) != nil {
			return
		}
		frame, err := packetOutFrame(h, m)
		if err == nil && len(frame) != h.bytes+len(m.Payload) {
			t.Errorf("%v became %d bytes", m, len(frame))
		}
	})
}

// FuzzP4Info: whatever the P4Info, it is taken or refused.
func FuzzP4Info(f *testing.F) {
	cfg, err := LoadConfig("testdata/features.p4info.txtpb", "testdata/features.json")
	if err != nil {
		f.Fatal(err)
	}
	seed, err := proto.Marshal(cfg.P4Info)
	if err != nil {
		f.Fatal(err)
	}
	prog, err := engine.Load(cfg.P4DeviceConfig)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		info := &configv1.P4Info{}
		if proto.Unmarshal(b, info) != nil {
			return
		}
		s, err := newSchema(info, engine.New(prog, engine.Options{}))
		if err == nil && s == nil {
			t.Error("neither a schema nor an error")
		}
	})
}
