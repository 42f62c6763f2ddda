package scenario

import (
	"context"
	"fmt"
	"os"

	"pillion/tests/lab"
)

// BMv2 is the substrate of bmv2's simple_switch_grpc, the P4 language's reference switch.
type BMv2 struct{}

// Name implements [Substrate].
func (BMv2) Name() string { return "bmv2" }

// Missing implements [Substrate].
func (BMv2) Missing(site *Site) []string { return append(p4Only(site), needs(site, lab.BMv2Binary)...) }

// Start implements [Substrate].
func (BMv2) Start(ctx context.Context, site *Site) (World, error) {
	return startKernel(ctx, site, "", func(ctx context.Context, w *wiring, i int) (string, error) {
		sw := &w.net.Switches[i]
		s, err := w.lab.StartBMv2(ctx, lab.BMv2{Name: "bmv2-" + sw.Name, Namespace: w.switches[i], Ports: w.ports[i],
			DeviceID: sw.DeviceID, CPUPort: sw.CPUPort, LogLevel: os.Getenv("PILLION_BMV2_LOG")})
		if err != nil {
			return "", fmt.Errorf("%s: %w", sw.Name, err)
		}
		return s.Address(), nil
	})
}
