package main

import (
	"io"

	"github.com/spf13/cobra"

	"pillion/backends/bundle"
	"pillion/p4"
	"pillion/runtime/trace"
)

func newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "trace DIR --from EP --to EP|IP",
		Short:   "Follow one packet through a bundle: each hop, table, entity and statement",
		Example: "  pillion trace bundle --from web1 --to app1 --proto tcp --dport 8080",
		Args:    cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	var r trace.Request
	f.StringVar(&r.From, "from", "", "the endpoint that sends")
	f.StringVar(&r.To, "to", "", "an endpoint, or an IP address")
	f.StringVar(&r.Proto, "proto", "", "icmp, tcp, udp or a number (default: tcp if a port is given, else icmp)")
	f.Uint16Var(&r.SPort, "sport", 0, "source port (default 40000)")
	f.Uint16Var(&r.DPort, "dport", 0, "destination port")
	six := f.BoolP("ipv6", "6", false, "IPv6 where both ends have both families")
	cmd.MarkFlagRequired("from")
	cmd.MarkFlagRequired("to")
	format := formatFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *six {
			r.Family = 6
		}
		b, err := bundle.Read(args[0])
		if err != nil {
			return err
		}
		program, err := p4.Pillion()
		if err != nil {
			return err
		}
		result, err := trace.Run(b, program, r)
		if err != nil {
			return err
		}
		return answer(cmd, result.Delivered, *format, map[string]func(io.Writer) error{"text": result.Text, "json": result.JSON})
	}
	return cmd
}
