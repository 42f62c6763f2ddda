package scenario

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"pillion/tests/lab"
)

// ear listens on an interface while a frame is under way.
type ear struct {
	at        string
	box       bool
	etherType uint16 // that it hears; 0: all
	port      *lab.Port
	heard     []Arrival
	err       error
}

// heardTypes are the EtherTypes that are listened to at a host with a shim. Nothing else gets through a shim in either direction.
var heardTypes = []uint16{0x0800, 0x86DD, 0x0806, 0x894F}

// arriving opens a raw port that receives the frames of one EtherType that come to a host. At one with a shim, these are
// the frames that the shim lets through, as it lets them: an ordinary switch floods, and the interface sees what is for others.
func (w *kernelWorld) arriving(host string, etherType uint16) (*lab.Port, error) {
	if w.shimmed(w.site.endpoint(host)) {
		return w.hosts[host].OpenProtocol(hostPort, etherType)
	}
	return w.hosts[host].OpenPort(hostPort, lab.Incoming)
}

// Inject implements [World].
func (w *kernelWorld) Inject(i Injection) (list []Arrival, err error) {
	ears, err := w.ears()
	defer func() {
		for _, e := range ears {
			err = errors.Join(err, e.port.Close())
		}
	}()
	if err != nil {
		return nil, err
	}
	from := slices.IndexFunc(ears, func(e *ear) bool { return e.at == i.At && !e.box })
	if err := ears[from].port.Send(i.Frame); err != nil {
		return nil, err
	}
	for _, e := range ears {
		if e.at == i.Await && !e.box && (e.etherType == 0 || e.etherType == binary.BigEndian.Uint16(i.Frame[12:])) {
			e.hear(i.Mine, lab.Expected, 1)
		}
	}
	var listening sync.WaitGroup
	for _, e := range ears {
		listening.Go(func() { e.hear(i.Mine, lab.Unexpected, 0) })
	}
	listening.Wait()
	for _, e := range ears {
		list = append(list, e.heard...)
		err = errors.Join(err, e.err)
	}
	return list, err
}

// ears opens raw ports on every host and on every arm of every middlebox.
func (w *kernelWorld) ears() (list []*ear, err error) {
	open := func(name string, etherType uint16) error {
		port, err := w.arriving(name, etherType)
		if err == nil {
			list = append(list, &ear{at: name, etherType: etherType, port: port})
		}
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.hosts)) {
		types := []uint16{0}
		if w.shimmed(w.site.endpoint(name)) {
			types = heardTypes
		}
		for _, etherType := range types {
			if err := open(name, etherType); err != nil {
				return list, err
			}
		}
	}
	for i := range w.net.Middleboxes {
		box := &w.net.Middleboxes[i]
		arms := []string{hostPort}
		if box.Out.Number != 0 {
			arms = append(arms, outPort)
		}
		for _, arm := range arms {
			port, err := w.boxes[box.Name].Namespace.OpenPort(arm, lab.Incoming)
			if err != nil {
				return list, err
			}
			list = append(list, &ear{at: box.Name, box: true, port: port})
		}
	}
	return list, nil
}

// hear collects frames until the time is over, or there are enough; 0: never enough.
func (e *ear) hear(mine func([]byte) bool, within time.Duration, enough int) {
	for deadline := time.Now().Add(within); enough == 0 || len(e.heard) < enough; {
		frame, err := e.port.Receive(max(time.Until(deadline), 0), func(f lab.Frame) bool { return mine(f.Data) })
		if errors.Is(err, lab.ErrQuiet) {
			return
		}
		if err != nil {
			e.err = err
			return
		}
		e.heard = append(e.heard, Arrival{At: e.at, Box: e.box, Frame: frame.Data})
	}
}
