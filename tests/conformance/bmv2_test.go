package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"
)

// bmv2Program is the reference: bmv2's simple_switch with a P4Runtime server.
const bmv2Program = "simple_switch_grpc"

// bmv2 is a running simple_switch_grpc without network interfaces: frames come and go
// over its data plane service, which tells for each frame that leaves which frame that
// came in it is due to. Both services listen on Unix sockets.
type bmv2 struct {
	t    testing.TB
	p4rt *grpc.ClientConn
	data *grpc.ClientConn
	next uint64 // number of the next frame
}

// startBMv2 starts the reference switch, or skips the test if it is not installed.
func startBMv2(t testing.TB, options ...string) *bmv2 {
	t.Helper()
	path, err := exec.LookPath(bmv2Program)
	if err != nil {
		t.Skipf("%s is not in PATH: nothing to compare with", bmv2Program)
	}
	// t.TempDir names the test, and the path of a socket may have 107 bytes.
	dir, err := os.MkdirTemp("", "bmv2-")
	if err != nil {
		t.Fatal(err)
	}
	control, data := "unix:"+filepath.Join(dir, "p4rt"), "unix:"+filepath.Join(dir, "data")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--no-p4", "--device-id", fmt.Sprint(deviceID), "--notifications-addr", "ipc://" + filepath.Join(dir, "events"),
		"--log-console", "--log-level", "error", "--", "--grpc-server-addr", control, "--dp-grpc-server-addr", data}
	cmd := exec.Command(path, append(args, options...)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	b := &bmv2{t: t, next: 1}
	t.Cleanup(func() {
		if b.p4rt != nil {
			b.p4rt.Close()
			b.data.Close()
		}
		select {
		case err := <-ended:
			text, _ := os.ReadFile(log.Name())
			t.Errorf("%s ended by itself: %v\n%s", bmv2Program, err, text)
		default:
			_ = cmd.Process.Kill()
			<-ended
		}
		log.Close()
		os.RemoveAll(dir)
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := errors.Join(listens(filepath.Join(dir, "data")), listens(filepath.Join(dir, "p4rt")))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen: %v", bmv2Program, err)
		}
	}
	if b.p4rt, err = grpc.NewClient(control, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20))); err != nil {
		t.Fatal(err)
	}
	if b.data, err = grpc.NewClient(data, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		t.Fatal(err)
	}
	return b
}

// listens tells whether somebody answers at a Unix socket.
func listens(path string) error {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	return conn.Close()
}

func (b *bmv2) client() grpc.ClientConnInterface { return b.p4rt }

func (b *bmv2) process(port uint32, frame []byte) []output {
	return b.processAll([]input{{port, frame}})[0]
}

// input is one frame that enters a switch.
type input struct {
	port  uint32
	frame []byte
}

// processAll sends frames and returns, for each, what left because of it. It ends when
// the switch has no packet left. The frames must be few: each of bmv2's egress queues
// holds 64, and drops what is more.
func (b *bmv2) processAll(frames []input) [][]output {
	b.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		out, err := b.exchange(frames)
		if err == nil {
			return out
		}
		// It takes frames some time after the first pipeline is committed.
		if !strings.Contains(err.Error(), "not ready") || time.Now().After(deadline) {
			b.t.Fatalf("%s: data plane: %v", bmv2Program, err)
		}
	}
}

func (b *bmv2) exchange(frames []input) ([][]output, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := b.data.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		"/p4.bm.DataplaneInterface/PacketStream", grpc.ForceCodec(rawCodec{}))
	if err != nil {
		return nil, err
	}
	first := b.next
	for _, f := range frames {
		m := appendFrame(nil, b.next, f)
		b.next++
		if err := stream.SendMsg(&m); err != nil {
			return nil, err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	out := make([][]output, len(frames))
	for {
		var m []byte
		err := stream.RecvMsg(&m)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		id, o, err := parseFrame(m)
		if err != nil {
			return nil, err
		}
		if id < first || id >= b.next {
			return nil, fmt.Errorf("a frame is due to frame %d, and %d to %d were sent", id, first, b.next-1)
		}
		out[id-first] = append(out[id-first], o)
	}
}

// The data plane's messages: id = 1, device_id = 2, port = 3, packet = 4.
func appendFrame(m []byte, id uint64, f input) []byte {
	m = protowire.AppendVarint(protowire.AppendTag(m, 1, protowire.VarintType), id)
	m = protowire.AppendVarint(protowire.AppendTag(m, 2, protowire.VarintType), deviceID)
	m = protowire.AppendVarint(protowire.AppendTag(m, 3, protowire.VarintType), uint64(f.port))
	return protowire.AppendBytes(protowire.AppendTag(m, 4, protowire.BytesType), f.frame)
}

func parseFrame(m []byte) (id uint64, o output, err error) {
	for len(m) > 0 {
		field, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			return 0, o, protowire.ParseError(n)
		}
		m = m[n:]
		var number uint64
		switch kind {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(m)
		case protowire.BytesType:
			o.frame, n = protowire.ConsumeBytes(m)
		default:
			n = protowire.ConsumeFieldValue(field, kind, m)
		}
		if n < 0 {
			return 0, o, protowire.ParseError(n)
		}
		switch field {
		case 1:
			id = number
		case 3:
			o.port = uint32(number)
		}
		m = m[n:]
	}
	return id, o, nil
}

// rawCodec passes messages on as they are.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (rawCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (rawCodec) Name() string { return "proto" }
