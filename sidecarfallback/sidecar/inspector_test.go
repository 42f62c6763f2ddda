package sidecar

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/verify"
)

// rogue is what b, which has a shim, would never send: it came in by b's port with another address.
var rogue = verify.Frame{Data: append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0}, make([]byte, 46)...), Length: 60, Port: 3}

func TestInspector(t *testing.T) {
	b := compile(t, inventory)
	v, err := verify.New(b, "leaf")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	var blamed []*verify.Violation
	stale := true
	i := newInspector(v, slog.New(slog.NewTextHandler(&log, nil)), func() bool { return stale }, func(_ *verify.Violation, explain func() *verify.Violation) { blamed = append(blamed, explain()) })

	// By rules that are about to come it may be good; until then it does not pass.
	if i.good(rogue, byTrunk) || len(blamed) != 0 || log.Len() != 0 || i.unsure[byTrunk].Load() != 1 {
		t.Errorf("with a new bundle: %v, %s", blamed, &log)
	}
	stale = false
	if i.good(rogue, bySflow) || len(blamed) != 1 || blamed[0].Endpoint != "b" || blamed[0].Port != 3 {
		t.Fatalf("blamed: %v", blamed)
	}
	for _, want := range []string{"msg=violation", "endpoint=b", "port=3", `statement="default deny"`, "reason=", "packet=", "seen=sflow"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, &log)
		}
	}
	unknown := rogue
	unknown.Port = 2
	if !i.good(unknown, bySample) {
		t.Error("a port that the sidecar guards itself is judged")
	}
	for range 100 {
		i.good(rogue, bySample)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("of one endpoint %d lines were logged", n)
	}
	if got := i.violations(); len(got) != 1 || got["b"] != 101 || i.found[bySample].Load() != 100 || i.checked[bySample].Load() != 101 {
		t.Errorf("counted %v, %d of %d", got, i.found[bySample].Load(), i.checked[bySample].Load())
	}
}

func TestViolationsAreBounded(t *testing.T) {
	var log bytes.Buffer
	i := newInspector(nil, slog.New(slog.NewTextHandler(&log, nil)), nil, func(*verify.Violation, func() *verify.Violation) {})
	for n := range maxEndpoints + 10 {
		i.note(&verify.Violation{Endpoint: strings.Repeat("x", 1+n)}, byTrunk, func() *verify.Violation { return &verify.Violation{} })
	}
	i.note(&verify.Violation{}, byTrunk, func() *verify.Violation { return &verify.Violation{} })
	if n := strings.Count(log.String(), "\n"); n < logBurst || n > 2*logBurst {
		t.Errorf("%d lines were logged", n)
	}
	if got := i.violations(); len(got) != maxEndpoints+1 || got[otherEndpoints] != 11 {
		t.Errorf("%d are counted, of others %d", len(got), got[otherEndpoints])
	}
}

func TestLimiter(t *testing.T) {
	l := limiter{tokens: 2}
	at := time.Unix(1000, 0)
	for _, c := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {0, true}, {0, false}, {0, false}, {time.Second / logRate, true}, {0, false}, {time.Hour, true}, {0, true}} {
		at = at.Add(c.after)
		if ok := l.take(at); ok != c.ok {
			t.Errorf("after %v: %t, not %t", c.after, ok, c.ok)
		}
	}
}

// How long the rules before a new bundle's are good.
func TestGrace(t *testing.T) {
	b := compile(t, inventory)
	written := time.Unix(1000, 0)
	before, after := written.Add(-time.Minute), written.Add(time.Minute)
	for _, c := range []struct {
		name string
		do   func(g *grace)
		want int // sets of rules beside the current one
	}{
		{"no push", func(g *grace) { g.replace(b, written) }, 1},
		{"a push before", func(g *grace) { g.gone(before); g.replace(b, written) }, 1},
		{"a push that ends late", func(g *grace) { g.replace(b, written); g.gone(before) }, 1},
		{"a push after it", func(g *grace) { g.replace(b, written); g.gone(after) }, 0},
		{"a push before it was noticed", func(g *grace) { g.gone(after); g.replace(b, written) }, 0},
		{"twice without a push", func(g *grace) { g.replace(b, written); g.replace(b, after) }, 1},
		{"five times without a push", func(g *grace) {
			for i := range 5 {
				g.replace(b, written.Add(time.Duration(i)))
			}
		}, 1},
		{"twice, and then a push", func(g *grace) { g.replace(b, written); g.replace(b, after); g.gone(after.Add(1)) }, 0},
		{"twice, with a push between", func(g *grace) { g.replace(b, written); g.gone(after); g.replace(b, after.Add(1)) }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := verify.New(b, "leaf")
			if err != nil {
				t.Fatal(err)
			}
			g := &grace{verifier: v, now: time.Now}
			c.do(g)
			if got := v.Excusing(); got != c.want {
				t.Errorf("%d sets of rules besides, not %d", got, c.want)
			}
		})
	}
	// After a push they are good for a while still.
	v, err := verify.New(b, "leaf")
	if err != nil {
		t.Fatal(err)
	}
	g := &grace{verifier: v, now: time.Now, after: time.Hour}
	if unpushed, err := g.replace(b, written); !unpushed || err != nil {
		t.Errorf("%t, %v", unpushed, err)
	}
	if g.gone(after); v.Excusing() != 1 {
		t.Error("right after the push the old rules are not good any more")
	}
	// Another controller brings nothing new.
	if g.after = 0; true {
		g.gone(after.Add(time.Minute))
	}
	if v.Excusing() != 1 {
		t.Error("a later controller ended the grace")
	}
}

// scripted is a driver that does what it is told.
type scripted struct {
	changes []redirect.Change
	errs    []error
	applied []string
}

func (d *scripted) Apply(_ context.Context, r redirect.Rules) (redirect.Change, error) {
	d.applied = append(d.applied, r.Text())
	c, err := d.changes[0], d.errs[0]
	d.changes, d.errs = d.changes[1:], d.errs[1:]
	return c, err
}

func (d *scripted) then(c redirect.Change, err error) {
	d.changes, d.errs = append(d.changes, c), append(d.errs, err)
}

func (*scripted) Render(redirect.Rules) (string, error)                 { return "", nil }
func (*scripted) Read(context.Context) (redirect.State, error)          { return redirect.State{}, nil }
func (*scripted) Remove(context.Context) (s redirect.Change, err error) { return s, nil }
func (*scripted) Close() error                                          { return nil }

func TestKeeper(t *testing.T) {
	d := &scripted{}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	k := newKeeper(d, logger, newProblems(logger))
	rules := redirect.Rules{Switch: "leaf", Quarantined: []uint32{4}}
	added, nothing, broken := redirect.Change{Added: []string{"quarantine 4"}}, redirect.Change{}, errors.New("no such switch")
	for _, step := range []struct {
		name   string
		rules  redirect.Rules
		change redirect.Change
		err    error
		want   keeperStats
	}{
		{"at first", rules, added, nil, keeperStats{applied: true}},
		{"nothing to do", rules, nothing, nil, keeperStats{applied: true}},
		{"somebody took it out", rules, added, nil, keeperStats{applied: true, repairs: 1}},
		{"the switch is gone", rules, nothing, broken, keeperStats{repairs: 1, failed: 1}},
		{"it is back, and empty", rules, added, nil, keeperStats{applied: true, repairs: 2, failed: 1}},
		{"new rules", redirect.Rules{Switch: "leaf"}, redirect.Change{Removed: added.Added}, nil, keeperStats{applied: true, repairs: 2, failed: 1}},
	} {
		d.then(step.change, step.err)
		k.want(step.rules)
		if k.read().applied {
			t.Errorf("%s: applied before it was", step.name)
		}
		if err := k.apply(t.Context()); err != step.err {
			t.Errorf("%s: %v", step.name, err)
		}
		if got := k.read(); got != step.want {
			t.Errorf("%s: %+v, not %+v", step.name, got, step.want)
		}
	}
	if n := strings.Count(log.String(), "repaired: somebody"); n != 2 {
		t.Errorf("%d repairs are logged:\n%s", n, &log)
	}
	if !slices.Equal(d.applied[4:], []string{"switch leaf\nquarantine 4\n", "switch leaf\n"}) {
		t.Errorf("applied %q", d.applied)
	}
}

// A host that is off keeps no sidecar from its work. One of the sidecar's own ports, or whatever else is wrong, does.
func TestKeeperBegins(t *testing.T) {
	broken := errors.New("no such switch")
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, true}, {broken, false},
		{&redirect.Absent{Ports: []uint32{3, 4}, Err: broken}, true},
		{&redirect.Absent{Ports: []uint32{3, 9}, Err: broken}, false},
	} {
		d := &scripted{}
		d.then(redirect.Change{}, c.err)
		p := newProblems(slog.New(slog.DiscardHandler))
		k := newKeeper(d, slog.New(slog.DiscardHandler), p)
		err := k.begin(t.Context(), map[uint32]bool{9: true})
		if (err == nil) != c.want || k.read().applied != (c.err == nil) || (len(p.list()) == 1) != (c.want && c.err != nil) {
			t.Errorf("with %#v: %v, %+v, %v", c.err, err, k.read(), p.list())
		}
	}
}

func TestProblems(t *testing.T) {
	var log bytes.Buffer
	p := newProblems(slog.New(slog.NewTextHandler(&log, nil)))
	for _, err := range []error{nil, errors.New("one"), errors.New("one"), errors.New("two"), nil, nil} {
		p.set("x", err)
	}
	if n := strings.Count(log.String(), "\n"); n != 3 || len(p.list()) != 0 {
		t.Errorf("%d lines:\n%s", n, &log)
	}
	p.set("b", errors.New("2"))
	p.set("a", errors.New("1"))
	if l := p.list(); len(l) != 2 || l[0].about != "a" {
		t.Errorf("%v", l)
	}
}
