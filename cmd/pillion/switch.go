package main

import (
	"errors"

	"github.com/spf13/cobra"

	"pillion/p4"
	"pillion/runtime/gnmi"
	"pillion/runtime/metrics"
	"pillion/runtime/port"
	"pillion/runtime/server"
)

func newSwitch() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "switch --grpc ADDR --device-id N -i PORT@IFACE…",
		Short: "The software switch: P4Runtime and gNMI on one port, with network interfaces as its ports",
		Long: "Switch runs any v1model program that p4c compiled for bmv2. Without --p4info and --config it waits for a controller\n" +
			"that brings a pipeline. By gNMI it shows its ports in OpenConfig's terms, and starts and stops them. It listens on\n" +
			"loopback unless --allow-remote is given, which takes TLS.",
		Example: "  pillion switch --grpc 127.0.0.1:50051 --device-id 1 -i 1@veth1 -i 2@veth2",
		Args:    cobra.NoArgs,
	}
	f := cmd.Flags()
	var o server.SwitchOptions
	var l server.Listening
	listenFlags(cmd, &l)
	f.Uint64Var(&o.DeviceID, "device-id", 0, "P4Runtime device id")
	f.Uint32Var(&o.CPUPort, "cpu-port", server.DefaultCPUPort, "the controller's port")
	interfaces := f.StringArrayP("interface", "i", nil, "PORT@IFACE, or PORT@NAMESPACE:IFACE; again for each port")
	info := f.String("p4info", "", "P4Info in text form (.txtpb)")
	config := f.String("config", "", "the bmv2 JSON that p4c made")
	monitoring := metricsFlag(cmd, &l)
	observing := observeFlags(cmd)
	logger := logFlag(cmd)
	cmd.MarkFlagRequired("grpc")
	cmd.MarkFlagRequired("device-id")
	cmd.MarkFlagsRequiredTogether("p4info", "config")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, err := logger()
		if err != nil {
			return err
		}
		defer server.SpareHeap()()
		for _, s := range *interfaces {
			spec, err := port.ParseSpec(s)
			if err != nil {
				return err
			}
			o.Ports = append(o.Ports, spec)
		}
		if *info != "" {
			pipeline, err := server.LoadConfig(*info, *config)
			if err != nil {
				return err
			}
			o.Pipeline = pipeline
		}
		o.OnLog = func(message string) { log.Info(message) }
		monitor, err := monitoring()
		if err != nil {
			return err
		}
		listener, options, err := l.Listen()
		if err != nil {
			return errors.Join(err, monitor.close())
		}
		observer, err := observing(&o, log)
		if err != nil {
			return errors.Join(err, listener.Close(), monitor.close())
		}
		o.Services = append(o.Services, gnmi.Service(gnmi.Options{}))
		sw, err := server.NewSwitch(o)
		if err != nil {
			return errors.Join(err, listener.Close(), monitor.close(), observer.end())
		}
		if monitor != nil {
			program, err := p4.Pillion()
			if err != nil {
				return errors.Join(err, sw.Close(), listener.Close(), monitor.close(), observer.end())
			}
			monitor.Ports(sw.Ports)
			monitor.Server(sw.P4Runtime)
			monitor.Drops(p4.DropReasons, metrics.DropCells(sw.P4Runtime, program.Config, p4.DropCounter))
		}
		unmonitor := monitor.serve(log, sw.Health)
		log.Info("listening", "device", o.DeviceID, "grpc", listener.Addr().String(), "ports", len(o.Ports))
		err = sw.Serve(cmd.Context(), listener, append(options, monitor.options()...)...)
		return errors.Join(err, unmonitor(), sw.Close(), observer.end())
	}
	return cmd
}
