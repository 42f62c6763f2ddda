//go:build !linux

package scenario

import "fmt"

// Substrates are all there are: outside Linux there are no network namespaces.
func Substrates(string) []Substrate { return []Substrate{Engine{}} }

// Choose finds the substrate for a site by its name.
func Choose(name, _ string, _ *Site) (on Substrate, instead string, err error) {
	if name == "engine" {
		return Engine{}, "", nil
	}
	return nil, "", fmt.Errorf("%s needs Linux; choose engine", name)
}
