package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler/explain"
)

func newCompile() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "compile POLICY… --network FILE -o DIR",
		Short:   "Compile a policy into a bundle, and print the use of every table",
		Example: "  pillion compile examples/web/policy.pol --network examples/web/network.yaml -o bundle",
		Args:    cobra.MinimumNArgs(1),
	}
	network := networkFlag(cmd)
	out := cmd.Flags().StringP("output", "o", "", "the bundle's folder")
	explained := cmd.Flags().Bool("explain", false, "say of every statement which switch, sidecar or shim carries it out, and why")
	cmd.MarkFlagRequired("output")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := build(cmd, args, *network)
		if err != nil {
			return err
		}
		if err := bundle.Write(*out, c.bundle); err != nil {
			return err
		}
		if *explained {
			if err := explain.New(c.plan, c.net).WriteText(cmd.OutOrStdout()); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout())
		}
		return backends.WriteUse(cmd.OutOrStdout(), c.use)
	}
	return cmd
}
