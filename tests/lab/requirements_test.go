//go:build linux

package lab

import (
	"strings"
	"testing"
)

func TestMissingProgramsAreNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for need, program := range map[Requirement]string{
		BMv2Binary: "simple_switch_grpc", Tshark: "tshark", OpenVSwitch: "ovs-vswitchd",
	} {
		got := Missing(need)
		if len(got) != 1 || !strings.HasPrefix(got[0], program+" is not in PATH: ") {
			t.Errorf("%q, want a sentence about %s", got, program)
		}
	}
	if _, err := TsharkFields(t.Context(), "x.pcap", "", "ip.src"); err != ErrNoTshark {
		t.Errorf("without tshark: %v", err)
	}
}

func TestEveryRequirementHasAProbe(t *testing.T) {
	for _, need := range Requirements() {
		if probes()[need] == nil {
			t.Errorf("requirement %d has no probe", need)
		}
	}
	for _, sentence := range Missing(Requirements()...) {
		t.Log("missing here: " + sentence)
	}
}
