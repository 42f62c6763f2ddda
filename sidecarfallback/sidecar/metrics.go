package sidecar

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"pillion/p4"
	"pillion/runtime/metrics"
)

// The metrics that a sidecar has beside those of a switch.
var (
	checkedFrames = metrics.Metric{Name: "pillion_sidecar_checked_frames_total", Kind: metrics.Counter, Labels: []string{"seen"},
		Help: "frames that were checked: on their way into the program (trunk), copied by the ordinary switch (sample), or described by it (sflow)"}
	violatingFrames = metrics.Metric{Name: "pillion_sidecar_violating_frames_total", Kind: metrics.Counter, Labels: []string{"seen"},
		Help: "those of them that no shim would have sent; on the trunk they were dropped"}
	unsureFrames = metrics.Metric{Name: "pillion_sidecar_unsure_frames_total", Kind: metrics.Counter, Labels: []string{"seen"},
		Help: "those of them that nobody was blamed for, as a new bundle was being read; on the trunk they were dropped"}
	violations = metrics.Metric{Name: "pillion_sidecar_violations_total", Kind: metrics.Counter, Labels: []string{"endpoint"},
		Help: "frames that no shim would have sent, by the endpoint whose shim was passed by"}
	quarantined = metrics.Metric{Name: "pillion_sidecar_quarantined_ports", Kind: metrics.Gauge, Help: "ports of the ordinary switch that are cut off"}
	sflowGot    = metrics.Metric{Name: "pillion_sidecar_sflow_datagrams_total", Kind: metrics.Counter, Labels: []string{"result"},
		Help: "sFlow datagrams: read, broken, or foreign (from somebody who is not believed)"}
	sflowLost = metrics.Metric{Name: "pillion_sidecar_sflow_unplaced_samples_total", Kind: metrics.Counter,
		Help: "sFlow samples that came in by an interface that is no known port: they are not checked"}
	ruleSets = metrics.Metric{Name: "pillion_sidecar_rule_sets", Kind: metrics.Gauge,
		Help: "sets of rules that frames are checked by; more than 1 until a new bundle was pushed, and half a minute longer"}
	bundlesRead     = metrics.Metric{Name: "pillion_sidecar_bundles_total", Kind: metrics.Counter, Help: "bundles that were read"}
	redirectApplied = metrics.Metric{Name: "pillion_sidecar_redirect_applied", Kind: metrics.Gauge, Help: "1 if the ordinary switch does what the redirect rules say, else 0"}
	redirectRepairs = metrics.Metric{Name: "pillion_sidecar_redirect_repairs_total", Kind: metrics.Counter,
		Help: "times that the ordinary switch did not do so any more, and was put right"}
	redirectFailures = metrics.Metric{Name: "pillion_sidecar_redirect_failures_total", Kind: metrics.Counter, Help: "times that the ordinary switch could not be put right"}
)

// Metrics lists the metrics that only sidecars have, in the order of the documentation.
func Metrics() []metrics.Metric {
	return []metrics.Metric{
		checkedFrames, violatingFrames, unsureFrames, violations, quarantined, sflowGot, sflowLost, ruleSets, bundlesRead,
		redirectApplied, redirectRepairs, redirectFailures,
	}
}

// Show adds all that the agent counts to a registry.
func (a *Agent) Show(r *metrics.Registry) error {
	program, err := p4.Pillion()
	if err != nil {
		return err
	}
	r.Ports(a.sw.Ports)
	r.Server(a.sw.P4Runtime)
	r.Drops(p4.DropReasons, metrics.DropCells(a.sw.P4Runtime, program.Config, p4.DropCounter))
	bySight := func(of func(sight) uint64) func(func(float64, ...string)) error {
		return func(emit func(float64, ...string)) error {
			for s := range sights {
				emit(float64(of(s)), s.String())
			}
			return nil
		}
	}
	one := func(value func() float64) func(func(float64, ...string)) error {
		return func(emit func(float64, ...string)) error {
			emit(value())
			return nil
		}
	}
	kept := func(value func(keeperStats) float64) func(func(float64, ...string)) error {
		return func(emit func(float64, ...string)) error {
			if a.keeper != nil {
				emit(value(a.keeper.read()))
			}
			return nil
		}
	}
	return errors.Join(
		r.Add(checkedFrames, bySight(func(s sight) uint64 { return a.inspector.checked[s].Load() })),
		r.Add(violatingFrames, bySight(func(s sight) uint64 { return a.inspector.found[s].Load() })),
		r.Add(unsureFrames, bySight(func(s sight) uint64 { return a.inspector.unsure[s].Load() })),
		r.Add(violations, func(emit func(float64, ...string)) error {
			counts := a.inspector.violations()
			for _, name := range slices.Sorted(maps.Keys(counts)) {
				emit(float64(counts[name]), name)
			}
			return nil
		}),
		r.Add(quarantined, one(func() float64 { return float64(len(a.quarantine.list())) })),
		r.Add(sflowGot, func(emit func(float64, ...string)) error {
			emit(float64(a.collector.datagrams.Load()), "read")
			emit(float64(a.collector.broken.Load()), "broken")
			emit(float64(a.collector.foreign.Load()), "foreign")
			return nil
		}),
		r.Add(sflowLost, one(func() float64 { return float64(a.collector.unknown.Load()) })),
		r.Add(ruleSets, one(func() float64 { return float64(1 + a.grace.verifier.Excusing()) })),
		r.Add(bundlesRead, one(func() float64 { return float64(a.bundles.Load()) })),
		r.Add(redirectApplied, kept(func(s keeperStats) float64 {
			if s.applied {
				return 1
			}
			return 0
		})),
		r.Add(redirectRepairs, kept(func(s keeperStats) float64 { return float64(s.repairs) })),
		r.Add(redirectFailures, kept(func(s keeperStats) float64 { return float64(s.failed) })),
	)
}

// Health says what is wrong, or nil: whether there is a pipeline, the ports are up, the redirect rules applied, and the bundle
// could be read.
func (a *Agent) Health() error {
	var errs []error
	if a.sw.P4Runtime.Engine() == nil {
		errs = append(errs, errors.New("there is no pipeline yet, so nothing passes: pillion push brings one"))
	}
	for _, number := range a.sw.Ports.Numbers() {
		if st, err := a.sw.Ports.Status(number); err == nil && !st.Up() {
			errs = append(errs, fmt.Errorf("port %d (%s) is down", number, st.Name))
		}
	}
	if a.keeper != nil && !a.keeper.read().applied {
		errs = append(errs, fmt.Errorf("the redirect rules of %s are not applied", a.duty.Load().sw))
	}
	for _, p := range a.log.list() {
		errs = append(errs, fmt.Errorf("%s: %w", p.about, p.err))
	}
	return errors.Join(errs...)
}
