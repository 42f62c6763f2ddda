package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

func TestListenRefuses(t *testing.T) {
	for _, c := range []struct {
		l    Listening
		want string // empty: accepted
	}{
		{Listening{Addr: "127.0.0.1:0"}, ""},
		{Listening{Addr: "[::1]:0"}, ""},
		{Listening{Addr: "unix:" + filepath.Join(t.TempDir(), "s")}, ""},
		{Listening{Addr: ":0"}, "allow remote"},
		{Listening{Addr: "0.0.0.0:0"}, "allow remote"},
		{Listening{Addr: "[::]:0"}, "allow remote"},
		{Listening{Addr: "0.0.0.0:0", AllowRemote: true}, "TLS certificate"},
		{Listening{Addr: "0.0.0.0:0", AllowPlaintext: true}, "allow remote"},
		{Listening{Addr: "0.0.0.0:0", AllowRemote: true, AllowPlaintext: true}, ""},
		{Listening{Addr: "nonsense"}, "want HOST:PORT"},
		{Listening{Addr: "127.0.0.1:0", CertFile: "x"}, "both"},
		{Listening{Addr: "127.0.0.1:0", ClientCAFile: "x"}, "certificate file and a key file"},
		{Listening{Addr: "127.0.0.1:0", CertFile: "/no/x", KeyFile: "/no/y"}, "/no/x"},
	} {
		lis, _, err := c.l.Listen()
		if err == nil {
			lis.Close()
		}
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			if c.l.Addr == "[::1]:0" && err != nil {
				t.Logf("no IPv6 here: %v", err)
				continue
			}
			t.Errorf("%+v: %v; want %q", c.l, err, c.want)
		}
	}
}

// authority makes certificates for 127.0.0.1 as PEM files.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.key, a.cert = a.issue("ca", nil, nil)
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name+".pem") }

func (a *authority) issue(name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*ecdsa.PrivateKey, *x509.Certificate) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name))), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: parent == nil, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if parent == nil {
		parent, parentKey = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, parentKey)
	if err != nil {
		a.t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name, "CERTIFICATE", der)
	a.write(name+"-key", "EC PRIVATE KEY", raw)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, cert
}

func (a *authority) write(name, kind string, der []byte) {
	if err := os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func TestMutualTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	ours.issue("server", ours.cert, ours.key)
	ours.issue("client", ours.cert, ours.key)
	theirs.issue("client", theirs.cert, theirs.key)
	lis, opts, err := Listening{Addr: "127.0.0.1:0", CertFile: ours.file("server"), KeyFile: ours.file("server-key"), ClientCAFile: ours.file("ca")}.Listen()
	if err != nil {
		t.Fatal(err)
	}
	sw, err := NewSwitch(SwitchOptions{Options: Options{DeviceID: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer sw.Close()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- sw.Serve(ctx, lis, opts...) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()

	pool := x509.NewCertPool()
	pool.AddCert(ours.cert)
	with := func(a *authority) credentials.TransportCredentials {
		cfg := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		if a != nil {
			pair, err := tls.LoadX509KeyPair(a.file("client"), a.file("client-key"))
			if err != nil {
				t.Fatal(err)
			}
			cfg.Certificates = []tls.Certificate{pair}
		}
		return credentials.NewTLS(cfg)
	}
	for _, c := range []struct {
		name  string
		creds credentials.TransportCredentials
		ok    bool
	}{
		{"our client", with(ours), true},
		{"another authority's client", with(theirs), false},
		{"no certificate", with(nil), false},
		{"plaintext", insecure.NewCredentials(), false},
	} {
		conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(c.creds))
		if err != nil {
			t.Fatal(err)
		}
		_, err = p4.NewP4RuntimeClient(conn).Capabilities(context.Background(), &p4.CapabilitiesRequest{})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		conn.Close()
	}
}
