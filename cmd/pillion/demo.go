package main

import (
	"github.com/spf13/cobra"

	"pillion/examples"
	"pillion/runtime/demo"
)

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:     "demo",
		Short:   "Everything in one process, without root: compile, push, change, test",
		Example: "  pillion demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := demo.Input{
				Policy: examples.WebPolicy, Network: examples.WebNetwork,
				Change: []byte("deny no-telnet: any -> acme.web on tcp/23\n"),
			}
			ok, err := demo.Run(cmd.Context(), in, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			if !ok {
				return exitCode(1)
			}
			return nil
		},
	}
}
