package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	"errors"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"pillion/p4/engine"
)

// Follower is told what the committed pipeline holds, to make another data plane do the same. The engine
// stays the authority: a follower is told after the engine has changed, and what it refuses is
// taken back. Its methods are called one at a time; only Count may run beside another Count.
//
// An error with a gRPC status keeps its code; others are INTERNAL.
type Follower interface {
	// Verify says whether a config is one that it can follow.
	Verify(cfg *p4.ForwardingPipelineConfig) error
	// Committed says that packets are about to run through this engine, whatever was there before. state gives all
	// that was written to it, as State does; it may be called from Committed, Changed and Done, until the next
	// Committed.
	Committed(eng *engine.Switch, cfg *p4.ForwardingPipelineConfig, state func() ([]*p4.Update, error)) error
	// Changed says what in the engine is no longer as it was.
	Changed(c Change) error
	// Done says that a request's changes are all made.
	Done() error
	// Count brings the engine's counters up to date. They are about to be read.
	Count() error
}

// Change is an update that the engine has made, and what it is about. What the engine holds there
// now is to be asked of the engine.
type Change struct {
	Update *p4.Update
	Undone bool // the update was made, and taken back since

	// Of table entries and their counters: the engine's name of the table, and the entry's key and priority. The
	// default entry has no key.
	Table   string
	Key     engine.Entry
	Counter bool // its counter was written

	// Of the packet replication engine: one of them, or 0.
	Group, Session uint32

	// Of counters that are not of a table: the engine's name, and the cells from First to before End.
	Cells      string
	First, End int
}

// apply makes one update, here and at the follower, and says how to take it back. After
// an error nothing has changed.
func (p *pipeline) apply(u *p4.Update) (undo, error) {
	back, err := p.change(u)
	if err != nil || p.follower == nil {
		return back, err
	}
	c, err := p.about(u)
	if err == nil {
		err = p.follower.Changed(c)
	}
	if err == nil {
		return func() {
			back()
			c.Undone = true
			// What cannot be taken back there is made right at the next commit.
			_ = p.follower.Changed(c)
		}, nil
	}
	back()
	c.Undone = true
	return nil, fromFollower(errors.Join(err, p.follower.Changed(c)))
}

func fromFollower(err error) error {
	if err == nil {
		return nil
	}
	var coded interface{ GRPCStatus() *status.Status }
	if errors.As(err, &coded) {
		return status.Error(coded.GRPCStatus().Code(), err.Error())
	}
	return status.Error(codes.Internal, err.Error())
}

// about says what an update that was made is about.
func (p *pipeline) about(u *p4.Update) (Change, error) {
	c := Change{Update: u}
	switch e := u.GetEntity().GetEntity().(type) {
	case *p4.Entity_TableEntry:
		m := e.TableEntry
		// Without an action, the default entry goes back to the program's, counter and all.
		c.Counter = m.CounterData != nil || m.IsDefaultAction && m.Action == nil
		return c, p.aboutEntry(m, &c)
	case *p4.Entity_DirectCounterEntry:
		c.Counter = true
		return c, p.aboutEntry(e.DirectCounterEntry.GetTableEntry(), &c)
	case *p4.Entity_CounterEntry:
		counter, err := p.counter(e.CounterEntry.GetCounterId())
		if err != nil {
			return c, err
		}
		c.Cells = counter.name
		c.First, c.End, err = indexes(e.CounterEntry.Index, counter.eng.Size())
		return c, err
	case *p4.Entity_PacketReplicationEngineEntry:
		c.Group = e.PacketReplicationEngineEntry.GetMulticastGroupEntry().GetMulticastGroupId()
		c.Session = e.PacketReplicationEngineEntry.GetCloneSessionEntry().GetSessionId()
	}
	return c, nil
}

func (p *pipeline) aboutEntry(m *p4.TableEntry, c *Change) error {
	t, err := p.table(m.GetTableId())
	if err != nil {
		return err
	}
	c.Table = t.eng.Info().Name
	if !m.IsDefaultAction {
		c.Key, err = t.key(m)
	}
	return err
}

// counted brings the engine's counters up to date if the wanted entities show any.
func (p *pipeline) counted(wanted []*p4.Entity) error {
	if p.follower == nil {
		return nil
	}
	for _, want := range wanted {
		switch e := want.GetEntity().(type) {
		case *p4.Entity_TableEntry:
			if e.TableEntry.GetCounterData() == nil {
				continue
			}
		case *p4.Entity_DirectCounterEntry, *p4.Entity_CounterEntry:
		default:
			continue
		}
		return fromFollower(p.follower.Count())
	}
	return nil
}

// State is the committed config, and all that was written to it but for counters and meters, as updates that write
// it again with Restore; nil before the first commit.
func (s *Server) State() (*p4.ForwardingPipelineConfig, []*p4.Update, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.active.Load()
	if p == nil {
		return nil, nil, nil
	}
	written, err := p.written()
	return p.config, written, err
}

func (p *pipeline) written() ([]*p4.Update, error) {
	all, err := p.dump()
	if err != nil {
		return nil, err
	}
	var kept []*p4.Update
	for _, u := range all {
		switch u.GetEntity().GetEntity().(type) {
		case *p4.Entity_DirectCounterEntry, *p4.Entity_CounterEntry, *p4.Entity_DirectMeterEntry, *p4.Entity_MeterEntry:
		default:
			kept = append(kept, u)
		}
	}
	return kept, nil
}

// Restore makes updates without a controller, all of them or none.
func (s *Server) Restore(updates []*p4.Update) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.control()
	if err != nil {
		return err
	}
	errs := p.applyAllOrNone(&writeRequest{WriteRequest: &p4.WriteRequest{Updates: updates}})
	return errors.Join(batchError("updates", errs), p.done())
}

// done tells the follower that a batch is through.
func (p *pipeline) done() error {
	if p.follower == nil {
		return nil
	}
	return fromFollower(p.follower.Done())
}
