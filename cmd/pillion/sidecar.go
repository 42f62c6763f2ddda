package main

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"

	"pillion/runtime/port"
	"pillion/runtime/server"
	"pillion/sidecarfallback/redirect/drivers"
	"pillion/sidecarfallback/sidecar"
)

func newSidecar() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sidecar NAME --bundle DIR --trunk IFACE",
		Short: "The agent beside an ordinary switch: an edge switch on a stick",
		Long: "Sidecar does beside an ordinary switch what that cannot: it is the edge of what is wired to it, replicates multicast,\n" +
			"continues chains, and checks what end hosts send past their shims. Ports, wires and redirect rules come from the\n" +
			"bundle, which is read again when it changes; the entities come by P4Runtime (pillion push). When the agent ends, in\n" +
			"whatever way, the redirect rules stay in the switch; one that starts again has the entities that the last one had.\n" +
			"It needs root, and Linux 4.20 at least.",
		Example: "  pillion sidecar side2 --bundle bundle --trunk veth9 --driver ovs --bridge br0\n" +
			"  pillion sidecar side2 --bundle bundle --trunk eth1 --wire 7@eth2 --driver linux-bridge --bridge br0 --port 3@eth3 --port 7@eth7 --port 9@eth9 --port 21@eth21\n" +
			"  pillion sidecar side2 --release 3",
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	var o sidecar.Options
	var l server.Listening
	var config drivers.Config
	f.StringVar(&o.Bundle, "bundle", "", "the bundle's folder")
	trunk := f.String("trunk", "", "IFACE or NAMESPACE:IFACE: where the sidecar is on the ordinary switch")
	wires := f.StringArray("wire", nil, "PORT@IFACE: the interface for a wired port of the switch that has one of its own; again for each")
	sample := f.String("sample", "", "IFACE or NAMESPACE:IFACE: where the switch copies samples to; needed where the network file has sample: with via:")
	listenFlags(cmd, &l)
	f.Lookup("grpc").Usage += " (default: the address in the bundle)"
	ports := driverFlags(f.StringVar, f.StringArray, &config)
	completeFrom(cmd, "driver", drivers.Names()...)
	f.Lookup("driver").Usage += ": apply the redirect rules, and keep them"
	f.BoolVar(&o.Quarantine, "quarantine", false, "cut the port off that a violation came from; takes --driver")
	f.DurationVar(&o.Grace, "grace", sidecar.DefaultGrace, "how long after a push frames are good that the rules before it allow: longer than a push takes")
	from := f.StringArray("sflow-from", nil, "PREFIX: believe sFlow from there too, and not from this machine alone, as in 192.0.2.7/32; again for each")
	release := f.Uint32("release", 0, "let this port of the switch out of quarantine, and end")
	f.StringVar(&o.State, "state", sidecar.DefaultState, "folder for the journal of the entities, and the quarantine")
	f.BoolVar(&o.Reset, "reset", false, "begin without the entities that an earlier agent left")
	monitoring := metricsFlag(cmd, &l)
	logger := logFlag(cmd)
	cmd.MarkFlagsOneRequired("bundle", "release")
	cmd.MarkFlagsMutuallyExclusive("bundle", "release")
	cmd.MarkFlagsRequiredTogether("bundle", "trunk")
	cmd.MarkFlagsRequiredTogether("driver", "bridge")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Name = args[0]
		if *release != 0 {
			return sidecar.Release(o, *release)
		}
		log, err := logger()
		if err != nil {
			return err
		}
		o.Log = log
		o.OnLog = func(message string) { log.Info(message) }
		if err := interfacesOf(&o, *trunk, *sample, *wires); err != nil {
			return err
		}
		if o.SflowFrom, err = prefixesOf(*from); err != nil {
			return err
		}
		if config.Ports, err = drivers.ParsePorts(*ports); err != nil {
			return err
		}
		if config.Driver != "" {
			o.Driver = &config
		} else if config.OVSFolder != "" || config.Ports != nil {
			return errors.New("--port and --ovs-dir take --driver and --bridge")
		}
		// An address that is taken is found out before anything is opened.
		monitor, err := monitoring()
		if err != nil {
			return err
		}
		agent, err := sidecar.Open(o)
		if err != nil {
			return errors.Join(err, monitor.close())
		}
		defer server.SpareHeap()()
		if l.Addr == "" {
			l.Addr = agent.Address()
		}
		listener, options, err := l.Listen()
		if err != nil {
			return errors.Join(err, monitor.close(), agent.Close())
		}
		if monitor != nil {
			if err := agent.Show(monitor.Registry); err != nil {
				return errors.Join(err, listener.Close(), monitor.close(), agent.Close())
			}
		}
		unmonitor := monitor.serve(log, agent.Health)
		log.Info("listening", "grpc", listener.Addr().String())
		err = agent.Serve(cmd.Context(), listener, append(options, monitor.options()...)...)
		if err = errors.Join(err, unmonitor(), agent.Close()); err != nil {
			return err
		}
		log.Info("ended; the redirect rules stay in the switch")
		return nil
	}
	return cmd
}

// interfacesOf reads the interfaces of the command line.
func interfacesOf(o *sidecar.Options, trunk, sample string, wires []string) (err error) {
	if o.Trunk, err = interfaceOf("trunk", trunk); err != nil {
		return err
	}
	if sample != "" {
		if o.Sample, err = interfaceOf("sample", sample); err != nil {
			return err
		}
	}
	for _, w := range wires {
		spec, err := port.ParseSpec(w)
		if err != nil {
			return fmt.Errorf("--wire: %w", err)
		}
		o.Wires = append(o.Wires, spec)
	}
	return nil
}

func prefixesOf(words []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, word := range words {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("--sflow-from %q: want ADDRESS/LENGTH, as in 192.0.2.7/32", word)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// interfaceOf reads IFACE or NAMESPACE:IFACE.
func interfaceOf(flag, word string) (port.Spec, error) {
	spec, err := port.ParseSpec("0@" + word)
	if err != nil {
		return spec, fmt.Errorf("--%s %q: want IFACE or NAMESPACE:IFACE, as in veth0", flag, word)
	}
	return spec, nil
}
