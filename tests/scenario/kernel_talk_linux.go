package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"pillion/tests/lab"
)

const (
	protoICMPv6 = 58
	// settleTime is how long to wait for the records of middleboxes and taps, which may lag behind the hosts.
	settleTime  = 2 * time.Second
	settlePause = 20 * time.Millisecond
)

// Talk implements [World].
func (w *kernelWorld) Talk(t Talk) (Outcome, error) {
	if err := w.prepare(t); err != nil {
		return Outcome{}, err
	}
	watch, err := w.arriving(t.To, etherType(t.Destination.Addr()))
	if err != nil {
		return Outcome{}, err
	}
	defer watch.Close()
	var o Outcome
	switch {
	case t.Proto == protoTCP && t.Closed:
		o.Refused, err = w.knockTCP(t)
	case t.Proto == protoUDP && t.Closed:
		o.Refused, err = w.knockUDP(t)
	case t.Proto == protoTCP:
		o, err = w.tcp(t)
	case t.Proto == protoUDP:
		o, err = w.udp(t)
	default:
		o, err = w.ping(t)
	}
	if err != nil {
		return o, err
	}
	if o.Arrived < t.Count {
		// The sockets cannot tell whether what was not answered arrived; the wire can.
		o.Arrived = max(o.Arrived, min(arrivals(watch, t), t.Count))
	}
	return w.settle(t, o)
}

// prepare makes sure that both ends have their addresses, and that the middleboxes have seen nothing yet.
func (w *kernelWorld) prepare(t Talk) error {
	from, to := w.site.endpoint(t.From), w.site.endpoint(t.To)
	if from == nil || to == nil {
		return fmt.Errorf("the network has not both %s and %s", t.From, t.To)
	}
	if err := w.answersFor(from, t.Source.Addr()); err != nil {
		return err
	}
	if err := w.answersFor(to, t.Destination.Addr()); err != nil {
		return err
	}
	for _, box := range w.boxes {
		box.Reset()
	}
	return nil
}

func within(t Talk) time.Duration { return cmp.Or(t.Patience, lab.Expected) }

func (w *kernelWorld) ping(t Talk) (Outcome, error) {
	r, err := lab.Ping{From: w.hosts[t.From], Source: t.Source.Addr(), Destination: t.Destination.Addr(), Count: t.Count,
		Size: t.Size, Within: within(t)}.Run()
	return Outcome{Arrived: r.Answered, Answered: r.Answered}, err
}

func (w *kernelWorld) udp(t Talk) (Outcome, error) {
	r, err := lab.UDP{From: w.hosts[t.From], Source: t.Source, To: w.hosts[t.To], Destination: t.Destination, Count: t.Count,
		Size: t.Size, Within: within(t)}.Run()
	return Outcome{Arrived: r.Delivered, Answered: r.Answered}, err
}

func (w *kernelWorld) tcp(t Talk) (Outcome, error) {
	r, err := lab.TCP{From: w.hosts[t.From], Source: t.Source, To: w.hosts[t.To], Destination: t.Destination,
		Bytes: int64(t.Size), Back: int64(t.Size), Within: within(t)}.Run()
	var o Outcome
	if r.Connected {
		o.Arrived = 1
		if r.Intact {
			o.Answered = 1
		} else {
			o.Trouble = r.Reason.Error()
		}
	}
	return o, err
}

// knockTCP connects to where nobody listens, and says whether a reset came.
func (w *kernelWorld) knockTCP(t Talk) (bool, error) {
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(t.Source), Timeout: within(t)}
	err := w.hosts[t.From].Do(func() error {
		conn, err := dialer.DialContext(context.Background(), "tcp", t.Destination.String())
		if err == nil {
			return errors.Join(errors.New("somebody listens"), conn.Close())
		}
		return err
	})
	return refusal(err)
}

// knockUDP sends a datagram to where nobody listens, and says whether an ICMP error came.
func (w *kernelWorld) knockUDP(t Talk) (bool, error) {
	var conn *net.UDPConn
	err := w.hosts[t.From].Do(func() (err error) {
		conn, err = net.DialUDP("udp", net.UDPAddrFromAddrPort(t.Source), net.UDPAddrFromAddrPort(t.Destination))
		return err
	})
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if _, err := conn.Write(make([]byte, t.Size)); err != nil {
		return refusal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(within(t))); err != nil {
		return false, err
	}
	_, err = conn.Read(make([]byte, 1))
	return refusal(err)
}

// refusal says whether an error is that of a host where nobody listens; that nothing came is none.
func refusal(err error) (bool, error) {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return true, nil
	case errors.As(err, &timeout) && timeout.Timeout():
		return false, nil
	}
	return false, err
}

// arrivals counts the packets of a talk that came to the destination until now.
func arrivals(watch *lab.Port, t Talk) int {
	count := 0
	for {
		_, err := watch.Receive(time.Millisecond, func(f lab.Frame) bool {
			return lab.ParseHeader(f.Data) == lab.Header{EtherType: etherType(t.Destination.Addr()), Protocol: wireProtocol(t),
				Source: t.Source, Destination: t.Destination}
		})
		if err != nil {
			return count
		}
		count++
	}
}

func etherType(ip netip.Addr) uint16 {
	if ip.Is4() {
		return 0x0800
	}
	return 0x86DD
}

// wireProtocol is the protocol number in the talk's packets.
func wireProtocol(t Talk) uint8 {
	if t.Proto == protoICMP && t.Destination.Addr().Is6() {
		return protoICMPv6
	}
	return t.Proto
}

// settle fills in what the middleboxes saw, and looks again while that is not what was expected.
func (w *kernelWorld) settle(t Talk, o Outcome) (Outcome, error) {
	if t.Settled == nil {
		time.Sleep(settlePause) // nobody can say what is expected
	}
	for deadline := time.Now().Add(settleTime); ; time.Sleep(settlePause) {
		seen := w.seen()
		seen.fill(&o, t)
		if t.Settled == nil || t.Settled(o) || time.Now().After(deadline) {
			return o, w.lost()
		}
	}
}

// lost makes an error of frames that a middlebox saw and has no record of.
func (w *kernelWorld) lost() error {
	for _, name := range slices.Sorted(maps.Keys(w.boxes)) {
		if n, err := w.boxes[name].Lost(); err != nil || n > 0 {
			return errors.Join(err, fmt.Errorf("the record of %s lacks %d frames", name, n))
		}
	}
	return nil
}

// direction is one direction of a conversation as middleboxes see it.
type direction struct {
	protocol            uint8
	source, destination netip.AddrPort
}

// visits is who saw a direction.
type visits struct {
	way  map[direction][]string // ordered by the time of the first packet
	taps map[direction][]string
}

// seen gathers the records of all middleboxes.
func (w *kernelWorld) seen() visits {
	type visit struct {
		instance string
		first    time.Time
	}
	all := map[direction][]visit{}
	v := visits{way: map[direction][]string{}, taps: map[direction][]string{}}
	for _, name := range slices.Sorted(maps.Keys(w.boxes)) {
		for _, s := range w.boxes[name].Sightings() {
			d := direction{s.Header.Protocol, s.Header.Source, s.Header.Destination}
			if w.site.Boxes[name] == BoxTap {
				v.taps[d] = append(v.taps[d], name)
				continue
			}
			all[d] = append(all[d], visit{name, s.First})
		}
	}
	for d, list := range all {
		slices.SortStableFunc(list, func(a, b visit) int { return a.first.Compare(b.first) })
		for _, one := range list {
			v.way[d] = append(v.way[d], one.instance)
		}
	}
	return v
}

// fill says what was seen of a talk.
func (v visits) fill(o *Outcome, t Talk) {
	forward := direction{wireProtocol(t), t.Source, t.Destination}
	answer := direction{wireProtocol(t), t.Destination, t.Source}
	if t.Closed && t.Proto == protoUDP { // an ICMP error has no ports
		answer = direction{protoICMP, netip.AddrPortFrom(t.Destination.Addr(), 0), netip.AddrPortFrom(t.Source.Addr(), 0)}
		if t.Destination.Addr().Is6() {
			answer.protocol = protoICMPv6
		}
	}
	o.There, o.Back = v.way[forward], v.way[answer]
	o.CopiedThere, o.CopiedBack = slices.Compact(v.taps[forward]), slices.Compact(v.taps[answer])
}

// Flows implements [World].
func (w *kernelWorld) Flows(t Talk, count int) ([]Outcome, error) {
	if err := w.prepare(t); err != nil {
		return nil, err
	}
	r, err := lab.Flows{Protocol: t.Proto, From: w.hosts[t.From], Source: t.Source.Addr(), FirstPort: t.Source.Port(), Count: count,
		To: w.hosts[t.To], Destination: t.Destination, Within: 2 * lab.Expected}.Run()
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, count)
	for _, port := range r.Delivered {
		outcomes[port-t.Source.Port()].Arrived = 1
	}
	for _, port := range r.Answered {
		outcomes[port-t.Source.Port()].Answered = 1
	}
	for deadline := time.Now().Add(settleTime); ; time.Sleep(10 * settlePause) {
		seen, settled := w.seen(), true
		for i := range outcomes {
			o := &outcomes[i]
			one := t
			one.Source = netip.AddrPortFrom(t.Source.Addr(), t.Source.Port()+uint16(i))
			seen.fill(o, one)
			settled = settled && (t.Settled == nil || t.Settled(*o))
		}
		if settled || time.Now().After(deadline) {
			return outcomes, w.lost()
		}
	}
}
