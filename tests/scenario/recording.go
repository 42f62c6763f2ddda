package scenario

import (
	"bufio"
	"errors"
	"os"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// recording is a pcap file of frames that have no time of their own: one nanosecond follows the other.
type recording struct {
	file   *os.File
	buffer *bufio.Writer
	pcap   *pcapgo.Writer
	frames int64
	err    error
}

// snapLength bounds a frame of a recording, in bytes.
const snapLength = 1 << 16

func newRecording(path string) (*recording, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	r := &recording{file: file, buffer: bufio.NewWriter(file)}
	r.pcap = pcapgo.NewWriterNanos(r.buffer)
	r.err = r.pcap.WriteFileHeader(snapLength, layers.LinkTypeEthernet)
	return r, nil
}

func (r *recording) add(frame []byte) {
	if r.err != nil {
		return
	}
	r.frames++
	r.err = r.pcap.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(0, r.frames), CaptureLength: len(frame), Length: len(frame)}, frame)
}

func (r *recording) close() error {
	return errors.Join(r.err, r.buffer.Flush(), r.file.Close())
}
