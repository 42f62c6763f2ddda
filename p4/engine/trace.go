package engine

// Trace is what one frame met on its way through the switch.
type Trace struct {
	Events  []Event
	Outputs []Output
}

// Output is one frame that left the switch.
type Output struct {
	Port  uint32
	Frame []byte
}

// EventKind says what an [Event] is about.
type EventKind string

// The kinds of events, with the fields of Event that they set besides Packet.
const (
	EventIngress     EventKind = "ingress"      // Port, Instance: a pass through parser and ingress begins
	EventParser      EventKind = "parser"       // Name: a parser state is entered
	EventParserError EventKind = "parser error" // Name: the error
	EventChecksum    EventKind = "checksum"     // Name: a checksum that does not verify
	EventTable       EventKind = "table"        // Name, Hit, Entry, Action, Args, Member, Group
	EventCondition   EventKind = "condition"    // Name, Hit: the outcome
	EventClone       EventKind = "clone"        // Session, Copies
	EventMulticast   EventKind = "multicast"    // Group, Copies
	EventDigest      EventKind = "digest"       // Name
	EventResubmit    EventKind = "resubmit"
	EventEgress      EventKind = "egress" // Port, Instance: a pass through egress begins
	EventRecirculate EventKind = "recirculate"
	EventDrop        EventKind = "drop"   // Name: why
	EventOutput      EventKind = "output" // Port
	EventLog         EventKind = "log"    // Name: the message
)

// Event is one step of a trace.
type Event struct {
	Kind EventKind
	// Packet tells the copies apart: 0 is the received frame.
	Packet int

	Name     string
	Port     uint32
	Instance uint32 // standard_metadata.instance_type
	Hit      bool
	// Entry is the entry that was hit, identified by key and priority; on a miss the
	// default entry, without key.
	Entry   *EntryInfo
	Action  string // the action that ran; empty if none did
	Args    [][]byte
	Member  uint32 // the member that was chosen, of an indirect table
	Group   uint32
	Session uint32
	Copies  int
}
