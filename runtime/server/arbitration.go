package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	"fmt"
	"slices"
	"sync"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// election is an election id, or none. None is below every id.
type election struct {
	set       bool
	high, low uint64
}

func electionOf(u *p4.Uint128) election {
	if u == nil {
		return election{}
	}
	return election{set: true, high: u.High, low: u.Low}
}

func (e election) proto() *p4.Uint128 {
	if !e.set {
		return nil
	}
	return &p4.Uint128{High: e.high, Low: e.low}
}

func (e election) less(o election) bool {
	if e.set != o.set {
		return o.set
	}
	if e.high != o.high {
		return e.high < o.high
	}
	return e.low < o.low
}

func (e election) String() string {
	if !e.set {
		return "none"
	}
	if e.high == 0 {
		return fmt.Sprint(e.low)
	}
	return fmt.Sprintf("%d:%d", e.high, e.low)
}

// client is one open stream that has arbitrated.
type client struct {
	role     string
	election election
	// send queues a message and does not block.
	send func(*p4.StreamMessageResponse)
}

// roleState is the arbitration of one (device, role).
type roleState struct {
	name    string
	live    []*client
	primary *client
	// highest is the highest election id of any primary since the start.
	highest election
}

// arbiter decides who is primary (section "Client Arbitration and Controller
// Replication").
type arbiter struct {
	deviceID   uint64
	maxStreams int // per role
	// drain waits until no write is in progress any more, and keeps new ones out
	// while f runs.
	drain func(f func())

	// serial orders arbitration messages; it is held while drain waits.
	serial sync.Mutex
	// mu guards what follows. It is taken inside drain, never around it.
	mu    sync.Mutex
	roles map[string]*roleState
}

func newArbiter(deviceID uint64, maxStreams int, drain func(func())) *arbiter {
	return &arbiter{deviceID: deviceID, maxStreams: maxStreams, drain: drain,
		roles: map[string]*roleState{"": {}}}
}

// update handles a MasterArbitrationUpdate of a stream. c is the stream's client,
// or nil if this is its first. It returns the client that the stream is from here
// on. An error ends the stream.
func (a *arbiter) update(c *client, m *p4.MasterArbitrationUpdate, send func(*p4.StreamMessageResponse)) (*client, error) {
	a.serial.Lock()
	defer a.serial.Unlock()
	fresh, err := a.check(c, m)
	if err != nil {
		return c, err
	}
	id := electionOf(m.ElectionId)

	a.mu.Lock()
	r := a.roles[fresh.role]
	if c == nil {
		fresh.send = send
		r.live = append(r.live, fresh)
	}
	wasPrimary := r.primary == fresh
	fresh.election = id
	if !id.set || id.less(r.highest) {
		// A backup. If it was primary and downgraded itself, all are told.
		if wasPrimary {
			r.primary = nil
			a.notify(r, r.live...)
		} else {
			a.notify(r, fresh)
		}
		a.mu.Unlock()
		return fresh, nil
	}

	// A new primary, or the same one again. The old one may not write any more; its
	// writes in progress finish; only then may the new one write. The others learn at
	// once, the new primary when it is.
	r.primary = nil
	others := slices.DeleteFunc(slices.Clone(r.live), func(o *client) bool { return o == fresh })
	r.highest = id
	a.notifyAs(r, codes.AlreadyExists, others...)
	a.mu.Unlock()

	a.drain(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		r.primary = fresh
	})
	a.mu.Lock()
	a.notify(r, fresh)
	a.mu.Unlock()
	return fresh, nil
}

// check applies the rules of section "Rules for Handling MasterArbitrationUpdate"
// and returns the client, which is not yet in the list if it is new.
func (a *arbiter) check(c *client, m *p4.MasterArbitrationUpdate) (*client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c != nil && m.DeviceId != a.deviceID {
		return nil, status.Errorf(codes.FailedPrecondition, "device_id %d: this stream is for device %d; open another stream", m.DeviceId, a.deviceID)
	}
	if m.DeviceId != a.deviceID {
		return nil, notFound("device_id %d: this server is device %d", m.DeviceId, a.deviceID)
	}
	name := m.GetRole().GetName()
	if c != nil && name != c.role {
		return nil, status.Errorf(codes.FailedPrecondition, "role %q: this stream is for role %q; open another stream", name, c.role)
	}
	if m.GetRole().GetId() != 0 && name == "" {
		return nil, invalid("role.id is deprecated since 1.4: use role.name")
	}
	if m.GetRole().GetConfig() != nil {
		return nil, invalid("role.config: this server has no scheme for role configs; leave it unset for full access")
	}
	r := a.roles[name]
	id := electionOf(m.ElectionId)
	if r != nil && id.set {
		for _, o := range r.live {
			if o != c && o.election == id {
				return nil, invalid("election_id %v is in use by another controller of role %q; choose another", id, name)
			}
		}
	}
	if c != nil {
		return c, nil
	}
	if r == nil {
		if len(a.roles) >= a.maxStreams {
			return nil, status.Errorf(codes.ResourceExhausted, "role %q: the server knows %d roles already", name, len(a.roles))
		}
		r = &roleState{name: name}
		a.roles[name] = r
	}
	if len(r.live) >= a.maxStreams {
		return nil, status.Errorf(codes.ResourceExhausted, "role %q has %d open streams, the most that this server takes", name, len(r.live))
	}
	return &client{role: name}, nil
}

// leave is called when a client's stream has ended. If it was primary there is
// none until a client sends an election id that is high enough.
func (a *arbiter) leave(c *client) {
	if c == nil {
		return
	}
	a.serial.Lock()
	defer a.serial.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.roles[c.role]
	r.live = slices.DeleteFunc(r.live, func(o *client) bool { return o == c })
	if r.primary == c {
		r.primary = nil
		a.notify(r, r.live...)
	}
}

// notify sends the state of the role to clients of it (section "Client
// Arbitration Notifications"). Callers hold mu.
func (a *arbiter) notify(r *roleState, to ...*client) {
	for _, c := range to {
		switch {
		case r.primary == c:
			a.notifyAs(r, codes.OK, c)
		case r.primary != nil:
			a.notifyAs(r, codes.AlreadyExists, c)
		default:
			a.notifyAs(r, codes.NotFound, c)
		}
	}
}

func (a *arbiter) notifyAs(r *roleState, code codes.Code, to ...*client) {
	text := map[codes.Code]string{
		codes.OK:            "you are primary",
		codes.AlreadyExists: "you are backup; there is a primary",
		codes.NotFound:      "you are backup; there is no primary",
	}[code]
	for _, c := range to {
		m := &p4.MasterArbitrationUpdate{
			DeviceId:   a.deviceID,
			ElectionId: r.highest.proto(),
			Status:     &spb.Status{Code: int32(code), Message: text},
		}
		if r.name != "" {
			m.Role = &p4.Role{Name: r.name}
		}
		c.send(&p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_Arbitration{Arbitration: m}})
	}
}

// mayWrite checks that (role, election id) name the primary (section "Write RPC").
func (a *arbiter) mayWrite(role string, id election) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.roles[role]
	if r == nil {
		return a.unknownRole(role)
	}
	switch {
	case r.primary == nil:
		return denied("there is no primary for role %q; open a StreamChannel and arbitrate with an election_id of %v or more", role, r.highest)
	case !id.set:
		return denied("the request has no election_id; only the primary of role %q may write", role)
	case id != r.primary.election:
		return denied("election_id %v is not the primary's of role %q, which is %v", id, role, r.primary.election)
	}
	return nil
}

func (a *arbiter) unknownRole(role string) error {
	names := make([]string, 0, len(a.roles))
	for n := range a.roles {
		names = append(names, n)
	}
	return notFound("role %q is not known; roles are %s; a role is made by arbitrating for it", role, choices(names, func(s string) string { return fmt.Sprintf("%q", s) }))
}

// knowsRole checks the role of a read.
func (a *arbiter) knowsRole(role string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.roles[role] == nil {
		return a.unknownRole(role)
	}
	return nil
}

// isPrimary reports whether c is the primary of its role.
func (a *arbiter) isPrimary(c *client) bool {
	if c == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roles[c.role].primary == c
}

// toPrimaries sends a message to the primary of every role. It reports whether there
// was one.
func (a *arbiter) toPrimaries(m *p4.StreamMessageResponse) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	sent := false
	for _, r := range a.roles {
		if r.primary != nil {
			r.primary.send(m)
			sent = true
		}
	}
	return sent
}
