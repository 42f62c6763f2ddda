//go:build !linux

package scenario

import "errors"

func tsharkFields(file, filter string, fields ...string) ([][]string, error) {
	return nil, errors.New("captures are decoded on Linux only")
}

// Missing says, in sentences, what the scenario needs on any substrate and this machine lacks.
func (s *Scenario) Missing() []string {
	if s.tshark {
		return []string{"captures are decoded on Linux only"}
	}
	return nil
}
