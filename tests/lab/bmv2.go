//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// BMv2Program is bmv2's switch with a P4Runtime server.
	BMv2Program = "simple_switch_grpc"
	// bmv2Start bounds how long it may take until its server answers.
	bmv2Start = 30 * time.Second
	// maxSocketPath is the size of sun_path without its closing zero, in bytes.
	maxSocketPath = 107
)

// BMv2 says how to start simple_switch_grpc. Several switches may share one
// namespace if their names differ.
type BMv2 struct {
	Name       string // names its log and socket; empty is bmv2-DEVICE
	Namespace  *Namespace
	Ports      []SwitchPort
	DeviceID   uint64   // P4Runtime's device_id
	Address    string   // of its P4Runtime server: HOST:PORT inside the namespace, or unix:PATH; empty is a Unix socket in the scratch folder
	CPUPort    uint32   // port number for packet-in and packet-out; 0 is none
	LogLevel   string   // trace, debug, info, warn, error or off; empty is warn
	Options    []string // further options, such as --dump-packet-data
	Target     []string // further target options (behind the --), such as --max-l1-entries
	ThriftPort uint16   // for builds with Thrift, inside the namespace; 0 is bmv2's own default, 9090
	Executable string   // empty is BMv2Program in PATH
}

// SwitchPort is one port of a switch: its number in P4 and the interface.
type SwitchPort struct {
	Number    uint32
	Interface string
}

// BMv2Switch is a running simple_switch_grpc without a pipeline.
type BMv2Switch struct {
	*Process
	namespace *Namespace
	address   string
}

// StartBMv2 starts the switch and returns when its P4Runtime server accepts
// connections.
func (l *Lab) StartBMv2(ctx context.Context, config BMv2) (*BMv2Switch, error) {
	if config.Namespace == nil {
		return nil, errors.New("lab: bmv2: no namespace given")
	}
	if config.Name == "" {
		config.Name = fmt.Sprintf("bmv2-%d", config.DeviceID)
	}
	if config.Address == "" {
		config.Address = "unix:" + filepath.Join(l.dir, config.Name+".sock")
	}
	if path, ok := strings.CutPrefix(config.Address, "unix:"); ok && len(path) > maxSocketPath {
		return nil, fmt.Errorf("lab: bmv2 %s: the socket path %s is longer than %d bytes: use a shorter name or TMPDIR", config.Name, path, maxSocketPath)
	}
	if config.LogLevel == "" {
		config.LogLevel = "warn"
	}
	program := config.Executable
	if program == "" {
		program = BMv2Program
	}
	process, err := config.Namespace.Start(Command{
		Path: program,
		Args: config.arguments(),
		Log:  filepath.Join(l.dir, config.Name+".log"),
	})
	if err != nil {
		return nil, err
	}
	s := &BMv2Switch{Process: process, namespace: config.Namespace, address: config.Address}
	if err := s.answers(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("lab: bmv2 %s: %w", config.Name, err), s.Stop())
	}
	return s, nil
}

func (config *BMv2) arguments() []string {
	args := []string{
		"--no-p4", "--device-id", strconv.FormatUint(config.DeviceID, 10),
		"--log-console", "--log-level", config.LogLevel,
	}
	for _, port := range config.Ports {
		args = append(args, "-i", fmt.Sprintf("%d@%s", port.Number, port.Interface))
	}
	if config.ThriftPort != 0 {
		args = append(args, "--thrift-port", strconv.Itoa(int(config.ThriftPort)))
	}
	args = append(args, config.Options...)
	args = append(args, "--", "--grpc-server-addr", config.Address)
	if config.CPUPort != 0 {
		args = append(args, "--cpu-port", strconv.FormatUint(uint64(config.CPUPort), 10))
	}
	return append(args, config.Target...)
}

// Address is where the P4Runtime server listens. The form unix:PATH crosses
// network namespaces and is a gRPC target as it stands, for other processes
// too. HOST:PORT is reachable with Dial only: use the gRPC target
// "passthrough:///" + Address() with grpc.WithContextDialer(Dial).
func (s *BMv2Switch) Address() string { return s.address }

// Dial connects to the P4Runtime server, from inside the switch's namespace;
// the address that gRPC passes is not needed.
func (s *BMv2Switch) Dial(ctx context.Context, _ string) (net.Conn, error) {
	if path, ok := strings.CutPrefix(s.address, "unix:"); ok {
		return s.namespace.DialContext(ctx, "unix", path)
	}
	return s.namespace.DialContext(ctx, "tcp", s.address)
}

// answers waits until the server accepts a connection.
func (s *BMv2Switch) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bmv2Start)
	defer cancel()
	for {
		conn, err := s.Dial(ctx, s.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.Done():
			return s.Ended()
		case <-ctx.Done():
			return fmt.Errorf("no answer at %s: %w; log:\n%s", s.address, errors.Join(ctx.Err(), err), tail(s.log))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
