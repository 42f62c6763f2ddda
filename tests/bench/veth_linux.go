package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"pillion/tests/lab"
)

// benchSwitch measures traffic through the switches on veth, one after the other.
func benchSwitch(t *table) error {
	peers, programs, clean, err := setUp(t)
	if err != nil {
		t.row("switch", "skipped: %v", err)
		return nil
	}
	defer clean()
	peers = append(peers, bridge)
	for p := range programs {
		kinds := []struct {
			name string
			unit string
			run  func(*wires) (float64, error)
			host bool
		}{
			{"64 B on veth", "packets/s", func(w *wires) (float64, error) { return w.blast(60) }, false},
			{"1,500 B on veth", "packets/s", func(w *wires) (float64, error) { return w.blast(1514) }, false},
			{"TCP on veth", "Mbit/s", (*wires).tcp, true},
		}
		for _, k := range kinds {
			// In turn, twice, the better one: what else the machine does comes and goes.
			values := make([]float64, len(peers))
			for range 2 {
				for i := range peers {
					v, err := onWires(&peers[i], &programs[p], k.host, k.run)
					if err != nil {
						return fmt.Errorf("%s, %s, %s: %w", peers[i].name, programs[p].name, k.name, err)
					}
					values[i] = max(values[i], v)
				}
			}
			t.row(k.name+", "+programs[p].name, "%s", compared(peers, values, k.unit, false))
		}
	}
	return nil
}

// wires are two ends with a switch between them: web1 on port 3, db1 on port 4.
type wires struct {
	left, right *lab.Namespace
}

func onWires(p *peer, program *switchProgram, hosts bool, run func(*wires) (float64, error)) (float64, error) {
	l, err := lab.New()
	if err != nil {
		return 0, err
	}
	defer l.Close()
	middle, err := l.Box("switch")
	if err != nil {
		return 0, err
	}
	w := &wires{}
	end := func(name string, e webEndpoint, port string) (*lab.Namespace, error) {
		place, make := lab.End{Interface: "eth0", MAC: e.mac[:]}, l.Box
		if hosts {
			place.Addresses, make = []netip.Prefix{netip.PrefixFrom(e.ip, 16)}, l.Host
		}
		if place.Namespace, err = make(name); err != nil {
			return nil, err
		}
		return place.Namespace, l.Connect(place, lab.End{Namespace: middle, Interface: port})
	}
	if w.left, err = end("left", web1, "p3"); err != nil {
		return 0, err
	}
	if w.right, err = end("right", db1, "p4"); err != nil {
		return 0, err
	}
	if hosts {
		if err := w.left.AddNeighbour("eth0", db1.ip, net.HardwareAddr(db1.mac[:])); err != nil {
			return 0, err
		}
		if err := w.right.AddNeighbour("eth0", web1.ip, net.HardwareAddr(web1.mac[:])); err != nil {
			return 0, err
		}
	}
	if p.binary == "" {
		if err := middle.AddBridge("br0", "p3", "p4"); err != nil {
			return 0, err
		}
		return run(w)
	}
	r, err := p.start(l, middle, []lab.SwitchPort{{Number: 3, Interface: "p3"}, {Number: 4, Interface: "p4"}})
	if err != nil {
		return 0, err
	}
	defer r.stop()
	ctx := context.Background()
	if err := r.client.SetPipeline(ctx, program.pipeline, 1); err != nil {
		return 0, err
	}
	if err := r.client.Write(ctx, program.updates); err != nil {
		return 0, err
	}
	return run(w)
}

const (
	warmUp  = 300 * time.Millisecond
	measure = 1500 * time.Millisecond
)

// blast sends frames of one size as fast as one core can, and counts what the other end receives per second.
func (w *wires) blast(size int) (float64, error) { return w.rate(size, true, received) }

// rate floods the wires, past all queues or as hosts send, and says how much a count at the other end grows per second.
func (w *wires) rate(size int, past bool, count func(*lab.Namespace) uint64) (float64, error) {
	stop := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- flood(w.left, "eth0", udp(web1, db1, size), past, stop) }()
	time.Sleep(warmUp)
	before, start := count(w.right), time.Now()
	time.Sleep(measure)
	n, took := count(w.right)-before, time.Since(start)
	close(stop)
	if err := <-ended; err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, fmt.Errorf("nothing arrives")
	}
	return float64(n) / took.Seconds(), nil
}

// blastUDP sends frames of 64 bytes through the sender's whole kernel as fast as one core can, and counts what comes to the other end's UDP
// per second: by then a shim has passed it.
func (w *wires) blastUDP() (float64, error) {
	var sink net.PacketConn
	err := w.right.Do(func() (err error) {
		sink, err = net.ListenPacket("udp4", db1.ip.String()+":9")
		return err
	})
	if err != nil {
		return 0, err
	}
	defer sink.Close()
	return w.rate(60, false, receivedUDP)
}

// receivedUDP is how many datagrams came to a namespace's UDP, whether or not their socket had room.
func receivedUDP(ns *lab.Namespace) uint64 {
	var n uint64
	ns.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/snmp")
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "Udp: "); ok {
				f := strings.Fields(rest) // InDatagrams, NoPorts, InErrors, …; the first such line has the names
				for _, i := range []int{0, 2} {
					v, _ := strconv.ParseUint(f[i], 10, 64)
					n += v
				}
			}
		}
		return err
	})
	return n
}

// received is how many frames eth0 of a namespace has received.
func received(ns *lab.Namespace) uint64 {
	var n uint64
	ns.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/dev")
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "eth0:"); ok {
				n, _ = strconv.ParseUint(strings.Fields(rest)[1], 10, 64)
			}
		}
		return err
	})
	return n
}

// pin keeps the calling goroutine on one processor, if the machine has it, until free is called.
func pin(processor int) (free func()) {
	runtime.LockOSThread()
	var all, one unix.CPUSet
	one.Set(processor)
	if unix.SchedGetaffinity(0, &all) != nil || !all.IsSet(processor) || unix.SchedSetaffinity(0, &one) != nil {
		return runtime.UnlockOSThread
	}
	return func() {
		if unix.SchedSetaffinity(0, &all) == nil {
			runtime.UnlockOSThread() // otherwise the thread ends with the goroutine
		}
	}
}

// tcp is the throughput of one connection between kernel sockets, in Mbit/s.
func (w *wires) tcp() (float64, error) {
	var listener net.Listener
	err := w.right.Do(func() (err error) {
		listener, err = net.Listen("tcp", db1.ip.String()+":5001")
		return err
	})
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	sender, err := w.left.DialContext(ctx, "tcp", db1.ip.String()+":5001")
	if err != nil {
		return 0, err
	}
	defer sender.Close()
	receiver, err := listener.Accept()
	if err != nil {
		return 0, err
	}
	defer receiver.Close()
	// Each end keeps to a processor: where the scheduler puts them makes more difference than what is between them.
	go func() {
		defer pin(0)()
		for chunk := make([]byte, 256<<10); ; {
			if _, err := sender.Write(chunk); err != nil {
				return
			}
		}
	}()
	defer pin(1)()
	buffer := make([]byte, 256<<10)
	read := func(d time.Duration) (bytes int, err error) {
		end := time.Now().Add(d)
		receiver.SetReadDeadline(end.Add(3 * time.Second))
		for time.Now().Before(end) {
			n, err := receiver.Read(buffer)
			if err != nil {
				return bytes, err
			}
			bytes += n
		}
		return bytes, nil
	}
	if _, err := read(warmUp); err != nil {
		return 0, err
	}
	start := time.Now()
	n, err := read(measure)
	return float64(n) * 8 / 1e6 / time.Since(start).Seconds(), err
}
