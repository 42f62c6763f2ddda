package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler/plan"
	"pillion/p4"
	"pillion/runtime/p4rt"
	"pillion/runtime/push"
	"pillion/runtime/server"
)

const (
	pushExact = 100_000
	pushOther = 10_000
	pushBatch = 1000
)

// benchPush pushes and reads back, beside a bare loop that writes the same batches and reads once.
func benchPush(t *table) error {
	program, err := p4.Pillion()
	if err != nil {
		return err
	}
	b, err := pushBundle(program)
	if err != nil {
		return err
	}
	t.row("entities", "%d exact and %d others (LPM and ternary)", pushExact, len(b.Targets[0].Entities)-pushExact)
	for _, peer := range []struct {
		name  string
		start func(dir string) (address string, stop func(), err error)
	}{{"pillion switch", startOurs}, {"bmv2", startBMv2}} {
		loop, err := onFresh(peer.start, func(address string) error { return bareLoop(address, program, &b.Targets[0]) })
		if err != nil {
			t.row(peer.name, "skipped: %v", err)
			continue
		}
		pushed, err := onFresh(peer.start, func(address string) error { return pushOnce(address, program, b) })
		if err != nil {
			return err
		}
		t.row(peer.name, "bare loop %.2f s, push with read-back %.2f s: ratio %.2f", loop.Seconds(), pushed.Seconds(), loop.Seconds()/pushed.Seconds())
	}
	return nil
}

// onFresh measures run on a switch that was just started.
func onFresh(start func(string) (string, func(), error), run func(string) error) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "pillion-bench-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	address, stop, err := start(dir)
	if err != nil {
		return 0, err
	}
	defer stop()
	began := time.Now()
	err = run(address)
	return time.Since(began), err
}

func startOurs(dir string) (string, func(), error) {
	socket := filepath.Join(dir, "switch.sock")
	l := server.Listening{Addr: "unix:" + socket}
	listener, options, err := l.Listen()
	if err != nil {
		return "", nil, err
	}
	sw, err := server.NewSwitch(server.SwitchOptions{Options: server.Options{DeviceID: 1}})
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := sw.Serve(ctx, listener, options...); err != nil {
			fmt.Fprintln(os.Stderr, "bench: switch:", err)
		}
	}()
	return "unix://" + socket, func() { cancel(); <-done; sw.Close() }, nil
}

func startBMv2(dir string) (string, func(), error) {
	binary, err := exec.LookPath("simple_switch_grpc")
	if err != nil {
		return "", nil, fmt.Errorf("simple_switch_grpc is not on the PATH")
	}
	socket := filepath.Join(dir, "bmv2.sock")
	cmd := exec.Command(binary, "--no-p4", "--device-id", "1", "--log-level", "off", "--", "--grpc-server-addr", "unix:"+socket)
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop := func() { cmd.Process.Kill(); cmd.Wait() }
	for range 100 {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return "unix://" + socket, stop, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return "", nil, fmt.Errorf("simple_switch_grpc did not listen within 5 s")
}

// pushBundle is one target with the entities of the measurement.
func pushBundle(program *p4.Program) (*bundle.Bundle, error) {
	sw := plan.Switch{Name: "s1", Address: "unix:///unused", DeviceID: 1, CPUPort: 510}
	none := plan.Origin{Counts: -1}
	for i := range pushExact {
		sw.Policies = append(sw.Policies, plan.Policy{Origin: plan.Origin{Counts: 0}, Pair: plan.Pair{Source: uint32(i + 1), Destination: uint32(2*i + 1)}})
	}
	for i := range pushOther {
		if i < 8000 {
			sw.Destinations = append(sw.Destinations, plan.Destination{Origin: none, Prefix: prefix(i), Port: uint32(i%500 + 1), Identity: uint32(i + 1)})
		} else {
			sw.Rules = append(sw.Rules, plan.Rule{Origin: none, RuleSet: uint32(i), Priority: 16, Slot: 1, Ports: plan.Ports{Proto: 6, KnownPorts: true, SHi: 65535, DLo: uint16(i), DHi: uint16(i)}})
		}
	}
	b, _, err := backends.Lower(&plan.Plan{Statements: []string{"allow bench"}, Switches: []plan.Switch{sw}}, program, []byte("{}\n"))
	return b, err
}

func pushOnce(address string, program *p4.Program, b *bundle.Bundle) error {
	moved := *b
	moved.Targets = append([]bundle.Target(nil), b.Targets...)
	moved.Targets[0].Address = address
	report, err := push.Push(context.Background(), &moved, p4rt.Pipelines{"switch": {P4Info: program.Info, Config: program.Config}},
		push.Options{Batching: p4rt.Batching{Updates: pushBatch}})
	if err != nil {
		return err
	}
	if !report.OK() {
		report.WriteText(os.Stderr)
		return fmt.Errorf("the push failed")
	}
	return nil
}

// bareLoop is what anybody would write: a pipeline, the batches one by one, one read.
func bareLoop(address string, program *p4.Program, target *bundle.Target) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30)))
	if err != nil {
		return err
	}
	defer conn.Close()
	client := p4v1.NewP4RuntimeClient(conn)
	stream, err := client.StreamChannel(ctx)
	if err != nil {
		return err
	}
	id := &p4v1.Uint128{Low: 1}
	if err := stream.Send(&p4v1.StreamMessageRequest{Update: &p4v1.StreamMessageRequest_Arbitration{Arbitration: &p4v1.MasterArbitrationUpdate{DeviceId: 1, ElectionId: id}}}); err != nil {
		return err
	}
	if _, err := stream.Recv(); err != nil {
		return err
	}
	_, err = client.SetForwardingPipelineConfig(ctx, &p4v1.SetForwardingPipelineConfigRequest{
		DeviceId: 1, ElectionId: id, Action: p4v1.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT,
		Config: &p4v1.ForwardingPipelineConfig{P4Info: program.Info, P4DeviceConfig: program.Config},
	})
	if err != nil {
		return err
	}
	for i := 0; i < len(target.Entities); i += pushBatch {
		request := &p4v1.WriteRequest{DeviceId: 1, ElectionId: id}
		for j := i; j < min(i+pushBatch, len(target.Entities)); j++ {
			request.Updates = append(request.Updates, &p4v1.Update{Type: p4v1.Update_INSERT, Entity: target.Entities[j].Proto()})
		}
		if _, err := client.Write(ctx, request); err != nil {
			return err
		}
	}
	read, err := client.Read(ctx, &p4v1.ReadRequest{DeviceId: 1, Entities: []*p4v1.Entity{{Entity: &p4v1.Entity_TableEntry{TableEntry: &p4v1.TableEntry{}}}}})
	if err != nil {
		return err
	}
	n := 0
	for n < len(target.Entities) {
		response, err := read.Recv()
		if err != nil {
			return fmt.Errorf("read %d entities of %d: %w", n, len(target.Entities), err)
		}
		n += len(response.Entities)
	}
	return nil
}
