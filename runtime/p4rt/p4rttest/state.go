package p4rttest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

func refuse(code codes.Code, format string, args ...any) error {
	return status.Errorf(code, format, args...)
}

// update does one update, or says with the specification's code why not.
func (s *Server) update(u *p4v1.Update) error {
	e := proto.Clone(u.GetEntity()).(*p4v1.Entity)
	if t := e.GetTableEntry(); t.GetIsDefaultAction() {
		return s.updateDefault(u.GetType(), t)
	}
	key, err := s.program.check(e, u.GetType() == p4v1.Update_DELETE)
	if err != nil {
		return err
	}
	_, there := s.entities[key]
	switch u.GetType() {
	case p4v1.Update_INSERT:
		if there {
			return refuse(codes.AlreadyExists, "%s is there already", key)
		}
		if t := e.GetTableEntry(); t != nil && s.count(t.GetTableId()) >= s.program.tables[t.GetTableId()].GetSize() {
			return refuse(codes.ResourceExhausted, "the table is full")
		}
	case p4v1.Update_MODIFY, p4v1.Update_DELETE:
		if !there {
			return refuse(codes.NotFound, "%s is not there", key)
		}
	default:
		return refuse(codes.InvalidArgument, "update of type %v", u.GetType())
	}
	if u.GetType() == p4v1.Update_DELETE {
		if who := s.whoNames(key); who != "" {
			return refuse(codes.FailedPrecondition, "%s is named by %s", key, who)
		}
		delete(s.entities, key)
		return nil
	}
	for _, target := range s.names(e) {
		if s.entities[target] == nil {
			return refuse(codes.FailedPrecondition, "%s names %s, which is not there", key, target)
		}
	}
	s.forget(e)
	s.entities[key] = e
	return nil
}

func (s *Server) updateDefault(kind p4v1.Update_Type, t *p4v1.TableEntry) error {
	table := s.program.tables[t.GetTableId()]
	switch {
	case table == nil:
		return refuse(codes.NotFound, "no table %d", t.GetTableId())
	case kind != p4v1.Update_MODIFY:
		return refuse(codes.InvalidArgument, "%v of a default entry", kind)
	case table.GetConstDefaultActionId() != 0:
		return refuse(codes.PermissionDenied, "the default entry is constant")
	case t.GetAction().GetAction().GetActionId() == 0:
		return refuse(codes.InvalidArgument, "no action")
	}
	e := &p4v1.Entity{Entity: &p4v1.Entity_TableEntry{TableEntry: t}}
	s.forget(e)
	s.entities[fmt.Sprintf("default %d", t.GetTableId())] = e
	return nil
}

func (s *Server) forget(e *p4v1.Entity) {
	if t := e.GetTableEntry(); t != nil && s.NoMetadata {
		t.Metadata = nil
	}
	if g := e.GetPacketReplicationEngineEntry().GetMulticastGroupEntry(); g != nil && s.NoGroupMetadata {
		g.Metadata = nil
	}
}

func (s *Server) count(table uint32) int64 {
	var n int64
	for _, e := range s.entities {
		if t := e.GetTableEntry(); t.GetTableId() == table && !t.GetIsDefaultAction() {
			n++
		}
	}
	return n
}

// names are the keys of what an entity refers to.
func (s *Server) names(e *p4v1.Entity) []string {
	var out []string
	a := e.GetTableEntry().GetAction().GetAction()
	for _, r := range s.References {
		if a == nil || a.GetActionId() != s.program.action(r.Action) {
			continue
		}
		for _, p := range a.GetParams() {
			if p.GetParamId() != r.Param {
				continue
			}
			if r.Table == "" {
				out = append(out, fmt.Sprintf("multicast %d", number(p.GetValue())))
			} else {
				out = append(out, fmt.Sprintf("table %d 1=%x", s.program.table(r.Table), p.GetValue()))
			}
		}
	}
	return out
}

func (s *Server) whoNames(key string) string {
	for _, other := range slices.Sorted(maps.Keys(s.entities)) {
		if slices.Contains(s.names(s.entities[other]), key) {
			return other
		}
	}
	return ""
}

// Read is the RPC: table entries of one table or of all, of one match or of all; multicast groups and clone
// sessions; cells of indirect counters, which are packets 100+index and bytes 1000+index.
func (s *Server) Read(r *p4v1.ReadRequest, stream p4v1.P4Runtime_ReadServer) error {
	s.mu.Lock()
	if s.config == nil {
		s.mu.Unlock()
		return status.Error(codes.FailedPrecondition, "no pipeline")
	}
	var found []*p4v1.Entity
	for _, filter := range r.GetEntities() {
		if c := filter.GetCounterEntry(); c != nil {
			cells, err := s.program.cells(c)
			if err != nil {
				s.mu.Unlock()
				return err
			}
			found = append(found, cells...)
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(s.entities)) {
			if selects(filter, s.entities[key]) {
				e := proto.Clone(s.entities[key]).(*p4v1.Entity)
				if filter.GetTableEntry().GetCounterData() == nil && e.GetTableEntry() != nil {
					e.GetTableEntry().CounterData = nil
				}
				found = append(found, e)
			}
		}
	}
	s.mu.Unlock()
	chunk := s.ReadChunk
	if chunk == 0 {
		chunk = math.MaxInt
	}
	for part := range slices.Chunk(found, chunk) {
		if err := stream.Send(&p4v1.ReadResponse{Entities: part}); err != nil {
			return err
		}
	}
	return nil
}

func selects(filter, e *p4v1.Entity) bool {
	if f, t := filter.GetTableEntry(), e.GetTableEntry(); f != nil && t != nil {
		return (f.GetTableId() == 0 || f.GetTableId() == t.GetTableId()) && f.GetIsDefaultAction() == t.GetIsDefaultAction()
	}
	f, p := filter.GetPacketReplicationEngineEntry(), e.GetPacketReplicationEngineEntry()
	return f.GetMulticastGroupEntry() != nil && p.GetMulticastGroupEntry() != nil ||
		f.GetCloneSessionEntry() != nil && p.GetCloneSessionEntry() != nil
}

func number(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

func joinHex(parts ...[]byte) string {
	var out []string
	for _, p := range parts {
		out = append(out, fmt.Sprintf("%x", p))
	}
	return strings.Join(out, ":")
}
