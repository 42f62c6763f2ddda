package server

import (
	"fmt"
	"sync"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	"pillion/p4/engine"
)

// digest is one digest of the program.
type digest struct {
	id    uint32
	name  string
	codec codec
}

func (d *digest) String() string { return fmt.Sprintf("digest %s (0x%08x)", d.name, d.id) }

func (b *schemaBuilder) readDigests() error {
	for _, d := range b.info.Digests {
		if err := b.claim("digest", d.Preamble); err != nil {
			return err
		}
		b.out.digests = append(b.out.digests, &digest{id: d.Preamble.Id, name: d.Preamble.Name, codec: codecOf(d.TypeSpec, b.info.TypeInfo)})
	}
	return nil
}

func (s *schema) digest(id uint32) (*digest, error) {
	for _, d := range s.digests {
		if d.id == id {
			return d, nil
		}
	}
	return nil, invalid("digest_id 0x%08x is not known; digests are %s", id, choices(s.digests, (*digest).String))
}

// Limits of what one digest keeps for the controller. Beyond them digests are
// dropped, which the specification allows.
const (
	maxDigestList  = 4096
	maxDigestCache = 1 << 16
)

// learner buffers the digest messages of one pipeline, sends them in lists, and
// leaves out what the controller has and has not acknowledged yet (section
// "DigestEntry").
type learner struct {
	send  func(*p4.StreamMessageResponse) bool
	now   func() time.Time
	stats *stats

	mu     sync.Mutex
	byName map[string]*feed
	byID   map[uint32]*feed
	closed bool
}

// feed is one digest's buffer and cache.
type feed struct {
	*digest
	config *p4.DigestEntry_Config // nil: disabled

	buffer   []*p4.P4Data
	buffered map[string]bool
	timer    *time.Timer // runs while the buffer has something and waits

	lastList uint64
	// cache holds what was sent and not acknowledged: the list of each message.
	cache map[string]uint64
	lists map[uint64]*sentList
}

type sentList struct {
	keys   []string
	expiry *time.Timer
}

func newLearner(digests []*digest, send func(*p4.StreamMessageResponse) bool, now func() time.Time, counts *stats) *learner {
	l := &learner{send: send, now: now, stats: counts, byName: map[string]*feed{}, byID: map[uint32]*feed{}}
	for _, d := range digests {
		f := &feed{digest: d}
		f.reset()
		l.byName[d.name], l.byID[d.id] = f, f
	}
	return l
}

// reset empties buffer and cache.
func (f *feed) reset() {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	for _, s := range f.lists {
		s.expiry.Stop()
	}
	f.buffer, f.buffered = nil, map[string]bool{}
	f.cache, f.lists = map[string]uint64{}, map[uint64]*sentList{}
}

// receive takes one message from the data plane. It is called while a packet is
// processed and does not block for long.
func (l *learner) receive(d engine.Digest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.byName[d.Name]
	if f == nil || f.config == nil || l.closed {
		return
	}
	data, rest, err := f.codec.encode(d.Values)
	if err != nil || len(rest) != 0 {
		return
	}
	// Equal P4 values have equal canonical bytes, one after the other with their lengths.
	var key []byte
	for _, v := range d.Values {
		c := canonical(v)
		key = append(append(key, byte(len(c)>>8), byte(len(c))), c...)
	}
	k := string(key)
	if _, sent := f.cache[k]; sent || f.buffered[k] {
		return
	}
	if len(f.cache) >= maxDigestCache {
		l.stats.unacknowledged.Add(1)
		return
	}
	f.buffer, f.buffered[k] = append(f.buffer, data), true
	limit := int(f.config.MaxListSize)
	if limit <= 0 || limit > maxDigestList {
		limit = maxDigestList
	}
	switch {
	case len(f.buffer) >= limit, f.config.MaxTimeoutNs <= 0:
		l.flush(f)
	case f.timer == nil:
		var t *time.Timer
		t = time.AfterFunc(time.Duration(f.config.MaxTimeoutNs), func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if f.timer == t && !l.closed {
				l.flush(f)
			}
		})
		f.timer = t
	}
}

// flush sends the buffer. Callers hold mu.
func (l *learner) flush(f *feed) {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	if len(f.buffer) == 0 {
		return
	}
	f.lastList++
	id := f.lastList
	m := &p4.DigestList{DigestId: f.id, ListId: id, Data: f.buffer, Timestamp: l.now().UnixNano()}
	sent := l.send(&p4.StreamMessageResponse{Update: &p4.StreamMessageResponse_Digest{Digest: m}})
	l.stats.digestLists.Add(1)
	if !sent {
		l.stats.noPrimary.Add(1)
	}
	if sent && f.config.AckTimeoutNs > 0 {
		list := &sentList{}
		for k := range f.buffered {
			f.cache[k] = id
			list.keys = append(list.keys, k)
		}
		list.expiry = time.AfterFunc(time.Duration(f.config.AckTimeoutNs), func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			f.forget(id)
		})
		f.lists[id] = list
	}
	f.buffer, f.buffered = nil, map[string]bool{}
}

// forget removes a list from the cache.
func (f *feed) forget(list uint64) {
	s := f.lists[list]
	if s == nil {
		return
	}
	s.expiry.Stop()
	for _, k := range s.keys {
		if f.cache[k] == list {
			delete(f.cache, k)
		}
	}
	delete(f.lists, list)
}

func (l *learner) ack(m *p4.DigestListAck) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.byID[m.DigestId]
	if f == nil {
		return invalid("digest_id 0x%08x is not known", m.DigestId)
	}
	f.forget(m.ListId)
	return nil
}

// configure enables (or with nil disables) a digest, and returns what was set
// before.
func (l *learner) configure(id uint32, c *p4.DigestEntry_Config) *p4.DigestEntry_Config {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.byID[id]
	old := f.config
	f.config = c
	if c == nil || old == nil {
		f.reset()
	} else {
		// What waits goes out under the new limits.
		l.flush(f)
	}
	return old
}

func (l *learner) config(id uint32) *p4.DigestEntry_Config {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[id].config
}

func (l *learner) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, f := range l.byID {
		f.reset()
	}
}

func (p *pipeline) writeDigest(typ p4.Update_Type, m *p4.DigestEntry) (undo, error) {
	d, err := p.digest(m.GetDigestId())
	if err != nil {
		return nil, err
	}
	if d.codec.kind == codecUnsupported {
		return nil, unimplemented("%v: %s", d, d.codec.problem)
	}
	if err := exists(typ, p.learner.config(d.id) != nil); err != nil {
		return nil, within(err, "%v: learning", d)
	}
	var fresh *p4.DigestEntry_Config
	if typ != p4.Update_DELETE {
		fresh = &p4.DigestEntry_Config{}
		if m.Config != nil {
			fresh = proto.CloneOf(m.Config)
		}
		if fresh.MaxTimeoutNs < 0 || fresh.AckTimeoutNs < 0 || fresh.MaxListSize < 0 {
			return nil, invalid("%v: timeouts and list size must not be negative", d)
		}
	}
	old := p.learner.configure(d.id, fresh)
	return func() { p.learner.configure(d.id, old) }, nil
}

func (p *pipeline) readDigests(want *p4.DigestEntry, out func(*p4.Entity)) error {
	list := p.digests
	if want.GetDigestId() != 0 {
		d, err := p.digest(want.DigestId)
		if err != nil {
			return err
		}
		list = []*digest{d}
	}
	for _, d := range list {
		if c := p.learner.config(d.id); c != nil {
			out(&p4.Entity{Entity: &p4.Entity_DigestEntry{DigestEntry: &p4.DigestEntry{DigestId: d.id, Config: c}}})
		}
	}
	return nil
}

// digestAck does a client's DigestListAck.
func (s *Server) digestAck(c *client, m *p4.DigestListAck) error {
	if !s.arb.isPrimary(c) {
		return denied("only the primary acknowledges digests; this client is not primary")
	}
	p := s.active.Load()
	if p == nil {
		return invalid("no forwarding pipeline config is committed")
	}
	return p.learner.ack(m)
}
