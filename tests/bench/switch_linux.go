package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"pillion/p4"
	"pillion/runtime/p4rt"
	"pillion/tests/bench/l2"
	"pillion/tests/lab"
)

// setUp is what both benchmarks of the software switch need; clean removes it again.
func setUp(t *table) (peers []peer, programs []switchProgram, clean func(), err error) {
	if os.Geteuid() != 0 {
		return nil, nil, nil, errors.New("network namespaces take root")
	}
	dir, err := os.MkdirTemp("", "pillion-bench-*")
	if err != nil {
		return nil, nil, nil, err
	}
	clean = func() { os.RemoveAll(dir) }
	if peers, err = switchPeers(t, dir); err == nil {
		programs, err = switchPrograms()
	}
	return peers, programs, clean, err
}

// switchProgram is a P4 program with the entities by which web1 on port 3 and db1 on port 4 reach each other.
type switchProgram struct {
	name     string
	pipeline p4rt.Pipeline
	updates  []*update
}

func switchPrograms() ([]switchProgram, error) {
	program, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	b, err := webBundle()
	if err != nil {
		return nil, err
	}
	web := switchProgram{name: "pillion.p4", pipeline: p4rt.Pipeline{P4Info: program.Info, Config: program.Config}}
	for i := range b.Targets {
		if b.Targets[i].Name != "leaf1" {
			continue
		}
		for j := range b.Targets[i].Entities {
			web.updates = append(web.updates, insertion(b.Targets[i].Entities[j].Proto()))
		}
	}
	plainProgram, err := l2.Program()
	if err != nil {
		return nil, err
	}
	plain := switchProgram{name: "plain L2", pipeline: p4rt.Pipeline{P4Info: plainProgram.Info, Config: plainProgram.Config}}
	plain.updates = append(plain.updates,
		insertion(stationEntity(plainProgram.Info, web1.mac[:], 3)), insertion(stationEntity(plainProgram.Info, db1.mac[:], 4)))
	return []switchProgram{web, plain}, nil
}

// peer is one of the switches that are compared.
type peer struct {
	name   string
	binary string
	args   func(socket string, ports []lab.SwitchPort) []string
}

// switchPeers builds our switch, and finds bmv2.
func switchPeers(t *table, dir string) ([]peer, error) {
	ours := peer{name: "pillion switch", binary: filepath.Join(dir, "pillion"), args: func(socket string, ports []lab.SwitchPort) []string {
		args := []string{"switch", "--grpc", "unix:" + socket, "--device-id", "1"}
		for _, p := range ports {
			args = append(args, "-i", fmt.Sprintf("%d@%s", p.Number, p.Interface))
		}
		return args
	}}
	if out, err := exec.Command("go", "build", "-o", ours.binary, "pillion/cmd/pillion").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the switch: %w\n%s", err, out)
	}
	bmv2, err := exec.LookPath("simple_switch_grpc")
	if err != nil {
		t.row("bmv2", "skipped: simple_switch_grpc is not on the PATH")
		return []peer{ours}, nil
	}
	return []peer{ours, {name: "bmv2", binary: bmv2, args: func(socket string, ports []lab.SwitchPort) []string {
		args := []string{"--no-p4", "--device-id", "1", "--log-level", "off"}
		for _, p := range ports {
			args = append(args, "-i", fmt.Sprintf("%d@%s", p.Number, p.Interface))
		}
		return append(args, "--", "--grpc-server-addr", "unix:"+socket)
	}}}, nil
}

// running is a switch that answers, with a primary.
type running struct {
	process  *lab.Process
	client   *p4rt.Client
	socket   string
	election p4rt.ElectionID // the primary's
	answers  time.Duration   // from the start of the process to its first answer
}

// bridge is the kernel's own switch: as fast as two cores with these wires get.
var bridge = peer{name: "Linux bridge"}

// start runs a switch in a namespace of the lab.
func (p *peer) start(l *lab.Lab, ns *lab.Namespace, ports []lab.SwitchPort) (*running, error) {
	socket := filepath.Join(l.Dir(), "grpc.sock")
	began := time.Now()
	process, err := ns.Start(lab.Command{Path: p.binary, Args: p.args(socket, ports)})
	if err != nil {
		return nil, err
	}
	client, err := p4rt.Dial("unix://"+socket, 1, p4rt.Options{})
	if err != nil {
		return nil, err
	}
	r := &running{process: process, client: client, socket: socket}
	ctx := context.Background()
	for {
		if _, err = os.Stat(socket); err == nil {
			if _, err = client.Capabilities(ctx); err == nil {
				break
			}
		}
		if time.Since(began) > 10*time.Second {
			return nil, fmt.Errorf("%s does not answer: %w", p.name, err)
		}
		time.Sleep(time.Millisecond)
	}
	r.answers = time.Since(began)
	r.election, err = client.BecomePrimary(ctx)
	return r, err
}

func (r *running) stop() {
	r.client.Close()
	r.process.Stop()
}
