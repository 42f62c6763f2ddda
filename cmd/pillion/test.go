package main

import (
	"io"

	"github.com/spf13/cobra"

	"pillion/p4"
	"pillion/tests/policytest"
)

func newTest() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "test POLICY… --network FILE",
		Short:   "Run the policy's test blocks with real packets",
		Example: "  pillion test examples/web/policy.pol --network examples/web/network.yaml --format junit > report.xml",
		Args:    cobra.MinimumNArgs(1),
	}
	network := networkFlag(cmd)
	format := formatFlag(cmd, "text", "json", "junit")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := build(cmd, args, *network)
		if err != nil {
			return err
		}
		suite, list := policytest.Prepare(c.policy, c.net)
		if show(cmd.ErrOrStderr(), list) {
			return exitCode(1)
		}
		program, err := p4.Pillion()
		if err != nil {
			return err
		}
		substrate, err := policytest.NewEngine(c.bundle, program)
		if err != nil {
			return err
		}
		result, err := suite.Run(cmd.Context(), substrate)
		if err != nil {
			return err
		}
		return answer(cmd, result.OK(), *format, map[string]func(io.Writer) error{"text": result.Text, "json": result.JSON, "junit": result.JUnit})
	}
	return cmd
}
