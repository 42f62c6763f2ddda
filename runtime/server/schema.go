package server

import (
	"fmt"
	"slices"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// schema is P4Info as the server uses it: objects by id, each bound to what the
// engine calls by the same name.
type schema struct {
	tables    []*table // in P4Info's order
	tableByID map[uint32]*table
	tableOf   map[string]*table // by the engine's name

	actions map[uint32]*action

	profiles    []*profile
	profileByID map[uint32]*profile

	counters       []*counter
	meters         []*meter
	registers      []*register
	valueSets      []*valueSet
	digests        []*digest
	directCounters map[uint32]*table
	directMeters   map[uint32]*table

	packetIn, packetOut *controllerHeader

	// absent are the objects of P4Info that the device config does not have, by id.
	absent map[uint32]string
	// dictionaries are those of types that controllers write as strings.
	dictionaries map[string]*dictionary
}

type table struct {
	id     uint32
	name   string
	fields []field
	// actions are what entries may call, with their scopes.
	actions      []actionRef
	actionByName map[string]*action
	constEntries bool
	constDefault bool
	initial      *action // the declared default action
	profile      *profile
	meter        *configv1.MeterSpec // of the direct meter; nil without
	counted      bool                // has a direct counter
	counterID    uint32
	meterID      uint32
	idle         bool
	priority     bool // entries need one
	// plain: it takes plain updates. Known when the schema is complete.
	plain bool

	eng *engine.Table
}

func (t *table) String() string { return fmt.Sprintf("table %s (0x%08x)", t.name, t.id) }

type field struct {
	id    uint32
	name  string
	kind  configv1.MatchField_MatchType
	match matchKind // the same, as messages say it
	width int
	// key is the width in the program, which is another than width if the type is
	// translated.
	key   int
	names *dictionary // of a type that controllers write as strings; nil: numbers
	ones  []byte      // the largest value in the program
}

func (f field) String() string {
	return fmt.Sprintf("%d %s (%s, bit<%d>)", f.id, f.name, matchName(f.kind), f.width)
}

type action struct {
	id     uint32
	name   string
	params []param
}

func (a *action) String() string { return fmt.Sprintf("%s (0x%08x)", a.name, a.id) }

type param struct {
	id    uint32
	name  string
	width int
	// translated: the width in the program may be another.
	translated bool
	names      *dictionary // of a type that controllers write as strings; nil: numbers
}

func (p param) String() string { return fmt.Sprintf("%d %s (bit<%d>)", p.id, p.name, p.width) }

type actionRef struct {
	*action
	scope configv1.ActionRef_Scope
}

type counter struct {
	id   uint32
	name string
	eng  *engine.CounterArray
}

type meter struct {
	id   uint32
	name string
	spec *configv1.MeterSpec
	eng  *engine.MeterArray
}

// controllerHeader is the layout of packet-in or packet-out metadata.
type controllerHeader struct {
	name   string
	fields []headerField
	bytes  int
}

// headerField is a field of a controller header. It has bits in the program's header,
// which is another number than the controller's width if the type is translated.
type headerField struct {
	param
	bits int
}

// matchKinds are the match kinds in P4Info's words and the engine's.
var matchKinds = map[configv1.MatchField_MatchType]engine.MatchKind{
	configv1.MatchField_EXACT:    engine.Exact,
	configv1.MatchField_LPM:      engine.LPM,
	configv1.MatchField_TERNARY:  engine.Ternary,
	configv1.MatchField_OPTIONAL: engine.Ternary,
	configv1.MatchField_RANGE:    engine.Range,
}

func matchName(k configv1.MatchField_MatchType) string {
	switch k {
	case configv1.MatchField_EXACT:
		return "exact"
	case configv1.MatchField_LPM:
		return "lpm"
	case configv1.MatchField_TERNARY:
		return "ternary"
	case configv1.MatchField_OPTIONAL:
		return "optional"
	case configv1.MatchField_RANGE:
		return "range"
	}
	return k.String()
}

// schemaBuilder reads P4Info once, and collects ids to see each only once.
type schemaBuilder struct {
	info *configv1.P4Info
	eng  *engine.Switch
	out  *schema
	seen map[uint32]string
}

// newSchema checks P4Info against the engine's program and binds the two. The
// error names the first object that does not fit.
func newSchema(info *configv1.P4Info, eng *engine.Switch) (*schema, error) {
	b := &schemaBuilder{info: info, eng: eng, seen: map[uint32]string{}, out: &schema{
		tableByID: map[uint32]*table{}, tableOf: map[string]*table{}, actions: map[uint32]*action{},
		profileByID: map[uint32]*profile{}, directCounters: map[uint32]*table{}, directMeters: map[uint32]*table{}, absent: map[uint32]string{}, dictionaries: map[string]*dictionary{},
	}}
	for _, step := range []func() error{
		b.readActions, b.readProfiles, b.readTables, b.readDirect, b.readArrays, b.readValueSets, b.readDigests, b.readHeaders, b.refuseExterns,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for _, t := range b.out.tables {
		t.plain = len(t.fields) > 0 && t.profile == nil && !t.constEntries
	}
	return b.out, nil
}

// claim checks an object's id: not 0, not taken.
func (b *schemaBuilder) claim(what string, p *configv1.Preamble) error {
	switch {
	case p.GetName() == "":
		return fmt.Errorf("P4Info: a %s has no name", what)
	case p.GetId() == 0:
		return fmt.Errorf("P4Info: %s %s has id 0, which means none", what, p.GetName())
	case b.seen[p.Id] != "":
		return fmt.Errorf("P4Info: %s %s has the id of %s, 0x%08x", what, p.Name, b.seen[p.Id], p.Id)
	}
	b.seen[p.Id] = what + " " + p.Name
	return nil
}

// width checks a bit width of P4Info. Width 0 means a string.
func width(what string, w int32) (int, error) {
	if w <= 0 {
		return 0, fmt.Errorf("P4Info: %s has bitwidth %d; strings are supported in match fields and in action parameters only, use bit<W>", what, w)
	}
	return int(w), nil
}

func (b *schemaBuilder) readActions() error {
	for _, a := range b.info.Actions {
		if err := b.claim("action", a.Preamble); err != nil {
			return err
		}
		out := &action{id: a.Preamble.Id, name: a.Preamble.Name}
		for _, p := range a.Params {
			x := param{id: p.Id, name: p.Name, width: int(p.Bitwidth), translated: b.translated(p.GetTypeName().GetName())}
			var err error
			if b.isString(p.TypeName) {
				// A string's width is in the device config.
				x.width = b.configWidth(out.name, len(out.params))
				x.names, err = b.dictionary(p.TypeName, x.width)
			} else {
				x.width, err = width(fmt.Sprintf("action %s, parameter %s", out.name, p.Name), p.Bitwidth)
			}
			if err != nil {
				return err
			}
			out.params = append(out.params, x)
		}
		b.out.actions[out.id] = out
	}
	return nil
}

func (b *schemaBuilder) readTables() error {
	declared := b.eng.Program().Tables()
	byName := map[string]engine.TableInfo{}
	// Tables that the compiler made have no key, or constant entries.
	var programmable []string
	for _, d := range declared {
		byName[d.Name] = d
		if len(d.Keys) > 0 && !d.ConstEntries {
			programmable = append(programmable, d.Name)
		}
	}
	inInfo := declaredNames(b.info.Tables)
	for _, t := range b.info.Tables {
		if err := b.claim("table", t.Preamble); err != nil {
			return err
		}
		name := t.Preamble.Name
		d, ok := byName[name]
		if !ok {
			if err := b.leaveOut("table", t.Preamble, programmable, inInfo); err != nil {
				return err
			}
			continue
		}
		out := &table{id: t.Preamble.Id, name: name, constEntries: d.ConstEntries && !startsWith(t), constDefault: d.ConstDefault, priority: d.NeedsPriority,
			idle: t.IdleTimeoutBehavior != configv1.Table_NO_TIMEOUT, eng: b.eng.Table(name), actionByName: map[string]*action{}}
		if err := b.readFields(out, t, d); err != nil {
			return err
		}
		if err := b.readActionRefs(out, t, d); err != nil {
			return err
		}
		if out.idle && !d.SupportsTimeout {
			return fmt.Errorf("P4Info: table %s has idle timeouts, but not in the device config (support_timeout)", name)
		}
		if t.ImplementationId != 0 {
			p := b.out.profileByID[t.ImplementationId]
			if p == nil || d.Profile != p.name {
				return fmt.Errorf("P4Info: table %s has implementation 0x%08x, but in the device config its action profile is %q", name, t.ImplementationId, d.Profile)
			}
			out.profile = p
			p.tables = append(p.tables, out)
		} else if d.Profile != "" {
			return fmt.Errorf("P4Info: table %s has no implementation, but in the device config its action profile is %q", name, d.Profile)
		}
		b.out.tables = append(b.out.tables, out)
		b.out.tableByID[out.id] = out
		b.out.tableOf[name] = out
	}
	return nil
}

func (b *schemaBuilder) readFields(out *table, t *configv1.Table, d engine.TableInfo) error {
	if len(t.MatchFields) != len(d.Keys) {
		return fmt.Errorf("table %s has %d match fields in P4Info and %d in the device config", out.name, len(t.MatchFields), len(d.Keys))
	}
	ids := map[uint32]bool{}
	for i, f := range t.MatchFields {
		place := fmt.Sprintf("table %s, match field %s", out.name, f.Name)
		k := d.Keys[i]
		translated := b.translated(f.GetTypeName().GetName())
		names, err := b.dictionary(f.TypeName, k.Width)
		if err != nil {
			return err
		}
		if names != nil && f.GetMatchType() != configv1.MatchField_EXACT && f.GetMatchType() != configv1.MatchField_OPTIONAL {
			return fmt.Errorf("P4Info: %s is a string and matched %s; strings are matched exactly or optionally", place, matchName(f.GetMatchType()))
		}
		if f.Bitwidth == 0 && (f.TypeName == nil || names != nil) {
			// Strings, the type error and enumerations without a width have none in P4Info.
			f = proto.CloneOf(f)
			f.Bitwidth = int32(k.Width)
		}
		w, err := width(place, f.Bitwidth)
		if err != nil {
			return err
		}
		kind, ok := matchKinds[f.GetMatchType()]
		if !ok {
			return fmt.Errorf("P4Info: %s has match type %s%s; supported are exact, lpm, ternary, range and optional", place, f.GetMatchType(), f.GetOtherMatchType())
		}
		// A header's validity is matched as bit<1> exact in P4Info.
		sameKind := kind == k.Kind || k.Kind == engine.Valid && kind == engine.Exact
		// A prefix, a mask or a range means nothing in another width.
		sameWidth := w == k.Width || k.Kind == engine.Valid || translated && (kind == engine.Exact || f.GetMatchType() == configv1.MatchField_OPTIONAL)
		if !sameKind || !sameWidth {
			return fmt.Errorf("%s is %s bit<%d> in P4Info and %s bit<%d> in the device config", place, matchName(f.GetMatchType()), w, k.Kind, k.Width)
		}
		if f.Id == 0 || ids[f.Id] {
			return fmt.Errorf("P4Info: %s has id %d, which is 0 or taken", place, f.Id)
		}
		ids[f.Id] = true
		out.fields = append(out.fields, field{id: f.Id, name: f.Name, kind: f.GetMatchType(), match: kindOf[f.GetMatchType()],
			width: w, key: k.Width, names: names, ones: allOnes(k.Width)})
	}
	return nil
}

func (b *schemaBuilder) readActionRefs(out *table, t *configv1.Table, d engine.TableInfo) error {
	declared := map[string]engine.ActionInfo{}
	for _, a := range d.Actions {
		declared[a.Name] = a
	}
	for _, ref := range t.ActionRefs {
		a := b.out.actions[ref.Id]
		if a == nil {
			return fmt.Errorf("P4Info: table %s refers to action 0x%08x, which is not there", out.name, ref.Id)
		}
		// An indirect table's actions are known to the engine only as its profile's.
		if da, ok := declared[a.name]; ok {
			if len(da.Params) != len(a.params) {
				return fmt.Errorf("action %s has %d parameters in P4Info and %d in the device config", a.name, len(a.params), len(da.Params))
			}
			for i, p := range a.params {
				if da.Params[i].Width != p.width && !p.translated {
					return fmt.Errorf("action %s, parameter %s is bit<%d> in P4Info and bit<%d> in the device config", a.name, p.name, p.width, da.Params[i].Width)
				}
			}
		} else if d.Profile == "" {
			return fmt.Errorf("P4Info: table %s has action %s, which it does not have in the device config; there it has %s",
				out.name, a.name, choices(d.Actions, func(a engine.ActionInfo) string { return a.Name }))
		}
		out.actions = append(out.actions, actionRef{a, ref.Scope})
		out.actionByName[a.name] = a
	}
	id := t.ConstDefaultActionId
	if id == 0 {
		id = t.InitialDefaultAction.GetActionId()
	}
	if id != 0 {
		if out.initial = b.out.actions[id]; out.initial == nil {
			return fmt.Errorf("P4Info: table %s has default action 0x%08x, which is not there", out.name, id)
		}
	}
	return nil
}

func (b *schemaBuilder) readHeaders() error {
	for _, h := range b.info.ControllerPacketMetadata {
		if err := b.claim("controller header", h.Preamble); err != nil {
			return err
		}
		out := &controllerHeader{name: h.Preamble.Name}
		total := 0
		ids := map[uint32]bool{}
		for _, m := range h.Metadata {
			if b.isString(m.GetTypeName()) {
				return fmt.Errorf("P4Info: controller header %s, field %s has the type %s, which is translated to strings; in controller headers only types translated to numbers are supported", out.name, m.Name, m.TypeName.Name)
			}
			w, err := width(fmt.Sprintf("controller header %s, field %s", out.name, m.Name), m.Bitwidth)
			if err != nil {
				return err
			}
			if m.Id == 0 || ids[m.Id] {
				return fmt.Errorf("P4Info: controller header %s, field %s has id %d, which is 0 or taken", out.name, m.Name, m.Id)
			}
			ids[m.Id] = true
			f := headerField{param{id: m.Id, name: m.Name, width: w, translated: b.translated(m.GetTypeName().GetName())}, w}
			out.fields = append(out.fields, f)
		}
		if err := b.headerBits(out); err != nil {
			return err
		}
		for _, f := range out.fields {
			total += f.bits
		}
		if total%8 != 0 {
			return fmt.Errorf("P4Info: controller header %s has %d bits; a header must have whole bytes", out.name, total)
		}
		out.bytes = total / 8
		switch out.name {
		case "packet_in":
			b.out.packetIn = out
		case "packet_out":
			b.out.packetOut = out
		default:
			return fmt.Errorf("P4Info: controller header %s; only packet_in and packet_out have a meaning", out.name)
		}
	}
	return nil
}

// headerBits finds how wide the fields of translated types are in the program: P4Info has
// only the controller's widths, and the device config does not say which header is meant,
// so that its fields' names must.
func (b *schemaBuilder) headerBits(h *controllerHeader) error {
	isTranslated := func(f headerField) bool { return f.translated }
	i := slices.IndexFunc(h.fields, isTranslated)
	if i < 0 {
		return nil
	}
	var names []string
	for _, f := range h.fields {
		names = append(names, f.name)
	}
	widths, ok := b.eng.Program().HeaderWidths(names)
	if !ok {
		return fmt.Errorf("P4Info: controller header %s, field %s has a translated type, and the device config has no one header type with the same fields to say how wide it is there", h.name, h.fields[i].name)
	}
	for i := range h.fields {
		if h.fields[i].translated {
			h.fields[i].bits = widths[i]
		}
	}
	return nil
}

func (b *schemaBuilder) refuseExterns() error {
	for _, e := range b.info.Externs {
		return fmt.Errorf("P4Info has extern type %s; this server supports no externs besides those of v1model", e.ExternTypeName)
	}
	return nil
}
