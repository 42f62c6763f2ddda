package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
	"pillion/runtime/pipelines"
	"pillion/runtime/push"
	"pillion/runtime/survey"
)

// connectFlags adds how targets are reached; credentials are never in a bundle.
func connectFlags(cmd *cobra.Command) func() p4rt.Options {
	flags := cmd.Flags()
	var tls p4rt.TLS
	on := flags.Bool("tls", false, "connect by TLS")
	flags.StringVar(&tls.CA, "tls-ca", "", "PEM file of certificates that may sign the target's (default: the system's)")
	flags.StringVar(&tls.Cert, "tls-cert", "", "PEM file of our own certificate, for mutual TLS")
	flags.StringVar(&tls.Key, "tls-key", "", "PEM file of its key")
	flags.StringVar(&tls.ServerName, "tls-server-name", "", "name that the target's certificate must have (default: the host of its address)")
	return func() p4rt.Options {
		if !*on && tls == (p4rt.TLS{}) {
			return p4rt.Options{}
		}
		return p4rt.Options{TLS: &tls}
	}
}

func newPush() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "push DIR",
		Short: "Bring the targets to what the bundle says",
		Long: "Push owns the pipeline of its targets: it reads back what they hold, writes only the difference, and reads back\n" +
			"again. Entities that no push wrote are reported, and removed only with --adopt. What switches that speak gNMI say of\n" +
			"their ports is compared with the network file first, and what differs is a warning.",
		Example: "  pillion push bundle --dry-run\n  pillion push bundle --only leaf1",
		Args:    cobra.ExactArgs(1),
	}
	var o push.Options
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "say what would be written, and write nothing")
	cmd.Flags().BoolVar(&o.Adopt, "adopt", false, "remove entities that no push wrote")
	cmd.Flags().StringSliceVar(&o.Only, "only", nil, "push to these targets only")
	connect := connectFlags(cmd)
	format := formatFlag(cmd, "text", "json")
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
		for _, line := range survey.Warnings(cmd.Context(), b.Network, o.Only, o.Connect) {
			fmt.Fprintln(cmd.ErrOrStderr(), "warning:", line)
		}
		o.Progress = progress(cmd.ErrOrStderr())
		report, err := push.Push(cmd.Context(), b, programs, o)
		if err != nil {
			return err
		}
		return answer(cmd, report.OK(), *format, map[string]func(io.Writer) error{"text": report.WriteText, "json": report.WriteJSON})
	}
	return cmd
}

// fewTargets is how many have a progress bar each.
const fewTargets = 8

// progress shows what a push does, on a terminal only.
func progress(w io.Writer) func(push.Event) {
	if !terminal(w) {
		return nil
	}
	bars := map[string]*progressbar.ProgressBar{}
	return func(e push.Event) {
		key := e.Target + " " + e.Step
		if e.Targets > fewTargets {
			if e.Step != "done" {
				return
			}
			key, e.Done, e.Total = "targets", e.Finished, e.Targets
		}
		if e.Total == 0 {
			return
		}
		bar := bars[key]
		if bar == nil {
			bar = progressbar.NewOptions(e.Total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(key), progressbar.OptionClearOnFinish())
			bars[key] = bar
		}
		if err := bar.Set(e.Done); err != nil {
			fmt.Fprintln(w, key, e.Done, "of", e.Total)
		}
	}
}
