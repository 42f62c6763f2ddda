// Package examples holds the example that the demonstration runs. In: nothing. Out: its files.
package examples

import _ "embed"

// WebPolicy and WebNetwork are the files of the folder web.
var (
	//go:embed web/policy.pol
	WebPolicy []byte
	//go:embed web/network.yaml
	WebNetwork []byte
)
