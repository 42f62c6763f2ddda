package ovs

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
)

// What ovs-vsctl prints: an interface of a port, one that is not there, a tunnel, and the bridge's own.
const interfaceTable = `{"data":[["p1",3,11],["gone",-1,["set",[]]],["vxlan0",7,0],["br0",65534,12],["p2",4,13]],"headings":["name","ofport","ifindex"]}`

func TestInterfaces(t *testing.T) {
	answer := func(text string, err error) Runner {
		return func(_ context.Context, c Command) ([]byte, error) {
			if c.Args[0] != "ovs-vsctl" {
				t.Errorf("ran %v", c.Args)
			}
			return []byte(text), err
		}
	}
	for _, c := range []struct {
		ports map[uint32]string
		want  map[uint32]uint32
	}{
		{map[uint32]string{1: "p1", 2: "p2", 5: "elsewhere"}, map[uint32]uint32{11: 1, 13: 2}},
		{nil, map[uint32]uint32{11: 3, 12: 65534, 13: 4}},
	} {
		got, err := Interfaces(t.Context(), Config{Bridge: "br0", Ports: c.ports, Run: answer(interfaceTable, nil)})
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("with ports %v: %v, %v; want %v", c.ports, got, err, c.want)
		}
	}
	broken := errors.New("no database")
	for text, failure := range map[string]error{"": broken, "nonsense": nil, `{"data":[[1]],"headings":["name","ofport"]}`: nil} {
		if _, err := Interfaces(t.Context(), Config{Bridge: "br0", Run: answer(text, failure)}); err == nil || failure != nil && !errors.Is(err, failure) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got, err := Interfaces(t.Context(), Config{Bridge: "br0", Run: answer(strings.ReplaceAll(interfaceTable, "11", "99999999999"), nil)}); err != nil || len(got) != 2 {
		t.Errorf("an index that is none: %v, %v", got, err)
	}
}
