package drivers

import (
	"maps"
	"net"
	"strings"
	"testing"
)

func TestParsePorts(t *testing.T) {
	if got, err := ParsePorts(nil); got != nil || err != nil {
		t.Errorf("without ports: %v, %v", got, err)
	}
	if got, err := ParsePorts([]string{"3@h3", "9@eth0.7"}); err != nil || !maps.Equal(got, map[uint32]string{3: "h3", 9: "eth0.7"}) {
		t.Errorf("%v, %v", got, err)
	}
	for word, want := range map[string]string{"3": "want PORT@IFACE", "0@a": "count from 1", "3@blue:a": "write 3@a", "4@a,4@b": "port 4 is a already"} {
		if _, err := ParsePorts(strings.Split(word, ",")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %q", word, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Driver: "x", Bridge: "br0"}, `driver "x": there are linux-bridge, ovs`},
		{Config{Driver: OVS}, "name the bridge"},
		{Config{Driver: OVS, Bridge: "not a name"}, "is no bridge's name"},
		{Config{Driver: LinuxBridge, Bridge: "br0", OVSFolder: "/x"}, "is for the driver ovs"},
	} {
		if d, err := c.config.Open(); d != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, %v", c.config, d, err)
		}
	}
	d, err := Config{Driver: OVS, Bridge: "br0"}.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestInterfacesOfABridge(t *testing.T) {
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		t.Skipf("skipped: no network interface here (%v)", err)
	}
	c := Config{Driver: LinuxBridge, Bridge: "br0", Ports: map[uint32]string{3: all[0].Name, 4: "none-such"}}
	if got, err := c.Interfaces(t.Context()); err != nil || !maps.Equal(got, map[uint32]uint32{uint32(all[0].Index): 3}) {
		t.Errorf("%v, %v", got, err)
	}
}
