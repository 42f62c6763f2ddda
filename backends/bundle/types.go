package bundle

import "strings"

// Bundle is everything that one compilation made: the entities of every target,
// where the targets are, and why each entity exists. It holds no credentials.
type Bundle struct {
	Version    uint8      // of the rules on the wire; 0 today
	Network    []byte     // the inventory in canonical JSON
	Statements []string   // what entities come from, sorted: "allow partner", "endpoint web1", …
	Targets    []Target   // sorted by Name
	Redirects  []Redirect // sorted by Switch
}

// Redirect is what an ordinary switch must do, as rules of package sidecarfallback/redirect.
type Redirect struct {
	Switch  string
	Driver  string         // "ovs" or "linux-bridge"
	Sidecar string         // empty if it has none
	Lines   []RedirectLine // in the canonical order of the text form; the first names the switch
}

// RedirectLine is one rule in its text form.
type RedirectLine struct {
	Text string
	From []uint32 // indexes Bundle.Statements, as those of an [Entity]
}

// Text is the whole in its canonical text form.
func (r *Redirect) Text() string {
	var b strings.Builder
	for i := range r.Lines {
		b.WriteString(r.Lines[i].Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Target is one P4Runtime server and what it is to hold.
type Target struct {
	Name       string
	Kind       string // "switch", "sidecar" or "shim"
	Address    string // host:port or unix:///path
	DeviceID   uint64
	CPUPort    uint32
	P4InfoHash string   // SHA-256, hex, of the P4Info in its canonical text form
	ConfigHash string   // SHA-256, hex, of the bmv2 JSON
	Entities   []Entity // sorted by their text
}

// Kind says which P4Runtime entity this is.
type Kind uint8

const (
	TableEntry Kind = iota
	MulticastGroup
	CloneSession
)

// Entity is one P4Runtime entity, small enough to hold a million of them.
// Byte strings are canonical (P4Runtime 1.5, section 8.4): big-endian, shortest, at least one byte.
type Entity struct {
	Kind     Kind
	Priority int32  // table entries with ternary, range or optional keys; larger wins
	ID       uint32 // table, multicast group or clone session
	Action   uint32 // TableEntry: action id
	Match    []Match
	Params   []Param
	Replicas []Replica // MulticastGroup and CloneSession, sorted by (Port, Instance)
	// From indexes Bundle.Statements: the minimal provenance. Deleting any one of them
	// changes this entity. Empty: shared by several statements, none of them needed alone.
	From []uint32
	// Counts is the index of the statement that this entity's direct counter counts for, or -1.
	Counts int32
}

// MatchKind is the kind of a match field.
type MatchKind uint8

const (
	Exact MatchKind = iota
	LPM
	Ternary
	Range
	Optional
)

// Match is one match field of a table entry. A field that matches everything is left out,
// as P4Runtime wants it.
type Match struct {
	Field     uint32
	Kind      MatchKind
	Value     string // bytes; the low end of a range
	Mask      string // bytes; ternary: the mask, range: the high end
	PrefixLen int32  // bits, for LPM
}

// Param is one action parameter.
type Param struct {
	ID    uint32
	Value string // bytes
}

// Replica is one copy that the replication engine makes.
type Replica struct {
	Port     uint32
	Instance uint16
}
