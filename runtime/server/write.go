package server

import (
	"context"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// undo takes back one update that was made.
type undo func()

// Write implements P4Runtime (section "Write RPC").
func (s *Server) Write(_ context.Context, m *p4.WriteRequest) (*p4.WriteResponse, error) {
	return s.write(&writeRequest{WriteRequest: m})
}

func (s *Server) write(r *writeRequest) (*p4.WriteResponse, error) {
	if err := s.checkDevice(r.DeviceId); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.arb.mayWrite(r.Role, electionOf(r.ElectionId)); err != nil {
		return nil, err
	}
	p, err := s.control()
	if err != nil {
		return nil, err
	}
	var errs []error
	switch r.Atomicity {
	case p4.WriteRequest_CONTINUE_ON_ERROR:
		errs = p.applyEach(r)
	case p4.WriteRequest_ROLLBACK_ON_ERROR:
		errs = p.applyAllOrNone(r)
	case p4.WriteRequest_DATAPLANE_ATOMIC:
		// No packet is in the pipeline, and none comes in, until the batch is through.
		s.gate.Lock()
		errs = p.applyAllOrNone(r)
		s.gate.Unlock()
	default:
		return nil, invalid("atomicity %d; want CONTINUE_ON_ERROR, ROLLBACK_ON_ERROR or DATAPLANE_ATOMIC", r.Atomicity)
	}
	s.stats.wrote(r.count(), errs)
	if err := p.done(); err != nil {
		return nil, err
	}
	if err := batchError("updates", errs); err != nil {
		return nil, err
	}
	return &p4.WriteResponse{}, nil
}

// applyEach makes the updates in order, whether or not others fail. The errors are one for each
// update, or none at all.
func (p *pipeline) applyEach(r *writeRequest) []error {
	var errs []error
	for i := range r.count() {
		if p.quick(r, i) {
			continue
		}
		if _, err := p.apply(r.at(i)); err != nil {
			if errs == nil {
				errs = make([]error, r.count())
			}
			errs[i] = err
		}
	}
	return errs
}

// applyAllOrNone makes the updates in order until one fails, and then takes those
// before it back. The updates that were not kept report ABORTED.
func (p *pipeline) applyAllOrNone(r *writeRequest) []error {
	errs := make([]error, r.count())
	if p.follower != nil {
		// What a deleted entry has counted may have to come back with it.
		if err := p.follower.Count(); err != nil {
			for i := range errs {
				errs[i] = fromFollower(err)
			}
			return errs
		}
	}
	var done []undo
	for i := range errs {
		back, err := p.apply(r.at(i))
		if err == nil {
			done = append(done, back)
			continue
		}
		for j := len(done) - 1; j >= 0; j-- {
			done[j]()
		}
		for j := range errs {
			errs[j] = status.Errorf(codes.Aborted, "not made, because update %d of the batch failed", i+1)
		}
		errs[i] = err
		break
	}
	return errs
}

// change makes one update in the engine and says how to take it back. After an error nothing has
// changed.
func (p *pipeline) change(u *p4.Update) (undo, error) {
	switch u.GetType() {
	case p4.Update_INSERT, p4.Update_MODIFY, p4.Update_DELETE:
	default:
		return nil, invalid("update type %v; want INSERT, MODIFY or DELETE", u.GetType())
	}
	switch e := u.GetEntity().GetEntity().(type) {
	case *p4.Entity_TableEntry:
		return p.writeTableEntry(u.Type, e.TableEntry)
	case *p4.Entity_ActionProfileMember:
		return p.writeMember(u.Type, e.ActionProfileMember)
	case *p4.Entity_ActionProfileGroup:
		return p.writeGroup(u.Type, e.ActionProfileGroup)
	case *p4.Entity_MeterEntry:
		return p.writeMeter(u.Type, e.MeterEntry)
	case *p4.Entity_DirectMeterEntry:
		return p.writeDirectMeter(u.Type, e.DirectMeterEntry)
	case *p4.Entity_CounterEntry:
		return p.writeCounter(u.Type, e.CounterEntry)
	case *p4.Entity_DirectCounterEntry:
		return p.writeDirectCounter(u.Type, e.DirectCounterEntry)
	case *p4.Entity_PacketReplicationEngineEntry:
		return p.writeReplication(u.Type, e.PacketReplicationEngineEntry)
	case *p4.Entity_ValueSetEntry:
		return p.writeValueSet(u.Type, e.ValueSetEntry)
	case *p4.Entity_RegisterEntry:
		return p.writeRegister(u.Type, e.RegisterEntry)
	case *p4.Entity_DigestEntry:
		return p.writeDigest(u.Type, e.DigestEntry)
	case *p4.Entity_ExternEntry:
		return nil, unimplemented("extern entries: v1model has none")
	}
	return nil, invalid("the update has no entity")
}

// onlyModify refuses INSERT and DELETE of what always exists.
func onlyModify(t p4.Update_Type, what string) error {
	if t != p4.Update_MODIFY {
		return invalid("%s exist always: %v is not allowed, MODIFY is", what, t)
	}
	return nil
}
