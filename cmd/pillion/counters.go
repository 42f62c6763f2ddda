package main

import (
	"io"

	"github.com/spf13/cobra"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/counters"
	"pillion/runtime/pipelines"
)

func newCounters() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "counters DIR",
		Short:   "Packets and bytes per statement, from all targets of a bundle",
		Example: "  pillion counters bundle --format json",
		Args:    cobra.ExactArgs(1),
	}
	connect := connectFlags(cmd)
	format := formatFlag(cmd, "text", "json")
	o := counters.Options{Drops: "drops", Reasons: p4.DropReasons}
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "read these targets only")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b, err := bundle.Read(args[0])
		if err != nil {
			return err
		}
		programs, err := pipelines.All()
		if err != nil {
			return err
		}
		o.Connect = connect()
		report, err := counters.Read(cmd.Context(), b, programs, o)
		if err != nil {
			return err
		}
		return answer(cmd, report.OK(), *format, map[string]func(io.Writer) error{"text": report.WriteText, "json": report.WriteJSON})
	}
	return cmd
}
