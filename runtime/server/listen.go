package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Listening says where a server listens and who may reach it. Whoever can reach a
// P4Runtime server owns the switch: so only this host can, unless told otherwise.
type Listening struct {
	// Addr is HOST:PORT, or unix:PATH for a Unix socket. Port 0 chooses a free one.
	Addr string
	// CertFile and KeyFile are PEM files; both or none. With them the server speaks TLS.
	CertFile, KeyFile string
	// ClientCAFile is a PEM file of authorities; with it clients must show a
	// certificate of one of them (mutual TLS).
	ClientCAFile string
	// AllowRemote permits addresses that other hosts can reach. It takes TLS.
	AllowRemote bool
	// AllowPlaintext permits AllowRemote without TLS: for closed lab networks.
	AllowPlaintext bool
}

// Listen opens the listener, and returns the gRPC options that belong to it.
func (l Listening) Listen() (net.Listener, []grpc.ServerOption, error) {
	opts, err := l.options()
	if err != nil {
		return nil, nil, err
	}
	if path, ok := strings.CutPrefix(l.Addr, "unix:"); ok {
		lis, err := listenUnix(path)
		return lis, opts, err
	}
	addr, err := net.ResolveTCPAddr("tcp", l.Addr)
	if err != nil {
		return nil, nil, fmt.Errorf("address %q: %w; want HOST:PORT, as in 127.0.0.1:9559, or unix:PATH", l.Addr, err)
	}
	if !addr.IP.IsLoopback() {
		switch {
		case !l.AllowRemote:
			return nil, nil, fmt.Errorf("address %s can be reached from other hosts, and whoever reaches it owns the switch; use 127.0.0.1 or ::1, or allow remote addresses", l.Addr)
		case l.CertFile == "" && !l.AllowPlaintext:
			return nil, nil, fmt.Errorf("address %s can be reached from other hosts: give a TLS certificate and key", l.Addr)
		}
	}
	lis, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	return lis, opts, nil
}

// listenUnix makes the socket for its owner only. A socket that nobody answers on
// any more is replaced.
func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			return nil, fmt.Errorf("unix socket %s is in use: another agent answers there; end it, or name another path", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	// A folder that is not there is made, also for its owner only.
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("unix socket %s: %w", path, err)
	}
	lis, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, lis.Close())
	}
	return lis, nil
}

func (l Listening) options() ([]grpc.ServerOption, error) {
	if (l.CertFile == "") != (l.KeyFile == "") {
		return nil, errors.New("TLS takes a certificate file and a key file, both")
	}
	if l.CertFile == "" {
		if l.ClientCAFile != "" {
			return nil, errors.New("a client CA takes a certificate file and a key file of the server too")
		}
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(l.CertFile, l.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %s with key %s: %w", l.CertFile, l.KeyFile, err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if l.ClientCAFile != "" {
		pem, err := os.ReadFile(l.ClientCAFile)
		if err != nil {
			return nil, fmt.Errorf("client CA: %w", err)
		}
		cfg.ClientCAs = x509.NewCertPool()
		if !cfg.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("client CA %s has no certificate in PEM form", l.ClientCAFile)
		}
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return []grpc.ServerOption{grpc.Creds(credentials.NewTLS(cfg))}, nil
}
