package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Registry is what one agent shows.
type Registry struct {
	prometheus *prometheus.Registry
}

// New returns a registry that shows the process itself.
func New() *Registry {
	r := &Registry{prometheus: prometheus.NewRegistry()}
	r.prometheus.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Add shows a metric of the agent's own, a [Counter] or a [Gauge], that is read whenever somebody asks. The values of its
// labels come in the order of the definition, and there must be a bound to how many there are.
func (r *Registry) Add(m Metric, read func(emit func(value float64, labels ...string)) error) error {
	if err := m.check(); err != nil {
		return err
	}
	return r.prometheus.Register(newSource([]Metric{m}, func(e *emitter) error {
		return read(func(value float64, labels ...string) { e.emit(m.Name, value, labels...) })
	}))
}

// show adds metrics of this package.
func (r *Registry) show(names []string, read func(e *emitter) error) {
	var metrics []Metric
	for _, n := range names {
		metrics = append(metrics, named(n))
	}
	r.prometheus.MustRegister(newSource(metrics, read))
}

// source is metrics that are read together.
type source struct {
	metrics map[string]Metric
	descs   map[string]*prometheus.Desc
	read    func(e *emitter) error
}

func newSource(metrics []Metric, read func(e *emitter) error) *source {
	s := &source{metrics: map[string]Metric{}, descs: map[string]*prometheus.Desc{}, read: read}
	for _, m := range metrics {
		s.metrics[m.Name], s.descs[m.Name] = m, m.desc()
	}
	return s
}

// Describe implements prometheus.Collector.
func (s *source) Describe(out chan<- *prometheus.Desc) {
	for _, d := range s.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s *source) Collect(out chan<- prometheus.Metric) {
	if err := s.read(&emitter{s, out}); err != nil {
		for _, d := range s.descs {
			out <- prometheus.NewInvalidMetric(d, err)
			return
		}
	}
}

type emitter struct {
	source *source
	out    chan<- prometheus.Metric
}

// emit gives one value.
func (e *emitter) emit(name string, value float64, labels ...string) {
	kind := prometheus.GaugeValue
	if e.source.metrics[name].Kind == Counter {
		kind = prometheus.CounterValue
	}
	for i, l := range labels {
		labels[i] = strings.ToValidUTF8(l, "?")
	}
	m, err := prometheus.NewConstMetric(e.source.descs[name], kind, value, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(e.source.descs[name], err)
	}
	e.out <- m
}
