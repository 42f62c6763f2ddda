package metrics

import (
	"context"
	"path"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// calls counts requests. It is a stats handler, as with an interceptor the server would have to make a message of every update.
type calls struct {
	ended    *prometheus.CounterVec
	open     *prometheus.GaugeVec
	duration *prometheus.HistogramVec
}

// GRPC shows the requests of a gRPC server that is made with this option.
func (r *Registry) GRPC() grpc.ServerOption {
	ended, open, duration := named("pillion_grpc_requests_total"), named("pillion_grpc_requests_open"), named("pillion_grpc_request_duration_seconds")
	c := &calls{
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{Name: ended.Name, Help: ended.Help}, ended.Labels),
		open:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: open.Name, Help: open.Help}, open.Labels),
		// From a lonely read to a write of 100,000 entries.
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: duration.Name, Help: duration.Help, Buckets: prometheus.ExponentialBuckets(0.0001, 4, 10)}, duration.Labels),
	}
	r.prometheus.MustRegister(c.ended, c.open, c.duration)
	return grpc.StatsHandler(c)
}

type callKey struct{}

// call is one request.
type call struct {
	service, method string
	stream          bool // of the client's messages: it takes as long as the client likes
}

// TagRPC implements stats.Handler.
func (c *calls) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	// "/p4.v1.P4Runtime/Write"
	service, method := path.Split(info.FullMethodName)
	service = strings.Trim(service, "/")
	return context.WithValue(ctx, callKey{}, &call{service: service[strings.LastIndexByte(service, '.')+1:], method: method})
}

// HandleRPC implements stats.Handler. Only requests for methods that there are begin, so labels are bounded.
func (c *calls) HandleRPC(ctx context.Context, event stats.RPCStats) {
	of, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return
	}
	switch e := event.(type) {
	case *stats.Begin:
		of.stream = e.IsClientStream
		c.open.WithLabelValues(of.service, of.method).Inc()
	case *stats.End:
		c.open.WithLabelValues(of.service, of.method).Dec()
		c.ended.WithLabelValues(of.service, of.method, status.Code(e.Error).String()).Inc()
		if !of.stream {
			c.duration.WithLabelValues(of.service, of.method).Observe(e.EndTime.Sub(e.BeginTime).Seconds())
		}
	}
}

// TagConn implements stats.Handler.
func (*calls) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (*calls) HandleConn(context.Context, stats.ConnStats) {}
