package engine

import (
	"encoding/json"
	"fmt"
)

// ctlNode is one step of a control flow: a table, a condition or a call of an action.
type ctlNode struct {
	name  string
	table *tableDef

	expr            *expr // of cond
	cond            fnBool
	ifTrue, ifFalse *ctlNode

	action *actionDef
	next   *ctlNode
}

func (ld *loader) loadPipelines() error {
	ld.prog.tableByName, ld.prog.profileByName = map[string]int{}, map[string]int{}
	for i := range ld.cfg.Pipelines {
		c := &ld.cfg.Pipelines[i]
		var first *edge
		switch c.Name {
		case "ingress":
			first = &ld.prog.ingress
		case "egress":
			first = &ld.prog.egress
		default:
			return &UnsupportedError{Where: "pipelines", Construct: fmt.Sprintf("pipeline %q", c.Name), Choices: `"ingress", "egress"`}
		}
		b := &pipelineBuilder{loader: ld, cfg: c, nodes: map[string]*ctlNode{}}
		if err := b.build(); err != nil {
			return err
		}
		n, err := b.node("pipeline "+c.Name, c.InitTable)
		if err != nil {
			return err
		}
		flow := &flowBuilder{done: map[*ctlNode]*step{}}
		*first = edge{n, shorten(flow.step(n), ld.prog)}
	}
	return nil
}

type pipelineBuilder struct {
	*loader
	cfg   *cfgPipeline
	nodes map[string]*ctlNode
}

func (b *pipelineBuilder) addNode(name string, n *ctlNode) error {
	if b.nodes[name] != nil {
		return configErrorf("pipeline "+b.cfg.Name, "%q is there twice", name)
	}
	n.name = name
	b.nodes[name] = n
	return nil
}

// node resolves a reference to a node; nil is the end.
func (b *pipelineBuilder) node(where string, name *string) (*ctlNode, error) {
	if name == nil {
		return nil, nil
	}
	n := b.nodes[*name]
	if n == nil {
		return nil, configErrorf(where, "control goes on at %q, which is not there", *name)
	}
	return n, nil
}

func (b *pipelineBuilder) edge(where string, name *string) (*edge, error) {
	n, err := b.node(where, name)
	return &edge{node: n}, err
}

func (b *pipelineBuilder) build() error {
	for i := range b.cfg.ActionProfiles {
		if err := b.addProfile(&b.cfg.ActionProfiles[i]); err != nil {
			return err
		}
	}
	for i := range b.cfg.Tables {
		d, err := b.addTable(&b.cfg.Tables[i])
		if err != nil {
			return err
		}
		if err := b.addNode(d.name, &ctlNode{table: d}); err != nil {
			return err
		}
	}
	for _, c := range b.cfg.Conditionals {
		e, err := b.exprs(fmt.Sprintf("condition %q", c.Name), nil).ofType(c.Expression, typeBool)
		if err != nil {
			return err
		}
		if err := b.addNode(c.Name, &ctlNode{expr: e, cond: compileBool(e)}); err != nil {
			return err
		}
	}
	for _, c := range b.cfg.ActionCalls {
		a := b.actions[c.ActionID]
		if a == nil || len(a.params) > 0 {
			return configErrorf(fmt.Sprintf("action call %q", c.Name), "action %d is not there, or has parameters", c.ActionID)
		}
		if err := b.addNode(c.Name, &ctlNode{action: a}); err != nil {
			return err
		}
	}
	return b.link()
}

// link resolves where control goes on.
func (b *pipelineBuilder) link() error {
	for i := range b.cfg.Tables {
		c := &b.cfg.Tables[i]
		if err := b.linkTable(c, b.nodes[c.Name].table); err != nil {
			return err
		}
	}
	var err error
	for _, c := range b.cfg.Conditionals {
		n := b.nodes[c.Name]
		if n.ifTrue, err = b.node(c.Name, c.TrueNext); err != nil {
			return err
		}
		if n.ifFalse, err = b.node(c.Name, c.FalseNext); err != nil {
			return err
		}
	}
	for _, c := range b.cfg.ActionCalls {
		if b.nodes[c.Name].next, err = b.node(c.Name, c.NextNode); err != nil {
			return err
		}
	}
	return b.acyclic()
}

// acyclic refuses a control flow in a circle, which would never end.
func (b *pipelineBuilder) acyclic() error {
	const entered, left = 1, 2
	state := map[*ctlNode]int{}
	var visit func(n *ctlNode) error
	visit = func(n *ctlNode) error {
		if n == nil || state[n] == left {
			return nil
		}
		if state[n] == entered {
			return configErrorf("pipeline "+b.cfg.Name, "control comes back to %q", n.name)
		}
		state[n] = entered
		next := []*ctlNode{n.ifTrue, n.ifFalse, n.next}
		if d := n.table; d != nil {
			for _, e := range d.edges() {
				next = append(next, e.node)
			}
		}
		for _, m := range next {
			if err := visit(m); err != nil {
				return err
			}
		}
		state[n] = left
		return nil
	}
	for _, n := range b.nodes {
		if err := visit(n); err != nil {
			return err
		}
	}
	return nil
}

func (b *pipelineBuilder) addProfile(c *cfgProfile) error {
	d := &profileDef{name: c.Name, size: c.MaxSize}
	if c.Selector != nil {
		calc, err := b.buildCalculation(fmt.Sprintf("action selector %q", c.Name), c.Name, c.Selector.Algo, c.Selector.Input)
		if err != nil {
			return err
		}
		d.selector = calc
	}
	if _, dup := b.prog.profileByName[c.Name]; dup {
		return configErrorf(fmt.Sprintf("action profile %q", c.Name), "it is there twice")
	}
	b.prog.profileByName[c.Name] = len(b.prog.profiles)
	b.prog.profiles = append(b.prog.profiles, d)
	return nil
}

var matchKinds = map[string]MatchKind{"exact": Exact, "lpm": LPM, "ternary": Ternary, "range": Range, "valid": Valid, "optional": Ternary}

// addTable builds a table but for what it refers to in the control flow.
func (b *pipelineBuilder) addTable(c *cfgTable) (*tableDef, error) {
	where := fmt.Sprintf("table %q", c.Name)
	d := &tableDef{
		name: c.Name, id: c.ID, index: len(b.prog.tables), size: c.MaxSize,
		profile: -1, meter: -1, counters: c.WithCounters, timeout: c.SupportTimeout,
		needsPriority: c.MatchType == "ternary" || c.MatchType == "range",
		nextOf:        map[*actionDef]*edge{},
	}
	switch c.MatchType {
	case "exact", "lpm", "ternary", "range":
	default:
		return nil, &UnsupportedError{Where: where, Construct: fmt.Sprintf("match type %q", c.MatchType), Choices: "exact, lpm, ternary, range"}
	}
	if c.MaxSize < 0 || c.MaxSize > maxTableSize {
		return nil, configErrorf(where, "size %d is not in 0..%d", c.MaxSize, maxTableSize)
	}
	if _, dup := b.prog.tableByName[c.Name]; dup {
		return nil, configErrorf(where, "it is there twice")
	}
	lpm := 0
	for _, k := range c.Key {
		kd, err := b.keyField(where, k)
		if err != nil {
			return nil, err
		}
		if kd.kind == LPM {
			lpm++
		}
		if (kd.kind == Ternary || kd.kind == Range) && !d.needsPriority {
			return nil, configErrorf(where, "match type %q with a field that matches %s", c.MatchType, kd.kind)
		}
		kd.words = wordRun{d.keyWords, wordsFor(kd.width)}
		d.keyWords += kd.words.n
		for i := range kd.words.n {
			g := keyWord{from: kd.src.off + i, valid: kd.valid, mask: ^uint64(0)}
			if kd.mask != nil {
				g.mask = kd.mask[i]
			}
			d.gather = append(d.gather, g)
		}
		d.keys = append(d.keys, kd)
	}
	if lpm > 1 && !d.needsPriority {
		return nil, configErrorf(where, "%d lpm fields", lpm)
	}
	d.allExact = lpm == 0 && !d.needsPriority
	if err := b.tableObjects(where, c, d); err != nil {
		return nil, err
	}
	b.prog.maxKey = max(b.prog.maxKey, d.keyWords)
	b.prog.tableByName[d.name] = d.index
	b.prog.tables = append(b.prog.tables, d)
	return d, nil
}

func (b *pipelineBuilder) keyField(where string, c cfgKey) (keyDef, error) {
	kind, ok := matchKinds[c.MatchType]
	if !ok {
		return keyDef{}, &UnsupportedError{Where: where, Construct: fmt.Sprintf("match type %q", c.MatchType), Choices: "exact, lpm, ternary, range, valid"}
	}
	k := keyDef{name: c.Name, kind: kind, valid: -1}
	if kind == Valid {
		var name string
		if err := json.Unmarshal(c.Target, &name); err != nil || b.lay.byName[name] == nil {
			return keyDef{}, configErrorf(where, "no header %s", c.Target)
		}
		k.width, k.src = 8, fieldLoc{off: b.lay.byName[name].valid, fieldType: fieldType{width: 8}}
		if k.name == "" {
			k.name = name
		}
		return k, nil
	}
	loc, hdr, err := b.field(where, cfgValue{Type: "field", Value: c.Target})
	if err != nil {
		return keyDef{}, err
	}
	if loc.varbit {
		return keyDef{}, &UnsupportedError{Where: where, Construct: "a key of variable length"}
	}
	k.src, k.width = loc, loc.width
	if !hdr.metadata && loc.off != hdr.valid {
		k.valid = hdr.valid
	}
	if k.name == "" {
		var pair [2]string
		if err := json.Unmarshal(c.Target, &pair); err == nil {
			k.name = pair[0] + "." + pair[1]
		}
	}
	if c.Mask != nil {
		m, err := parseHex(*c.Mask)
		if err != nil {
			return keyDef{}, configErrorf(where, "key %q: mask: %v", k.name, err)
		}
		k.mask = make([]uint64, wordsFor(k.width))
		wordsFromBig(k.mask, m, k.width)
	}
	return k, nil
}
