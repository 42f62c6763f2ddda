package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"pillion/runtime/metrics"
	"pillion/runtime/server"
)

// listenFlags adds where an agent's gRPC server listens, and who may reach it.
func listenFlags(cmd *cobra.Command, l *server.Listening) {
	f := cmd.Flags()
	f.StringVar(&l.Addr, "grpc", "", "HOST:PORT or unix:PATH to listen on")
	f.StringVar(&l.CertFile, "tls-cert", "", "PEM file of the server's certificate")
	f.StringVar(&l.KeyFile, "tls-key", "", "PEM file of its key")
	f.StringVar(&l.ClientCAFile, "tls-client-ca", "", "PEM file of authorities that clients' certificates must be signed by")
	f.BoolVar(&l.AllowRemote, "allow-remote", false, "listen where other hosts can reach it; takes TLS")
}

// logFlag adds the form of an agent's log, which goes to stderr.
func logFlag(cmd *cobra.Command) func() (*slog.Logger, error) {
	format := cmd.Flags().String("log-format", "text", "text (key=value) or json, one line each")
	completeFrom(cmd, "log-format", "text", "json")
	return func() (*slog.Logger, error) { return newLog(cmd.ErrOrStderr(), *format) }
}

func newLog(w io.Writer, format string) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, fmt.Errorf("--log-format %q: want text or json", format)
}

// monitor shows what an agent does. A nil one, of an agent that was not asked to, does nothing.
type monitor struct {
	*metrics.Registry
	listener net.Listener
}

// metricsFlag adds where an agent shows its metrics and its health. What it returns opens that address.
func metricsFlag(cmd *cobra.Command, l *server.Listening) func() (*monitor, error) {
	addr := cmd.Flags().String("metrics", "", "HOST:PORT for Prometheus (/metrics) and /healthz, by HTTP")
	return func() (*monitor, error) {
		if *addr == "" {
			return nil, nil
		}
		listener, err := metrics.Listen(*addr, l.AllowRemote)
		if err != nil {
			return nil, err
		}
		return &monitor{metrics.New(), listener}, nil
	}
}

// options are for the agent's gRPC server.
func (m *monitor) options() []grpc.ServerOption {
	if m == nil {
		return nil
	}
	return []grpc.ServerOption{m.GRPC()}
}

// serve answers until the function that it returns is called.
func (m *monitor) serve(log *slog.Logger, health func() error) (stop func() error) {
	if m == nil {
		return func() error { return nil }
	}
	log.Info("metrics", "address", "http://"+m.listener.Addr().String()+"/metrics")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx, m.listener, health) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// close is for a monitor that never served.
func (m *monitor) close() error {
	if m == nil {
		return nil
	}
	return m.listener.Close()
}
