package policytest_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/tests/compiled"
	"pillion/tests/policytest"
)

// fake is a substrate that says what it is told to, by destination port.
type fake map[uint16]policytest.Observation

func (f fake) Name() string { return "fake" }

func (f fake) Send(_ context.Context, p policytest.Probe) (policytest.Observation, error) {
	if o, ok := f[p.DPort]; ok {
		return o, nil
	}
	return policytest.Observation{}, fmt.Errorf("%w: no port %d here", policytest.ErrUnsupported, p.DPort)
}

const fakePolicy = `
tenant red { group a = a1   group b = b1, b2 }
middlebox fw { instances fw1, fw2 stateful }
middlebox ips { instances ips1, ips2 }
middlebox ids { instances ids1, ids2 tap }
chain c: red.a -> red.b on tcp/1-99 via fw -> ips -> ids
multicast m { group 239.1.1.1 senders red receivers red.b }
test "conversations" {
  a1 -> b1 on tcp/1: %s
}
`

const fakeNetwork = `
switches:
  - {name: s1, target: p4runtime, address: "127.0.0.1:50051", device-id: 1}
endpoints:
  - {name: a1, mac: "02:00:00:00:00:01", ip: 10.0.0.1, at: s1:1}
  - {name: b1, mac: "02:00:00:00:00:02", ip: 10.0.0.2, at: s1:2}
  - {name: b2, mac: "02:00:00:00:00:03", ip: 10.0.0.3, at: s1:3}
middleboxes:
  - {name: fw1, at: s1:4}
  - {name: fw2, at: s1:5}
  - {name: ips1, at: s1:6}
  - {name: ips2, at: s1:7}
  - {name: ids1, at: s1:8}
  - {name: ids2, at: s1:9}
`

// What is right and wrong about observations, one at a time.
func TestJudge(t *testing.T) {
	list := func(names ...string) []string { return names }
	good := policytest.Observation{
		DeliveredTo: list("b1"), Answered: true, Via: list("fw2", "ips1"), AnswerVia: list("ips2", "fw2"), CopiedTo: list("ids1"), AnswerCopiedTo: list("ids2"),
	}
	change := func(f func(*policytest.Observation)) policytest.Observation {
		o := good
		f(&o)
		return o
	}
	all := "delivered via fw -> ips copied to ids"
	for _, c := range []struct {
		expectation string
		seen        policytest.Observation
		wrong       string // part of what is said; empty: nothing is wrong
	}{
		{"delivered", good, ""},
		{all, good, ""},
		{"delivered to b1", good, ""},
		{"delivered to b1", change(func(o *policytest.Observation) { o.Answered = false }), ""},
		{"dropped", policytest.Observation{}, ""},
		{"dropped", good, "is to be dropped"},
		{"dropped", change(func(o *policytest.Observation) { o.Answered = false }), "is to be dropped"},
		{"delivered", policytest.Observation{DropReason: "policy"}, "does not get to b1"},
		{"delivered", change(func(o *policytest.Observation) { o.Answered = false }), "answer is missing"},
		{"delivered", change(func(o *policytest.Observation) { o.DeliveredTo = list("b1", "b2") }), "gets to b2 as well"},
		{"delivered", change(func(o *policytest.Observation) { o.DeliveredTo = list("b2") }), "does not get to b1, it gets to b2"},
		{"delivered", change(func(o *policytest.Observation) { o.AnswerVia = list("ips2", "fw1") }), "stateful"},
		{"delivered", change(func(o *policytest.Observation) { o.AnswerVia = list("ips2") }), "stateful"},
		{"delivered", change(func(o *policytest.Observation) { o.Trouble = list("twice") }), "twice"},
		{"dropped", policytest.Observation{Trouble: list("twice")}, "twice"},
		{all, change(func(o *policytest.Observation) { o.Via = list("ips1", "fw2") }), "packet is to pass fw -> ips"},
		{all, change(func(o *policytest.Observation) { o.Via = list("fw2") }), "packet is to pass fw -> ips"},
		{all, change(func(o *policytest.Observation) { o.Via = list("fw2", "ips1", "ips2") }), "packet is to pass fw -> ips"},
		{all, change(func(o *policytest.Observation) { o.AnswerVia = list("fw2", "ips2") }), "answer is to pass ips -> fw"},
		{all, change(func(o *policytest.Observation) { o.CopiedTo = nil }), "packet is to be copied to ids"},
		{all, change(func(o *policytest.Observation) { o.CopiedTo = list("ids1", "ids2") }), "packet is to be copied to ids"},
		{all, change(func(o *policytest.Observation) { o.CopiedTo = list("fw1") }), "packet is to be copied to ids"},
		{all, change(func(o *policytest.Observation) { o.AnswerCopiedTo = nil }), "answer is to be copied to ids"},
	} {
		r := run(t, fmt.Sprintf(fakePolicy, c.expectation), fake{1: c.seen})
		got := strings.Join(r.Tests[0].Expectations[0].Probes[0].Wrong, "; ")
		if c.wrong == "" && got != "" || !strings.Contains(got, c.wrong) || r.OK() != (c.wrong == "") {
			t.Errorf("%s, %+v\n got: %s\nwant: %s", c.expectation, c.seen, got, c.wrong)
		}
	}
}

func run(t *testing.T, policy string, on policytest.Substrate) *policytest.Result {
	t.Helper()
	w := compiled.New(t, policy, fakeNetwork)
	suite, problems := policytest.Prepare(w.Policy, w.Network)
	compiled.Must(t, problems)
	r, err := suite.Run(context.Background(), on)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The three forms of one result with everything in it.
func TestRender(t *testing.T) {
	r := run(t, strings.Replace(fakePolicy, "%s", `delivered
  a1 -> b1 on tcp/2, tcp/3: dropped
  a1 -> b2 on tcp/4: delivered via fw -> ips
}
test "groups & <others>" {
  a1 -> 239.1.1.1 on udp/5: delivered to b1, b2`, 1), fake{
		1: {DeliveredTo: []string{"b1"}, Answered: true},
		2: {DeliveredTo: []string{"b1"}, DropReason: "s1: policy"},
		3: {},
		5: {DeliveredTo: []string{"b1", "b2"}},
	})
	var text, js, junit strings.Builder
	for _, err := range []error{r.Text(&text), r.JSON(&js), r.JUnit(&junit)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const file = "testdata/render.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, file, archive, "# text\n"+text.String()+"# JSON\n"+js.String()+"# JUnit\n"+junit.String())
	var any map[string]any
	if err := json.Unmarshal([]byte(js.String()), &any); err != nil {
		t.Error(err)
	}
	if err := xml.Unmarshal([]byte(junit.String()), new(struct {
		XMLName xml.Name `xml:"testsuites"`
	})); err != nil {
		t.Error(err)
	}
}
