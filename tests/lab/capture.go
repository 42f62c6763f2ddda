//go:build linux

package lab

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Capture writes every frame of one wire, of both directions, to a pcap file
// with nanosecond times.
type Capture struct {
	port        *Port
	drain, wait func()

	mu     sync.Mutex
	file   *os.File
	buffer *bufio.Writer
	pcap   *pcapgo.Writer
	frames int
	err    error
	closed bool
}

// Capture starts writing what crosses an interface to a file.
func (ns *Namespace) Capture(ifname, file string) (*Capture, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("lab: capture: %w", err)
	}
	c := &Capture{file: f, buffer: bufio.NewWriter(f)}
	c.pcap = pcapgo.NewWriterNanos(c.buffer)
	if err := c.pcap.WriteFileHeader(maxFrame, layers.LinkTypeEthernet); err != nil {
		return nil, errors.Join(fmt.Errorf("lab: capture %s: %w", file, err), f.Close())
	}
	if c.port, err = ns.OpenPort(ifname, Both); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	c.drain, c.wait = c.port.serve(c.write)
	if _, err := ns.lab.onClose(func() error { _, err := c.Stop(); return err }); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Capture) write(frame Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	info := gopacket.CaptureInfo{Timestamp: frame.Time, CaptureLength: len(frame.Data), Length: len(frame.Data)}
	if c.err = c.pcap.WritePacket(info, frame.Data); c.err == nil {
		c.frames++
	}
}

// Stop writes what has arrived until now, closes the file, and says how many
// frames are in it. It may be called more than once.
func (c *Capture) Stop() (frames int, err error) {
	c.drain()
	err = c.port.Close()
	c.wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.err = errors.Join(c.err, err, c.buffer.Flush(), c.file.Close())
	}
	if c.err != nil {
		return c.frames, fmt.Errorf("lab: capture %s: %w", c.file.Name(), c.err)
	}
	return c.frames, nil
}
