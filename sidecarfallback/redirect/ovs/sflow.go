package ovs

import (
	"encoding/json"
	"fmt"
	"strconv"

	"pillion/sidecarfallback/redirect"
)

// sflowHeader is how much of a frame a sample quotes, in bytes: enough for the
// outer headers, NSH, and the original frame's headers with IPv6 extensions.
const sflowHeader = 256

// sflowRecord is the sFlow agent of a bridge, its values as ovs-vsctl has them.
type sflowRecord struct {
	uuid                                      string
	ours                                      bool
	targets, sampling, header, polling, agent string
}

// wantedSflow is the agent that a sampling rule asks for; nil for none.
func wantedSflow(s redirect.Sample, config Config) *sflowRecord {
	if !s.Collector.IsValid() {
		return nil
	}
	return &sflowRecord{
		ours: true, targets: s.Collector.String(), sampling: strconv.FormatUint(uint64(s.OneIn), 10),
		header: strconv.Itoa(sflowHeader), polling: "0", agent: config.Agent,
	}
}

// piece describes the agent, whichever row it has.
func (s *sflowRecord) piece() string {
	return fmt.Sprintf("sflow %s sampling %s header %s polling %s agent %q", s.targets, s.sampling, s.header, s.polling, s.agent)
}

// columns are the arguments that give the row its values.
func (s *sflowRecord) columns(switchName string) []string {
	agent := "agent=[]"
	if s.agent != "" {
		agent = "agent=" + quote(s.agent)
	}
	return []string{
		"targets=" + quote(s.targets), "sampling=" + s.sampling, "header=" + s.header, "polling=" + s.polling,
		agent, "external_ids:" + nameKey + "=" + quote(switchName),
	}
}

// quote gives a string the form of the database's strings, which is JSON's.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("ovs: a string cannot be written: %v", err)) // no string is so
	}
	return string(text)
}
