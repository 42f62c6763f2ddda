package bundle

import "math"

// scanner reads the one form of text that AppendText writes, and no other: whatever looks
// different is left to prototext, which is slower.
type scanner struct {
	text   []byte
	bad    bool              // something was not as AppendText writes it
	value  []byte            // scratch for quoted
	intern map[string]string // values seen before: addresses and ports repeat a lot

	// What entities hold is cut out of slabs, to the size that it has.
	matches, matchSlab []Match
	params, paramSlab  []Param
}

// cut gives a copy of the list, cut out of the slab.
func cut[T any](slab *[]T, list []T) []T {
	const slabLength = 1024
	if len(list) == 0 {
		return nil
	}
	if cap(*slab)-len(*slab) < len(list) {
		*slab = make([]T, 0, max(slabLength, len(list)))
	}
	at := len(*slab)
	*slab = append(*slab, list...)
	return (*slab)[at:len(*slab):len(*slab)]
}

// maxInterned bounds what a scanner keeps.
const maxInterned = 1 << 16

func newScanner() *scanner { return &scanner{intern: map[string]string{}} }

// entity parses one line. It says false when AppendText would not have written the line so.
func (s *scanner) entity(line []byte) (Entity, bool) {
	s.text, s.bad = line, false
	e := Entity{Counts: -1}
	s.expect("updates { type: INSERT entity { ")
	switch {
	case s.take("table_entry { table_id: "):
		s.tableEntry(&e)
	case s.take("packet_replication_engine_entry { multicast_group_entry { multicast_group_id: "):
		e.Kind = MulticastGroup
		s.replicas(&e)
	case s.take("packet_replication_engine_entry { clone_session_entry { session_id: "):
		e.Kind = CloneSession
		s.replicas(&e)
	default:
		return e, false
	}
	s.expect("} } }")
	return e, !s.bad && len(s.text) == 0 && e.Validate() == nil
}

func (s *scanner) tableEntry(e *Entity) {
	e.ID = s.number(math.MaxUint32)
	s.matches, s.params = s.matches[:0], s.params[:0]
	for !s.bad && s.take(" match { field_id: ") {
		s.matches = append(s.matches, s.match())
	}
	e.Match = cut(&s.matchSlab, s.matches)
	s.expect(" action { action { action_id: ")
	e.Action = s.number(math.MaxUint32)
	for !s.bad && s.take(" params { param_id: ") {
		p := Param{ID: s.number(math.MaxUint32)}
		s.expect(" value: ")
		p.Value = s.quoted()
		s.expect(" }")
		s.params = append(s.params, p)
	}
	e.Params = cut(&s.paramSlab, s.params)
	s.expect(" } } ")
	if s.take("priority: ") {
		e.Priority = int32(s.number(math.MaxInt32))
		s.expect(" ")
		s.bad = s.bad || e.Priority == 0
	}
}

func (s *scanner) match() Match {
	m := Match{Field: s.number(math.MaxUint32)}
	switch {
	case s.take(" exact { value: "):
		m.Kind, m.Value = Exact, s.quoted()
	case s.take(" lpm { value: "):
		m.Kind, m.Value = LPM, s.quoted()
		s.expect(" prefix_len: ")
		m.PrefixLen = int32(s.number(math.MaxInt32))
	case s.take(" ternary { value: "):
		m.Kind, m.Value = Ternary, s.quoted()
		s.expect(" mask: ")
		m.Mask = s.quoted()
	case s.take(" range { low: "):
		m.Kind, m.Value = Range, s.quoted()
		s.expect(" high: ")
		m.Mask = s.quoted()
	case s.take(" optional { value: "):
		m.Kind, m.Value = Optional, s.quoted()
	default:
		s.bad = true
	}
	s.expect(" } }")
	return m
}

func (s *scanner) replicas(e *Entity) {
	e.ID = s.number(math.MaxUint32)
	s.expect(" ")
	for !s.bad && s.take("replicas { egress_port: ") {
		r := Replica{Port: s.number(math.MaxUint32)}
		if s.take(" instance: ") {
			r.Instance = uint16(s.number(math.MaxUint16))
			s.bad = s.bad || r.Instance == 0
		}
		s.expect(" } ")
		e.Replicas = append(e.Replicas, r)
	}
	s.expect("} ")
}

func (s *scanner) take(word string) bool {
	if len(s.text) < len(word) || string(s.text[:len(word)]) != word {
		return false
	}
	s.text = s.text[len(word):]
	return true
}

func (s *scanner) expect(word string) {
	if !s.take(word) {
		s.bad = true
	}
}

// number reads a decimal number of at most max, without leading zeros.
func (s *scanner) number(max uint64) uint32 {
	var n uint64
	i := 0
	for i < len(s.text) && '0' <= s.text[i] && s.text[i] <= '9' && n <= max {
		n = n*10 + uint64(s.text[i]-'0')
		i++
	}
	if i == 0 || n > max || s.text[0] == '0' && i > 1 {
		s.bad = true
		return 0
	}
	s.text = s.text[i:]
	return uint32(n)
}

// quoted reads "\x01\x02".
func (s *scanner) quoted() string {
	s.expect(`"`)
	s.value = s.value[:0]
	for len(s.text) >= 4 && s.text[0] == '\\' && s.text[1] == 'x' {
		hi, lo := hexValue(s.text[2]), hexValue(s.text[3])
		if hi|lo > 15 {
			s.bad = true
			return ""
		}
		s.value = append(s.value, hi<<4|lo)
		s.text = s.text[4:]
	}
	s.expect(`"`)
	if v, ok := s.intern[string(s.value)]; ok {
		return v
	}
	v := string(s.value)
	if len(s.intern) < maxInterned {
		s.intern[v] = v
	}
	return v
}

// hexValue is 16 or more for what is no lower-case hex digit.
func hexValue(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}
