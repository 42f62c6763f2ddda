package backends

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"pillion/backends/bundle"
	"pillion/compiler/plan"
	"pillion/p4"
)

// bmv2 is a simple_switch_grpc that runs pillion.p4, and the primary controller's connection to it.
type bmv2 struct {
	p4v1.P4RuntimeClient
	ctx context.Context
}

const bmv2Device = 1

func startBMv2(t *testing.T, program *p4.Program) *bmv2 {
	t.Helper()
	path, err := exec.LookPath("simple_switch_grpc")
	if err != nil {
		t.Skip("skipped: simple_switch_grpc (bmv2) is not on the PATH")
	}
	address := freeAddress(t)
	args := []string{"--no-p4", "--device-id", fmt.Sprint(bmv2Device),
		"--notifications-addr", "ipc://" + filepath.Join(t.TempDir(), "notifications.ipc")}
	help, _ := exec.Command(path, "--help").CombinedOutput()
	if bytes.Contains(help, []byte("--thrift-port")) {
		_, port, _ := net.SplitHostPort(freeAddress(t))
		args = append(args, "--thrift-port", port)
	}
	var output bytes.Buffer
	command := exec.Command(path, append(args, "--", "--grpc-server-addr", address)...)
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if t.Failed() {
			t.Logf("simple_switch_grpc said:\n%s", output.Bytes())
		}
	})
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(func() { cancel(); connection.Close() })
	s := &bmv2{p4v1.NewP4RuntimeClient(connection), ctx}
	s.become(t)
	_, err = s.SetForwardingPipelineConfig(ctx, &p4v1.SetForwardingPipelineConfigRequest{
		DeviceId: bmv2Device, ElectionId: &p4v1.Uint128{Low: 1},
		Action: p4v1.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT,
		Config: &p4v1.ForwardingPipelineConfig{P4Info: program.Info, P4DeviceConfig: program.Config},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// become makes the connection that of the primary controller.
func (s *bmv2) become(t *testing.T) {
	stream, err := s.StreamChannel(s.ctx, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Send(&p4v1.StreamMessageRequest{Update: &p4v1.StreamMessageRequest_Arbitration{
		Arbitration: &p4v1.MasterArbitrationUpdate{DeviceId: bmv2Device, ElectionId: &p4v1.Uint128{Low: 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *bmv2) insert(entities []bundle.Entity) error {
	request := &p4v1.WriteRequest{DeviceId: bmv2Device, ElectionId: &p4v1.Uint128{Low: 1}}
	for i := range entities {
		request.Updates = append(request.Updates, &p4v1.Update{Type: p4v1.Update_INSERT, Entity: entities[i].Proto()})
	}
	_, err := s.Write(s.ctx, request)
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %v", err, status.Convert(err).Details()) // one per update
}

// everything reads all table entries, multicast groups and clone sessions back.
func (s *bmv2) everything(t *testing.T) []bundle.Entity {
	t.Helper()
	all := func(e *p4v1.PacketReplicationEngineEntry) *p4v1.Entity {
		return &p4v1.Entity{Entity: &p4v1.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: e}}
	}
	stream, err := s.Read(s.ctx, &p4v1.ReadRequest{DeviceId: bmv2Device, Entities: []*p4v1.Entity{
		{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{}}},
		all(&p4v1.PacketReplicationEngineEntry{Type: &p4v1.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: &p4v1.MulticastGroupEntry{}}}),
		all(&p4v1.PacketReplicationEngineEntry{Type: &p4v1.PacketReplicationEngineEntry_CloneSessionEntry{CloneSessionEntry: &p4v1.CloneSessionEntry{}}}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var entities []bundle.Entity
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			bundle.Sort(entities)
			return entities
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range response.Entities {
			e, err := bundle.FromProto(p)
			if err != nil {
				t.Fatalf("%v: %v", p, err)
			}
			entities = append(entities, e)
		}
	}
}

// A real switch takes one entity of every kind, and gives it back as it was.
func TestBMv2TakesEveryEntity(t *testing.T) {
	program := pillion(t)
	s := startBMv2(t, program)
	b, _, err := Lower(samplePlan(), program, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := b.Targets[0].Entities
	for i := range want {
		if err := s.insert(want[i : i+1]); err != nil {
			t.Errorf("%s: %v", want[i].AppendText(nil), err)
		}
	}
	if difference := cmp.Diff(texts(want), texts(s.everything(t))); difference != "" {
		t.Errorf("written (-) and read back (+) differ:\n%s", difference)
	}
}

func texts(entities []bundle.Entity) []string {
	var out []string
	for i := range entities {
		out = append(out, string(entities[i].AppendText(nil)))
	}
	return out
}

// What Lower says fits into the replication engine does fit, and no more.
func TestBMv2ReplicationEngine(t *testing.T) {
	program := pillion(t)
	group := func(id int, replicas ...plan.Replica) plan.Group {
		return plan.Group{Origin: of(), ID: uint16(id), Replicas: replicas}
	}
	session := func(id int, replicas ...plan.Replica) plan.Session { return plan.Session(group(id, replicas...)) }
	lower := func(t *testing.T, groups []plan.Group, sessions []plan.Session) ([]bundle.Entity, error) {
		b, _, err := Lower(&plan.Plan{Switches: []plan.Switch{{Name: "s", Groups: groups, Sessions: sessions}}}, program, nil)
		if err != nil {
			return nil, err
		}
		return b.Targets[0].Entities, nil
	}
	var many []plan.Replica // on 8 ports each, of which the engine takes no notice
	for i := range 1000 {
		for port := range 8 {
			many = append(many, plan.Replica{Port: uint32(port + 1), Instance: uint16(i)})
		}
	}
	var singles []plan.Group
	for i := range engineGroups - 1 {
		singles = append(singles, group(i+1))
	}
	cases := []struct {
		name     string
		groups   []plan.Group
		sessions []plan.Session
		more     bundle.Entity // what does not fit any more
	}{
		{"nodes",
			[]plan.Group{group(1, many...), group(2, many...), group(3, many...), group(4, many...), group(maxGroupID, many[:95*8]...)},
			[]plan.Session{session(maxSessionID, many[:8]...)},
			bundle.Entity{Kind: bundle.MulticastGroup, ID: 5, Replicas: []bundle.Replica{{Port: 1}}}},
		{"groups", singles, []plan.Session{session(1)}, bundle.Entity{Kind: bundle.MulticastGroup, ID: 4096}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := startBMv2(t, program)
			entities, err := lower(t, c.groups, c.sessions)
			if err != nil {
				t.Fatal(err)
			}
			for len(entities) > 0 {
				n := min(100, len(entities))
				if err := s.insert(entities[:n]); err != nil {
					t.Fatal(err)
				}
				entities = entities[n:]
			}
			if err := s.insert([]bundle.Entity{c.more}); err == nil {
				t.Errorf("%s fits too", c.more.AppendText(nil))
			}
		})
	}
}
