package main

import (
	p4config "github.com/p4lang/p4runtime/go/p4/config/v1"
	"github.com/spf13/cobra"

	"pillion/backends/bundle"
	"pillion/backends/diff"
	"pillion/runtime/pipelines"
)

func newDiff() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "diff OLD NEW",
		Short:   "Show what changes from one bundle to another, by statement and by target",
		Example: "  pillion diff bundle.main bundle.branch --format markdown",
		Args:    cobra.ExactArgs(2),
	}
	exit := cmd.Flags().Bool("exit-code", false, "exit with 1 if the bundles differ")
	format := formatFlag(cmd, "text", "json", "markdown")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		before, err := bundle.Read(args[0])
		if err != nil {
			return err
		}
		after, err := bundle.Read(args[1])
		if err != nil {
			return err
		}
		programs, err := pipelines.All()
		if err != nil {
			return err
		}
		infos := map[string]*p4config.P4Info{}
		for kind, p := range programs {
			infos[kind] = p.P4Info
		}
		d := diff.Compare(before, after, infos)
		out := cmd.OutOrStdout()
		switch *format {
		case "json":
			err = d.WriteJSON(out)
		case "markdown":
			err = d.WriteMarkdown(out)
		default:
			err = d.WriteText(out, colour(out))
		}
		if err != nil {
			return err
		}
		if *exit && !d.Empty() {
			return exitCode(1)
		}
		return nil
	}
	return cmd
}
