package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/testing/protocmp"
)

// features is a program with one object of every kind that P4Runtime has.
const features = "../../runtime/server/testdata/features"

// TestProtocol has each conversation of testdata/p4runtime with our server and with
// bmv2's. A conversation is lines of
//
//	INSERT, MODIFY, DELETE or READ, and an entity in text form; $name$ is an object's id
//	> CODE                    what the server answers: a code of gRPC
//	> CODE; bmv2 CODE: why    bmv2 answers otherwise
//	> bmv2 CODE: why          bmv2 is not asked any more in this conversation
//	= an entity               that a READ gives, in this order
func TestProtocol(t *testing.T) {
	files, err := filepath.Glob("testdata/p4runtime/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	cfg := committed(t, features)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name+"/ours", func(t *testing.T) { converse(t, newOurs(t), cfg, file, false) })
		t.Run(name+"/bmv2", func(t *testing.T) { converse(t, startBMv2(t), cfg, file, true) })
	}
}

// converse has the conversation of a file.
func converse(t *testing.T, on target, cfg *p4.ForwardingPipelineConfig, file string, reference bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := primary(t, on.client(), 1)
	if err := s.configure(cfg); err != nil {
		t.Fatal(err)
	}
	names := idNames(cfg.P4Info)
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		verb, entity, _ := strings.Cut(lines[i], " ")
		if verb == "" || verb == "#" {
			continue
		}
		place := fmt.Sprintf("%s:%d: %s", file, i+1, lines[i])
		e := entityOf(t, place, names, entity)
		if i+1 == len(lines) || !strings.HasPrefix(lines[i+1], "> ") {
			t.Fatalf("%s: no answer is expected; want a line with > and a code", place)
		}
		i++
		code, differs, stop := expectedCode(t, lines[i], reference)
		if stop {
			t.Logf("%s: not asked: %s", place, lines[i])
			return
		}
		var want []*p4.Entity
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "= ") {
			i++
			want = append(want, entityOf(t, place, names, lines[i][2:]))
		}
		if verb == "READ" {
			got, err := s.read(e)
			if c := codeOf(err); c != code {
				t.Errorf("%s\ngot  %v, %v\nwant %v", place, c, err, code)
			}
			if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.SortRepeatedFields(&p4.MulticastGroupEntry{}, "replicas")); diff != "" && !differs {
				t.Errorf("%s (-want +got):\n%s", place, diff)
			}
			continue
		}
		kind, ok := p4.Update_Type_value[verb]
		if !ok {
			t.Fatalf("%s: want INSERT, MODIFY, DELETE or READ", place)
		}
		if err := s.write(change(p4.Update_Type(kind), e)); codeOf(err) != code {
			t.Errorf("%s\ngot  %v, %v\nwant %v", place, codeOf(err), err, code)
		}
	}
}

// answer is a line with what is expected.
var answer = regexp.MustCompile(`^> ([A-Z_]*)(?:; )?(?:bmv2 ([A-Z_]+): .+)?$`)

// expectedCode reads an answer line. differs: bmv2 gives something else than the lines
// that follow; stop: it is not to be asked.
func expectedCode(t *testing.T, line string, reference bool) (code codes.Code, differs, stop bool) {
	t.Helper()
	m := answer.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("%q: want > CODE, or > CODE; bmv2 CODE: the reason", line)
	}
	text := m[1]
	if reference && m[2] != "" {
		text, differs = m[2], true
		if text == "STOP" {
			return 0, true, true
		}
	}
	if err := code.UnmarshalJSON([]byte(`"` + text + `"`)); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return code, differs, false
}

// idNames replaces $alias$ by the id of whatever has the alias.
func idNames(info *configv1.P4Info) *strings.Replacer {
	var pairs []string
	add := func(p *configv1.Preamble) { pairs = append(pairs, "$"+p.Alias+"$", fmt.Sprint(p.Id)) }
	for _, x := range info.Tables {
		add(x.Preamble)
	}
	for _, x := range info.Actions {
		add(x.Preamble)
	}
	for _, x := range info.ActionProfiles {
		add(x.Preamble)
	}
	for _, x := range info.Counters {
		add(x.Preamble)
	}
	for _, x := range info.Meters {
		add(x.Preamble)
	}
	for _, x := range info.Registers {
		add(x.Preamble)
	}
	for _, x := range info.ValueSets {
		add(x.Preamble)
	}
	for _, x := range info.Digests {
		add(x.Preamble)
	}
	return strings.NewReplacer(pairs...)
}

func entityOf(t *testing.T, place string, names *strings.Replacer, text string) *p4.Entity {
	t.Helper()
	e := &p4.Entity{}
	if err := prototext.Unmarshal([]byte(names.Replace(text)), e); err != nil {
		t.Fatalf("%s: %v", place, err)
	}
	return e
}
