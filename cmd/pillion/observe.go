package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"pillion/runtime/observe"
	"pillion/runtime/server"
)

// observer is what looks at a switch's frames, if anything does.
type observer struct {
	capture *observe.Capture
	close   func() error // of the trace's file
}

// observeFlags adds captures and traces. What it returns makes the switch's options so.
func observeFlags(cmd *cobra.Command) func(o *server.SwitchOptions, log *slog.Logger) (*observer, error) {
	f := cmd.Flags()
	ports := f.StringArray("trace", nil, "PORT, or any: write the whole way of packets that arrive there (the CPU port: packet-outs); again for each port")
	to := f.String("trace-to", "", "file for the trace (default: stderr)")
	asJSON := f.Bool("trace-json", false, "the trace as JSON, one line for each packet")
	rate := f.Int("trace-rate", 10, "packets per second that are traced at most")
	dir := f.String("pcap", "", "folder for captures: port-N.pcapng for each port, in and out")
	size := f.Int64("pcap-size", 64, "MiB for each port's captures; the latest frames are kept")
	return func(o *server.SwitchOptions, log *slog.Logger) (*observer, error) {
		out := &observer{close: func() error { return nil }}
		if len(*ports) > 0 {
			options := observe.TraceOptions{PerSecond: *rate, JSON: *asJSON, Out: cmd.ErrOrStderr()}
			var err error
			if options.Ports, err = tracePorts(*ports); err != nil {
				return nil, err
			}
			file, err := traceFile(*to)
			if err != nil {
				return nil, err
			}
			if file != nil {
				options.Out, out.close = io.Writer(file), file.Close
			}
			tracer, err := observe.NewTracer(options)
			if err != nil {
				return nil, errors.Join(err, out.close())
			}
			o.Tracer = tracer
		}
		if *dir != "" {
			var err error
			if out.capture, err = observe.NewCapture(*dir, *size<<20); err != nil {
				return nil, errors.Join(err, out.close())
			}
			out.capture.Failed = func(err error) { log.Error(err.Error()) }
			o.Tap = out.capture.Tap
		}
		return out, nil
	}
}

// tracePorts reads the ports; none stand for all.
func tracePorts(list []string) ([]uint32, error) {
	var out []uint32
	for _, s := range list {
		if s == "any" {
			return nil, nil
		}
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("--trace %q: want the number of a port, or any", s)
		}
		out = append(out, uint32(n))
	}
	return out, nil
}

func traceFile(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("file for the trace: %w", err)
	}
	return file, nil
}

// end writes what waits. The switch must be closed.
func (o *observer) end() error {
	err := o.close()
	if o.capture != nil {
		err = errors.Join(err, o.capture.Close())
	}
	return err
}
