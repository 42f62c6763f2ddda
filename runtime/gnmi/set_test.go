package gnmi

import (
	"context"
	"errors"
	"slices"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
)

func boolean(v bool) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: v}}
}

func set(t *testing.T, path string, v *gpb.TypedValue) *gpb.Update {
	t.Helper()
	return &gpb.Update{Path: must(t, path), Val: v}
}

func TestSet(t *testing.T) {
	const e1, e2, all = eth1 + "/config/enabled", eth2 + "/config/enabled", "/interfaces/interface[name=*]/config/enabled"
	for _, c := range []struct {
		name  string
		r     *gpb.SetRequest
		calls []string // eth1 is enabled at first, eth2 is not
		ops   []gpb.UpdateResult_Operation
	}{
		{"nothing", &gpb.SetRequest{}, nil, nil},
		{"update", &gpb.SetRequest{Update: []*gpb.Update{set(t, e1, boolean(false))}}, []string{"1 false"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_UPDATE}},
		{"update to what it is", &gpb.SetRequest{Update: []*gpb.Update{set(t, e1, boolean(true))}}, nil, []gpb.UpdateResult_Operation{gpb.UpdateResult_UPDATE}},
		{"replace by JSON", &gpb.SetRequest{Replace: []*gpb.Update{set(t, e1, &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: []byte(" false\n")}})}}, []string{"1 false"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_REPLACE}},
		{"replace by plain JSON", &gpb.SetRequest{Replace: []*gpb.Update{set(t, e2, &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: []byte("true")}})}}, []string{"2 true"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_REPLACE}},
		{"ASCII", &gpb.SetRequest{Update: []*gpb.Update{set(t, e2, &gpb.TypedValue{Value: &gpb.TypedValue_AsciiVal{AsciiVal: "true"}})}}, []string{"2 true"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_UPDATE}},
		{"delete means the default", &gpb.SetRequest{Delete: []*gpb.Path{must(t, e2)}}, []string{"2 true"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_DELETE}},
		{"delete of all", &gpb.SetRequest{Delete: []*gpb.Path{must(t, all)}}, []string{"2 true"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_DELETE}},
		{"delete of what is not there", &gpb.SetRequest{Delete: []*gpb.Path{must(t, "/interfaces/interface[name=eth9]/config/enabled")}}, nil, []gpb.UpdateResult_Operation{gpb.UpdateResult_DELETE}},
		{"in the order delete, replace, update", &gpb.SetRequest{
			Update:  []*gpb.Update{set(t, e1, boolean(true)), set(t, e1, boolean(false))},
			Replace: []*gpb.Update{set(t, e2, boolean(false))},
			Delete:  []*gpb.Path{must(t, all)},
		}, []string{"1 false"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_DELETE, gpb.UpdateResult_REPLACE, gpb.UpdateResult_UPDATE, gpb.UpdateResult_UPDATE}},
		{"with a prefix", &gpb.SetRequest{Prefix: &gpb.Path{Target: "leaf1", Elem: must(t, eth1).Elem}, Update: []*gpb.Update{set(t, "/config/enabled", boolean(false))}}, []string{"1 false"}, []gpb.UpdateResult_Operation{gpb.UpdateResult_UPDATE}},
	} {
		f := twoPorts()
		r, err := dial(t, f, Options{}).Set(context.Background(), c.r)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var ops []gpb.UpdateResult_Operation
		for _, u := range r.GetResponse() {
			ops = append(ops, u.GetOp())
		}
		if !slices.Equal(f.calls, c.calls) || !slices.Equal(ops, c.ops) || r.GetTimestamp() == 0 || r.GetPrefix().GetTarget() != c.r.GetPrefix().GetTarget() {
			t.Errorf("%s: calls %v, want %v; answer %v", c.name, f.calls, c.calls, r)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	const enabled = "/config/enabled"
	one := func(path string, v *gpb.TypedValue) *gpb.SetRequest {
		return &gpb.SetRequest{Update: []*gpb.Update{set(t, eth1+enabled, boolean(false)), set(t, path, v)}}
	}
	for _, c := range []struct {
		name  string
		r     *gpb.SetRequest
		code  codes.Code
		words string
	}{
		{"state", one(eth1+"/state/enabled", boolean(true)), codes.PermissionDenied, "Set changes /interfaces/interface[name=NAME]/config/enabled"},
		{"other config", one(eth1+"/config/id", boolean(true)), codes.PermissionDenied, "cannot be changed"},
		{"container", one(eth1+"/config", boolean(true)), codes.PermissionDenied, "cannot be changed"},
		{"root", one("/", boolean(true)), codes.PermissionDenied, "path / cannot be changed"},
		{"delete of everything", &gpb.SetRequest{Delete: []*gpb.Path{{}}}, codes.PermissionDenied, "path / cannot be changed"},
		{"no such path", one("/interfaces/interface[name=eth1]/config/colour", boolean(true)), codes.NotFound, "the choices are name, type, enabled, id; Set changes"},
		{"no such interface", one("/interfaces/interface[name=eth9]"+enabled, boolean(true)), codes.NotFound, "the interfaces are eth1, eth2"},
		{"wildcard", one("/interfaces/interface[name=*]"+enabled, boolean(true)), codes.InvalidArgument, "without wildcards"},
		{"key left out", one("/interfaces/interface"+enabled, boolean(true)), codes.InvalidArgument, "without wildcards"},
		{"wrong key", one("/interfaces/interface[id=1]"+enabled, boolean(true)), codes.InvalidArgument, "its key is name"},
		{"no value", one(eth1+enabled, nil), codes.InvalidArgument, "the choices are true and false"},
		{"a number", one(eth1+enabled, &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: 1}}), codes.InvalidArgument, "not a boolean"},
		{"a JSON string", one(eth1+enabled, &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: []byte(`"true"`)}}), codes.InvalidArgument, "not a boolean"},
		{"bytes", one(eth1+enabled, &gpb.TypedValue{Value: &gpb.TypedValue_BytesVal{BytesVal: []byte("true")}}), codes.Unimplemented, "send a bool_val"},
		{"union_replace", &gpb.SetRequest{UnionReplace: []*gpb.Update{set(t, eth1+enabled, boolean(false))}}, codes.Unimplemented, "the choices are delete, replace and update"},
		{"arbitration", &gpb.SetRequest{Extension: []*gnmi_ext.Extension{{Ext: &gnmi_ext.Extension_MasterArbitration{MasterArbitration: &gnmi_ext.MasterArbitration{}}}}}, codes.Unimplemented, "master_arbitration"},
		{"CLI", &gpb.SetRequest{Update: []*gpb.Update{{Path: &gpb.Path{Origin: "cli"}, Val: boolean(true)}}}, codes.Unimplemented, `no origin "cli"`},
		{"too many", &gpb.SetRequest{Delete: make([]*gpb.Path, 129)}, codes.InvalidArgument, "at most 128"},
	} {
		f := twoPorts()
		_, err := dial(t, f, Options{}).Set(context.Background(), c.r)
		refused(t, c.name, err, c.code, c.words)
		if len(f.calls) != 0 {
			t.Errorf("%s: part of it was done: %v", c.name, f.calls)
		}
	}
}

// When the second of two changes fails, the first is taken back (3.4.3).
func TestSetRollsBack(t *testing.T) {
	f := twoPorts()
	f.list[1].Enabled = true
	f.refuse = map[uint32]error{2: errors.New("no permission")}
	_, err := dial(t, f, Options{}).Set(context.Background(), &gpb.SetRequest{Update: []*gpb.Update{
		set(t, eth1+"/config/enabled", boolean(false)), set(t, eth2+"/config/enabled", boolean(false)),
	}})
	refused(t, "a port that refuses", err, codes.Aborted, "interface eth2: no permission; nothing was changed")
	if want := []string{"1 false", "1 true"}; !slices.Equal(f.calls, want) {
		t.Errorf("calls %v, want %v", f.calls, want)
	}
}
