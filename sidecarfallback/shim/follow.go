//go:build linux

package shim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	programs "pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/server"
	"pillion/sidecarfallback/shim/mirror"
)

// follower makes the data plane do what the P4Runtime server has taken, and writes it down.
type follower struct {
	program *programs.Program
	mirror  *mirror.Mirror
	journal *journal

	// live is false while the journal is read back: nothing is to be done then, as it was done long ago.
	live  bool
	eng   *engine.Switch
	cfg   *p4.ForwardingPipelineConfig
	state func() ([]*p4.Update, error)
	// pending updates are made, and not yet in the journal.
	pending []*p4.Update
}

var _ server.Follower = (*follower)(nil)

// Verify takes shim.p4 only: the data plane was compiled.
func (f *follower) Verify(cfg *p4.ForwardingPipelineConfig) error {
	if !proto.Equal(cfg.GetP4Info(), f.program.Info) || !bytes.Equal(cfg.GetP4DeviceConfig(), f.program.Config) {
		return errors.New("a shim runs shim.p4 of its own version, and no other program; push with the same version of pillion")
	}
	return nil
}

func (f *follower) Committed(eng *engine.Switch, cfg *p4.ForwardingPipelineConfig, state func() ([]*p4.Update, error)) error {
	f.eng, f.cfg, f.state, f.pending = eng, cfg, state, nil
	if !f.live {
		return nil
	}
	if err := f.mirror.Follow(eng); err != nil {
		return coded(err)
	}
	if err := f.mirror.Recount(); err != nil {
		return err
	}
	return f.compact()
}

// compact writes the journal anew.
func (f *follower) compact() error {
	updates, err := f.state()
	if err != nil {
		return err
	}
	f.pending = nil
	return f.journal.rewrite(f.cfg, updates)
}

func (f *follower) Changed(c server.Change) error {
	if !f.live {
		return nil
	}
	if c.Undone {
		f.pending = slices.DeleteFunc(f.pending, func(u *p4.Update) bool { return u == c.Update })
	}
	var err error
	switch {
	case c.Table != "":
		err = f.mirror.Entry(c.Table, c.Key, c.Counter)
	case c.Group != 0:
		err = f.mirror.Group(c.Group)
	case c.Session != 0:
		err = f.mirror.Session(c.Session)
	case c.Cells != "":
		return f.mirror.Drops(c.First, c.End) // counts are no rules, and are kept by the maps
	default:
		err = fmt.Errorf("shim.p4 has nothing that %v is about", c.Update.GetEntity())
	}
	if err != nil {
		return coded(err)
	}
	if !c.Undone && c.Update.GetEntity().GetDirectCounterEntry() == nil {
		f.pending = append(f.pending, c.Update)
	}
	return nil
}

// Done writes down what was changed. If that fails, the changes are made all the same, and a restart would
// take them back: so the request fails.
func (f *follower) Done() error {
	if len(f.pending) == 0 {
		return nil
	}
	if f.journal.size > maxJournal {
		return f.compact()
	}
	err := f.journal.write(f.pending)
	f.pending = f.pending[:0]
	return err
}

func (f *follower) Count() error {
	if !f.live {
		return nil
	}
	return f.mirror.Count()
}

// coded gives a refusal the code that P4Runtime has for what a target cannot do.
func coded(err error) error {
	var refused *mirror.RefusedError
	if errors.As(err, &refused) {
		return status.Error(codes.Unimplemented, err.Error())
	}
	return err
}
