package scenario

import (
	"context"
	"time"

	"pillion/tests/lab"
)

// tsharkTimeout is more than a run of tshark over a small file takes.
const tsharkTimeout = time.Minute

// tsharkFields decodes a pcap file; see [lab.TsharkFields].
func tsharkFields(file, filter string, fields ...string) ([][]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), tsharkTimeout)
	defer cancel()
	return lab.TsharkFields(ctx, file, filter, fields...)
}

// Missing says, in sentences, what the scenario needs on any substrate and this machine lacks.
func (s *Scenario) Missing() []string {
	if s.tshark {
		return lab.Missing(lab.Tshark)
	}
	return nil
}
