package engine

import "math"

// job is the processing of one received frame, with all packets that come of it.
type job struct {
	sw    *Switch
	emit  func(port uint32, frame []byte)
	trace *Trace

	// Packets wait here. Egress goes first, as what waits there came before what will
	// come out of ingress.
	ingress, egress []*packet
	free            []*packet
	made            int // packets so far
}

func newJob(s *Switch) *job { return &job{sw: s} }

// Process runs one frame to completion: parsing, ingress, replication, egress,
// deparsing, with all its copies and recirculations. emit is called for each frame that
// leaves, before Process returns, in the order in which simple_switch would queue them;
// the bytes that it gets are valid during the call only. The frame is not changed.
func (s *Switch) Process(ingressPort uint32, frame []byte, emit func(port uint32, frame []byte)) {
	j := s.jobs.Get().(*job)
	j.emit = emit
	j.run(ingressPort, frame)
	j.emit = nil
	s.jobs.Put(j)
}

// Trace runs one frame like [Switch.Process], with all effects on counters and state,
// and records its way.
func (s *Switch) Trace(ingressPort uint32, frame []byte) *Trace {
	t := &Trace{}
	j := newJob(s)
	j.trace = t
	j.emit = func(port uint32, out []byte) {
		t.Outputs = append(t.Outputs, Output{Port: port, Frame: append([]byte(nil), out...)})
	}
	j.run(ingressPort, frame)
	return t
}

func (j *job) run(port uint32, frame []byte) {
	j.made = 0
	p := j.packet(0)
	if p == nil {
		return
	}
	std := &j.sw.prog.std
	p.frame, p.lasting, p.inPort = frame, true, port
	if p.now = 0; j.sw.prog.timed {
		p.now = j.sw.now()
	}
	p.frameLen, p.length = uint64(len(frame)), uint64(len(frame))
	p.resetState()
	std.ingressPort.set(p, uint64(port))
	std.packetLength.set(p, p.length)
	std.ingressTime.set(p, uint64(p.now.Microseconds()))
	p.setInstance(instanceNormal)
	j.ingress = append(j.ingress, p)
	for len(j.ingress)+len(j.egress) > 0 {
		if q, ok := pop(&j.egress); ok {
			j.runEgress(q)
		} else if q, ok := pop(&j.ingress); ok {
			j.runIngress(q)
		}
	}
}

// pop takes the first of a queue.
func pop(q *[]*packet) (*packet, bool) {
	if len(*q) == 0 {
		return nil, false
	}
	p := (*q)[0]
	n := copy(*q, (*q)[1:])
	(*q)[n] = nil
	*q = (*q)[:n]
	return p, true
}

// packet returns a packet with fresh requests, or nil if there were too many.
func (j *job) packet(depth int) *packet {
	if depth > j.sw.opts.MaxPasses || j.made >= j.sw.opts.MaxCopies {
		return nil
	}
	var p *packet
	if n := len(j.free); n > 0 {
		p, j.free = j.free[n-1], j.free[:n-1]
	} else {
		p = &packet{sw: j.sw, st: make([]uint64, j.sw.prog.lay.words), words: make([]uint64, j.sw.prog.maxKey)}
	}
	p.job, p.depth, p.id, p.limit = j, depth, j.made, math.MaxUint64
	p.forgetRequests()
	j.made++
	return p
}

func (j *job) release(p *packet) {
	p.frame, p.payload, p.args = nil, nil, nil
	j.free = append(j.free, p)
}

func (j *job) drop(p *packet, why string) {
	p.record(func() Event { return Event{Kind: EventDrop, Name: why} })
	j.release(p)
}

// copyOf returns a packet one step deeper, or nil if that is too deep.
func (j *job) copyOf(p *packet) *packet {
	c := j.packet(p.depth + 1)
	if c == nil {
		p.record(func() Event { return Event{Kind: EventDrop, Name: "too many passes or copies"} })
		return nil
	}
	c.inPort, c.frameLen, c.now = p.inPort, p.frameLen, p.now
	return c
}

func (j *job) runIngress(p *packet) {
	sw := j.sw
	std := &sw.prog.std
	p.record(func() Event { return Event{Kind: EventIngress, Port: p.inPort, Instance: p.instance} })
	arrived := p.length
	p.parse()
	std.parserError.set(p, p.parseError)
	if p.checksumError {
		std.checksumError.set(p, 1)
	} else {
		std.checksumError.set(p, 0)
	}
	p.apply(&sw.prog.ingress)
	p.exit = false
	if p.dead {
		j.drop(p, "assertion failed")
		return
	}
	if p.clone {
		p.clone = false
		j.cloneIngress(p, arrived)
	}
	if p.learn > 0 {
		p.digest()
	}
	if p.resubmit != 0 {
		j.resubmit(p, arrived)
		return
	}
	if group := std.mcastGrp.get(p); group != 0 {
		p.setInstance(instanceReplicated)
		replicas, _ := sw.multicast.get(uint32(group))
		p.record(func() Event { return Event{Kind: EventMulticast, Group: uint32(group), Copies: len(replicas)} })
		j.replicate(p, replicas, math.MaxUint64)
		j.release(p)
		return
	}
	port := uint32(std.egressSpec.get(p))
	if port == sw.opts.DropPort {
		j.drop(p, "dropped in ingress")
		return
	}
	p.setInstance(instanceNormal)
	j.enqueue(p, port)
}

// cloneIngress makes copies of the packet as it was received.
func (j *job) cloneIngress(p *packet, arrived uint64) {
	session, ok := j.sw.clones.get(p.cloneSession)
	if !ok {
		p.record(func() Event { return Event{Kind: EventClone, Session: p.cloneSession} })
		return
	}
	c := j.copyOf(p)
	if c == nil {
		return
	}
	c.length = arrived
	c.shareFrame(p)
	c.resetState()
	j.sw.prog.std.ingressPort.set(c, uint64(p.inPort))
	c.parse()
	c.dead = false
	c.resetMetadata(p.cloneList, p, instanceIngressClone)
	p.record(func() Event {
		return Event{Kind: EventClone, Session: p.cloneSession, Copies: len(session.Replicas)}
	})
	j.replicate(c, session.Replicas, truncation(session))
	j.release(c)
}

func truncation(s *CloneSession) uint64 {
	if s.Truncate == 0 {
		return math.MaxUint64
	}
	return uint64(s.Truncate)
}

// replicate queues copies of a packet, with its headers and metadata, for egress. The
// packet itself stays the caller's.
func (j *job) replicate(p *packet, replicas []Replica, limit uint64) {
	std := &j.sw.prog.std
	for _, r := range replicas {
		c := j.packet(p.depth)
		if c == nil {
			p.record(func() Event { return Event{Kind: EventDrop, Name: "too many copies"} })
			return
		}
		c.copyState(p)
		c.inPort, c.frameLen, c.now = p.inPort, p.frameLen, p.now
		c.length, c.instance = p.length, p.instance
		c.shareFrame(p)
		c.limit = min(p.limit, limit)
		std.rid.set(c, uint64(r.Rid))
		j.enqueue(c, r.Port)
	}
}

func (j *job) resubmit(p *packet, arrived uint64) {
	c := j.copyOf(p)
	if c == nil {
		j.release(p)
		return
	}
	p.record(func() Event { return Event{Kind: EventResubmit} })
	c.length = arrived
	c.shareFrame(p)
	c.resetState()
	c.resetMetadata(p.resubmit, p, instanceResubmitted)
	j.sw.prog.std.packetLength.set(c, arrived)
	j.ingress = append(j.ingress, c)
	j.release(p)
}

func (j *job) enqueue(p *packet, port uint32) {
	std := &j.sw.prog.std
	p.outPort = port
	p.enqueued = p.now
	std.enqTime.set(p, uint64(p.now.Microseconds()))
	std.enqDepth.set(p, 0)
	j.egress = append(j.egress, p)
}

func (j *job) runEgress(p *packet) {
	sw := j.sw
	std := &sw.prog.std
	p.record(func() Event { return Event{Kind: EventEgress, Port: p.outPort, Instance: p.instance} })
	std.egressTime.set(p, uint64(p.now.Microseconds()))
	std.deqDelta.set(p, uint64((p.now - p.enqueued).Microseconds()))
	std.deqDepth.set(p, 0)
	std.qid.set(p, 0)
	std.egressPort.set(p, uint64(p.outPort))
	// Any value that does not drop.
	std.egressSpec.set(p, uint64(sw.opts.DropPort)+1)
	std.packetLength.set(p, p.length)
	p.apply(&sw.prog.egress)
	p.exit = false
	if p.dead {
		j.drop(p, "assertion failed")
		return
	}
	if p.clone {
		p.clone = false
		j.cloneEgress(p)
	}
	if uint32(std.egressSpec.get(p)) == sw.opts.DropPort {
		j.drop(p, "dropped in egress")
		return
	}
	out := p.deparse()
	if p.recirculate != 0 {
		j.recirculate(p, out)
		return
	}
	p.record(func() Event { return Event{Kind: EventOutput, Port: p.outPort} })
	j.emit(p.outPort, out)
	j.release(p)
}

// cloneEgress makes copies of the packet as it is at the end of egress.
func (j *job) cloneEgress(p *packet) {
	session, ok := j.sw.clones.get(p.cloneSession)
	if !ok {
		p.record(func() Event { return Event{Kind: EventClone, Session: p.cloneSession} })
		return
	}
	c := j.copyOf(p)
	if c == nil {
		return
	}
	c.copyState(p)
	c.length = p.length
	c.shareFrame(p)
	c.resetMetadata(p.cloneList, p, instanceEgressClone)
	p.record(func() Event {
		return Event{Kind: EventClone, Session: p.cloneSession, Copies: len(session.Replicas)}
	})
	j.replicate(c, session.Replicas, truncation(session))
	j.release(c)
}

// recirculate sends a deparsed packet through ingress again.
func (j *job) recirculate(p *packet, out []byte) {
	c := j.copyOf(p)
	if c == nil {
		j.release(p)
		return
	}
	p.record(func() Event { return Event{Kind: EventRecirculate} })
	c.own = append(c.own[:0], out...)
	c.frame, c.lasting = c.own, false
	c.length = uint64(len(out))
	c.frameLen = c.length
	c.resetState()
	c.resetMetadata(p.recirculate, p, instanceRecirculated)
	j.sw.prog.std.packetLength.set(c, c.length)
	j.ingress = append(j.ingress, c)
	j.release(p)
}

// digest hands the fields of a learn list to the controller.
func (p *packet) digest() {
	l := p.sw.prog.learnLists[p.learn]
	if l == nil {
		return
	}
	p.record(func() Event { return Event{Kind: EventDigest, Name: l.name} })
	if p.sw.opts.OnDigest == nil {
		return
	}
	d := Digest{List: p.learn, Name: l.name}
	for _, f := range l.fields {
		d.Values = append(d.Values, appendWords(nil, p.st[f.off:f.off+f.words()], f.width))
	}
	p.sw.opts.OnDigest(d)
}
