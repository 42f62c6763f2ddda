package survey_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"pillion/runtime/p4rt"
	"pillion/runtime/survey"
)

// Each problem is one line, and so is each reason why switches were not compared.
func TestWarnings(t *testing.T) {
	net, w := sample(t)
	got := survey.Warnings(t.Context(), net.JSON(), nil, p4rt.Options{Dialer: w.dial})
	check(t, "testdata/warnings.txt", []byte(strings.Join(got, "\n")+"\n"))
	if got := survey.Warnings(t.Context(), net.JSON(), []string{"leaf3", "host7", "old"}, p4rt.Options{Dialer: w.dial}); len(got) != 1 ||
		got[0] != "ports not compared with the network file: no gNMI there (leaf3)" {
		t.Errorf("of leaf3: %q", got)
	}
	if got := survey.Warnings(t.Context(), net.JSON(), []string{"host7"}, p4rt.Options{Dialer: w.dial}); got != nil {
		t.Errorf("of no switch: %q", got)
	}
	if got := survey.Warnings(t.Context(), []byte("{"), nil, p4rt.Options{Dialer: w.dial}); len(got) != 1 || !strings.Contains(got[0], "cannot be read") {
		t.Errorf("of a damaged bundle: %q", got)
	}
}

// silent takes requests and never answers.
type silent struct{ gpb.UnimplementedGNMIServer }

func (silent) Capabilities(ctx context.Context, _ *gpb.CapabilityRequest) (*gpb.CapabilityResponse, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A switch that never answers holds nobody up for long, and hides no other.
func TestWarningsAreHasty(t *testing.T) {
	net, w := sample(t)
	w.add(t, "192.0.2.3:9559", func(r grpc.ServiceRegistrar) { gpb.RegisterGNMIServer(r, silent{}) })
	start := time.Now()
	got := survey.Warnings(t.Context(), net.JSON(), nil, p4rt.Options{Dialer: w.dial})
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it takes %v", took)
	}
	if len(got) < 3 || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "leaf1 port") }) ||
		!slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "no answer in time (leaf3") }) {
		t.Errorf("%q", got)
	}
}
