package main

import "github.com/spf13/cobra"

func newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "check POLICY… --network FILE",
		Short:   "Report every error of a policy, with its place",
		Example: "  pillion check examples/web/policy.pol --network examples/web/network.yaml",
		Args:    cobra.MinimumNArgs(1),
	}
	network := networkFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, err := build(cmd, args, *network)
		return err
	}
	return cmd
}
