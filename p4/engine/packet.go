package engine

import "time"

// packet is one packet, or copy, on its way through the pipelines. Packets are reused.
type packet struct {
	sw  *Switch
	job *job

	st    []uint64 // the state: see layout
	args  []uint64 // of the running action
	frame []byte   // as the parser sees it; not changed
	pos   int      // bytes that the parser has taken
	// payload is what follows the parsed headers.
	payload []byte
	// lasting: frame and payload are bytes of the received frame, which stay until the
	// job is done. Else they are this packet's own, and copies must copy them.
	lasting bool

	inPort, outPort uint32
	frameLen        uint64 // length at the start of ingress: what counters count
	length          uint64 // what standard_metadata.packet_length becomes in egress
	limit           uint64 // bytes that it is cut to when it leaves
	now             time.Duration
	enqueued        time.Duration

	parseError    uint64
	checksumError bool

	// What actions ask for.
	exit         bool // skip the rest of the pipeline
	dead         bool // an assert failed: drop at once
	clone        bool
	cloneSession uint32
	cloneList    int
	learn        int // list id, 0: none
	resubmit     int
	recirculate  int

	depth    int // how many clones, resubmissions and recirculations led to it
	id       int // for traces
	instance uint32

	key     []byte   // scratch for select keys
	words   []uint64 // scratch for table keys
	buf     []byte   // scratch for hashes
	own     []byte   // backs frame after a recirculation
	leaving []byte   // backs the frame that is emitted
}

// scratch returns a buffer of n bytes with any content, valid until the next call.
func (p *packet) scratch(n int) []byte {
	if cap(p.buf) < n {
		p.buf = make([]byte, n+256)
	}
	return p.buf[:n]
}

// The values of standard_metadata.instance_type.
const (
	instanceNormal       = 0
	instanceIngressClone = 1
	instanceEgressClone  = 2
	instanceRecirculated = 4
	instanceReplicated   = 5
	instanceResubmitted  = 6
)

// forgetRequests clears what actions of an earlier pass asked for.
func (p *packet) forgetRequests() {
	p.exit, p.dead, p.clone = false, false, false
	p.cloneSession, p.cloneList, p.learn, p.resubmit, p.recirculate = 0, 0, 0, 0, 0
}

// resetState makes a state as of a packet that is not parsed yet.
func (p *packet) resetState() {
	clear(p.st[:p.sw.prog.lay.cleared])
	for _, w := range p.sw.prog.lay.valid0 {
		p.st[w] = 1
	}
}

// copyState takes over headers, stacks and metadata of another packet.
func (p *packet) copyState(from *packet) {
	copy(p.st[:p.sw.prog.lay.cleared], from.st)
}

// shareFrame takes over another packet's frame, and what the parser has taken of it.
func (p *packet) shareFrame(from *packet) {
	p.frame, p.lasting, p.pos = from.frame, from.lasting, from.pos
	if !from.lasting {
		p.own = append(p.own[:0], from.frame...)
		p.frame = p.own
	}
	p.payload = p.frame[p.pos:]
}

// resetMetadata clears all metadata but what the field list names, which it takes from
// another packet.
func (p *packet) resetMetadata(list int, from *packet, instance uint32) {
	for _, r := range p.sw.prog.lay.metadata {
		clear(p.st[r.off : r.off+r.n])
	}
	if l := p.sw.prog.fieldLists[list]; l != nil {
		for _, r := range l.runs {
			copy(p.st[r.off:r.off+r.n], from.st[r.off:r.off+r.n])
		}
	}
	p.setInstance(instance)
}

func (p *packet) setInstance(i uint32) {
	p.instance = i
	p.sw.prog.std.instanceType.set(p, uint64(i))
}

func (p *packet) logging() bool { return p.sw.opts.OnLog != nil || p.job.trace != nil }

func (p *packet) log(message string) {
	if p.sw.opts.OnLog != nil {
		p.sw.opts.OnLog(message)
	}
	p.record(func() Event { return Event{Kind: EventLog, Name: message} })
}

// record adds an event to the trace, if there is one.
func (p *packet) record(event func() Event) {
	if p.job.trace == nil {
		return
	}
	e := event()
	e.Packet = p.id
	p.job.trace.Events = append(p.job.trace.Events, e)
}
