package conformance

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
)

// shape is what the generators need of a device config: how the parser takes frames
// apart, and how wide fields are. It is read apart from the engine, so that the two do
// not share mistakes.
type shape struct {
	widths  map[string][]fieldShape // header: its fields
	types   map[string]string       // header: its type
	states  map[string]parseState
	initial string
	// constants are what the program compares fields with, by their width.
	constants map[int][]*big.Int
}

type fieldShape struct {
	name  string
	width int // bits; 0: of variable length
}

type parseState struct {
	Name string
	Ops  []struct {
		Op         string
		Parameters []json.RawMessage
	} `json:"parser_ops"`
	Transitions []struct {
		Type  string
		Value *string
		Mask  *string
		Next  *string `json:"next_state"`
	}
	Key []struct {
		Type  string
		Value []any
	} `json:"transition_key"`
}

func readShape(t testing.TB, cfg *p4.ForwardingPipelineConfig) *shape {
	t.Helper()
	var doc struct {
		HeaderTypes []struct {
			Name   string
			Fields [][]any
		} `json:"header_types"`
		Headers []struct {
			Name string
			Type string `json:"header_type"`
		}
		Parsers []struct {
			Initial string       `json:"init_state"`
			States  []parseState `json:"parse_states"`
		}
	}
	if err := json.Unmarshal(cfg.P4DeviceConfig, &doc); err != nil {
		t.Fatal(err)
	}
	s := &shape{widths: map[string][]fieldShape{}, types: map[string]string{}, states: map[string]parseState{}, constants: map[int][]*big.Int{}}
	types := map[string][]fieldShape{}
	for _, h := range doc.HeaderTypes {
		for _, f := range h.Fields {
			width, _ := f[1].(float64)
			types[h.Name] = append(types[h.Name], fieldShape{f[0].(string), int(width)})
		}
	}
	for _, h := range doc.Headers {
		s.widths[h.Name], s.types[h.Name] = types[h.Type], h.Type
	}
	if len(doc.Parsers) == 0 {
		t.Fatal("the config has no parser")
	}
	s.initial = doc.Parsers[0].Initial
	for _, st := range doc.Parsers[0].States {
		s.states[st.Name] = st
		if len(st.Key) != 1 || st.Key[0].Type != "field" {
			continue
		}
		if w := s.width(st.Key[0].Value); w > 0 {
			for _, tr := range st.Transitions {
				if tr.Type == "hexstr" {
					s.constants[w] = append(s.constants[w], hexNumber(*tr.Value))
				}
			}
		}
	}
	return s
}

// width of a field reference [header, field].
func (s *shape) width(ref []any) int {
	header, _ := ref[0].(string)
	field, _ := ref[1].(string)
	for _, f := range s.widths[header] {
		if f.name == field {
			return f.width
		}
	}
	return 0
}

func hexNumber(text string) *big.Int {
	n, ok := new(big.Int).SetString(strings.TrimPrefix(text, "0x"), 16)
	if !ok {
		return new(big.Int)
	}
	return n
}
