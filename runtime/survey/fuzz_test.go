package survey

import (
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// Whatever a switch answers, reading it ends, and twice the same is twice the same.
func FuzzLeaves(f *testing.F) {
	f.Add("interfaces", []byte(`{"openconfig-interfaces:interface":[{"name":"e","state":{"openconfig-p4rt:id":3,"id":4}}]}`))
	f.Add("a:b", []byte(`[[[]]]`))
	f.Add("", []byte(`{"interfaces":{"interface":{"name":"e","state":{"mtu":"70000","id":"-1"}}}}`))
	f.Fuzz(func(t *testing.T, element string, js []byte) {
		n := &gpb.Notification{Update: []*gpb.Update{{
			Path: &gpb.Path{Elem: []*gpb.PathElem{{Name: element}}},
			Val:  &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: js}},
		}}}
		if element == "" {
			n.Update[0].Path = nil
		}
		var a, b leaves
		errA, errB := a.add(n), b.add(n)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%v and %v", errA, errB)
		}
		x, y := a.interfaces(), b.interfaces()
		if len(x) != len(y) {
			t.Fatalf("%v and %v", x, y)
		}
		for i := range x {
			if x[i] != y[i] {
				t.Fatalf("%v and %v", x[i], y[i])
			}
		}
	})
}
