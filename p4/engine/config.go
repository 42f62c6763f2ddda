package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The bmv2 JSON format, version 2, as far as it is read. Attributes that only matter
// to people (source_info) are skipped.
type config struct {
	Meta struct {
		Version []int `json:"version"`
	} `json:"__meta__"`
	HeaderTypes       []cfgHeaderType  `json:"header_types"`
	Headers           []cfgHeader      `json:"headers"`
	HeaderStacks      []cfgStack       `json:"header_stacks"`
	HeaderUnionTypes  []cfgUnionType   `json:"header_union_types"`
	HeaderUnions      []cfgUnion       `json:"header_unions"`
	HeaderUnionStacks []cfgUnionStack  `json:"header_union_stacks"`
	FieldLists        []cfgFieldList   `json:"field_lists"`
	Errors            [][2]cfgScalar   `json:"errors"`
	Parsers           []cfgParser      `json:"parsers"`
	ParseVsets        []cfgVset        `json:"parse_vsets"`
	Deparsers         []cfgDeparser    `json:"deparsers"`
	MeterArrays       []cfgMeter       `json:"meter_arrays"`
	CounterArrays     []cfgCounter     `json:"counter_arrays"`
	RegisterArrays    []cfgRegister    `json:"register_arrays"`
	Calculations      []cfgCalculation `json:"calculations"`
	LearnLists        []cfgLearnList   `json:"learn_lists"`
	Actions           []cfgAction      `json:"actions"`
	Pipelines         []cfgPipeline    `json:"pipelines"`
	Checksums         []cfgChecksum    `json:"checksums"`
	ExternInstances   []cfgExtern      `json:"extern_instances"`
	FieldAliases      [][2]cfgAlias    `json:"field_aliases"`
}

// cfgScalar is a string or a number.
type cfgScalar struct {
	Text   string
	Number int
	IsText bool
}

func (s *cfgScalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		s.IsText = true
		return json.Unmarshal(b, &s.Text)
	}
	return json.Unmarshal(b, &s.Number)
}

// cfgAlias is a name, or a pair of header and field.
type cfgAlias struct {
	Name  string
	Field [2]string
}

func (a *cfgAlias) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &a.Name)
	}
	return json.Unmarshal(b, &a.Field)
}

type cfgHeaderType struct {
	Name      string     `json:"name"`
	Fields    []cfgField `json:"fields"`
	LengthExp *cfgValue  `json:"length_exp"`
	MaxLength int        `json:"max_length"`
}

// cfgField is [name, width or "*", signed, saturating].
type cfgField struct {
	Name               string
	Width              int
	Varbit             bool
	Signed, Saturating bool
}

func (f *cfgField) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) < 2 {
		return fmt.Errorf("a header field is [name, width, …], not %s", b)
	}
	var width cfgScalar
	var signed, saturating cfgFlag
	targets := []any{&f.Name, &width, &signed, &saturating}
	for i, p := range parts[:min(len(parts), len(targets))] {
		if err := json.Unmarshal(p, targets[i]); err != nil {
			return err
		}
	}
	f.Width, f.Varbit = width.Number, width.IsText
	f.Signed, f.Saturating = bool(signed), bool(saturating)
	return nil
}

// cfgFlag is true, false, 1 or 0.
type cfgFlag bool

func (f *cfgFlag) UnmarshalJSON(b []byte) error {
	if s := string(b); s == "0" || s == "1" {
		*f = s == "1"
		return nil
	}
	return json.Unmarshal(b, (*bool)(f))
}

type cfgHeader struct {
	Name       string `json:"name"`
	ID         int    `json:"id"`
	HeaderType string `json:"header_type"`
	Metadata   bool   `json:"metadata"`
}

type cfgStack struct {
	Name       string `json:"name"`
	HeaderType string `json:"header_type"`
	HeaderIDs  []int  `json:"header_ids"`
}

type cfgUnionType struct {
	Name    string      `json:"name"`
	Headers [][2]string `json:"headers"`
}

type cfgUnion struct {
	Name      string `json:"name"`
	ID        int    `json:"id"`
	UnionType string `json:"union_type"`
	HeaderIDs []int  `json:"header_ids"`
}

type cfgUnionStack struct {
	Name      string `json:"name"`
	UnionType string `json:"union_type"`
	UnionIDs  []int  `json:"header_union_ids"`
}

// cfgValue is the format's "type value object".
type cfgValue struct {
	Type     string          `json:"type"`
	Value    json.RawMessage `json:"value"`
	Bitwidth int             `json:"bitwidth"` // of constants in calculations and field lists
}

type cfgExpression struct {
	Op    string          `json:"op"`
	Left  json.RawMessage `json:"left"`
	Right json.RawMessage `json:"right"`
	Cond  json.RawMessage `json:"cond"`
}

type cfgFieldList struct {
	ID       int        `json:"id"`
	Name     string     `json:"name"`
	Elements []cfgValue `json:"elements"`
}

type cfgLearnList struct {
	ID       int        `json:"id"`
	Name     string     `json:"name"`
	Elements []cfgValue `json:"elements"`
}

type cfgParser struct {
	Name      string     `json:"name"`
	InitState string     `json:"init_state"`
	States    []cfgState `json:"parse_states"`
}

type cfgState struct {
	Name          string          `json:"name"`
	Ops           []cfgParserOp   `json:"parser_ops"`
	TransitionKey []cfgValue      `json:"transition_key"`
	Transitions   []cfgTransition `json:"transitions"`
}

type cfgParserOp struct {
	Op         string            `json:"op"`
	Parameters []json.RawMessage `json:"parameters"`
}

type cfgTransition struct {
	Type      string  `json:"type"`
	Value     *string `json:"value"`
	Mask      *string `json:"mask"`
	NextState *string `json:"next_state"`
}

type cfgVset struct {
	Name    string `json:"name"`
	Width   int    `json:"compressed_bitwidth"`
	MaxSize int    `json:"max_size"`
}

type cfgDeparser struct {
	Name       string         `json:"name"`
	Order      []string       `json:"order"`
	Primitives []cfgPrimitive `json:"primitives"`
}

type cfgMeter struct {
	Name      string     `json:"name"`
	IsDirect  bool       `json:"is_direct"`
	RateCount int        `json:"rate_count"`
	Size      int        `json:"size"`
	Type      string     `json:"type"`
	Binding   string     `json:"binding"`
	Target    *[2]string `json:"result_target"`
}

type cfgCounter struct {
	Name     string `json:"name"`
	IsDirect bool   `json:"is_direct"`
	Size     int    `json:"size"`
}

type cfgRegister struct {
	Name     string `json:"name"`
	Size     int    `json:"size"`
	Bitwidth int    `json:"bitwidth"`
}

type cfgCalculation struct {
	Name  string     `json:"name"`
	Algo  string     `json:"algo"`
	Input []cfgValue `json:"input"`
}

type cfgAction struct {
	Name        string `json:"name"`
	ID          int    `json:"id"`
	RuntimeData []struct {
		Name     string `json:"name"`
		Bitwidth int    `json:"bitwidth"`
	} `json:"runtime_data"`
	Primitives []cfgPrimitive `json:"primitives"`
}

type cfgPrimitive struct {
	Op         string     `json:"op"`
	Parameters []cfgValue `json:"parameters"`
}

type cfgPipeline struct {
	Name           string           `json:"name"`
	InitTable      *string          `json:"init_table"`
	Tables         []cfgTable       `json:"tables"`
	ActionProfiles []cfgProfile     `json:"action_profiles"`
	Conditionals   []cfgConditional `json:"conditionals"`
	ActionCalls    []cfgActionCall  `json:"action_calls"`
}

type cfgTable struct {
	Name           string             `json:"name"`
	ID             int                `json:"id"`
	Key            []cfgKey           `json:"key"`
	MatchType      string             `json:"match_type"`
	Type           string             `json:"type"`
	MaxSize        int                `json:"max_size"`
	WithCounters   bool               `json:"with_counters"`
	SupportTimeout bool               `json:"support_timeout"`
	DirectMeters   *string            `json:"direct_meters"`
	ActionProfile  string             `json:"action_profile"`
	ActionIDs      []int              `json:"action_ids"`
	Actions        []string           `json:"actions"`
	BaseDefault    *string            `json:"base_default_next"`
	NextTables     map[string]*string `json:"next_tables"`
	DefaultEntry   *struct {
		ActionID         int      `json:"action_id"`
		ActionConst      bool     `json:"action_const"`
		ActionData       []string `json:"action_data"`
		ActionEntryConst bool     `json:"action_entry_const"`
	} `json:"default_entry"`
	Entries *[]cfgEntry `json:"entries"`
}

type cfgKey struct {
	MatchType string          `json:"match_type"`
	Name      string          `json:"name"`
	Target    json.RawMessage `json:"target"`
	Mask      *string         `json:"mask"`
}

type cfgEntry struct {
	MatchKey []struct {
		MatchType    string          `json:"match_type"`
		Key          json.RawMessage `json:"key"`
		Mask         string          `json:"mask"`
		PrefixLength int             `json:"prefix_length"`
		Start        string          `json:"start"`
		End          string          `json:"end"`
	} `json:"match_key"`
	ActionEntry struct {
		ActionID   int      `json:"action_id"`
		ActionData []string `json:"action_data"`
	} `json:"action_entry"`
	Priority int `json:"priority"`
}

type cfgProfile struct {
	Name     string `json:"name"`
	MaxSize  int    `json:"max_size"`
	Selector *struct {
		Algo  string     `json:"algo"`
		Input []cfgValue `json:"input"`
	} `json:"selector"`
}

type cfgConditional struct {
	Name       string   `json:"name"`
	Expression cfgValue `json:"expression"`
	TrueNext   *string  `json:"true_next"`
	FalseNext  *string  `json:"false_next"`
}

type cfgActionCall struct {
	Name     string  `json:"name"`
	ActionID int     `json:"action_id"`
	NextNode *string `json:"next_node"`
}

type cfgChecksum struct {
	Name        string    `json:"name"`
	Target      [2]string `json:"target"`
	Type        string    `json:"type"`
	Calculation string    `json:"calculation"`
	Verify      *bool     `json:"verify"`
	Update      *bool     `json:"update"`
	IfCond      *cfgValue `json:"if_cond"`
}

type cfgExtern struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Bounds on what is read. They are far above what p4c makes of any real program.
const (
	maxConfigBytes = 64 << 20
	maxNesting     = 1000    // of expressions
	maxFieldBits   = 1 << 16 // width of one field
	maxStateWords  = 1 << 20 // 64-bit words in a packet's state
	maxArraySize   = 1 << 26 // cells of a counter, meter or register
	maxTableSize   = 1 << 26
)

func decodeConfig(b []byte) (*config, error) {
	if len(b) > maxConfigBytes {
		return nil, configErrorf("config", "%d bytes are more than %d", len(b), maxConfigBytes)
	}
	var c config
	if err := json.Unmarshal(b, &c); err != nil {
		if se, ok := err.(*json.SyntaxError); ok {
			line := 1 + bytes.Count(b[:min(int(se.Offset), len(b))], []byte("\n"))
			return nil, configErrorf("config", "line %d: %v (is it p4c's bmv2 JSON, not P4Info?)", line, err)
		}
		return nil, configErrorf("config", "%v", err)
	}
	if v := c.Meta.Version; len(v) == 2 && v[0] != 2 {
		return nil, &UnsupportedError{Where: "config", Construct: fmt.Sprintf("format version %d.%d", v[0], v[1]), Choices: "2.x"}
	}
	if len(c.Parsers) == 0 && len(c.Pipelines) == 0 {
		return nil, configErrorf("config", "neither parsers nor pipelines: this is not a bmv2 config")
	}
	return &c, nil
}
