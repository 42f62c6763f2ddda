package server

import (
	"fmt"
	"sync/atomic"
)

// Stats is what a server has done for its clients since its start, beyond its entities.
type Stats struct {
	// Clients are open streams that have arbitrated; Primaries are roles with a primary.
	Clients, Primaries int
	// Accepted and Refused are updates of write requests; Read are entities that were read.
	Accepted, Refused, Read uint64
	// PacketIns are frames for the controller, PacketOuts are frames of it that entered the program, DigestLists are lists of
	// digests for it.
	PacketIns, PacketOuts, DigestLists uint64
	// NoPipeline are frames that arrived before a pipeline was committed.
	NoPipeline uint64
	// NoPrimary are packet-ins and digest lists that no primary was there to take; Malformed are frames for the controller
	// that are shorter than the header that the program promises.
	NoPrimary, Malformed uint64
	// QueueFull are packet-ins, digest lists and notifications that a client read too slowly for.
	QueueFull uint64
	// DigestsUnacknowledged are digests that were lost because so many wait for acknowledgement.
	DigestsUnacknowledged uint64
}

// stats are the counts behind Stats. They are shared by all goroutines, and only what is rare is in them: a
// frame that does not meet the controller changes none.
type stats struct {
	accepted, refused, read            atomic.Uint64
	packetIns, packetOuts, digestLists atomic.Uint64
	noPipeline, noPrimary, malformed   atomic.Uint64
	queueFull, unacknowledged          atomic.Uint64
}

// Stats returns the counts.
func (s *Server) Stats() Stats {
	out := Stats{
		Accepted: s.stats.accepted.Load(), Refused: s.stats.refused.Load(), Read: s.stats.read.Load(),
		PacketIns: s.stats.packetIns.Load(), PacketOuts: s.stats.packetOuts.Load(), DigestLists: s.stats.digestLists.Load(),
		NoPipeline: s.stats.noPipeline.Load(), NoPrimary: s.stats.noPrimary.Load(), Malformed: s.stats.malformed.Load(),
		QueueFull: s.stats.queueFull.Load(), DigestsUnacknowledged: s.stats.unacknowledged.Load(),
	}
	s.arb.mu.Lock()
	defer s.arb.mu.Unlock()
	for _, r := range s.arb.roles {
		out.Clients += len(r.live)
		if r.primary != nil {
			out.Primaries++
		}
	}
	return out
}

// wrote counts the updates of a request. There is an error for each, or none at all.
func (s *stats) wrote(updates int, errs []error) {
	refused := 0
	for _, err := range errs {
		if err != nil {
			refused++
		}
	}
	s.refused.Add(uint64(refused))
	s.accepted.Add(uint64(updates - refused))
}

// Dropped counts the frames that arrived before a pipeline was committed, and the
// packet-ins that no primary could take.
func (s *Server) Dropped() uint64 {
	return s.stats.noPipeline.Load() + s.stats.noPrimary.Load() + s.stats.malformed.Load()
}

// Health says whether every interface behind a port is still there. Whether links are up is not about the switch.
func (s *Switch) Health() error {
	for _, n := range s.Ports.Numbers() {
		if st, err := s.Ports.Status(n); err == nil && !st.Link.Present {
			return fmt.Errorf("port %d: the interface %s does not exist any more; start the switch again when there is a new one", n, st.Name)
		}
	}
	return nil
}

// DeviceConfig is the committed pipeline's program as it was given (p4_device_config), not to be changed; nil before the
// first commit.
func (s *Server) DeviceConfig() []byte {
	if p := s.active.Load(); p != nil {
		return p.config.P4DeviceConfig
	}
	return nil
}
