package scenario

import (
	"fmt"
	"strings"
)

// Substrates are all there are, the quickest first. The program is the command pillion, for the substrates that run it.
func Substrates(program string) []Substrate {
	return []Substrate{
		Engine{}, Switch{Program: program}, BMv2{},
		Sidecar{Program: program, Driver: ovsDriver}, Sidecar{Program: program, Driver: bridgeDriver}, Mixed{Program: program},
	}
}

// Choose finds the substrate for a site by its name: one of engine, switch, bmv2, sidecar and mixed. The latter two take Open
// vSwitch where that can be had, and otherwise Linux bridges alone; instead then says why. The program is the command pillion.
func Choose(name, program string, site *Site) (on Substrate, instead string, err error) {
	candidates := map[string][]Substrate{
		"engine": {Engine{}}, "switch": {Switch{Program: program}}, "bmv2": {BMv2{}},
		"sidecar": {Sidecar{Program: program, Driver: ovsDriver}, Sidecar{Program: program, Driver: bridgeDriver}},
		"mixed":   {Mixed{Program: program}, Mixed{Program: program, Drivers: []string{bridgeDriver}}},
	}[name]
	if len(candidates) == 0 {
		return nil, "", fmt.Errorf("no substrate is called %q: choose of engine, switch, bmv2, sidecar and mixed", name)
	}
	var reasons []string
	for _, on := range candidates {
		missing := strings.Join(on.Missing(site), "; ")
		if missing == "" {
			if len(reasons) > 0 {
				instead = "over Linux bridges: " + reasons[0]
			}
			return on, instead, nil
		}
		reasons = append(reasons, missing)
	}
	return nil, "", fmt.Errorf("%s cannot be had here: %s", name, reasons[len(reasons)-1])
}
