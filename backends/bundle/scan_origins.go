package bundle

import (
	"bytes"
	"slices"
)

// originScanner reads exactly what writeProvenance writes.
type originScanner struct {
	rest   []byte
	quoted map[string]uint32 // the statements as they are written
	arena  []uint32
	out    origins
}

// scanOrigins says false of what writeProvenance would have written otherwise.
func scanOrigins(data []byte) (*origins, bool) {
	s := &originScanner{rest: data, quoted: map[string]uint32{}, out: origins{targets: map[string][]origin{}, redirects: map[string]map[string][]uint32{}}}
	if !s.is("{") || !s.is(`  "statements": [`) || !s.statements() || !s.is(`  "targets": {`) {
		return nil, false
	}
	more, ok := s.targets()
	if ok && more {
		ok = s.is(`  "redirects": {`) && s.redirects()
	}
	return &s.out, ok && s.is("}") && len(s.rest) == 0
}

func (s *originScanner) next() ([]byte, bool) {
	line, rest, ok := bytes.Cut(s.rest, []byte("\n"))
	s.rest = rest
	return line, ok
}

func (s *originScanner) is(want string) bool {
	line, ok := s.next()
	return ok && string(line) == want
}

func (s *originScanner) statements() bool {
	for {
		line, ok := s.next()
		if !ok {
			return false
		}
		if string(line) == "  ]," {
			return true
		}
		text, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte(",")), []byte("    "))
		if !ok {
			return false
		}
		name, ok := unquoteJSON(text)
		if n := len(s.out.statements); !ok || n > 0 && s.out.statements[n-1] >= name {
			return false
		}
		s.quoted[string(text)] = uint32(len(s.out.statements))
		s.out.statements = append(s.out.statements, name)
	}
}

// header reads the line that a target or an ordinary switch begins with.
func header(line []byte) (string, bool) {
	name, ok := bytes.CutSuffix(line, []byte(": {"))
	if !ok {
		return "", false
	}
	return unquoteJSON(bytes.TrimSpace(name))
}

func ends(line []byte) bool { return string(line) == "    }" || string(line) == "    }," }

// targets reads the part about targets. It says whether another part follows.
func (s *originScanner) targets() (more, ok bool) {
	var entries []origin
	for {
		line, ok := s.next()
		switch {
		case !ok:
			return false, false
		case string(line) == "  }":
			return false, true
		case string(line) == "  },":
			return true, true
		}
		name, ok := header(line)
		if _, twice := s.out.targets[name]; !ok || twice {
			return false, false
		}
		for entries = entries[:0]; ; {
			line, ok := s.next()
			if !ok {
				return false, false
			}
			if ends(line) {
				break
			}
			o, ok := s.entity(line)
			if n := len(entries); !ok || n > 0 && entries[n-1].hash >= o.hash {
				return false, false
			}
			entries = append(entries, o)
		}
		s.out.targets[name] = slices.Clone(entries)
	}
}

func (s *originScanner) redirects() bool {
	for {
		line, ok := s.next()
		if !ok {
			return false
		}
		if string(line) == "  }" {
			return true
		}
		name, ok := header(line)
		if !ok || s.out.redirects[name] != nil {
			return false
		}
		lines := map[string][]uint32{}
		s.out.redirects[name] = lines
		for {
			line, ok := s.next()
			if !ok {
				return false
			}
			if ends(line) {
				break
			}
			line, ok = bytes.CutPrefix(bytes.TrimSuffix(line, []byte(",")), []byte("      "))
			if !ok || len(line) == 0 || line[0] != '"' {
				return false
			}
			end := jsonStringEnd(line)
			text, ok := unquoteJSON(line[:end])
			if _, twice := lines[text]; !ok || twice {
				return false
			}
			if line, ok = bytes.CutPrefix(line[end:], []byte(": {\"from\": [")); !ok {
				return false
			}
			if lines[text], line, ok = s.from(line); !ok || string(line) != "}" {
				return false
			}
		}
	}
}

// entity reads one entity's line.
func (s *originScanner) entity(line []byte) (origin, bool) {
	o := origin{counts: -1}
	line = bytes.TrimSuffix(line, []byte(","))
	const open = `      "0123456789abcdef": {"from": [`
	if len(line) < len(open) || string(line[:7]) != open[:7] || string(line[23:len(open)]) != open[23:] {
		return o, false
	}
	for _, c := range line[7:23] {
		digit := hexValue(c)
		if digit > 15 {
			return o, false
		}
		o.hash = o.hash<<4 | uint64(digit)
	}
	var ok bool
	if o.from, line, ok = s.from(line[len(open):]); !ok {
		return o, false
	}
	if rest, counts := bytes.CutPrefix(line, []byte(`, "counts": `)); counts {
		end := jsonStringEnd(rest)
		i, ok := s.quoted[string(rest[:end])]
		if !ok {
			return o, false
		}
		o.counts, line = int32(i), rest[end:]
	}
	return o, string(line) == "}"
}

// from reads statements up to the bracket that closes their list, and gives what is behind it.
func (s *originScanner) from(line []byte) ([]uint32, []byte, bool) {
	const chunk = 1 << 14
	if cap(s.arena)-len(s.arena) < 64 {
		s.arena = make([]uint32, 0, chunk)
	}
	at := len(s.arena)
	list := s.arena[at:]
	for len(line) > 0 && line[0] == '"' {
		end := jsonStringEnd(line)
		i, ok := s.quoted[string(line[:end])]
		if !ok || len(list) > 0 && list[len(list)-1] >= i {
			return nil, nil, false
		}
		list = append(list, i) // a list that is too long for the arena gets memory of its own
		line = bytes.TrimPrefix(line[end:], []byte(", "))
	}
	if len(list) == 0 {
		list = nil
	} else if at+len(list) <= cap(s.arena) {
		s.arena = s.arena[:at+len(list)]
	}
	rest, ok := bytes.CutPrefix(line, []byte("]"))
	return slices.Clip(list), rest, ok
}

// jsonStringEnd is where the JSON string at the start of b ends, after its closing quote.
func jsonStringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}
