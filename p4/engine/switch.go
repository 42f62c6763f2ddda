package engine

import (
	"sync"
	"time"
)

// Options configure a [Switch]. The zero value is ready for use.
type Options struct {
	// DropPort is the egress port that means "drop". 0 stands for 511, v1model's.
	DropPort uint32
	// Seed makes random() and round-robin selection repeatable.
	Seed uint64
	// Now is the clock: monotonic, from any origin. nil: time since New.
	Now func() time.Duration
	// MaxPasses bounds how often one frame, or a copy of a copy of it, may be cloned,
	// resubmitted or recirculated in a row; past it, it is dropped. 0 stands for 256.
	MaxPasses int
	// MaxCopies bounds the packets that one received frame may become. 0 stands for 65536.
	MaxCopies int
	// Initial names tables whose entries in the program are only what they start with and
	// can be changed, with their sizes (entries). The config does not tell such tables
	// from those with constant entries, and gives neither a size.
	Initial map[string]int
	// OnDigest receives digests. It is called from Process, and must not block.
	OnDigest func(Digest)
	// OnLog receives the program's log_msg, and what it does that bmv2 would abort on
	// (a failed assert). It is called from Process, and must not block.
	OnLog func(message string)
}

// Switch is a [Program] with its state. Its methods may be called concurrently.
type Switch struct {
	prog *Program
	opts Options

	tables    []*Table
	profiles  []*Profile
	counters  []*CounterArray
	meters    []*MeterArray
	registers []*RegisterArray
	vsets     []*ValueSet
	multicast numbered[[]Replica]
	clones    numbered[*CloneSession]

	random randomSource
	jobs   sync.Pool // *job
}

// New makes a switch with the program's initial state.
func New(p *Program, o Options) *Switch {
	if o.DropPort == 0 {
		o.DropPort = 511
	}
	if o.Now == nil {
		start := time.Now()
		o.Now = func() time.Duration { return time.Since(start) }
	}
	if o.MaxPasses <= 0 {
		o.MaxPasses = 256
	}
	if o.MaxCopies <= 0 {
		o.MaxCopies = 1 << 16
	}
	s := &Switch{prog: p, opts: o}
	s.random.state.Store(o.Seed)
	for _, d := range p.profiles {
		s.profiles = append(s.profiles, newProfile(s, d))
	}
	for _, d := range p.counters {
		s.counters = append(s.counters, &CounterArray{def: d, cells: make([]counterCell, d.size)})
	}
	for _, d := range p.meters {
		s.meters = append(s.meters, &MeterArray{def: d, sw: s, cells: make([]*meterCell, d.size)})
	}
	for _, d := range p.registers {
		s.registers = append(s.registers, &RegisterArray{def: d, words: make([]uint64, d.size*wordsFor(d.width))})
	}
	for _, d := range p.vsets {
		s.vsets = append(s.vsets, newValueSet(d))
	}
	for _, d := range p.tables {
		s.tables = append(s.tables, newTable(s, d))
	}
	s.jobs.New = func() any { return newJob(s) }
	return s
}

func (s *Switch) now() time.Duration { return s.opts.Now() }

// Program returns what the switch runs.
func (s *Switch) Program() *Program { return s.prog }

// Table returns the table of this name, or nil.
func (s *Switch) Table(name string) *Table {
	if i, ok := s.prog.tableByName[name]; ok {
		return s.tables[i]
	}
	return nil
}

// Profile returns the action profile or selector of this name, or nil.
func (s *Switch) Profile(name string) *Profile {
	if i, ok := s.prog.profileByName[name]; ok {
		return s.profiles[i]
	}
	return nil
}

// Counter returns the indexed counter of this name, or nil.
func (s *Switch) Counter(name string) *CounterArray {
	if i, ok := s.prog.counterByName[name]; ok {
		return s.counters[i]
	}
	return nil
}

// Meter returns the indexed meter of this name, or nil.
func (s *Switch) Meter(name string) *MeterArray {
	if i, ok := s.prog.meterByName[name]; ok {
		return s.meters[i]
	}
	return nil
}

// Register returns the register of this name, or nil.
func (s *Switch) Register(name string) *RegisterArray {
	if i, ok := s.prog.registerByName[name]; ok {
		return s.registers[i]
	}
	return nil
}

// ValueSet returns the parser value set of this name, or nil.
func (s *Switch) ValueSet(name string) *ValueSet {
	if i, ok := s.prog.valueSetByName[name]; ok {
		return s.vsets[i]
	}
	return nil
}
