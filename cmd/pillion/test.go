package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"pillion/p4"
	"pillion/tests/policytest"
	"pillion/tests/scenario"
)

func newTest() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test POLICY… --network FILE",
		Short: "Run the policy's test blocks with real packets",
		Long: "Test sends packets for every line of the policy's test blocks: through the engine in this process, or through\n" +
			"switches between network namespaces that it makes and removes, which takes root. These are P4 switches (switch: our\n" +
			"own; bmv2: simple_switch_grpc), or ordinary ones with sidecars in place of all of them (sidecar) or of some (mixed), and\n" +
			"shims on most hosts: Open vSwitch if it is installed, and Linux bridges. A network with ordinary switches is mixed as it is.",
		Example: "  pillion test examples/web/policy.pol --network examples/web/network.yaml --format junit > report.xml\n" +
			"  pillion test examples/web/policy.pol --network examples/web/network.yaml --on bmv2",
		Args: cobra.MinimumNArgs(1),
	}
	network := networkFlag(cmd)
	format := formatFlag(cmd, "text", "json", "junit")
	on := choiceFlag(cmd, "on", "what carries the packets", "engine", "switch", "bmv2", "sidecar", "mixed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := build(cmd, args, *network)
		if err != nil {
			return err
		}
		suite, list := policytest.Prepare(c.policy, c.net)
		if show(cmd.ErrOrStderr(), list) {
			return exitCode(1)
		}
		substrate, stop, err := startSubstrate(cmd, c, *on)
		if err != nil {
			return err
		}
		defer stop()
		result, err := suite.Run(cmd.Context(), substrate)
		if err != nil {
			return err
		}
		return answer(cmd, result.OK(), *format, map[string]func(io.Writer) error{"text": result.Text, "json": result.JSON, "junit": result.JUnit})
	}
	return cmd
}

// startSubstrate brings a network to life. It is an error if this machine cannot.
func startSubstrate(cmd *cobra.Command, c *compiled, name string) (policytest.Substrate, func(), error) {
	if name == "engine" {
		program, err := p4.Pillion()
		if err != nil {
			return nil, nil, err
		}
		engine, err := policytest.NewEngine(c.bundle, program)
		return engine, func() {}, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	site := scenario.NewSite(c.policy, c.net, c.bundle)
	on, instead, err := scenario.Choose(name, self, site)
	if err != nil {
		return nil, nil, fmt.Errorf("--on %w", err)
	}
	if instead != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "--on %s: %s\n", name, instead)
	}
	prober, err := scenario.NewProber(cmd.Context(), site, on)
	if err != nil {
		return nil, nil, err
	}
	return prober, func() { prober.Close() }, nil
}
