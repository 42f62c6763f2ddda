package main

import (
	"github.com/spf13/cobra"

	"pillion/compiler/network"
	"pillion/runtime/survey"
)

func newNetwork() *cobra.Command {
	return group(&cobra.Command{
		Use:     "network",
		Short:   "What is in the network, by the network file and by the switches themselves",
		Example: "  pillion network check --network network.yaml",
	}, newNetworkCheck())
}

func newNetworkCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check --network FILE",
		Short: "Compare the network file with what the switches say of their ports (gNMI)",
		Long: "Check asks every switch by gNMI which interface is behind each port that the network file uses, whether it is up,\n" +
			"and whether its MTU and speed fit. A switch that does not speak gNMI is reported, and is no error.\n" +
			"The exit code is 1 if there are problems or a switch cannot be asked.",
		Example: "  pillion network check --network network.yaml\n  pillion network check --network network.yaml --only leaf1 --format json",
		Args:    cobra.NoArgs,
	}
	inventory := networkFlag(cmd)
	var o survey.Options
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "ask these switches only")
	cmd.Flags().DurationVar(&o.Timeout, "timeout", 0, "how long one switch may take (default 30s)")
	connect := connectFlags(cmd)
	format := formatFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		net, said := network.Load(*inventory)
		if show(cmd.ErrOrStderr(), said) {
			return exitCode(1)
		}
		o.Connect = connect()
		report, err := survey.Check(cmd.Context(), net, o)
		if err != nil {
			return err
		}
		write := report.WriteText
		if *format == "json" {
			write = report.WriteJSON
		}
		if err := write(cmd.OutOrStdout()); err != nil {
			return err
		}
		if !report.OK() {
			return exitCode(1)
		}
		return nil
	}
	return cmd
}
