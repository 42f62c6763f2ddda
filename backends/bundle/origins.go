package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// origin is what provenance.json says of one entity.
type origin struct {
	from   []uint32
	counts int32
}

// origins is provenance.json, read.
type origins struct {
	statements []string
	targets    map[string]map[uint64]origin
	redirects  map[string]map[string][]uint32 // by switch and line
}

// rawRedirects is the part of provenance.json about ordinary switches.
type rawRedirects map[string]map[string]struct {
	From []string `json:"from"`
}

// setRedirects takes the statements of ordinary switches' lines; index finds a statement.
func (o *origins) setRedirects(raw rawRedirects, index func(string) (uint32, error)) error {
	o.redirects = map[string]map[string][]uint32{}
	for _, name := range sortedKeys(raw) {
		lines := map[string][]uint32{}
		for _, text := range sortedKeys(raw[name]) {
			var from []uint32
			for _, s := range raw[name][text].From {
				i, err := index(s)
				if err != nil {
					return err
				}
				from = append(from, i)
			}
			slices.Sort(from)
			lines[text] = slices.Compact(from)
		}
		o.redirects[name] = lines
	}
	return nil
}

// parseOrigins reads provenance.json: fast when every line is as writeProvenance writes it, else
// as any JSON.
func parseOrigins(path string, data []byte) (*origins, error) {
	if o, ok := scanOrigins(data); ok {
		return o, nil
	}
	var raw struct {
		Statements []string `json:"statements"`
		Targets    map[string]map[string]struct {
			From   []string `json:"from"`
			Counts *string  `json:"counts"`
		} `json:"targets"`
		Redirects rawRedirects `json:"redirects"`
	}
	if err := decodeJSON(path, data, &raw); err != nil {
		return nil, err
	}
	o := &origins{statements: raw.Statements, targets: map[string]map[uint64]origin{}}
	if !slices.IsSorted(o.statements) || len(slices.Compact(slices.Clone(o.statements))) != len(o.statements) {
		return nil, fmt.Errorf("%s:%d: statements must be sorted, each once", path, lineOf(data, `"statements"`))
	}
	index := func(statement string) (uint32, error) {
		i, ok := slices.BinarySearch(o.statements, statement)
		if !ok {
			return 0, fmt.Errorf("%s:%d: %q is not among this file's \"statements\"", path, lineOf(data, string(quoteJSON(statement))), statement)
		}
		return uint32(i), nil
	}
	for _, target := range sortedKeys(raw.Targets) {
		entries := map[uint64]origin{}
		for _, key := range sortedKeys(raw.Targets[target]) {
			value := raw.Targets[target][key]
			hash, err := strconv.ParseUint(key, 16, 64)
			if err != nil || len(key) != 16 {
				return nil, fmt.Errorf("%s:%d: %q is no key of an entity (16 hex digits)", path, lineOf(data, `"`+key+`"`), key)
			}
			from := origin{counts: -1}
			for _, s := range value.From {
				i, err := index(s)
				if err != nil {
					return nil, err
				}
				from.from = append(from.from, i)
			}
			slices.Sort(from.from)
			from.from = slices.Compact(from.from)
			if value.Counts != nil {
				i, err := index(*value.Counts)
				if err != nil {
					return nil, err
				}
				from.counts = int32(i)
			}
			entries[hash] = from
		}
		o.targets[target] = entries
	}
	return o, o.setRedirects(raw.Redirects, index)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// scanOrigins reads exactly what writeProvenance writes.
func scanOrigins(data []byte) (*origins, bool) {
	next := func() ([]byte, bool) {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		data = rest
		return line, ok
	}
	is := func(want string) bool {
		line, ok := next()
		return ok && string(line) == want
	}
	o := &origins{targets: map[string]map[uint64]origin{}}
	if !is("{") || !is(`  "statements": [`) {
		return nil, false
	}
	quoted := map[string]uint32{}
	for {
		line, ok := next()
		if !ok {
			return nil, false
		}
		if string(line) == "  ]," {
			break
		}
		text, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte(",")), []byte("    "))
		var s string
		if !ok || json.Unmarshal(text, &s) != nil || len(o.statements) > 0 && o.statements[len(o.statements)-1] >= s {
			return nil, false
		}
		quoted[string(text)] = uint32(len(o.statements))
		o.statements = append(o.statements, s)
	}
	if !is(`  "targets": {`) {
		return nil, false
	}
	var entries map[uint64]origin
	for {
		line, ok := next()
		switch {
		case !ok:
			return nil, false
		case string(line) == "  }":
			return o, is("}") && len(data) == 0
		case string(line) == "  },":
			return o, o.scanRedirects(data)
		case entries == nil:
			name, ok := bytes.CutSuffix(line, []byte(": {"))
			var target string
			if !ok || json.Unmarshal(bytes.TrimSpace(name), &target) != nil || o.targets[target] != nil {
				return nil, false
			}
			entries = map[uint64]origin{}
			o.targets[target] = entries
		case string(line) == "    }" || string(line) == "    },":
			entries = nil
		default:
			hash, from, ok := scanOrigin(line, quoted)
			if !ok {
				return nil, false
			}
			entries[hash] = from
		}
	}
}

// scanRedirects reads what follows the targets: there is little of it.
func (o *origins) scanRedirects(data []byte) bool {
	var raw struct {
		Redirects rawRedirects `json:"redirects"`
	}
	d := json.NewDecoder(io.MultiReader(strings.NewReader("{"), bytes.NewReader(data)))
	d.DisallowUnknownFields()
	if d.Decode(&raw) != nil {
		return false
	}
	if _, err := d.Token(); err != io.EOF {
		return false
	}
	return o.setRedirects(raw.Redirects, func(s string) (uint32, error) {
		i, ok := slices.BinarySearch(o.statements, s)
		if !ok {
			return 0, errors.New("unknown")
		}
		return uint32(i), nil
	}) == nil
}

// scanOrigin reads one entity's line; quoted has the statements as they are written.
func scanOrigin(line []byte, quoted map[string]uint32) (uint64, origin, bool) {
	o := origin{counts: -1}
	line = bytes.TrimSuffix(line, []byte(","))
	const open = `      "0123456789abcdef": {"from": [`
	if len(line) < len(open) || string(line[:7]) != open[:7] || string(line[23:len(open)]) != open[23:] {
		return 0, o, false
	}
	var hash uint64
	for _, c := range line[7:23] {
		digit := hexValue(c)
		if digit > 15 {
			return 0, o, false
		}
		hash = hash<<4 | uint64(digit)
	}
	line = line[len(open):]
	statement := func() (uint32, bool) {
		end := jsonStringEnd(line)
		i, ok := quoted[string(line[:end])]
		line = line[end:]
		return i, ok
	}
	for len(line) > 0 && line[0] == '"' {
		i, ok := statement()
		if !ok || len(o.from) > 0 && o.from[len(o.from)-1] >= i {
			return 0, o, false
		}
		o.from = append(o.from, i)
		line = bytes.TrimPrefix(line, []byte(", "))
	}
	var ok bool
	if line, ok = bytes.CutPrefix(line, []byte(`]`)); !ok {
		return 0, o, false
	}
	if rest, counts := bytes.CutPrefix(line, []byte(`, "counts": `)); counts {
		line = rest
		i, ok := statement()
		if !ok {
			return 0, o, false
		}
		o.counts = int32(i)
	}
	return hash, o, string(line) == "}"
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
