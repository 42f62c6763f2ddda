package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

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
			"switches between network namespaces that it makes and removes (switch: our own; bmv2: simple_switch_grpc), which takes root.",
		Example: "  pillion test examples/web/policy.pol --network examples/web/network.yaml --format junit > report.xml\n" +
			"  pillion test examples/web/policy.pol --network examples/web/network.yaml --on bmv2",
		Args: cobra.MinimumNArgs(1),
	}
	network := networkFlag(cmd)
	format := formatFlag(cmd, "text", "json", "junit")
	on := choiceFlag(cmd, "on", "what carries the packets", "engine", "switch", "bmv2")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := build(cmd, args, *network)
		if err != nil {
			return err
		}
		suite, list := policytest.Prepare(c.policy, c.net)
		if show(cmd.ErrOrStderr(), list) {
			return exitCode(1)
		}
		substrate, stop, err := startSubstrate(cmd.Context(), c, *on)
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
func startSubstrate(ctx context.Context, c *compiled, name string) (policytest.Substrate, func(), error) {
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
	for _, s := range scenario.Substrates(self) {
		if s.Name() != name {
			continue
		}
		site := scenario.NewSite(c.policy, c.net, c.bundle)
		if missing := s.Missing(site); len(missing) > 0 {
			return nil, nil, fmt.Errorf("--on %s: %s", name, strings.Join(missing, "; "))
		}
		prober, err := scenario.NewProber(ctx, site, s)
		if err != nil {
			return nil, nil, err
		}
		return prober, func() { prober.Close() }, nil
	}
	return nil, nil, fmt.Errorf("--on %s: not on this operating system", name)
}
