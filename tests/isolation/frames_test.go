//go:build linux

package isolation

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pillion/runtime/packet"
	"pillion/tests/lab"
)

// policy has two tenants that nothing joins, and a denial within one of them.
const policy = `
tenant a { group x = a1, a2  group y = a3 }
tenant c { group z = c1, c2 }
deny no-ssh: any -> a.x on tcp/22
multicast ours   { group 239.1.1.1 senders a receivers a }
multicast theirs { group 239.1.1.2 senders c receivers c }
`

var names = []string{"a1", "a2", "a3", "c1", "c2"}

var (
	ourGroup   = netip.MustParseAddr("239.1.1.1")
	theirGroup = netip.MustParseAddr("239.1.1.2")
)

// A payload begins with this mark, the kind of frame, and its number.
var mark = []byte("isolation!")

func payload(kind byte, number int) []byte {
	return binary.BigEndian.AppendUint32(append(bytes.Clone(mark), kind), uint32(number))
}

// to is a packet for another host.
func (h *host) to(other *host, six bool, payload []byte) packet.Packet {
	return packet.Packet{SrcMAC: h.mac(), DstMAC: other.mac(), Src: h.ip(six), Dst: other.ip(six), Payload: payload}
}

// udp is a datagram.
func (h *host) udp(other *host, port uint16, payload []byte) []byte {
	p := h.to(other, false, payload)
	p.Proto, p.SPort, p.DPort = packet.UDP, 40000, port
	return p.Bytes()
}

// ssh is what `no-ssh` denies: a start towards port 22.
func (h *host) ssh(other *host, payload []byte) []byte {
	p := h.to(other, false, payload)
	p.Proto, p.SPort, p.DPort, p.Flags = packet.TCP, 40000, 22, packet.SYN
	return p.Bytes()
}

// toGroup is a datagram to a group.
func (h *host) toGroup(group netip.Addr, payload []byte) []byte {
	p := packet.Packet{SrcMAC: h.mac(), DstMAC: packet.GroupMAC(group), Src: h.ip(false), Dst: group, Proto: packet.UDP, SPort: 40000, DPort: 5000, Payload: payload}
	return p.Bytes()
}

// any is a packet of one of several protocols, to any port but 22.
func (h *host) any(random *rand.Rand, other *host, payload []byte) packet.Packet {
	p := h.to(other, random.IntN(3) == 0, payload)
	p.Proto = []uint8{packet.UDP, packet.TCP, packet.ICMP, 99}[random.IntN(4)]
	p.SPort, p.DPort = uint16(1024+random.IntN(60000)), uint16(23+random.IntN(60000))
	p.Flags = []packet.Flags{packet.SYN, packet.ACK, packet.SYN | packet.ACK}[random.IntN(3)]
	p.Type = packet.Echo
	if p.Six() {
		p.Type = packet.EchoV6
	}
	return p
}

// send puts a frame into the host's interface, as its kernel would.
func (h *host) send(frame []byte) {
	if err := h.out.Send(frame); err != nil {
		h.site.t.Error(err)
	}
}

// ear counts what a host's kernel gets, which is what its shim lets in.
type ear struct {
	ports   []*lab.Port
	stop    atomic.Bool
	reading sync.WaitGroup

	mu    sync.Mutex
	all   int
	from  map[packet.MAC]int
	kinds map[byte]*heard
	last  []byte // the last frame, for messages
}

// heard are the frames of one kind.
type heard struct {
	times map[uint32]int // by number
	total int
}

// etherTypes are all that are sent here: IPv4, IPv6, ARP, NSH.
var etherTypes = []uint16{0x0800, 0x86DD, 0x0806, packet.EtherTypeNSH}

func (h *host) listen() *ear {
	t := h.site.t
	t.Helper()
	e := &ear{from: map[packet.MAC]int{}, kinds: map[byte]*heard{}}
	for _, etherType := range etherTypes {
		port, err := h.ns.OpenProtocol("eth0", etherType)
		must(t, err)
		e.ports = append(e.ports, port)
		e.reading.Go(func() {
			for !e.stop.Load() {
				_, err := port.Receive(50*time.Millisecond, func(f lab.Frame) bool {
					e.hear(f.Data)
					return false
				})
				if err != nil && !errors.Is(err, lab.ErrQuiet) {
					t.Error(err)
					return
				}
			}
		})
	}
	t.Cleanup(e.close)
	return e
}

func (e *ear) hear(frame []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all++
	e.last = frame
	if len(frame) >= 14 {
		e.from[packet.MAC(frame[6:12])]++
	}
	i := bytes.Index(frame, mark)
	if i < 0 || len(frame) < i+len(mark)+5 {
		return
	}
	label := frame[i+len(mark):]
	k := e.kinds[label[0]]
	if k == nil {
		k = &heard{times: map[uint32]int{}}
		e.kinds[label[0]] = k
	}
	k.times[binary.BigEndian.Uint32(label[1:])]++
	k.total++
}

// close ends listening, and fails the test if the kernel had to drop frames.
func (e *ear) close() {
	if e.stop.Swap(true) {
		return
	}
	e.reading.Wait()
	for _, p := range e.ports {
		_ = p.Close()
	}
}

// lost counts what came and was not heard.
func (e *ear) lost(t *testing.T) (n int) {
	t.Helper()
	for _, p := range e.ports {
		lost, err := p.Lost()
		must(t, err)
		n += lost
	}
	return n
}

// different counts the numbers of a kind, and copies those that came more than once.
func (e *ear) different(kind byte) (numbers, copies int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	k := e.kinds[kind]
	if k == nil {
		return 0, 0
	}
	return len(k.times), k.total - len(k.times)
}

// total counts frames of a kind, with copies.
func (e *ear) total(kind byte) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if k := e.kinds[kind]; k != nil {
		return k.total
	}
	return 0
}

// everything counts all frames, and describes the last.
func (e *ear) everything() (n int, last string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all == 0 {
		return 0, ""
	}
	return e.all, packet.Describe(e.last)
}

// of counts the frames with a source address.
func (e *ear) of(h *host) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.from[h.mac()]
}

// window is how many frames may be under way: fewer than the smallest queue of a switch in user space holds.
const window = 64

// pace calls send for each number below n, and lets the receiver keep up, by what it has heard of a kind. A frame that is lost
// slows it down and no more.
func (e *ear) pace(n int, kind byte, send func(i int)) {
	before, missing := e.total(kind), 0
	for i := range n {
		send(i)
		for deadline := time.Now().Add(100 * time.Millisecond); i-(e.total(kind)-before) > window+missing; time.Sleep(50 * time.Microsecond) {
			if time.Now().After(deadline) {
				missing += window
				break
			}
		}
	}
	for deadline := time.Now().Add(2 * time.Second); e.total(kind)-before < n && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}
