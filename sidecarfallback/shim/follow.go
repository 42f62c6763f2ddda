//go:build linux

package shim

import (
	"bytes"
	"errors"
	"fmt"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	programs "pillion/p4"
	"pillion/p4/engine"
	"pillion/runtime/journal"
	"pillion/runtime/server"
	"pillion/sidecarfallback/shim/mirror"
)

// follower makes the data plane do what the P4Runtime server has taken, and has it written down.
type follower struct {
	program *programs.Program
	mirror  *mirror.Mirror
	journal *journal.Recorder

	// live is false while the journal is read back: nothing is to be done then, as it was done long ago.
	live bool
	eng  *engine.Switch
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
	f.eng = eng
	if f.live {
		if err := f.mirror.Follow(eng); err != nil {
			return coded(err)
		}
		if err := f.mirror.Recount(); err != nil {
			return err
		}
	}
	return f.journal.Committed(eng, cfg, state)
}

func (f *follower) Changed(c server.Change) error {
	if !f.live {
		return nil
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
		err = f.mirror.Drops(c.First, c.End) // counts are no rules, and are kept by the maps
	default:
		err = fmt.Errorf("shim.p4 has nothing that %v is about", c.Update.GetEntity())
	}
	// What is taken back is not written down, whatever became of it in the maps.
	if err != nil && !c.Undone {
		return coded(err)
	}
	return errors.Join(coded(err), f.journal.Changed(c))
}

// Done writes down what was changed.
func (f *follower) Done() error { return f.journal.Done() }

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
