// Package isolation measures, with real packets, that tenants on ordinary switches are apart: behind an Open vSwitch and behind a
// Linux bridge, with the processes that users run as shims and sidecar.
//
// In: the command pillion, built here, and network namespaces. Out: tests, which log what they counted. PILLION_CLEAN_PACKETS is how many
// packets of clean traffic must raise no alarm (default 50,000; the project's aim is 1,000,000).
//
// It must not know: how shims and sidecars do it.
//
// Files: site_test.go builds a network, frames_test.go makes and counts frames; the others are an experiment each.
package isolation
