package scenario

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"pillion/tests/lab"
)

// ear listens on an interface while a frame is under way.
type ear struct {
	at    string
	box   bool
	port  *lab.Port
	heard []Arrival
	err   error
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
	for _, e := range ears {
		if e.at == i.At && !e.box {
			if err := e.port.Send(i.Frame); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range ears {
		if e.at == i.Await && !e.box {
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

// ears opens a raw port on every host and on every arm of every middlebox.
func (w *kernelWorld) ears() ([]*ear, error) {
	var list []*ear
	open := func(ns *lab.Namespace, ifname, name string, box bool) error {
		port, err := ns.OpenPort(ifname, lab.Incoming)
		if err == nil {
			list = append(list, &ear{at: name, box: box, port: port})
		}
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.hosts)) {
		if err := open(w.hosts[name], hostPort, name, false); err != nil {
			return list, err
		}
	}
	for i := range w.net.Middleboxes {
		box := &w.net.Middleboxes[i]
		if err := open(w.boxes[box.Name].Namespace, hostPort, box.Name, true); err != nil {
			return list, err
		}
		if box.Out.Number == 0 {
			continue
		}
		if err := open(w.boxes[box.Name].Namespace, outPort, box.Name, true); err != nil {
			return list, err
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
