// Package demo does the main job in one process and without privileges: it compiles an example,
// starts a software switch with a P4Runtime server for each switch of its network, pushes the bundle to them over
// gRPC on loopback, changes the policy, pushes the difference, and sends packets.
//
// In: the text of a policy and of a network, and of a change. Out: what was expected and what was observed.
// Only the wires between the switches are not real.
package demo

import (
	"context"
	"fmt"
	"io"
	"net"

	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/backends/diff"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/p4"
	"pillion/runtime/counters"
	"pillion/runtime/p4rt"
	"pillion/runtime/push"
	"pillion/runtime/server"
	"pillion/tests/policytest"
)

// Input is what to show.
type Input struct {
	Policy  []byte
	Network []byte // YAML
	Change  []byte // declarations that are added after the first push
}

// demonstration is one run.
type demonstration struct {
	out       io.Writer
	program   *p4.Program
	pipelines p4rt.Pipelines
	switches  map[string]*running
}

// running is a switch with its server.
type running struct {
	server  *server.Server
	address string
}

// Run shows everything and says whether all was as expected.
func Run(ctx context.Context, in Input, out io.Writer) (bool, error) {
	program, err := p4.Pillion()
	if err != nil {
		return false, err
	}
	d := &demonstration{
		out: out, program: program, switches: map[string]*running{},
		pipelines: p4rt.Pipelines{"switch": {P4Info: program.Info, Config: program.Config}},
	}
	defer d.stop()

	_, before, err := d.compile(in.Policy, in.Network)
	if err != nil {
		return false, err
	}
	if err := d.start(before); err != nil {
		return false, err
	}
	d.title("the first push, over P4Runtime")
	first, err := d.push(ctx, before)
	if err != nil {
		return false, err
	}
	d.title("a second push of the same")
	second, err := d.push(ctx, before)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "expected: 0 updates; observed: %d\n", second.Changed())

	changed := append(append([]byte{}, in.Policy...), in.Change...)
	policy, after, err := d.compile(changed, in.Network)
	if err != nil {
		return false, err
	}
	d.title("a change of the policy")
	fmt.Fprintf(out, "%s\n", in.Change)
	change := diff.Compare(before, after, map[string]*p4config.P4Info{"switch": program.Info})
	if err := change.WriteText(out, false); err != nil {
		return false, err
	}
	third, err := d.push(ctx, after)
	if err != nil {
		return false, err
	}
	due := change.Added + change.Removed + change.Modified
	fmt.Fprintf(out, "expected: %d updates; observed: %d\n", due, third.Changed())

	d.title("packets, for every line of the policy's tests")
	tested, err := d.test(ctx, policy, in.Network, after)
	if err != nil {
		return false, err
	}
	d.title("packets and bytes per statement, read over P4Runtime")
	counted, err := counters.Read(ctx, after, d.pipelines, counters.Options{Drops: "drops", Reasons: p4.DropReasons})
	if err != nil {
		return false, err
	}
	if err := counted.WriteText(out); err != nil {
		return false, err
	}
	return first.OK() && second.OK() && third.OK() && second.Changed() == 0 && third.Changed() == due && tested && counted.OK(), nil
}

func (d *demonstration) title(s string) { fmt.Fprintf(d.out, "\n== %s\n", s) }

// compile makes a bundle whose targets are the switches that run, once they do.
func (d *demonstration) compile(policyText, networkText []byte) (*lang.Policy, *bundle.Bundle, error) {
	policy, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: policyText}}, lang.Options{})
	if list.HasErrors() {
		return nil, nil, fmt.Errorf("the example's policy: %s", list[0].Message)
	}
	inventory, list := network.Parse("network.yaml", networkText)
	if list.HasErrors() {
		return nil, nil, fmt.Errorf("the example's network: %s", list[0].Message)
	}
	plan, list := compiler.Compile(policy, inventory)
	if plan == nil {
		return nil, nil, fmt.Errorf("the example: %s", list[0].Message)
	}
	b, _, err := backends.Lower(plan, d.program, inventory.JSON())
	if err != nil {
		return nil, nil, err
	}
	entities := 0
	for i := range b.Targets {
		t := &b.Targets[i]
		entities += len(t.Entities)
		if sw := d.switches[t.Name]; sw != nil {
			t.Address = sw.address
		}
	}
	fmt.Fprintf(d.out, "compiled: %d entities for %d switches\n", entities, len(b.Targets))
	return policy, b, nil
}

// start runs a switch for every target, on loopback, and gives the targets their addresses.
func (d *demonstration) start(b *bundle.Bundle) error {
	for i := range b.Targets {
		t := &b.Targets[i]
		s, err := server.New(server.Options{DeviceID: t.DeviceID, CPUPort: t.CPUPort})
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		t.Address = listener.Addr().String()
		d.switches[t.Name] = &running{server: s, address: t.Address}
		go s.Serve(listener) // until Close; a failure shows in the push
		fmt.Fprintf(d.out, "switch %s: device %d on %s\n", t.Name, t.DeviceID, t.Address)
	}
	return nil
}

func (d *demonstration) stop() {
	for _, s := range d.switches {
		s.server.Close()
	}
}

func (d *demonstration) push(ctx context.Context, b *bundle.Bundle) (*push.Report, error) {
	report, err := push.Push(ctx, b, d.pipelines, push.Options{})
	if err != nil {
		return nil, err
	}
	return report, report.WriteText(d.out)
}

// test sends the packets of the policy's tests through the switches.
func (d *demonstration) test(ctx context.Context, policy *lang.Policy, networkText []byte, b *bundle.Bundle) (bool, error) {
	inventory, _ := network.Parse("network.yaml", networkText)
	suite, list := policytest.Prepare(policy, inventory)
	if list.HasErrors() {
		return false, fmt.Errorf("the example's tests: %s", list[0].Message)
	}
	substrate, err := policytest.NewEngine(b, d.program)
	if err != nil {
		return false, err
	}
	for name, s := range d.switches {
		if err := substrate.Network.Attach(name, s.server.Engine()); err != nil {
			return false, err
		}
	}
	result, err := suite.Run(ctx, substrate)
	if err != nil {
		return false, err
	}
	for _, t := range result.Tests {
		fmt.Fprintf(d.out, "test %q\n", t.Title)
		for i := range t.Expectations {
			for _, o := range t.Expectations[i].Probes {
				fmt.Fprintf(d.out, "  %-7s %s\n          expected: %s\n          observed: %s\n", o.Verdict, o.Probe, o.Expected, o.Observed)
			}
		}
	}
	passed, failed, skipped := result.Count()
	fmt.Fprintf(d.out, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	return result.OK(), nil
}
