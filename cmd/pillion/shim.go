package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"pillion/p4"
	"pillion/runtime/server"
	"pillion/sidecarfallback/shim"
)

func newShim() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "shim -i IFACE --grpc ADDR",
		Short: "The end host's agent: eBPF on an interface, behind P4Runtime",
		Long: "Shim lets through an interface what its rules let through, and a controller brings those (pillion push): until then\n" +
			"that is nothing, so let the controller come by a Unix socket or another interface. When the agent ends, in whatever\n" +
			"way, rules and data plane stay; one that starts again takes over without losing a packet. --detach takes\n" +
			"them off and ends. It needs root, and Linux 5.17 at least.",
		Example: "  pillion shim -i eth1 --grpc unix:/run/pillion/eth1.sock\n  pillion shim -i eth1 --detach",
		Args:    cobra.NoArgs,
	}
	f := cmd.Flags()
	var o shim.Options
	var l server.Listening
	f.StringVarP(&o.Interface, "interface", "i", "", "the interface to guard")
	listenFlags(cmd, &l)
	f.StringVar(&o.Name, "name", "", "tells shims apart that share --pins and --state, as in several network namespaces (default: the interface's name)")
	f.Uint64Var(&o.DeviceID, "device-id", 1, "P4Runtime device id")
	f.StringVar(&o.Pins, "pins", shim.DefaultPins, "folder of a bpffs, for what outlives the agent")
	f.StringVar(&o.State, "state", shim.DefaultState, "folder for the journal of the rules")
	f.BoolVar(&o.TrustChecksums, "trust-checksums", false, "the interface completes the checksums of encapsulated frames: leave them to it")
	f.BoolVar(&o.Reset, "reset", false, "begin without the rules that an earlier agent left")
	detach := f.Bool("detach", false, "take rules and data plane off the interface, and end")
	monitoring := metricsFlag(cmd, &l)
	logger := logFlag(cmd)
	cmd.MarkFlagRequired("interface")
	cmd.MarkFlagsOneRequired("grpc", "detach")
	cmd.MarkFlagsMutuallyExclusive("grpc", "detach")
	cmd.MarkFlagsMutuallyExclusive("reset", "detach")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, err := logger()
		if err != nil {
			return err
		}
		if *detach {
			if err := shim.Detach(o); err != nil {
				return err
			}
			log.Info("detached: the interface is as though there had never been a shim", "interface", o.Interface)
			return nil
		}
		// An address that is taken is found out before anything is attached.
		monitor, err := monitoring()
		if err != nil {
			return err
		}
		listener, options, err := l.Listen()
		if err != nil {
			return errors.Join(err, monitor.close())
		}
		agent, err := shim.Open(o)
		if err != nil {
			return errors.Join(err, listener.Close(), monitor.close())
		}
		if monitor != nil {
			monitor.Server(agent.P4Runtime)
			monitor.Drops(p4.DropReasons, agent.Dropped)
		}
		unmonitor := monitor.serve(log, agent.Health)
		log.Info("attached", "interface", o.Interface, "device", o.DeviceID, "rules", agent.Rules(), "grpc", listener.Addr().String())
		ctx, cancel := context.WithCancelCause(cmd.Context())
		defer cancel(nil)
		removed := fmt.Errorf("interface %s was removed, and the shim with it: start again when there is a new one", o.Interface)
		go func() {
			select {
			case <-agent.Gone():
				cancel(removed)
			case <-ctx.Done():
			}
		}()
		err = agent.Serve(ctx, listener, append(options, monitor.options()...)...)
		if cause := context.Cause(ctx); errors.Is(cause, removed) {
			err = errors.Join(err, cause)
		}
		if err = errors.Join(err, unmonitor(), agent.Close()); err != nil {
			return err
		}
		log.Info("ended; the data plane goes on with its rules", "interface", o.Interface)
		return nil
	}
	return cmd
}
