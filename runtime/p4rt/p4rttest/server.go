package p4rttest

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Server is one device. Its fields are set before it serves.
type Server struct {
	p4v1.UnimplementedP4RuntimeServer
	DeviceID   uint64
	References []Reference
	// NoMetadata and NoGroupMetadata make the server forget the metadata of table entries, or of multicast
	// groups, as some do.
	NoMetadata, NoGroupMetadata bool
	NoCapabilities              bool
	ReadChunk                   int // entities in a message; 0: all in one, like bmv2

	mu       sync.Mutex
	config   *p4v1.ForwardingPipelineConfig
	program  *program
	entities map[string]*p4v1.Entity
	clients  map[*client]bool
	highest  id // that was ever seen
	writes   int
	updates  int
	loads    int
}

// Reference says that an action parameter names an entry of a table with one exact key, or, where
// Table is empty, a multicast group.
type Reference struct {
	Action string
	Param  uint32
	Table  string
}

type id struct{ high, low uint64 }

func (a id) less(b id) bool { return a.high < b.high || a.high == b.high && a.low < b.low }

type client struct {
	stream p4v1.P4Runtime_StreamChannelServer
	id     id
}

// Serve serves in this process, and returns how to get there. It ends with the test.
func (s *Server) Serve(t interface{ Cleanup(func()) }, o ...grpc.ServerOption) func(ctx context.Context, network, address string) (net.Conn, error) {
	l := bufconn.Listen(1 << 20)
	g := grpc.NewServer(o...)
	p4v1.RegisterP4RuntimeServer(g, s)
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return l.DialContext(ctx) }
}

// Written is how many write requests came, with how many updates, and how often a pipeline was loaded.
func (s *Server) Written() (requests, updates, loads int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes, s.updates, s.loads
}

// Entities is all that was written, but default and constant entries: by a key, in its order.
func (s *Server) Entities() []*p4v1.Entity {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*p4v1.Entity
	for _, key := range slices.Sorted(maps.Keys(s.entities)) {
		if e := s.entities[key]; !e.GetTableEntry().GetIsDefaultAction() && !e.GetTableEntry().GetIsConst() {
			out = append(out, proto.Clone(e).(*p4v1.Entity))
		}
	}
	return out
}

// Put writes past all clients, as if another controller had. It panics where Write would fail.
func (s *Server) Put(kind p4v1.Update_Type, e *p4v1.Entity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.update(&p4v1.Update{Type: kind, Entity: e}); err != nil {
		panic(err)
	}
}

// Count sets the direct counter of every entry that has one.
func (s *Server) Count(count func(*p4v1.TableEntry) *p4v1.CounterData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entities {
		if t := e.GetTableEntry(); t != nil && !t.GetIsDefaultAction() && s.program.counted[t.GetTableId()] {
			t.CounterData = count(t)
		}
	}
}

// Capabilities is the RPC.
func (s *Server) Capabilities(context.Context, *p4v1.CapabilitiesRequest) (*p4v1.CapabilitiesResponse, error) {
	if s.NoCapabilities {
		return nil, status.Error(codes.Unimplemented, "no such RPC")
	}
	return &p4v1.CapabilitiesResponse{P4RuntimeApiVersion: "1.5.0"}, nil
}

// StreamChannel is the RPC; see the rules in P4Runtime 1.5, section 5.3.
func (s *Server) StreamChannel(stream p4v1.P4Runtime_StreamChannelServer) error {
	c := &client{stream: stream}
	defer s.leave(c)
	for {
		m, err := stream.Recv()
		if err != nil {
			return nil
		}
		a := m.GetArbitration()
		if a == nil {
			continue
		}
		if a.GetDeviceId() != s.DeviceID {
			return status.Errorf(codes.NotFound, "device %d; this is device %d", a.GetDeviceId(), s.DeviceID)
		}
		if err := s.arbitrate(c, id{a.GetElectionId().GetHigh(), a.GetElectionId().GetLow()}); err != nil {
			return err
		}
	}
}

func (s *Server) arbitrate(c *client, bid id) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for other := range s.clients {
		if other != c && other.id == bid && bid != (id{}) {
			return status.Error(codes.InvalidArgument, "this election id is in use")
		}
	}
	if s.clients == nil {
		s.clients = map[*client]bool{}
	}
	before := s.primary()
	s.clients[c] = true
	c.id = bid
	if s.highest.less(bid) {
		s.highest = bid
	}
	if s.primary() != before {
		s.notify()
	} else {
		s.tell(c)
	}
	return nil
}

func (s *Server) leave(c *client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.primary() == c
	delete(s.clients, c)
	if was {
		s.notify()
	}
}

func (s *Server) primary() *client {
	for c := range s.clients {
		if c.id == s.highest && c.id != (id{}) {
			return c
		}
	}
	return nil
}

func (s *Server) notify() {
	for c := range s.clients {
		s.tell(c)
	}
}

func (s *Server) tell(c *client) {
	code := codes.AlreadyExists
	switch s.primary() {
	case nil:
		code = codes.NotFound
	case c:
		code = codes.OK
	}
	u := &p4v1.MasterArbitrationUpdate{DeviceId: s.DeviceID, Status: &statuspb.Status{Code: int32(code)}}
	if s.highest != (id{}) {
		u.ElectionId = &p4v1.Uint128{High: s.highest.high, Low: s.highest.low}
	}
	_ = c.stream.Send(&p4v1.StreamMessageResponse{Update: &p4v1.StreamMessageResponse_Arbitration{Arbitration: u}})
}

func (s *Server) mayWrite(device uint64, e *p4v1.Uint128) error {
	if device != s.DeviceID {
		return status.Errorf(codes.NotFound, "device %d; this is device %d", device, s.DeviceID)
	}
	if p := s.primary(); p == nil || e == nil || p.id != (id{e.GetHigh(), e.GetLow()}) {
		return status.Error(codes.PermissionDenied, "not the primary")
	}
	return nil
}

// SetForwardingPipelineConfig is the RPC; it clears everything.
func (s *Server) SetForwardingPipelineConfig(_ context.Context, r *p4v1.SetForwardingPipelineConfigRequest) (*p4v1.SetForwardingPipelineConfigResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayWrite(r.GetDeviceId(), r.GetElectionId()); err != nil {
		return nil, err
	}
	if r.GetAction() != p4v1.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT {
		return nil, status.Errorf(codes.Unimplemented, "action %v", r.GetAction())
	}
	if len(r.GetConfig().GetP4DeviceConfig()) == 0 || len(r.GetConfig().GetP4Info().GetTables()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "no device config, or no tables")
	}
	s.load(r.GetConfig())
	return &p4v1.SetForwardingPipelineConfigResponse{}, nil
}

func (s *Server) load(config *p4v1.ForwardingPipelineConfig) {
	s.config, s.program, s.entities = config, newProgram(config.GetP4Info()), map[string]*p4v1.Entity{}
	s.loads++
	for _, t := range config.GetP4Info().GetTables() {
		a := t.GetInitialDefaultAction()
		e := &p4v1.TableEntry{TableId: t.GetPreamble().GetId(), IsDefaultAction: true, IsConst: t.GetConstDefaultActionId() != 0,
			Action: &p4v1.TableAction{Type: &p4v1.TableAction_Action{Action: &p4v1.Action{ActionId: a.GetActionId()}}}}
		s.entities[fmt.Sprintf("default %d", e.TableId)] = &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: e}}
		if t.GetIsConstTable() { // with one entry, whichever
			constant := &p4v1.TableEntry{TableId: e.TableId, Action: e.Action, IsConst: true}
			s.entities[fmt.Sprintf("constant %d", e.TableId)] = &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: constant}}
		}
	}
}

// Load loads a pipeline past all clients.
func (s *Server) Load(info *p4configv1.P4Info, cookie uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.load(&p4v1.ForwardingPipelineConfig{P4Info: info, Cookie: &p4v1.ForwardingPipelineConfig_Cookie{Cookie: cookie}})
}

// GetForwardingPipelineConfig is the RPC; only the cookie can be asked for.
func (s *Server) GetForwardingPipelineConfig(_ context.Context, r *p4v1.GetForwardingPipelineConfigRequest) (*p4v1.GetForwardingPipelineConfigResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.config == nil {
		return nil, status.Error(codes.FailedPrecondition, "no pipeline")
	}
	if r.GetResponseType() != p4v1.GetForwardingPipelineConfigRequest_COOKIE_ONLY {
		return nil, status.Error(codes.Unimplemented, "only COOKIE_ONLY")
	}
	return &p4v1.GetForwardingPipelineConfigResponse{Config: &p4v1.ForwardingPipelineConfig{Cookie: s.config.GetCookie()}}, nil
}

// Write is the RPC.
func (s *Server) Write(_ context.Context, r *p4v1.WriteRequest) (*p4v1.WriteResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.mayWrite(r.GetDeviceId(), r.GetElectionId()); err != nil {
		return nil, err
	}
	if s.config == nil {
		return nil, status.Error(codes.FailedPrecondition, "no pipeline")
	}
	s.writes++
	out := &statuspb.Status{Code: int32(codes.Unknown), Message: "Write failure."}
	failed := false
	for _, u := range r.GetUpdates() {
		s.updates++
		result := &p4v1.Error{}
		if err := s.update(u); err != nil {
			failed = true
			result.CanonicalCode, result.Message = int32(status.Code(err)), status.Convert(err).Message()
		}
		detail, err := anypb.New(result)
		if err != nil {
			return nil, err
		}
		out.Details = append(out.Details, detail)
	}
	if failed {
		return nil, status.ErrorProto(out)
	}
	return &p4v1.WriteResponse{}, nil
}
