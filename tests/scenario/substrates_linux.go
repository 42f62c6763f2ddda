package scenario

// Substrates are all there are, the quickest first. The program is the command pillion, for the substrates that run it.
func Substrates(program string) []Substrate {
	return []Substrate{
		Engine{}, Switch{Program: program}, BMv2{},
		Sidecar{Program: program, Driver: ovsDriver}, Sidecar{Program: program, Driver: bridgeDriver}, Mixed{Program: program},
	}
}
