package main

import (
	"github.com/spf13/cobra"

	"pillion/compiler/network"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the network file",
		Example: "  pillion schema > network.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(network.Schema)
			return err
		},
	}
}
