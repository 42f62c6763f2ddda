//go:build !linux

package drivers

import (
	"runtime"

	"pillion/sidecarfallback/redirect"
)

func openLinuxBridge(Config) (redirect.Driver, error) {
	return nil, &redirect.Unsupported{What: "a Linux bridge on " + runtime.GOOS, Remedy: "use Linux, or another driver"}
}
