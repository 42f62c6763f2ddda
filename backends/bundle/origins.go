package bundle

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// origin is what provenance.json says of one entity.
type origin struct {
	hash   uint64
	from   []uint32
	counts int32
}

// origins is provenance.json, read.
type origins struct {
	statements []string
	targets    map[string][]origin            // each sorted by hash
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
	o := &origins{statements: raw.Statements, targets: map[string][]origin{}}
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
		var entries []origin
		for _, key := range sortedKeys(raw.Targets[target]) {
			value := raw.Targets[target][key]
			hash, err := strconv.ParseUint(key, 16, 64)
			if err != nil || len(key) != 16 {
				return nil, fmt.Errorf("%s:%d: %q is no key of an entity (16 hex digits)", path, lineOf(data, `"`+key+`"`), key)
			}
			from := origin{hash: hash, counts: -1}
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
			entries = append(entries, from)
		}
		slices.SortStableFunc(entries, func(a, b origin) int { return cmp.Compare(a.hash, b.hash) })
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
