package p4rt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// Options say how a device is reached. The zero value is good for a plaintext connection.
type Options struct {
	// TLS, when set, encrypts the connection and checks who answers.
	TLS *TLS
	// Dialer makes the connection, instead of net.Dialer: network is "tcp" or "unix". A test
	// crosses into another network namespace with it.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout bounds every single RPC. 0: two minutes.
	Timeout time.Duration
	// MaxMessage bounds one message from the device, in bytes. 0: 512 MiB, because bmv2
	// answers a read of everything with one message.
	MaxMessage int
	// OnPacket, when set, gets every packet that the device sends up while this client has a stream. It is
	// called on the stream's own goroutine, so it must not wait.
	OnPacket func(*p4v1.PacketIn)
	// GRPC is appended to the options of the connection: interceptors, for example.
	GRPC []grpc.DialOption
}

// TLS names the files (PEM) for a connection by TLS, or by mutual TLS with Cert and Key.
type TLS struct {
	CA         string // certificates that may sign the device's; "": those of the system
	Cert, Key  string // this client's own; both or neither
	ServerName string // that the device's certificate must have; "": the host of the address
}

const (
	defaultTimeout    = 2 * time.Minute
	defaultMaxMessage = 512 << 20
	// A failed batch has one message per update in the trailer (P4Runtime 1.5, appendix, "gRPC
	// Metadata Maximum Size"); grpc-go's own limit is as high, but is not promised.
	maxErrorDetails = 16 << 20
	maxPEM          = 1 << 20
)

// Dial makes a client for one device. The address is host:port or unix:///path. Nothing is sent
// before the first call.
func Dial(address string, deviceID uint64, o Options) (*Client, error) {
	network, target, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	creds := insecure.NewCredentials()
	if o.TLS != nil {
		config, err := o.TLS.config(network, target)
		if err != nil {
			return nil, fmt.Errorf("TLS for %s: %w", address, err)
		}
		creds = credentials.NewTLS(config)
	}
	dial := o.Dialer
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = defaultMaxMessage
	}
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return dial(ctx, network, target) }),
		grpc.WithNoProxy(),
		grpc.WithMaxHeaderListSize(maxErrorDetails),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(o.MaxMessage)),
	}, o.GRPC...)
	if o.TLS == nil && network == "unix" {
		options = append(options, grpc.WithAuthority("localhost")) // a path is none
	}
	conn, err := grpc.NewClient("passthrough:///"+target, options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return &Client{address: address, device: deviceID, options: o, conn: conn, rpc: p4v1.NewP4RuntimeClient(conn)}, nil
}

// splitAddress takes an address apart for net.Dial.
func splitAddress(address string) (network, target string, err error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		path = "/" + strings.TrimLeft(path, "/")
		if path == "/" {
			return "", "", fmt.Errorf("address %q: a path is missing; write unix:///run/switch.sock", address)
		}
		return "unix", path, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return "", "", fmt.Errorf("address %q: write host:port, [IPv6 address]:port or unix:///path", address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "", fmt.Errorf("address %q: port %q is not a number from 1 to 65535", address, port)
	}
	return "tcp", address, nil
}

func (t *TLS) config(network, target string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if config.ServerName == "" {
		if network == "unix" {
			return nil, fmt.Errorf("a Unix socket has no host name: say which name the device's certificate has")
		}
		config.ServerName, _, _ = net.SplitHostPort(target)
	}
	if t.CA != "" {
		pem, err := readPEM(t.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: no certificate in PEM form in it", t.CA)
		}
	}
	if (t.Cert == "") != (t.Key == "") {
		return nil, fmt.Errorf("a certificate needs its key, and a key its certificate; only one of them is given")
	}
	if t.Cert != "" {
		cert, err := readPEM(t.Cert)
		if err != nil {
			return nil, err
		}
		key, err := readPEM(t.Key)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", t.Cert, t.Key, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func readPEM(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err == nil && len(data) > maxPEM {
		err = fmt.Errorf("%s: larger than %d bytes, so no certificate or key", path, maxPEM)
	}
	return data, err
}
