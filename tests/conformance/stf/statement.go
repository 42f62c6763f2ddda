package stf

// Statement is one line of a file: exactly one of the pointers is set, or Command.
type Statement struct {
	Line     int // from 1
	Packet   *Packet
	Expect   *Expect
	Add      *Add
	Default  *Add // setdefault: no priority, key or label
	Check    *Check
	NoPacket bool
	Remove   bool // remove all
	Wait     bool
	// Command is one of the commands that take words: mc_…, mirroring_…, counter_…,
	// register_… and meter_….
	Command *Command
}

// Packet is a frame that goes in.
type Packet struct {
	Port  uint32
	Frame []byte
}

// Expect is a frame that comes out.
type Expect struct {
	Port uint32
	// Pattern is nil if any frame will do.
	Pattern *Pattern
}

// Add is a table entry, or a default action.
type Add struct {
	Table    string
	Priority *int // nil: none is given
	Key      []Field
	Action   string
	Args     []Field
	Label    string // "" if there is none
}

// Field is a named value.
type Field struct {
	Name  string
	Value Value
}

// Check compares a counter with a number.
type Check struct {
	Counter string
	Index   int
	Label   string // of an entry, for direct counters; then Index is 0
	Unit    Unit
	// Compare is ==, !=, <, <=, > or >=; "" checks only that the counter is there.
	Compare string
	Number  int64
}

// Unit is what a check looks at.
type Unit int

const (
	Packets Unit = iota
	Bytes
)

// Command is a word and its arguments.
type Command struct {
	Name string
	// Object is the qualified name that register_…, counter_… and meter_… begin with.
	Object string
	// Numbers are the arguments that are plain numbers.
	Numbers []uint64
	// Value is what register_write writes.
	Value Value
	// Rates are those of meter_set_rates and meter_array_set_rates.
	Rates []Rate
}

// Rate of a meter: units per microsecond, and the burst in units.
type Rate struct {
	PerMicrosecond float64
	Burst          uint64
}
