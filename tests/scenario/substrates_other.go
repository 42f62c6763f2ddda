//go:build !linux

package scenario

// Substrates are all there are: outside Linux there are no network namespaces.
func Substrates(string) []Substrate { return []Substrate{Engine{}} }
