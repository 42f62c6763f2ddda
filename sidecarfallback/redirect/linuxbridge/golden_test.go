package linuxbridge

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pillion/sidecarfallback/redirect"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (refresh it with -update if that is meant):\n%s", file, diff)
	}
}

var ports = map[uint32]string{1: "h1", 2: "h2", 3: "h3", 4: "box", 5: "side.box", 6: "samples"}

const everything = `switch leaf2
wire 4 to 5
static 02:00:00:00:aa:01 at 1
static 02:00:00:00:aa:02 at 3
guard 1 02:00:00:00:01:01
guard 1 02:00:00:00:01:02
guard 2 02:00:00:00:01:03
sample 1 in 100 to port 6
quarantine 2
`

func rules(t *testing.T, text string) redirect.Rules {
	t.Helper()
	r, err := redirect.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRender(t *testing.T) {
	got, err := Render(rules(t, everything), Config{Bridge: "br0", Ports: ports})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "everything.nft", got)
}

func TestRefused(t *testing.T) {
	tests := []struct {
		rules       string
		config      Config
		unsupported bool
		want        string
	}{
		{"wire 4 to 5 tag 7", Config{Bridge: "br0", Ports: ports}, true,
			`bridge br0: not possible here: "wire 4 to 5 tag 7": nftables cannot write VLAN tags: put an 802.1Q interface for VLAN 7 of a link that is not itself on bridge br0 there, and give it as the wire's port without a tag`},
		{"sample 1 in 9 to sflow 192.0.2.1:6343", Config{Bridge: "br0", Ports: ports}, true,
			`bridge br0: not possible here: "sample 1 in 9 to sflow 192.0.2.1:6343": a Linux bridge has no sFlow agent: sample to a port: a sidecar interface on the bridge that serves nothing else`},
		{"quarantine 9", Config{Bridge: "br0", Ports: map[uint32]string{1: "h1", 2: "h2"}}, false,
			"bridge br0: port 9: say which interface of the bridge it is, as in --port 9@IFACE; known are 1@h1, 2@h2"},
		{"", Config{Bridge: "a/b"}, false, `bridge a/b: the bridge: "a/b" is no interface's name: 1 to 15 bytes without blanks, quotes and slashes`},
		{"", Config{Bridge: "br0", Ports: map[uint32]string{1: "h1", 2: "h1"}}, false, "bridge br0: ports 1 and 2 are both interface h1: each needs its own"},
	}
	for _, test := range tests {
		_, err := Render(rules(t, "switch s\n"+test.rules), test.config)
		var unsupported *redirect.Unsupported
		if err == nil || err.Error() != test.want || errors.As(err, &unsupported) != test.unsupported {
			t.Errorf("%q gives the error\n%v, not\n%s", test.rules, err, test.want)
		}
	}
}

func FuzzComment(f *testing.F) {
	f.Add(commentData("wire 1 to 2"))
	f.Add([]byte{7, 1, 0, 0, 3, 'a', 'b', 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		comment := commentOf(data)
		if len(comment) <= maxComment && !strings.HasSuffix(comment, "\x00") {
			if again := commentOf(commentData(comment)); again != comment {
				t.Errorf("%q becomes %q", comment, again)
			}
		}
	})
}
