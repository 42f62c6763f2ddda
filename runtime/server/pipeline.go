package server

import (
	"context"
	"errors"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// pipeline is one forwarding-pipeline config with its state: a program that runs.
type pipeline struct {
	*schema
	config *p4.ForwardingPipelineConfig
	eng    *engine.Switch

	// What P4Runtime must read back and the engine has no place for: the messages as
	// they were written, by id.
	groups   map[uint32]*p4.MulticastGroupEntry
	sessions map[uint32]*p4.CloneSessionEntry

	// initial are the entries that tables start with and that can be changed, by table.
	initial map[uint32][]*p4.TableEntry

	learner *learner
	down    downPorts
	// follower is set once the pipeline is committed.
	follower Follower
}

// newPipeline verifies a config and makes a pipeline with the program's initial
// state. Errors are INVALID_ARGUMENT.
func (s *Server) newPipeline(cfg *p4.ForwardingPipelineConfig) (*pipeline, error) {
	if cfg == nil {
		return nil, invalid("config is not set; it holds p4info and p4_device_config")
	}
	if cfg.P4Info == nil {
		return nil, invalid("config.p4info is not set")
	}
	if len(cfg.P4DeviceConfig) == 0 {
		return nil, invalid("config.p4_device_config is empty; it is the JSON that p4c's bmv2 backend writes")
	}
	prog, err := engine.Load(cfg.P4DeviceConfig)
	if err != nil {
		var unsupported *engine.UnsupportedError
		if errors.As(err, &unsupported) {
			return nil, invalid("p4_device_config: this switch cannot execute it: %v", err)
		}
		return nil, invalid("p4_device_config: %v", err)
	}
	p := &pipeline{
		config:   proto.CloneOf(cfg),
		groups:   map[uint32]*p4.MulticastGroupEntry{},
		sessions: map[uint32]*p4.CloneSessionEntry{},
	}
	// The callback may run before p is complete only if packets do, and they do not.
	initial := map[string]int{}
	for _, t := range cfg.P4Info.Tables {
		if startsWith(t) {
			initial[t.GetPreamble().GetName()] = int(t.Size)
		}
	}
	p.eng = engine.New(prog, engine.Options{
		Seed:    s.opt.Seed,
		Now:     s.opt.Now,
		Initial: initial,
		OnDigest: func(d engine.Digest) {
			p.learner.receive(d)
		},
		OnLog: s.opt.OnLog,
	})
	if p.schema, err = newSchema(cfg.P4Info, p.eng); err != nil {
		return nil, invalid("%v", err)
	}
	p.noteInitial()
	p.down = s.down
	for _, pr := range p.profiles {
		pr.down = s.down
	}
	if s.opt.Follower != nil {
		if err := s.opt.Follower.Verify(cfg); err != nil {
			return nil, within(err, "config")
		}
	}
	p.learner = newLearner(p.digests, s.arb.toPrimaries, s.opt.wallClock, &s.stats)
	return p, nil
}

// close stops what runs beside the packets.
func (p *pipeline) close() {
	if p != nil {
		p.learner.close()
	}
}

// control is the pipeline that reads and writes are about: the saved one, or else
// the committed one. Callers hold s.mu.
func (s *Server) control() (*pipeline, error) {
	if s.saved != nil {
		return s.saved, nil
	}
	if p := s.active.Load(); p != nil {
		return p, nil
	}
	return nil, status.Error(codes.FailedPrecondition, "no forwarding pipeline config is set; send SetForwardingPipelineConfig first")
}

// SetForwardingPipelineConfig implements P4Runtime (section of that name).
func (s *Server) SetForwardingPipelineConfig(_ context.Context, r *p4.SetForwardingPipelineConfigRequest) (*p4.SetForwardingPipelineConfigResponse, error) {
	if err := s.checkDevice(r.DeviceId); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.arb.mayWrite(r.Role, electionOf(r.ElectionId)); err != nil {
		return nil, err
	}
	return &p4.SetForwardingPipelineConfigResponse{}, s.setPipeline(r.Action, r.Config)
}

// SetPipeline commits a config without a controller: what the command line gives.
// It clears the forwarding state.
func (s *Server) SetPipeline(cfg *p4.ForwardingPipelineConfig) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT, cfg)
}

func (s *Server) setPipeline(action p4.SetForwardingPipelineConfigRequest_Action, cfg *p4.ForwardingPipelineConfig) error {
	switch action {
	case p4.SetForwardingPipelineConfigRequest_VERIFY:
		_, err := s.newPipeline(cfg)
		return err
	case p4.SetForwardingPipelineConfigRequest_VERIFY_AND_SAVE:
		p, err := s.newPipeline(cfg)
		if err != nil {
			return err
		}
		s.saved.close()
		s.saved = p
		return nil
	case p4.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT:
		p, err := s.newPipeline(cfg)
		if err != nil {
			return err
		}
		return s.commit(p)
	case p4.SetForwardingPipelineConfigRequest_COMMIT:
		if cfg != nil {
			return invalid("COMMIT takes no config: it commits the one that VERIFY_AND_SAVE saved")
		}
		if s.saved == nil {
			return notFound("there is no saved config; send VERIFY_AND_SAVE before COMMIT")
		}
		// The writes since the save have gone to the saved pipeline already.
		return s.commit(s.saved)
	case p4.SetForwardingPipelineConfigRequest_RECONCILE_AND_COMMIT:
		p, err := s.newPipeline(cfg)
		if err != nil {
			return err
		}
		if old, err := s.control(); err == nil {
			if old.follower != nil {
				if err := old.follower.Count(); err != nil {
					p.close()
					return fromFollower(err)
				}
			}
			if err := old.copyTo(p); err != nil {
				p.close()
				return invalid("the forwarding state cannot be preserved: %v", err)
			}
		}
		return s.commit(p)
	}
	return invalid("action %v; want VERIFY, VERIFY_AND_SAVE, VERIFY_AND_COMMIT, COMMIT or RECONCILE_AND_COMMIT", action)
}

// commit lets packets run through p, a new pipeline or the saved one; of a saved one nothing is left then. After
// an error all is as it was, but for p if it is new. Callers hold s.mu.
func (s *Server) commit(p *pipeline) error {
	if f := s.opt.Follower; f != nil {
		if err := f.Committed(p.eng, p.config, p.written); err != nil {
			if old := s.active.Load(); old != nil {
				err = errors.Join(err, f.Committed(old.eng, old.config, old.written))
			}
			if p != s.saved {
				p.close()
			}
			return fromFollower(err)
		}
		p.follower = f
	}
	old := s.active.Swap(p)
	if s.saved != p {
		s.saved.close()
	}
	s.saved = nil
	// Packets in the old pipeline come out before it is closed.
	s.gate.Lock()
	defer s.gate.Unlock()
	old.close()
	return nil
}

// copyTo writes all state that was written to p into another pipeline, which is
// fresh.
func (p *pipeline) copyTo(to *pipeline) error {
	updates, err := p.dump()
	if err != nil {
		return err
	}
	for _, u := range updates {
		if _, err := to.apply(u); err != nil {
			return err
		}
	}
	return nil
}

// GetForwardingPipelineConfig implements P4Runtime (section of that name).
func (s *Server) GetForwardingPipelineConfig(_ context.Context, r *p4.GetForwardingPipelineConfigRequest) (*p4.GetForwardingPipelineConfigResponse, error) {
	if err := s.checkDevice(r.DeviceId); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.control()
	if err != nil {
		// Not an error here: the config is not known (yet).
		return &p4.GetForwardingPipelineConfigResponse{}, nil
	}
	out := &p4.ForwardingPipelineConfig{Cookie: p.config.Cookie}
	switch r.ResponseType {
	case p4.GetForwardingPipelineConfigRequest_ALL:
		out.P4Info, out.P4DeviceConfig = p.config.P4Info, p.config.P4DeviceConfig
	case p4.GetForwardingPipelineConfigRequest_COOKIE_ONLY:
	case p4.GetForwardingPipelineConfigRequest_P4INFO_AND_COOKIE:
		out.P4Info = p.config.P4Info
	case p4.GetForwardingPipelineConfigRequest_DEVICE_CONFIG_AND_COOKIE:
		out.P4DeviceConfig = p.config.P4DeviceConfig
	default:
		return nil, invalid("response_type %d; want ALL, COOKIE_ONLY, P4INFO_AND_COOKIE or DEVICE_CONFIG_AND_COOKIE", r.ResponseType)
	}
	return &p4.GetForwardingPipelineConfigResponse{Config: out}, nil
}
