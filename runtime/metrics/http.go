package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Bounds of what an HTTP client may take.
const (
	maxConnections = 32
	maxInFlight    = 4 // requests for metrics at a time
	maxHeader      = 8 << 10
	slowest        = 10 * time.Second // for a request, and for its answer
	idle           = 2 * time.Minute  // beyond the usual pause between two scrapes
	farewell       = 2 * time.Second  // for requests that go on when the agent ends
)

// Listen opens the address HOST:PORT. Whoever reaches it can read, and change nothing; it is HTTP without TLS, and so for this
// host only, unless remote is allowed.
func Listen(addr string, allowRemote bool) (net.Listener, error) {
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("address of metrics %q: %w; want HOST:PORT, as in 127.0.0.1:9100", addr, err)
	}
	if !a.IP.IsLoopback() && !allowRemote {
		return nil, fmt.Errorf("address of metrics %s can be reached from other hosts; use 127.0.0.1 or ::1, or allow remote addresses", addr)
	}
	return net.ListenTCP("tcp", a)
}

// Serve answers /metrics and /healthz until the context ends (then it returns nil) or the listener fails. health says
// what is wrong with the agent, or nil; it must not take long. The listener is closed in the end.
func (r *Registry) Serve(ctx context.Context, listener net.Listener, health func() error) error {
	s := &http.Server{
		Handler:           r.Handler(health),
		ReadHeaderTimeout: slowest, ReadTimeout: slowest, WriteTimeout: 2 * slowest, IdleTimeout: idle,
		MaxHeaderBytes: maxHeader,
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		if s.Shutdown(last) != nil {
			_ = s.Close()
		}
	})
	err := s.Serve(&bounded{Listener: listener, room: make(chan struct{}, maxConnections)})
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler answers /metrics and /healthz.
func (r *Registry) Handler(health func() error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r.prometheus, promhttp.HandlerOpts{
		// One part that cannot be read does not hide the others.
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: maxInFlight, Timeout: slowest,
	}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if err := health(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, err)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

// bounded is a listener that accepts no more connections than there is room for.
type bounded struct {
	net.Listener
	room chan struct{}
}

func (b *bounded) Accept() (net.Conn, error) {
	b.room <- struct{}{}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.room
		return nil, err
	}
	return &boundedConn{Conn: c, leave: sync.OnceFunc(func() { <-b.room })}, nil
}

type boundedConn struct {
	net.Conn
	leave func()
}

func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
