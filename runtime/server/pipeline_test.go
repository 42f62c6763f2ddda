package server

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

const (
	verify    = p4.SetForwardingPipelineConfigRequest_VERIFY
	save      = p4.SetForwardingPipelineConfigRequest_VERIFY_AND_SAVE
	commitNew = p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT
	commit    = p4.SetForwardingPipelineConfigRequest_COMMIT
	reconcile = p4.SetForwardingPipelineConfigRequest_RECONCILE_AND_COMMIT
)

func (b *bench) getPipeline(r p4.GetForwardingPipelineConfigRequest_ResponseType) *p4.ForwardingPipelineConfig {
	b.t.Helper()
	got, err := b.GetForwardingPipelineConfig(context.Background(), &p4.GetForwardingPipelineConfigRequest{DeviceId: testDevice, ResponseType: r})
	if err != nil {
		b.t.Fatal(err)
	}
	return got.Config
}

func TestGetPipeline(t *testing.T) {
	b := newBench(t)
	if got := b.getPipeline(0); got != nil {
		t.Errorf("before any config: %v, want none", got)
	}
	if _, err := b.GetForwardingPipelineConfig(context.Background(), &p4.GetForwardingPipelineConfigRequest{DeviceId: 1}); status.Code(err) != codes.NotFound {
		t.Errorf("another device: %v, want NOT_FOUND", err)
	}
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	cfg := featuresConfig(t)
	cfg.Cookie = &p4.ForwardingPipelineConfig_Cookie{Cookie: 42}
	c.setPipeline(commitNew, cfg, codes.OK)
	for r, want := range map[p4.GetForwardingPipelineConfigRequest_ResponseType]*p4.ForwardingPipelineConfig{
		p4.GetForwardingPipelineConfigRequest_ALL:                      cfg,
		p4.GetForwardingPipelineConfigRequest_COOKIE_ONLY:              {Cookie: cfg.Cookie},
		p4.GetForwardingPipelineConfigRequest_P4INFO_AND_COOKIE:        {Cookie: cfg.Cookie, P4Info: cfg.P4Info},
		p4.GetForwardingPipelineConfigRequest_DEVICE_CONFIG_AND_COOKIE: {Cookie: cfg.Cookie, P4DeviceConfig: cfg.P4DeviceConfig},
	} {
		if d := cmp.Diff(want, b.getPipeline(r), protocmp.Transform()); d != "" {
			t.Errorf("%v (-want +got):\n%s", r, d)
		}
	}
}

func TestBeforeAnyPipeline(t *testing.T) {
	b := newBench(t)
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	if err := c.write(0, c.parse("INSERT "+te(macKey, fwd))); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("write: %v, want FAILED_PRECONDITION", err)
	}
	if _, err := b.readAll(c.entity("table_entry {}")); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("read: %v, want FAILED_PRECONDITION", err)
	}
	c.setPipeline(commit, nil, codes.NotFound)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_UNSPECIFIED, featuresConfig(t), codes.InvalidArgument)
	// VERIFY leaves nothing behind.
	c.setPipeline(verify, featuresConfig(t), codes.OK)
	if err := c.write(0, c.parse("INSERT "+te(macKey, fwd))); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("write after VERIFY: %v, want FAILED_PRECONDITION", err)
	}
	b.srv.Receive(1, make([]byte, 64))
	if n := b.srv.Dropped(); n != 1 {
		t.Errorf("%d frames dropped, want 1", n)
	}
}

// A saved pipeline takes reads and writes; packets see it after COMMIT.
func TestSaveThenCommit(t *testing.T) {
	b, c := newReady(t)
	c.mustWrite("INSERT " + te(macKey, fwd))
	frame := ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234)
	b.srv.Receive(1, frame)
	b.wantSent(3)

	c.setPipeline(save, featuresConfig(t), codes.OK)
	c.wantRead(te("table_id: $mac$"))
	other := strings.Replace(fwd, `\x03`, `\x04`, 1)
	c.mustWrite("INSERT " + te(macKey, other))
	b.srv.Receive(1, frame)
	b.wantSent(3)

	c.setPipeline(commit, featuresConfig(t), codes.InvalidArgument)
	c.setPipeline(commit, nil, codes.OK)
	b.srv.Receive(1, frame)
	b.wantSent(4)
	c.wantRead(te("table_id: $mac$"), te(macKey, other))
	c.setPipeline(commit, nil, codes.NotFound)

	// A new commit clears the state.
	c.setPipeline(commitNew, featuresConfig(t), codes.OK)
	c.wantRead(te("table_id: $mac$"))
}

func TestReconcileKeepsTheState(t *testing.T) {
	_, c := newReady(t)
	c.mustWrite(
		"INSERT "+te(macKey, fwd, `metadata: "m" counter_data { packet_count: 5 byte_count: 50 }`),
		"INSERT "+te("table_id: $acl$ priority: 3", aclSrc, drop, "meter_config { cir: 1 cburst: 2 pir: 3 pburst: 4 }"),
		"MODIFY "+te("table_id: $mac$ is_default_action: true", fwd),
		`INSERT action_profile_member { action_profile_id: $spread$ member_id: 1 action { action_id: $forward$ params { param_id: 1 value: "\x01" } } }`,
		"INSERT action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 1 weight: 1 } }",
		"INSERT "+te(`table_id: $nexthop$ match { field_id: 1 exact { value: "\x01" } } action { action_profile_group_id: 1 }`),
		"MODIFY counter_entry { counter_id: $per_port$ index { index: 3 } data { packet_count: 7 } }",
		"MODIFY meter_entry { meter_id: $per_class$ index { index: 3 } config { cir: 1 cburst: 2 pir: 3 pburst: 4 } }",
		`MODIFY register_entry { register_id: $last_source$ index { index: 3 } data { bitstring: "\x07" } }`,
		`MODIFY value_set_entry { value_set_id: $refused_types$ `+valueSetMembers(2)+` }`,
		`INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 metadata: "g" replicas { egress_port: 1 } } }`,
		`INSERT packet_replication_engine_entry { clone_session_entry { session_id: 1 replicas { port: "\x01" } } }`,
		"INSERT digest_entry { digest_id: $learn_t$ config { max_list_size: 3 } }",
	)
	before := c.everything()
	c.setPipeline(reconcile, featuresConfig(t), codes.OK)
	if after := c.everything(); after != before {
		t.Errorf("the state is\n%s\nnot\n%s", after, before)
	}
	// A config without one of the tables in use cannot keep the state, and changes nothing.
	smaller := featuresConfig(t)
	smaller.P4Info.Tables = deleteTable(smaller.P4Info.Tables, "ingress.acl")
	smaller.P4Info.DirectMeters = nil
	c.setPipeline(reconcile, smaller, codes.InvalidArgument)
	if after := c.everything(); after != before {
		t.Errorf("a refused config changed the state to\n%s", after)
	}
}

func deleteTable(list []*configv1.Table, name string) []*configv1.Table {
	var out []*configv1.Table
	for _, t := range list {
		if t.Preamble.Name != name {
			out = append(out, t)
		}
	}
	return out
}

func TestVerifyErrors(t *testing.T) {
	b := newBench(t)
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	tableNamed := func(cfg *p4.ForwardingPipelineConfig, name string) *configv1.Table {
		for _, x := range cfg.P4Info.Tables {
			if x.Preamble.Alias == name {
				return x
			}
		}
		t.Fatalf("no table %s", name)
		return nil
	}
	var report strings.Builder
	for _, x := range []struct {
		name string
		edit func(*p4.ForwardingPipelineConfig)
	}{
		{"no p4info", func(c *p4.ForwardingPipelineConfig) { c.P4Info = nil }},
		{"no device config", func(c *p4.ForwardingPipelineConfig) { c.P4DeviceConfig = nil }},
		{"device config is not JSON", func(c *p4.ForwardingPipelineConfig) { c.P4DeviceConfig = []byte("{") }},
		{"unknown table", func(c *p4.ForwardingPipelineConfig) { tableNamed(c, "mac").Preamble.Name = "ingress.mat" }},
		{"id 0", func(c *p4.ForwardingPipelineConfig) { tableNamed(c, "mac").Preamble.Id = 0 }},
		{"id twice", func(c *p4.ForwardingPipelineConfig) {
			tableNamed(c, "mac").Preamble.Id = tableNamed(c, "acl").Preamble.Id
		}},
		{"match kind", func(c *p4.ForwardingPipelineConfig) {
			tableNamed(c, "mac").MatchFields[0].Match = &configv1.MatchField_MatchType_{MatchType: configv1.MatchField_LPM}
		}},
		{"match width", func(c *p4.ForwardingPipelineConfig) { tableNamed(c, "mac").MatchFields[0].Bitwidth = 32 }},
		{"string match", func(c *p4.ForwardingPipelineConfig) {
			f := tableNamed(c, "mac").MatchFields[0]
			f.Bitwidth, f.TypeName = 0, &configv1.P4NamedType{Name: "name_t"}
		}},
		{"match fields", func(c *p4.ForwardingPipelineConfig) { tableNamed(c, "mac").MatchFields = nil }},
		{"action not there", func(c *p4.ForwardingPipelineConfig) { tableNamed(c, "mac").ActionRefs[0].Id = 1 }},
		{"action not the table's", func(c *p4.ForwardingPipelineConfig) {
			tableNamed(c, "mac").ActionRefs[0].Id = tableNamed(c, "learning").ActionRefs[1].Id
		}},
		{"implementation", func(c *p4.ForwardingPipelineConfig) { tableNamed(c, "nexthop").ImplementationId = 0 }},
		{"counter size", func(c *p4.ForwardingPipelineConfig) { c.P4Info.Counters[0].Size = 3 }},
		{"counter name", func(c *p4.ForwardingPipelineConfig) { c.P4Info.Counters[0].Preamble.Name = "x" }},
		{"header bits", func(c *p4.ForwardingPipelineConfig) {
			c.P4Info.ControllerPacketMetadata[0].Metadata[0].Bitwidth = 8
		}},
		{"externs", func(c *p4.ForwardingPipelineConfig) {
			c.P4Info.Externs = []*configv1.Extern{{ExternTypeName: "Turbo"}}
		}},
	} {
		cfg := featuresConfig(t)
		x.edit(cfg)
		for _, a := range []p4.SetForwardingPipelineConfigRequest_Action{verify, save, commitNew, reconcile} {
			err := c.setPipeline(a, cfg, codes.InvalidArgument)
			if a == verify {
				report.WriteString(x.name + "\n    " + status.Convert(err).Message() + "\n")
			}
		}
		c.setPipeline(verify, nil, codes.InvalidArgument)
	}
	golden(t, "verify_errors.txt", report.String())
	if got := b.getPipeline(0); got != nil {
		t.Error("a refused config is there")
	}
}

func TestCapabilities(t *testing.T) {
	b := newBench(t)
	for id, want := range map[uint64]codes.Code{0: codes.OK, testDevice: codes.OK, 99: codes.NotFound} {
		got, err := b.Capabilities(context.Background(), &p4.CapabilitiesRequest{DeviceId: id})
		if status.Code(err) != want || err == nil && !proto.Equal(got, &p4.CapabilitiesResponse{P4RuntimeApiVersion: "1.5.0"}) {
			t.Errorf("device %d: %v, %v; want %v", id, got, err, want)
		}
	}
}
