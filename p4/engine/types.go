package engine

import "time"

// MatchKind says how one field of a table key is compared.
type MatchKind uint8

// The match kinds of the bmv2 format. P4's optional match is Ternary here, with a
// mask of all ones or all zeros.
const (
	Exact MatchKind = iota
	LPM
	Ternary
	Range
	Valid // one byte: 1 if the header is valid
)

func (k MatchKind) String() string {
	switch k {
	case Exact:
		return "exact"
	case LPM:
		return "lpm"
	case Ternary:
		return "ternary"
	case Range:
		return "range"
	case Valid:
		return "valid"
	}
	return "unknown"
}

// KeyField is one field of a table entry's key. Values are big-endian; they may be
// shorter or longer than the field as long as they fit its bit width. A zero
// KeyField matches everything where the kind can (LPM, Ternary, Range).
type KeyField struct {
	Value     []byte // the value; for Range the low end
	Mask      []byte // Ternary only; nil means a mask of zeros if Value is nil too, else of ones
	PrefixLen int    // LPM only: bits
	High      []byte // Range only: the high end, inclusive; nil means the largest value
}

// EntryKind says what a table entry points at.
type EntryKind uint8

// A table without an action profile has Direct entries only.
const (
	Direct    EntryKind = iota // Action and Args
	ViaMember                  // Member, of the table's action profile
	ViaGroup                   // Group, of the table's action selector
	OneShot                    // Set: a group of the entry's own
)

// Entry is one match-action rule of a table.
type Entry struct {
	Key []KeyField // in the order of TableInfo.Keys
	// Priority decides between ternary and range entries: the larger wins; between
	// equals the one inserted first. It is 0 for other tables.
	Priority int32

	Kind   EntryKind
	Action string   // Direct: the action's name in the P4 program
	Args   [][]byte // Direct: big-endian, one per action parameter
	Member uint32
	Group  uint32
	Set    []WeightedAction

	IdleTimeout time.Duration // 0: never idle; only for tables with SupportsTimeout
	Opaque      any           // kept and given back, never looked at
}

// WeightedAction is one choice of a OneShot entry.
type WeightedAction struct {
	Action string
	Args   [][]byte
	Weight int // at least 1
	// Down leaves the action out of the selection (its watch port is down).
	Down   bool
	Opaque any
}

// EntryInfo is an entry as it is in the table, with what the data plane knows of it.
type EntryInfo struct {
	Entry
	Const    bool          // written in the P4 program; cannot be changed
	Default  bool          // the table's default entry: no key
	Counter  CounterData   // zero unless TableInfo.DirectCounter
	Meter    *MeterConfig  // nil unless TableInfo.DirectMeter and configured
	SinceHit time.Duration // since the last hit or the insertion; only with SupportsTimeout
}

// CounterData is what a counter has counted. Bytes are those of the frames as received.
type CounterData struct {
	Packets, Bytes uint64
}

// MeterConfig is a two-rate three-colour marker (RFC 2698): rates in bytes or packets
// per second, bursts in bytes or packets, as the program declared the meter.
type MeterConfig struct {
	CIR, CBurst uint64
	PIR, PBurst uint64
}

// MeterColor is a meter's verdict, in the numbers that P4 programs see.
type MeterColor uint8

// The colours of RFC 2698.
const (
	Green MeterColor = iota
	Yellow
	Red
)

// Replica is one copy that the replication engine makes.
type Replica struct {
	Port uint32
	// Rid is what the copy's egress pipeline reads as standard_metadata.egress_rid (16 bits).
	Rid uint32
}

// CloneSession says what copies a clone makes.
type CloneSession struct {
	Replicas []Replica
	Class    uint32 // class of service; kept, not enforced
	// Truncate is the length in bytes that each copy is cut to when it leaves; 0: not cut.
	Truncate uint32
}

// Digest is one message of the program to the controller.
type Digest struct {
	List   int    // the id in the bmv2 config
	Name   string // the digest's name in P4Info
	Values [][]byte
}

// TableInfo describes a table, as the program declared it.
type TableInfo struct {
	Name            string
	ID              int // in the bmv2 config; not P4Info's
	Keys            []KeyInfo
	Size            int
	Actions         []ActionInfo
	ConstEntries    bool
	ConstDefault    bool   // the default action cannot be changed
	Profile         string // the action profile's name, or empty
	Selector        bool   // the profile selects among group members
	DirectCounter   bool
	DirectMeter     bool
	SupportsTimeout bool
	// NeedsPriority is true if entries are told apart by priority (ternary and range tables).
	NeedsPriority bool
}

// KeyInfo describes one field of a table's key.
type KeyInfo struct {
	Name  string
	Kind  MatchKind
	Width int // bits
}

// ActionInfo describes an action.
type ActionInfo struct {
	Name   string
	Params []ParamInfo
}

// ParamInfo describes one parameter of an action.
type ParamInfo struct {
	Name  string
	Width int // bits
}
