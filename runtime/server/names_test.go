package server

import (
	"testing"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
)

// TestStrings: types that controllers write as strings are numbers in the program.
func TestStrings(t *testing.T) {
	cfg := featuresConfig(t)
	named := func(name string) *configv1.P4NamedType { return &configv1.P4NamedType{Name: name} }
	translated := func() *configv1.P4NewTypeSpec {
		return &configv1.P4NewTypeSpec{Representation: &configv1.P4NewTypeSpec_TranslatedType{TranslatedType: &configv1.P4NewTypeTranslation{
			SdnType: &configv1.P4NewTypeTranslation_SdnString_{SdnString: &configv1.P4NewTypeTranslation_SdnString{}}}}}
	}
	if cfg.P4Info.TypeInfo == nil {
		cfg.P4Info.TypeInfo = &configv1.P4TypeInfo{}
	}
	cfg.P4Info.TypeInfo.NewTypes = map[string]*configv1.P4NewTypeSpec{"host_t": translated(), "port_t": translated()}
	for _, x := range cfg.P4Info.Tables {
		if x.Preamble.Alias == "mac" {
			x.MatchFields[0].Bitwidth, x.MatchFields[0].TypeName = 0, named("host_t")
		}
	}
	for _, x := range cfg.P4Info.Actions {
		if x.Preamble.Alias == "forward" {
			x.Params[0].Bitwidth, x.Params[0].TypeName = 0, named("port_t")
		}
	}
	b := newBench(t)
	c := b.controller("", 1)
	c.wantArbitration(codes.OK, 1)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, cfg, codes.OK)

	entry := func(host, port string) string {
		return `table_entry { table_id: $mac$ match { field_id: 1 exact { value: "` + host + `" } } action { action { action_id: $forward$ params { param_id: 1 value: "` + port + `" } } } }`
	}
	c.mustWrite("INSERT "+entry("alice", "3"), "INSERT "+entry("7", "Ethernet4"))
	c.wantRead("table_entry { table_id: $mac$ match { field_id: 1 exact { value: \"alice\" } } }", entry("alice", "3"))
	c.wantRead("table_entry { table_id: $mac$ }", entry("alice", "3"), entry("7", "Ethernet4"))
	// A number stands for itself, another string for the largest number that is free.
	b.srv.Receive(1, []byte{255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 1, 0x12, 0x34})
	if got := <-b.sent; got.Port != 3 {
		t.Errorf("to alice: port %d, want 3", got.Port)
	}
	for text, want := range map[string]codes.Code{"": codes.InvalidArgument, "281474976710655": codes.InvalidArgument, "281474976710656": codes.InvalidArgument, "alice": codes.AlreadyExists} {
		err := c.write(0, c.parse("INSERT "+entry(text, "3")))
		if e := updateErrors(err); len(e) != 1 || codes.Code(e[0].CanonicalCode) != want {
			t.Errorf("%q: got %v, want %v", text, e, want)
		}
	}
}
