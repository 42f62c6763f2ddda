package engine

import "fmt"

// Load compiles a config in p4c's bmv2 JSON format (version 2), of a program for the
// v1model architecture. It returns an [*UnsupportedError] for a construct that the
// engine does not execute, and a [*ConfigError] for a config that makes no sense.
func Load(configJSON []byte) (*Program, error) {
	cfg, err := decodeConfig(configJSON)
	if err != nil {
		return nil, err
	}
	lay, err := buildLayout(cfg)
	if err != nil {
		return nil, err
	}
	lay.cleared = lay.words
	ld := &loader{cfg: cfg, lay: lay, prog: &Program{lay: lay}}
	for _, step := range []func() error{
		ld.loadExterns, ld.loadStandardFields, ld.loadErrors, ld.loadArrays, ld.loadCalculations,
		ld.loadValueSets, ld.loadParser, ld.loadActions, ld.loadPipelines, ld.loadChecksums,
		ld.loadLists, ld.loadDeparser, ld.noteTime,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	lay.finish()
	return ld.prog, nil
}

func (ld *loader) loadExterns() error {
	for _, e := range ld.cfg.ExternInstances {
		return &UnsupportedError{Where: fmt.Sprintf("extern instance %q", e.Name), Construct: fmt.Sprintf("extern type %q", e.Type), Choices: "none"}
	}
	return nil
}

// optionalField is a field of standard or intrinsic metadata that a program may lack.
type optionalField struct {
	loc fieldLoc
	ok  bool
}

func (f *optionalField) set(p *packet, v uint64) {
	if f.ok && f.loc.width > 0 {
		last := f.loc.off + f.loc.words() - 1
		p.st[last] = v & mask64(f.loc.width)
	}
}

func (f *optionalField) get(p *packet) uint64 {
	if f.ok {
		return f.loc.low(p)
	}
	return 0
}

// standardFields are what simple_switch reads and writes.
type standardFields struct {
	ingressPort, packetLength, instanceType, egressSpec, egressPort optionalField

	parserError, checksumError                 optionalField
	ingressTime, egressTime, mcastGrp, rid     optionalField
	enqTime, enqDepth, deqDelta, deqDepth, qid optionalField
}

func (ld *loader) loadStandardFields() error {
	s := &ld.prog.std
	for _, f := range []struct {
		at           *optionalField
		header, name string
		required     bool
	}{
		{&s.ingressPort, "standard_metadata", "ingress_port", true},
		{&s.packetLength, "standard_metadata", "packet_length", true},
		{&s.instanceType, "standard_metadata", "instance_type", true},
		{&s.egressSpec, "standard_metadata", "egress_spec", true},
		{&s.egressPort, "standard_metadata", "egress_port", true},
		{&s.parserError, "standard_metadata", "parser_error", false},
		{&s.checksumError, "standard_metadata", "checksum_error", false},
		{&s.ingressTime, "intrinsic_metadata", "ingress_global_timestamp", false},
		{&s.egressTime, "intrinsic_metadata", "egress_global_timestamp", false},
		{&s.mcastGrp, "intrinsic_metadata", "mcast_grp", false},
		{&s.rid, "intrinsic_metadata", "egress_rid", false},
		{&s.enqTime, "queueing_metadata", "enq_timestamp", false},
		{&s.enqDepth, "queueing_metadata", "enq_qdepth", false},
		{&s.deqDelta, "queueing_metadata", "deq_timedelta", false},
		{&s.deqDepth, "queueing_metadata", "deq_qdepth", false},
		{&s.qid, "queueing_metadata", "qid", false},
	} {
		loc, _, err := ld.lay.find("standard metadata", f.header, f.name)
		if err != nil {
			if f.required {
				return err
			}
			continue
		}
		if loc.varbit {
			return configErrorf("standard metadata", "field %q is of variable length", f.name)
		}
		*f.at = optionalField{loc: loc, ok: true}
	}
	clear(ld.lay.named) // from here on, by the program
	return nil
}

// noteTime finds out whether packets need the time: reading the clock costs as much as a
// table lookup.
func (ld *loader) noteTime() error {
	p := ld.prog
	p.timed = len(p.meters) > 0
	for _, f := range []*optionalField{&p.std.ingressTime, &p.std.egressTime, &p.std.enqTime, &p.std.deqDelta} {
		p.timed = p.timed || f.ok && ld.lay.named[f.loc.off]
	}
	for _, d := range p.tables {
		p.timed = p.timed || d.timeout
	}
	return nil
}

func (ld *loader) loadArrays() error {
	p := ld.prog
	p.counterByName, p.meterByName, p.registerByName = map[string]int{}, map[string]int{}, map[string]int{}
	size := func(where string, n int) error {
		if n < 0 || n > maxArraySize {
			return configErrorf(where, "size %d is not in 0..%d", n, maxArraySize)
		}
		return nil
	}
	for _, c := range ld.cfg.CounterArrays {
		if c.IsDirect {
			continue
		}
		if err := size(fmt.Sprintf("counter %q", c.Name), c.Size); err != nil {
			return err
		}
		p.counterByName[c.Name] = len(p.counters)
		p.counters = append(p.counters, &counterDef{name: c.Name, size: c.Size})
	}
	for _, m := range ld.cfg.MeterArrays {
		where := fmt.Sprintf("meter %q", m.Name)
		if err := size(where, m.Size); err != nil {
			return err
		}
		if m.RateCount != 2 {
			return &UnsupportedError{Where: where, Construct: fmt.Sprintf("a meter of %d rates", m.RateCount), Choices: "2"}
		}
		if m.Type != "bytes" && m.Type != "packets" {
			return &UnsupportedError{Where: where, Construct: fmt.Sprintf("meter type %q", m.Type), Choices: `"bytes", "packets"`}
		}
		d := &meterDef{name: m.Name, size: m.Size, bytes: m.Type == "bytes", direct: m.IsDirect}
		if d.direct {
			d.size = 0
			if m.Target == nil {
				return configErrorf(where, "a direct meter has no result_target")
			}
			loc, _, err := ld.lay.find(where, m.Target[0], m.Target[1])
			if err != nil {
				return err
			}
			d.target = optionalField{loc: loc, ok: true}
			ld.lay.written[loc.off] = true
		}
		p.meterByName[m.Name] = len(p.meters)
		p.meters = append(p.meters, d)
	}
	for _, r := range ld.cfg.RegisterArrays {
		where := fmt.Sprintf("register %q", r.Name)
		if err := size(where, r.Size); err != nil {
			return err
		}
		if r.Bitwidth < 1 || r.Bitwidth > maxFieldBits || r.Size*wordsFor(r.Bitwidth) > maxArraySize {
			return configErrorf(where, "%d cells of %d bits", r.Size, r.Bitwidth)
		}
		p.registerByName[r.Name] = len(p.registers)
		p.registers = append(p.registers, &registerDef{name: r.Name, size: r.Size, width: r.Bitwidth})
	}
	return nil
}

// fieldList is the fields that a copy of a packet keeps.
type fieldList struct{ runs []wordRun }

// learnList is the fields of a digest.
type learnList struct {
	name   string
	fields []fieldLoc
}

func (ld *loader) loadLists() error {
	p := ld.prog
	p.fieldLists, p.learnLists = map[int]*fieldList{}, map[int]*learnList{}
	for _, c := range ld.cfg.FieldLists {
		where := fmt.Sprintf("field list %q", c.Name)
		l := &fieldList{}
		for _, v := range c.Elements {
			if v.Type == "hexstr" {
				continue // a constant has nothing to keep
			}
			loc, _, err := ld.field(where, v)
			if err != nil {
				return err
			}
			n := loc.words()
			if loc.varbit {
				n++
			}
			l.runs = append(l.runs, wordRun{loc.off, n})
		}
		p.fieldLists[c.ID] = l
	}
	for _, c := range ld.cfg.LearnLists {
		where := fmt.Sprintf("learn list %q", c.Name)
		l := &learnList{name: c.Name}
		for _, v := range c.Elements {
			loc, _, err := ld.field(where, v)
			if err != nil {
				return err
			}
			l.fields = append(l.fields, loc)
		}
		p.learnLists[c.ID] = l
	}
	return nil
}

// deparserDef is the deparser, compiled.
type deparserDef struct {
	ops       []op
	registers []int
	order     []*header
}

func (ld *loader) loadDeparser() error {
	for _, c := range ld.cfg.Deparsers {
		if c.Name != "deparser" {
			continue
		}
		d := &deparserDef{}
		for _, name := range c.Order {
			h := ld.lay.byName[name]
			if h == nil {
				return configErrorf("deparser", "no header %q", name)
			}
			d.order = append(d.order, h)
		}
		var err error
		d.ops, d.registers, err = ld.primitives("deparser", nil, c.Primitives)
		ld.prog.deparse = d
		return err
	}
	return configErrorf("deparsers", `none is named "deparser"`)
}
