package engine

import "fmt"

// layout is where each field of each header is in a packet's state: a flat slice of
// 64-bit words. A header takes one word for its validity and a run of words for its
// fields; the run of one header type is the same in each of its instances. A field
// takes wordsFor(width) words. A stack takes one word: the index of its next element.
type layout struct {
	words   int // in all
	cleared int // words of headers and stacks, which a fresh packet has zero; then scratch
	types   map[string]*headerType
	headers []*header // by index; header.id is the config's
	byName  map[string]*header
	byID    map[int]*header
	stacks  map[string]*stack
	unions  map[string]*union
	uStacks map[string]*unionStack
	aliases map[string][2]string
	// valid0 lists the validity words that are 1 in a fresh state: metadata's.
	valid0 []int
	// named are the first words of the fields that something in the config names, written
	// those that something but the parser's extraction may write, and validity words
	// that something but it and remove_header may.
	named, written map[int]bool
	// metadata lists the runs that are cleared when a copy forgets its metadata.
	metadata []wordRun
}

type headerType struct {
	name   string
	fields []fieldDef
	byName map[string]int
	words  int // of all fields
	bits   int // of the fixed fields
	varbit int // index of the variable-length field; negative: none
	// maxBytes bounds the header's length, if it has a variable-length field.
	maxBytes  int
	lengthExp *cfgValue // length of the variable-length field, of old configs
}

type fieldDef struct {
	name string
	rel  int // first word, from the header's base
	fieldType
}

// fieldType is what may be known of a field without its place.
type fieldType struct {
	width      int // bits; of a variable-length field the largest
	signed     bool
	saturating bool
	// A variable-length field has a word with its current length in bits, then its
	// bits, left-aligned.
	varbit bool
}

// fieldLoc is a field at its place in the state.
type fieldLoc struct {
	off int // first word
	fieldType
}

func (f fieldLoc) words() int { return wordsFor(f.width) }

type header struct {
	index    int
	name     string
	typ      *headerType
	base     int // first word of the fields
	valid    int // validity word
	at       int // word with the place in the frame that it was extracted from, in bytes
	metadata bool
	// asExtracted: while it is valid, its bytes are those in the frame.
	asExtracted bool
	take        []place // what extraction takes, if there is no variable-length field
	// siblings are the validity words of the other members of its union.
	siblings []int
}

type stack struct {
	name    string
	typ     *headerType
	headers []*header
	next    int // state word: the index of the next element, at most len(headers)
}

type union struct {
	name    string
	headers []*header
	members map[string]int
}

type unionStack struct {
	name   string
	unions []*union
	next   int
}

func (h *header) field(i int) fieldLoc {
	f := h.typ.fields[i]
	return fieldLoc{off: h.base + f.rel, fieldType: f.fieldType}
}

func buildLayout(c *config) (*layout, error) {
	l := &layout{
		types: map[string]*headerType{}, byName: map[string]*header{}, byID: map[int]*header{},
		stacks: map[string]*stack{}, unions: map[string]*union{}, uStacks: map[string]*unionStack{},
		aliases: map[string][2]string{}, named: map[int]bool{}, written: map[int]bool{},
	}
	for i := range c.HeaderTypes {
		t, err := buildHeaderType(&c.HeaderTypes[i])
		if err != nil {
			return nil, err
		}
		if l.types[t.name] != nil {
			return nil, configErrorf("header_types", "%q is there twice", t.name)
		}
		l.types[t.name] = t
	}
	for _, ch := range c.Headers {
		if err := l.addHeader(ch); err != nil {
			return nil, err
		}
	}
	if err := l.addStacks(c); err != nil {
		return nil, err
	}
	if err := l.addUnions(c); err != nil {
		return nil, err
	}
	for _, a := range c.FieldAliases {
		l.aliases[a[0].Name] = a[1].Field
	}
	return l, nil
}

func buildHeaderType(ct *cfgHeaderType) (*headerType, error) {
	where := fmt.Sprintf("header type %q", ct.Name)
	t := &headerType{name: ct.Name, byName: map[string]int{}, varbit: -1, maxBytes: ct.MaxLength, lengthExp: ct.LengthExp}
	for i, cf := range ct.Fields {
		f := fieldDef{name: cf.Name, rel: t.words, fieldType: fieldType{width: cf.Width, signed: cf.Signed, saturating: cf.Saturating}}
		if cf.Varbit {
			if t.varbit >= 0 {
				return nil, configErrorf(where, "more than one variable-length field")
			}
			if ct.MaxLength <= 0 || ct.MaxLength > maxFieldBits/8 {
				return nil, configErrorf(where, "max_length %d is not in 1..%d", ct.MaxLength, maxFieldBits/8)
			}
			t.varbit, f.varbit = i, true
			f.width = 8 * ct.MaxLength
			t.words++
		} else if cf.Width < 0 || cf.Width > maxFieldBits {
			return nil, configErrorf(where, "field %q: width %d is not in 0..%d", cf.Name, cf.Width, maxFieldBits)
		} else {
			t.bits += cf.Width
		}
		if _, dup := t.byName[f.name]; dup {
			return nil, configErrorf(where, "field %q is there twice", f.name)
		}
		t.byName[f.name] = i
		t.words += wordsFor(f.width)
		t.fields = append(t.fields, f)
	}
	if t.varbit >= 0 && t.bits > 8*t.maxBytes {
		return nil, configErrorf(where, "max_length %d is less than its other fields", t.maxBytes)
	}
	return t, nil
}

func (l *layout) addHeader(ch cfgHeader) error {
	where := fmt.Sprintf("header %q", ch.Name)
	t := l.types[ch.HeaderType]
	if t == nil {
		return configErrorf(where, "no header type %q", ch.HeaderType)
	}
	if l.byName[ch.Name] != nil || l.byID[ch.ID] != nil {
		return configErrorf(where, "its name or id is there twice")
	}
	h := &header{index: len(l.headers), name: ch.Name, typ: t, valid: l.words, at: l.words + 1, base: l.words + 2, metadata: ch.Metadata}
	l.words += 2 + t.words
	if l.words > maxStateWords {
		return configErrorf(where, "the headers take more than %d words of 64 bits", maxStateWords)
	}
	if h.metadata {
		l.valid0 = append(l.valid0, h.valid)
		l.metadata = append(l.metadata, wordRun{h.base, t.words})
	} else if t.bits%8 != 0 {
		return configErrorf(where, "its %d bits are not whole bytes", t.bits)
	}
	l.headers = append(l.headers, h)
	l.byName[h.name] = h
	l.byID[ch.ID] = h
	return nil
}

func (l *layout) headersOf(where string, ids []int) ([]*header, error) {
	var out []*header
	for _, id := range ids {
		h := l.byID[id]
		if h == nil {
			return nil, configErrorf(where, "no header has id %d", id)
		}
		out = append(out, h)
	}
	return out, nil
}

func (l *layout) addStacks(c *config) error {
	for _, cs := range c.HeaderStacks {
		where := fmt.Sprintf("header stack %q", cs.Name)
		hs, err := l.headersOf(where, cs.HeaderIDs)
		if err != nil {
			return err
		}
		t := l.types[cs.HeaderType]
		if t == nil || len(hs) == 0 {
			return configErrorf(where, "no header type %q, or no elements", cs.HeaderType)
		}
		for _, h := range hs {
			if h.typ != t {
				return configErrorf(where, "element %q is not of type %q", h.name, cs.HeaderType)
			}
		}
		l.stacks[cs.Name] = &stack{name: cs.Name, typ: t, headers: hs, next: l.words}
		l.words++
	}
	return nil
}

func (l *layout) addUnions(c *config) error {
	members := map[string]map[string]int{}
	for _, t := range c.HeaderUnionTypes {
		m := map[string]int{}
		for i, h := range t.Headers {
			m[h[0]] = i
		}
		members[t.Name] = m
	}
	byID := map[int]*union{}
	for _, cu := range c.HeaderUnions {
		where := fmt.Sprintf("header union %q", cu.Name)
		hs, err := l.headersOf(where, cu.HeaderIDs)
		if err != nil {
			return err
		}
		if members[cu.UnionType] == nil || len(members[cu.UnionType]) != len(hs) {
			return configErrorf(where, "it does not fit union type %q", cu.UnionType)
		}
		u := &union{name: cu.Name, headers: hs, members: members[cu.UnionType]}
		for _, h := range hs {
			for _, o := range hs {
				if o != h {
					h.siblings = append(h.siblings, o.valid)
				}
			}
		}
		l.unions[cu.Name] = u
		byID[cu.ID] = u
	}
	for _, cs := range c.HeaderUnionStacks {
		where := fmt.Sprintf("header union stack %q", cs.Name)
		us := &unionStack{name: cs.Name, next: l.words}
		l.words++
		for _, id := range cs.UnionIDs {
			u := byID[id]
			if u == nil {
				return configErrorf(where, "no header union has id %d", id)
			}
			us.unions = append(us.unions, u)
		}
		if len(us.unions) == 0 {
			return configErrorf(where, "no elements")
		}
		l.uStacks[cs.Name] = us
	}
	return nil
}

// place is a field of a header in a frame: its bits from there on.
type place struct {
	word       int
	bit, width int
}

// useAll notes that all fields of headers may be read.
func (l *layout) useAll(list ...*header) {
	for _, h := range list {
		for i := range h.typ.fields {
			l.named[h.field(i).off] = true
		}
	}
}

// writeAll notes that headers may be written as a whole.
func (l *layout) writeAll(list ...*header) {
	for _, h := range list {
		l.written[h.valid] = true
	}
}

// writeType notes that any header of a type may be written.
func (l *layout) writeType(t *headerType) {
	for _, h := range l.headers {
		if h.typ == t {
			l.writeAll(h)
		}
	}
}

// finish decides, when the whole program is known, what extraction takes of headers: of those
// that stay as they are in the frame, only what something reads.
func (l *layout) finish() {
	for _, h := range l.headers {
		if h.metadata || h.typ.varbit >= 0 {
			continue
		}
		h.asExtracted = !l.written[h.valid]
		for i := range h.typ.fields {
			h.asExtracted = h.asExtracted && !l.written[h.field(i).off]
		}
		bit := 0
		for i := range h.typ.fields {
			f := h.field(i)
			if f.width > 0 && (!h.asExtracted || l.named[f.off]) {
				n := f.width - 64*(f.words()-1)
				for w := range f.words() {
					h.take = append(h.take, place{f.off + w, bit, n})
					bit, n = bit+n, 64
				}
			} else {
				bit += f.width
			}
		}
	}
}

const validField = "$valid$"

// find resolves [header, field]. The hidden field $valid$ is the header's validity.
func (l *layout) find(where, headerName, fieldName string) (fieldLoc, *header, error) {
	if to, ok := l.aliases[headerName+"."+fieldName]; ok {
		headerName, fieldName = to[0], to[1]
	}
	h := l.byName[headerName]
	if h == nil {
		return fieldLoc{}, nil, configErrorf(where, "no header %q", headerName)
	}
	if fieldName == validField {
		return fieldLoc{off: h.valid, fieldType: fieldType{width: 1}}, h, nil
	}
	i, ok := h.typ.byName[fieldName]
	if !ok {
		return fieldLoc{}, nil, configErrorf(where, "header %q has no field %q", headerName, fieldName)
	}
	f := h.field(i)
	l.named[f.off] = true
	return f, h, nil
}
