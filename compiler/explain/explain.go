package explain

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pillion/compiler/network"
	"pillion/compiler/plan"
)

// Report is where each statement is carried out.
type Report struct {
	Statements []Statement // sorted by their first name
}

// Statement is one statement of the policy, or several of one kind that are carried out at the same places.
type Statement struct {
	Kind   string   // allow, deny, tenant, chain or multicast
	Names  []string // sorted
	Places []Place
}

// Place is what one target, or several of one kind, does for a statement.
type Place struct {
	Does    Duty
	For     []string // endpoints or middlebox instances, sorted; none with Replicate
	Kind    plan.TargetKind
	Targets []string // sorted
	Why     string
}

// Duty is what a target does for a statement.
type Duty uint8

const (
	Judge     Duty = iota // may the packets of these endpoints pass
	Classify              // does the chain take them
	Serve                 // hands packets to these instances, and takes them back
	Admit                 // may these endpoints send to the group
	Replicate             // sends the group's packets on, to one or more edges
	Deliver               // hands the group's packets to these endpoints
)

// kinds are the statements that something is enforced of.
var kinds = []string{"allow", "chain", "deny", "multicast", "tenant"}

// New explains a plan. net is what it was compiled for.
func New(p *plan.Plan, net *network.Network) *Report {
	c := &collector{plan: p, where: newPlaces(net), found: map[uint32]*found{}}
	for i := range p.Switches {
		c.target(int32(i))
	}
	r := &Report{}
	same := map[[sha256.Size]byte]int{}
	for i, full := range p.Statements { // sorted
		kind, name, _ := strings.Cut(full, " ")
		if !slices.Contains(kinds, kind) {
			continue
		}
		s := Statement{Kind: kind, Names: []string{name}, Places: c.places(c.found[uint32(i)])}
		if kind == "tenant" && len(s.Places) == 0 {
			continue // isolated, or its endpoints have nobody to talk to inside
		}
		key := s.fingerprint()
		if at, ok := same[key]; ok {
			r.Statements[at].Names = append(r.Statements[at].Names, name)
			continue
		}
		same[key] = len(r.Statements)
		r.Statements = append(r.Statements, s)
	}
	return r
}

// fingerprint is the same for statements that are carried out at the same places.
func (s *Statement) fingerprint() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q", s.Kind)
	for i := range s.Places {
		p := &s.Places[i]
		fmt.Fprintf(h, "%d %d %q %q %q", p.Does, p.Kind, p.For, p.Targets, p.Why)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// found is what rows say of one statement.
type found struct {
	at        map[work]map[string]bool // the endpoints concerned
	instances map[string]bool
}

// work is a duty at a target, by its index.
type work struct {
	target int32
	duty   Duty
}

type collector struct {
	plan  *plan.Plan
	where *places
	found map[uint32]*found
}

// note records that a row of a target does something for the statements that it names, or counts for.
func (c *collector) note(target int32, o *plan.Origin, duty Duty, endpoints []string) {
	add := func(s uint32) {
		kind, _, _ := strings.Cut(c.plan.Statements[s], " ")
		if !duty.of(kind) {
			return
		}
		f := c.found[s]
		if f == nil {
			f = &found{at: map[work]map[string]bool{}, instances: map[string]bool{}}
			c.found[s] = f
		}
		if duty == Serve {
			for _, other := range o.From {
				if name, ok := strings.CutPrefix(c.plan.Statements[other], "instance "); ok {
					f.instances[name] = true
				}
			}
			return
		}
		w := work{target, duty}
		if f.at[w] == nil {
			f.at[w] = map[string]bool{}
		}
		for _, e := range endpoints {
			f.at[w][e] = true
		}
	}
	for _, s := range o.From {
		add(s)
	}
	if o.Counts >= 0 && !slices.Contains(o.From, uint32(o.Counts)) {
		add(uint32(o.Counts))
	}
}

// of says whether statements of a kind have the duty.
func (d Duty) of(kind string) bool {
	switch d {
	case Judge:
		return kind == "allow" || kind == "deny" || kind == "tenant"
	case Classify, Serve:
		return kind == "chain"
	}
	return kind == "multicast"
}

func (c *collector) target(at int32) {
	sw := &c.plan.Switches[at]
	byIdentity, byPort := c.where.attached(sw)
	for i := range sw.Policies {
		if row := &sw.Policies[i]; !row.Returning {
			c.note(at, &row.Origin, Judge, byIdentity[row.Source])
		}
	}
	for i := range sw.Verdicts {
		if row := &sw.Verdicts[i]; !row.Returning {
			c.note(at, &row.Origin, Judge, byIdentity[row.Source])
		}
	}
	for i := range sw.ChainSelects {
		if row := &sw.ChainSelects[i]; !row.Returning {
			c.note(at, &row.Origin, Classify, byIdentity[row.Source])
		}
	}
	for i := range sw.Returns {
		c.note(at, &sw.Returns[i].Origin, Serve, nil)
	}
	for i := range sw.Taps {
		c.note(at, &sw.Taps[i].Origin, Serve, nil)
	}
	for i := range sw.Multicasts {
		c.note(at, &sw.Multicasts[i].Origin, Admit, byIdentity[sw.Multicasts[i].Source])
	}
	replicas := map[uint16][]plan.Replica{}
	for i := range sw.Groups {
		replicas[sw.Groups[i].ID] = sw.Groups[i].Replicas
	}
	for i := range sw.Replications {
		row := &sw.Replications[i]
		for _, r := range replicas[row.Group] {
			if r.Instance != 0 {
				c.note(at, &row.Origin, Replicate, nil)
			} else {
				c.note(at, &row.Origin, Deliver, byPort[r.Port])
			}
		}
	}
}

// places puts together what was found of a statement, in the order of duties.
func (c *collector) places(f *found) []Place {
	if f == nil {
		return nil
	}
	var out []Place
	for w, endpoints := range f.at {
		sw := &c.plan.Switches[w.target]
		out = append(out, Place{Does: w.duty, Kind: sw.Kind, Targets: []string{sw.Name}, For: slices.Collect(maps.Keys(endpoints))})
	}
	for name := range f.instances {
		if p, ok := c.where.ofInstance(name); ok {
			out = append(out, p)
		}
	}
	return c.where.together(out)
}
