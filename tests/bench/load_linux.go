package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// What is to be measured is the switch, and who loads it has only the cores that the switch leaves. So messages are
// encoded before, and answers are decoded after the measurement; and write requests, of which there are
// many, come from a client that knows no more of HTTP/2 than it takes to have some in flight.

// inFlight is how many requests a controller has in flight.
const inFlight = 4

// encodeWrites makes write requests of so many updates each.
func encodeWrites(updates []*update, batch int, election *p4v1.Uint128) ([][]byte, error) {
	var out [][]byte
	for len(updates) > 0 {
		n := min(batch, len(updates))
		b, err := proto.Marshal(&p4v1.WriteRequest{DeviceId: 1, ElectionId: election, Updates: updates[:n]})
		if err != nil {
			return nil, err
		}
		out, updates = append(out, b), updates[n:]
	}
	return out, nil
}

// loader sends write requests over HTTP/2, from one goroutine (RFC 9113; gRPC over HTTP/2).
type loader struct {
	conn   net.Conn
	framer *http2.Framer
	in     *bufio.Reader
	out    bytes.Buffer // frames to write
	fields *hpack.Decoder
	status string // of the header block that is decoded

	first, later []byte // header blocks of a request: the first one fills the peer's table
	stream       uint32 // the next
	window       int    // bytes that may be sent on the connection
	perStream    int    // bytes that may be sent on a new stream
}

const maxFrame = 16384 // what every peer takes

// dialLoader connects to the P4Runtime server on a Unix socket.
func dialLoader(socket string) (*loader, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	l := &loader{conn: conn, in: bufio.NewReader(conn), stream: 1, window: 65535, perStream: 65535}
	l.framer = http2.NewFramer(&l.out, l.in)
	l.framer.SetReuseFrames()
	l.fields = hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if f.Name == "grpc-status" {
			l.status = f.Value
		}
	})
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, b := range []*[]byte{&l.first, &l.later} {
		for _, f := range [][2]string{
			{":method", "POST"}, {":scheme", "http"}, {":path", p4v1.P4Runtime_Write_FullMethodName}, {":authority", "localhost"},
			{"content-type", "application/grpc"}, {"te", "trailers"},
		} {
			if err := encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
				return nil, err
			}
		}
		*b = bytes.Clone(block.Bytes())
		block.Reset()
	}
	l.out.WriteString(http2.ClientPreface)
	// All answers fit the window at once.
	return l, errors.Join(l.framer.WriteSettings(), l.framer.WriteWindowUpdate(0, 1<<31-1-65535), l.flush())
}

func (l *loader) Close() { l.conn.Close() }

func (l *loader) flush() error {
	_, err := l.out.WriteTo(l.conn)
	return err
}

// write sends the requests, and says how long it took until the last was answered.
func (l *loader) write(requests [][]byte) (time.Duration, error) {
	began := time.Now()
	for flying := 0; flying > 0 || len(requests) > 0; {
		for flying < inFlight && len(requests) > 0 && l.window >= len(requests[0])+5 {
			if err := l.request(requests[0]); err != nil {
				return 0, err
			}
			requests = requests[1:]
			flying++
		}
		if err := l.flush(); err != nil {
			return 0, err
		}
		// All that has come, before more is sent.
		for more := true; more; more = l.in.Buffered() > 0 {
			answered, err := l.receive()
			if err != nil {
				return 0, err
			}
			if answered {
				flying--
			}
		}
	}
	return time.Since(began), nil
}

func (l *loader) request(message []byte) error {
	if len(message)+5 > l.perStream {
		return fmt.Errorf("a request of %d bytes; the switch takes %d at first", len(message), l.perStream)
	}
	header := http2.HeadersFrameParam{StreamID: l.stream, BlockFragment: l.later, EndHeaders: true}
	if l.stream == 1 {
		header.BlockFragment = l.first
	}
	err := l.framer.WriteHeaders(header)
	l.window -= len(message) + 5
	// Not compressed, and its length.
	left := append([]byte{0, byte(len(message) >> 24), byte(len(message) >> 16), byte(len(message) >> 8), byte(len(message))}, message...)
	for len(left) > 0 && err == nil {
		n := min(len(left), maxFrame)
		err = l.framer.WriteData(l.stream, n == len(left), left[:n])
		left = left[n:]
	}
	l.stream += 2
	return err
}

// receive takes the next frame, and says whether a request is answered by it.
func (l *loader) receive() (answered bool, err error) {
	frame, err := l.framer.ReadFrame()
	if err != nil {
		return false, err
	}
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return false, nil
		}
		if v, ok := f.Value(http2.SettingInitialWindowSize); ok {
			l.perStream = int(v)
		}
		return false, l.framer.WriteSettingsAck()
	case *http2.PingFrame:
		if f.IsAck() {
			return false, nil
		}
		return false, l.framer.WritePing(true, f.Data)
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			l.window += int(f.Increment)
		}
	case *http2.HeadersFrame:
		l.status = ""
		if _, err := l.fields.Write(f.HeaderBlockFragment()); err != nil {
			return false, err
		}
		if !f.HeadersEnded() || f.StreamEnded() && l.status != "0" {
			return false, fmt.Errorf("a write failed with gRPC status %q", l.status)
		}
		return f.StreamEnded(), nil
	case *http2.RSTStreamFrame:
		return false, fmt.Errorf("a write was reset: %v", f.ErrCode)
	case *http2.GoAwayFrame:
		return false, fmt.Errorf("the switch went away: %v", f.ErrCode)
	}
	return false, nil
}

// wireCodec keeps messages encoded.
type wireCodec struct{}

func (wireCodec) Name() string { return "proto" }

func (wireCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (wireCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// readEncoded reads from the P4Runtime server on a Unix socket, and returns the answers as they came, and how long
// it took until the last.
func readEncoded(ctx context.Context, socket string, wanted *p4v1.ReadRequest) ([][]byte, time.Duration, error) {
	conn, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithAuthority("localhost"),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(wireCodec{}), grpc.MaxCallRecvMsgSize(512<<20)))
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	request, err := proto.Marshal(wanted)
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, p4v1.P4Runtime_Read_FullMethodName)
	if err != nil {
		return nil, 0, err
	}
	if err := errors.Join(stream.SendMsg(&request), stream.CloseSend()); err != nil {
		return nil, 0, err
	}
	var answers [][]byte
	for {
		var answer []byte
		if err := stream.RecvMsg(&answer); err == io.EOF {
			return answers, time.Since(began), nil
		} else if err != nil {
			return nil, 0, err
		}
		answers = append(answers, answer)
	}
}

// entitiesIn counts the entities in encoded read responses: all that these consist of.
func entitiesIn(answers [][]byte) (int, error) {
	n := 0
	for _, b := range answers {
		for len(b) > 0 {
			_, _, size := protowire.ConsumeField(b)
			if size < 0 {
				return 0, fmt.Errorf("a read response that is no message: %w", protowire.ParseError(size))
			}
			b = b[size:]
			n++
		}
	}
	return n, nil
}
