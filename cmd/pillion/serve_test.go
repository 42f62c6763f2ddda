package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// log is stderr of a command that runs.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// find waits for what a command says.
func (l *log) find(t *testing.T, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for range 3000 {
		if m := expression.FindStringSubmatch(l.String()); m != nil {
			return m[1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it does not say %s but\n%s", pattern, l)
	return ""
}

// A switch shows its metrics and health, and ends when it is told to.
func TestSwitchIsMonitored(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var said log
	cmd := newSwitch()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetErr(&said)
	cmd.SetArgs([]string{"--grpc", "127.0.0.1:0", "--device-id", "1", "--metrics", "127.0.0.1:0", "--log-format", "json"})
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	at := strings.TrimSuffix(said.find(t, `"address":"(http://[^"]+)"`), "/metrics")
	for path, want := range map[string]string{"/metrics": "pillion_p4runtime_clients 0\n", "/healthz": "ok\n"} {
		r, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s (%v)", path, body, err)
		}
		r.Body.Close()
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
