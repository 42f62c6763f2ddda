//go:build linux

package lab

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/prototext"
)

// TestBMv2CarriesTraffic starts the switch at both kinds of address, gives it
// testdata/cross.p4, and sends real traffic through: that works only if the
// switch sees its ports as up.
func TestBMv2CarriesTraffic(t *testing.T) {
	require(t, FreshSysfs, BMv2Binary)
	for _, address := range []string{"", "127.0.0.1:9559"} {
		t.Run("address "+address, func(t *testing.T) {
			l := newLab(t)
			h1, h2, middle := inLine(t, l)
			s, err := l.StartBMv2(t.Context(), BMv2{
				Namespace: middle, DeviceID: 7, CPUPort: 510, Address: address,
				Ports: []SwitchPort{{1, "in"}, {2, "out"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			var options []grpc.DialOption
			target := s.Address()
			if !strings.HasPrefix(target, "unix:") {
				target = "passthrough:///" + target
				options = append(options, grpc.WithContextDialer(s.Dial))
			}
			pushCross(t, target, 7, options...)

			udp, err := UDP{From: h1.Namespace, To: h2.Namespace, Destination: h2.v4(53), Count: 10}.Run()
			if err != nil || udp.Delivered != 10 || udp.Answered != 10 {
				t.Errorf("%+v, %v\n%s", udp, err, tail(s.LogFile()))
			}
			tcp, err := TCP{From: h1.Namespace, To: h2.Namespace, Destination: h2.v6(80), Bytes: 1 << 20, Back: 1 << 20}.Run()
			if err != nil || !tcp.Intact {
				t.Errorf("%+v, %v\n%s", tcp, err, tail(s.LogFile()))
			}
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			if processExists(s.PID()) {
				t.Errorf("process %d still exists", s.PID())
			}
		})
	}
}

// pushCross makes the test the switch's primary and gives it its pipeline.
func pushCross(t *testing.T, target string, device uint64, options ...grpc.DialOption) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient(target, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	client := p4v1.NewP4RuntimeClient(conn)
	stream, err := client.StreamChannel(ctx)
	if err != nil {
		t.Fatal(err)
	}
	election := &p4v1.Uint128{Low: 1}
	err = stream.Send(&p4v1.StreamMessageRequest{Update: &p4v1.StreamMessageRequest_Arbitration{
		Arbitration: &p4v1.MasterArbitrationUpdate{DeviceId: device, ElectionId: election},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	info := &configv1.P4Info{}
	if err := prototext.Unmarshal(readFile(t, "testdata/cross.p4info.txtpb"), info); err != nil {
		t.Fatal(err)
	}
	_, err = client.SetForwardingPipelineConfig(ctx, &p4v1.SetForwardingPipelineConfigRequest{
		DeviceId: device, ElectionId: election,
		Action: p4v1.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT,
		Config: &p4v1.ForwardingPipelineConfig{P4Info: info, P4DeviceConfig: readFile(t, "testdata/cross.json")},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCrossIsCompiledFromItsSource fails when cross.p4 changed since
// p4c-bm2-ss --p4runtime-files cross.p4info.txtpb -o cross.json cross.p4
// was last run in testdata, followed by sha256sum cross.p4 > cross.sha256.
func TestCrossIsCompiledFromItsSource(t *testing.T) {
	want, _, _ := strings.Cut(string(readFile(t, "testdata/cross.sha256")), " ")
	if got := fmt.Sprintf("%x", sha256.Sum256(readFile(t, "testdata/cross.p4"))); got != want {
		t.Errorf("cross.p4 has hash %s, cross.json was made from %s: compile it again", got, want)
	}
}

func TestBMv2ThatCannotStart(t *testing.T) {
	l := newLab(t, FreshSysfs)
	ns := box(t, l, "switch")
	_, err := l.StartBMv2(t.Context(), BMv2{Namespace: ns, Executable: "false"})
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("a program that ends at once: %v", err)
	}
	_, err = l.StartBMv2(t.Context(), BMv2{Namespace: ns, Executable: "no-such-program"})
	if err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("no program: %v", err)
	}
	_, err = l.StartBMv2(t.Context(), BMv2{Namespace: ns, Name: strings.Repeat("x", 200)})
	if err == nil || !strings.Contains(err.Error(), "107 bytes") {
		t.Errorf("a socket path that is too long: %v", err)
	}
}
