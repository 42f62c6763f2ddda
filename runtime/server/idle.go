package server

import (
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

// watchIdle looks for idle entries now and then until the server closes (section
// "Table Idle Timeout Notification").
func (s *Server) watchIdle() {
	tick := time.NewTicker(s.opt.IdleScan)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.scanIdle()
		}
	}
}

// scanIdle sends one notification per table that has entries newly idle.
func (s *Server) scanIdle() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.active.Load()
	if p == nil {
		return
	}
	now := s.opt.wallClock()
	for _, t := range p.tables {
		if !t.idle {
			continue
		}
		m := &p4.IdleTimeoutNotification{Timestamp: now.UnixNano()}
		t.eng.EachIdle(func(e engine.EntryInfo) bool {
			n := noteOf(e.Entry)
			// After a notification the entry's time starts anew.
			if !n.notified.IsZero() && now.Sub(n.notified) < e.IdleTimeout {
				return true
			}
			n.notified = now
			msg := t.encodeEntry(e, nil)
			msg.Action = nil
			m.TableEntry = append(m.TableEntry, msg)
			return true
		})
		if len(m.TableEntry) > 0 {
			s.arb.toPrimaries(&p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_IdleTimeoutNotification{IdleTimeoutNotification: m}})
		}
	}
}
