package bundle

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
)

// hashed is an entity by the hash of its key.
type hashed struct {
	hash  uint64
	index uint32
}

// hashes gives every entity its own 64-bit number, sorted. Entities must be in the order of their
// text; two with one key are an error.
func hashes(entities []Entity) ([]hashed, error) {
	all := make([]hashed, len(entities))
	var key []byte
	for i := range entities {
		key = entities[i].AppendKey(key[:0])
		all[i] = hashed{keyHash(key), uint32(i)}
	}
	for {
		slices.SortFunc(all, func(a, b hashed) int {
			return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.index, b.index))
		})
		unique := true
		for i := 1; i < len(all); i++ {
			if all[i].hash != all[i-1].hash {
				continue
			}
			a, b := entities[all[i-1].index].Key(), entities[all[i].index].Key()
			if a == b {
				return nil, fmt.Errorf("two entities with one key: %s", a)
			}
			all[i].hash++ // the next free number
			unique = false
		}
		if unique {
			return all, nil
		}
	}
}

// provenance is a target's part of provenance.json: one line per entity, sorted by hash.
// statements are quoted already. From is checked here.
func (t *Target) provenance(statements [][]byte) ([]byte, error) {
	entities := t.Entities
	if !isSorted(entities) {
		entities = slices.Clone(entities)
		Sort(entities)
	}
	sorted, err := hashes(entities)
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", t.Name, err)
	}
	out := make([]byte, 0, 80*len(sorted))
	for i, h := range sorted {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, "\n      "...)
		out = append(appendHash(out, h.hash), ": {\"from\": ["...)
		e := &entities[h.index]
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("target %q, entity %s: %w", t.Name, e.Key(), err)
		}
		for j, from := range e.From {
			if int(from) >= len(statements) || j > 0 && e.From[j-1] >= from {
				return nil, fmt.Errorf("target %q, entity %s: From %v must ascend and index the %d statements", t.Name, e.Key(), e.From, len(statements))
			}
			if j > 0 {
				out = append(out, ", "...)
			}
			out = append(out, statements[from]...)
		}
		out = append(out, ']')
		if e.Counts >= 0 {
			if int(e.Counts) >= len(statements) {
				return nil, fmt.Errorf("target %q, entity %s: Counts %d must index the %d statements, or be -1", t.Name, e.Key(), e.Counts, len(statements))
			}
			out = append(append(out, ", \"counts\": "...), statements[e.Counts]...)
		}
		out = append(out, '}')
	}
	return out, nil
}

func appendHash(b []byte, h uint64) []byte {
	b = append(b, '"')
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[h>>shift&15])
	}
	return append(b, '"')
}

func quoteAll(statements []string) [][]byte {
	out := make([][]byte, len(statements))
	for i, s := range statements {
		out[i] = quoteJSON(s)
	}
	return out
}

func (b *Bundle) writeProvenance(path string, statements [][]byte, parts []chan []byte) error {
	return writeFile(path, func(w *bufio.Writer) error {
		fmt.Fprint(w, "{\n  \"statements\": [")
		for i, s := range statements {
			if i > 0 {
				w.WriteByte(',')
			}
			fmt.Fprintf(w, "\n    %s", s)
		}
		fmt.Fprint(w, "\n  ],\n  \"targets\": {")
		for i := range b.Targets {
			if i > 0 {
				w.WriteByte(',')
			}
			fmt.Fprintf(w, "\n    %s: {", quoteJSON(b.Targets[i].Name))
			w.Write(<-parts[i])
			fmt.Fprint(w, "\n    }")
		}
		fmt.Fprint(w, "\n  }")
		b.writeRedirectOrigins(w, statements)
		fmt.Fprint(w, "\n}\n")
		return nil
	})
}

// writeRedirectOrigins writes the statements of every line of every ordinary switch, in the order of lines.
func (b *Bundle) writeRedirectOrigins(w *bufio.Writer, statements [][]byte) {
	if len(b.Redirects) == 0 {
		return
	}
	fmt.Fprint(w, ",\n  \"redirects\": {")
	for i := range b.Redirects {
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, "\n    %s: {", quoteJSON(b.Redirects[i].Switch))
		for j, line := range b.Redirects[i].Lines {
			if j > 0 {
				w.WriteByte(',')
			}
			fmt.Fprintf(w, "\n      %s: {\"from\": [", quoteJSON(line.Text))
			for k, from := range line.From {
				if k > 0 {
					fmt.Fprint(w, ", ")
				}
				w.Write(statements[from])
			}
			fmt.Fprint(w, "]}")
		}
		fmt.Fprint(w, "\n    }")
	}
	fmt.Fprint(w, "\n  }")
}
