package journal

import (
	"errors"
	"fmt"
	"slices"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
	"pillion/runtime/server"
)

// Options of a Recorder.
type Options struct {
	// Path is the journal's file. Its folder must be there; nobody else may write to it.
	Path string
	// Sync puts every write on the disk before it is answered, so that the journal outlives the machine's
	// crash and not only the agent's.
	Sync bool
}

// Recorder writes down what a server takes. It takes every config.
type Recorder struct {
	journal journal

	// recording is false until what there was is restored.
	recording bool
	cfg       *p4.ForwardingPipelineConfig
	state     func() ([]*p4.Update, error)
	// pending updates are made, and not yet in the journal.
	pending []*p4.Update
	// behind says that the journal is without changes that were made: it could not be written.
	behind bool
}

var _ server.Follower = (*Recorder)(nil)

// New makes a recorder, which reads and writes nothing before Restore.
func New(o Options) *Recorder { return &Recorder{journal: journal{path: o.Path, sync: o.Sync}} }

// Restore makes a server, whose follower this is or tells this one everything, hold what the journal says; restored says
// whether that is anything. From then on the recorder writes.
func (r *Recorder) Restore(s *server.Server) (restored bool, err error) {
	cfg, updates, err := readJournal(r.journal.path)
	if err != nil {
		return false, err
	}
	if cfg != nil {
		if err := errors.Join(s.SetPipeline(cfg), s.Restore(updates)); err != nil {
			return false, fmt.Errorf("journal %s: %w; remove it to begin without rules", r.journal.path, err)
		}
		if err := r.compact(); err != nil {
			return false, err
		}
	}
	r.recording = true
	return cfg != nil, nil
}

// Verify implements [server.Follower].
func (r *Recorder) Verify(*p4.ForwardingPipelineConfig) error { return nil }

// Committed implements [server.Follower].
func (r *Recorder) Committed(_ *engine.Switch, cfg *p4.ForwardingPipelineConfig, state func() ([]*p4.Update, error)) error {
	r.cfg, r.state, r.pending = cfg, state, nil
	if !r.recording {
		return nil
	}
	return r.compact()
}

// compact writes the journal anew.
func (r *Recorder) compact() error {
	updates, err := r.state()
	if err != nil {
		return err
	}
	r.pending = nil
	err = r.journal.rewrite(r.cfg, updates)
	r.behind = err != nil
	return err
}

// Changed implements [server.Follower].
func (r *Recorder) Changed(c server.Change) error {
	switch {
	case !r.recording:
	case c.Undone:
		r.pending = slices.DeleteFunc(r.pending, func(u *p4.Update) bool { return u == c.Update })
	case !counts(c.Update):
		r.pending = append(r.pending, c.Update)
	}
	return nil
}

// counts says whether an update is about what is counted or metered, which is no rule.
func counts(u *p4.Update) bool {
	switch u.GetEntity().GetEntity().(type) {
	case *p4.Entity_DirectCounterEntry, *p4.Entity_CounterEntry, *p4.Entity_DirectMeterEntry, *p4.Entity_MeterEntry:
		return true
	}
	return false
}

// Done writes down what was changed. If that fails, the changes are made all the same, and a restart would
// take them back: so the request fails. The next one, even if it changes nothing, writes the whole journal anew: what is missing in it must not stay
// so, and what comes after may build on that.
func (r *Recorder) Done() error {
	if r.behind || len(r.pending) > 0 && r.journal.size > maxJournal {
		return r.compact()
	}
	if len(r.pending) == 0 {
		return nil
	}
	err := r.journal.write(r.pending)
	r.pending, r.behind = r.pending[:0], err != nil
	return err
}

// Count implements [server.Follower].
func (r *Recorder) Count() error { return nil }

// Close lets go of the file.
func (r *Recorder) Close() { r.journal.close() }
