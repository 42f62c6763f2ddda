package p4rt_test

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

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"pillion/runtime/p4rt"
	"pillion/runtime/p4rt/p4rttest"
)

// authority signs certificates into files.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.sign(t, name, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign makes name.pem and name.key.
func (a *authority) sign(t *testing.T, name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
	template.Subject = pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, parentKey := a.cert, a.key
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(a.dir, name+file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestMutualTLS(t *testing.T) {
	a := newAuthority(t, "ca")
	a.sign(t, "server", &x509.Certificate{DNSNames: []string{"leaf1.example"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	a.sign(t, "client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	other := newAuthority(t, "ca")
	file := func(name string) string { return filepath.Join(a.dir, name) }
	pair, err := tls.LoadX509KeyPair(file("server.pem"), file("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert})))
	p4v1.RegisterP4RuntimeServer(g, &p4rttest.Server{DeviceID: 1})
	go func() { _ = g.Serve(l) }()
	t.Cleanup(g.Stop)

	for _, c := range []struct {
		name string
		tls  *p4rt.TLS
		want string // "": it works
	}{
		{"mutual", &p4rt.TLS{CA: file("ca.pem"), Cert: file("client.pem"), Key: file("client.key"), ServerName: "leaf1.example"}, ""},
		{"wrong name", &p4rt.TLS{CA: file("ca.pem"), Cert: file("client.pem"), Key: file("client.key"), ServerName: "leaf2.example"}, "leaf2.example"},
		{"name of the address", &p4rt.TLS{CA: file("ca.pem"), Cert: file("client.pem"), Key: file("client.key")}, "127.0.0.1"},
		{"other authority", &p4rt.TLS{CA: filepath.Join(other.dir, "ca.pem"), Cert: file("client.pem"), Key: file("client.key"), ServerName: "leaf1.example"}, "certificate signed by unknown authority"},
		{"no client certificate", &p4rt.TLS{CA: file("ca.pem"), ServerName: "leaf1.example"}, "Unavailable"},
		{"no TLS", nil, "Unavailable"},
		{"certificate without key", &p4rt.TLS{Cert: file("client.pem")}, "a certificate needs its key"},
		{"missing file", &p4rt.TLS{CA: file("nothing.pem")}, "nothing.pem"},
		{"no certificate", &p4rt.TLS{CA: file("client.key")}, "no certificate in PEM form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, err := p4rt.Dial(l.Addr().String(), 1, p4rt.Options{TLS: c.tls})
			if err == nil {
				defer client.Close()
				_, err = client.BecomePrimary(context.Background())
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v", err)
			}
		})
	}
}
