package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Kind is a type of Prometheus.
type Kind string

// The kinds of metrics.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Metric is one metric's definition.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []string
	Help   string
}

func (m Metric) desc() *prometheus.Desc { return prometheus.NewDesc(m.Name, m.Help, m.Labels, nil) }

// check says what is wrong with a definition.
func (m Metric) check() error {
	switch {
	case !strings.HasPrefix(m.Name, "pillion_"):
		return fmt.Errorf("metric %q: its name begins with pillion_", m.Name)
	case (m.Kind == Counter) != strings.HasSuffix(m.Name, "_total"):
		return fmt.Errorf("metric %s: the names of counters, and of nothing else, end with _total", m.Name)
	case m.Help == "":
		return fmt.Errorf("metric %s: what is it?", m.Name)
	}
	return nil
}

var (
	perPort  = []string{"port", "interface"}
	perTable = []string{"table"}
	perCall  = []string{"service", "method"}
)

// definitions are the metrics of this package, in the order of the documentation.
var definitions = []Metric{
	{"pillion_port_receive_frames_total", Counter, perPort, "frames that arrived at a port"},
	{"pillion_port_receive_bytes_total", Counter, perPort, "their bytes, without the frame check sequence"},
	{"pillion_port_receive_errors_total", Counter, perPort, "frames that were lost on arrival: truncated, super-frames"},
	{"pillion_port_receive_discards_total", Counter, perPort, "good frames that arrived at a port that is not enabled"},
	{"pillion_port_transmit_frames_total", Counter, perPort, "frames that left by a port"},
	{"pillion_port_transmit_bytes_total", Counter, perPort, "their bytes, without the frame check sequence"},
	{"pillion_port_transmit_errors_total", Counter, perPort, "frames that could not be sent: too long, empty"},
	{"pillion_port_transmit_discards_total", Counter, perPort, "good frames that were lost: queue full, link down, port not enabled"},
	{"pillion_port_up", Gauge, perPort, "1 if frames can pass, else 0"},
	{"pillion_port_transitions_total", Counter, perPort, "how often that has changed"},

	{"pillion_table_entries", Gauge, perTable, "entries of a table, without the default entry"},
	{"pillion_table_size_entries", Gauge, perTable, "how many it may have, as the program says"},
	{"pillion_multicast_groups", Gauge, nil, "multicast groups"},
	{"pillion_clone_sessions", Gauge, nil, "clone sessions"},
	{"pillion_drops_total", Counter, []string{"reason"}, "frames that the policy's program dropped, by reason"},
	{"pillion_drop_bytes_total", Counter, []string{"reason"}, "their bytes"},

	{"pillion_p4runtime_clients", Gauge, nil, "controllers that are connected"},
	{"pillion_p4runtime_primaries", Gauge, nil, "roles that have a primary controller"},
	{"pillion_p4runtime_updates_total", Counter, []string{"result"}, "updates of write requests: accepted or refused"},
	{"pillion_p4runtime_entities_read_total", Counter, nil, "entities that were read"},
	{"pillion_p4runtime_packet_ins_total", Counter, nil, "frames for the controllers"},
	{"pillion_p4runtime_packet_outs_total", Counter, nil, "frames of the controllers"},
	{"pillion_p4runtime_digest_lists_total", Counter, nil, "lists of digests for the controllers"},
	{"pillion_p4runtime_lost_total", Counter, []string{"reason"},
		"what did not come through: frames before there was a pipeline; packet-ins and digests without a primary, malformed, with a full queue, or with too many acknowledgements outstanding"},

	{"pillion_grpc_requests_total", Counter, []string{"service", "method", "code"}, "requests that have ended, by their status code"},
	{"pillion_grpc_requests_open", Gauge, perCall, "requests and streams that go on"},
	{"pillion_grpc_request_duration_seconds", Histogram, perCall, "how long requests took, streams of clients left out"},
}

// Metrics lists the metrics of this package, in the order of the documentation. Beside them agents show go_ and process_
// metrics, as all Go programs do.
func Metrics() []Metric { return slices.Clone(definitions) }

// named is the definition with a name.
func named(name string) Metric {
	i := slices.IndexFunc(definitions, func(m Metric) bool { return m.Name == name })
	return definitions[i]
}
