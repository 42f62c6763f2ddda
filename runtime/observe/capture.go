package observe

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"pillion/runtime/port"
)

// smallest is the least that a capture may have for each port, in bytes: two of the longest frames.
const smallest = 256 << 10

// flushEvery is how long a frame may wait to be written.
const flushEvery = 500 * time.Millisecond

// Capture writes the frames of each port to a file port-N.pcapng in a folder, with their direction. When a file has half
// of what it may have, it becomes port-N.old.pcapng, and a new one begins: the latest frames are kept.
type Capture struct {
	dir  string
	most int64 // bytes of each file
	// name says what the interface of a port is called, and whether it has no link header.
	name func(port uint32) (name string, bare bool)
	// Failed is told, once for each port, why no more is written.
	Failed func(err error)
	now    func() time.Time

	mu    sync.Mutex
	ports map[uint32]*portFile
	stop  chan struct{}
	wait  sync.WaitGroup
}

// portFile is the file of one port.
type portFile struct {
	mu     sync.Mutex
	path   string
	file   *os.File // nil after a failure
	size   int64    // of the file, with what waits
	waits  []byte
	header []byte
}

// NewCapture writes to a folder, which is made if need be, at most so many bytes for each port.
func NewCapture(dir string, bytesPerPort int64) (*Capture, error) {
	if bytesPerPort < smallest {
		return nil, fmt.Errorf("a capture of %d bytes for each port: it needs %d at least", bytesPerPort, smallest)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of captures: %w", err)
	}
	c := &Capture{dir: dir, most: bytesPerPort / 2, now: time.Now, ports: map[uint32]*portFile{}, stop: make(chan struct{}),
		Failed: func(error) {}}
	c.wait.Go(c.flush)
	return c, nil
}

// Tap makes what notes the frames of a switch (server.SwitchOptions.Tap). A capture is for one switch.
func (c *Capture) Tap(ports *port.Set) func(port uint32, outbound bool, frame []byte) {
	c.name = func(number uint32) (string, bool) {
		st, err := ports.Status(number)
		if err != nil {
			return fmt.Sprintf("port %d", number), false // a frame for a port that is not there
		}
		return st.Name, st.Link.Bare
	}
	return c.frame
}

// frame notes a frame that came in by a port, or is about to leave by it. It keeps no reference to it. Any goroutine may call it.
func (c *Capture) frame(port uint32, outbound bool, frame []byte) {
	f := c.port(port)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return
	}
	before := len(f.waits)
	f.waits = appendPacket(f.waits, c.now(), outbound, frame)
	f.size += int64(len(f.waits) - before)
	var err error
	switch {
	case f.size >= c.most:
		err = f.rotate()
	case len(f.waits) >= 64<<10:
		err = f.write()
	}
	c.check(f, err)
}

// check ends a file that cannot be written.
func (c *Capture) check(f *portFile, err error) {
	if err != nil {
		c.Failed(fmt.Errorf("capture: %w; no more of this port is captured", err))
		_ = f.file.Close()
		f.file, f.waits = nil, nil
	}
}

func (c *Capture) port(number uint32) *portFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.ports[number]
	if f == nil {
		name, bare := c.name(number)
		link := uint16(linkEthernet)
		if bare {
			link = linkRaw
		}
		f = &portFile{path: filepath.Join(c.dir, fmt.Sprintf("port-%d", number)), header: appendHeader(nil, name, link)}
		c.ports[number] = f
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := f.begin(); err != nil {
			c.Failed(fmt.Errorf("capture: %w; nothing of this port is captured", err))
		}
	}
	return f
}

// begin makes the file, with its header.
func (f *portFile) begin() (err error) {
	// What others say to each other is for the owner's eyes only.
	if f.file, err = os.OpenFile(f.path+".pcapng", os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600); err != nil {
		f.file = nil
		return err
	}
	f.waits = append(f.waits[:0], f.header...)
	f.size = int64(len(f.waits))
	return nil
}

func (f *portFile) write() error {
	_, err := f.file.Write(f.waits)
	f.waits = f.waits[:0]
	return err
}

// rotate puts the file aside and begins another.
func (f *portFile) rotate() error {
	if err := errors.Join(f.write(), f.file.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.path+".pcapng", f.path+".old.pcapng"); err != nil {
		return err
	}
	return f.begin()
}

// each does something for every open file.
func (c *Capture) each(do func(*portFile) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failed error
	for _, f := range c.ports {
		f.mu.Lock()
		if f.file != nil {
			err := do(f)
			c.check(f, err)
			failed = errors.Join(failed, err)
		}
		f.mu.Unlock()
	}
	return failed
}

func (c *Capture) flush() {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = c.each((*portFile).write) // Failed is told
		case <-c.stop:
			return
		}
	}
}

// Close writes what waits. No frame may come any more.
func (c *Capture) Close() error {
	close(c.stop)
	c.wait.Wait()
	return c.each(func(f *portFile) error {
		err := errors.Join(f.write(), f.file.Close())
		f.file = nil
		return err
	})
}
