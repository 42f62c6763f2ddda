package scenario

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"pillion/tests/policytest"
)

// Prober lets a world carry the probes of a policy's test blocks: it is a [policytest.Substrate].
type Prober struct {
	name   string
	site   *Site
	world  World
	joined map[netip.Addr]bool
}

// probePatience is how long a probe waits for what may not come.
const probePatience = time.Second

// NewProber brings the site up on a substrate. Whoever makes a prober closes it.
func NewProber(ctx context.Context, site *Site, on Substrate) (*Prober, error) {
	site, err := Remade(site, on)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", on.Name(), err)
	}
	world, err := on.Start(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", on.Name(), err)
	}
	return &Prober{name: on.Name(), site: site, world: world, joined: map[netip.Addr]bool{}}, nil
}

// Name implements [policytest.Substrate].
func (p *Prober) Name() string { return p.name }

// Counters implements [policytest.Counter].
func (p *Prober) Counters() (map[string]uint64, error) { return p.world.Counters() }

// Close takes the site down.
func (p *Prober) Close() error { return p.world.Close() }

// Send implements [policytest.Substrate].
func (p *Prober) Send(ctx context.Context, probe policytest.Probe) (policytest.Observation, error) {
	if err := ctx.Err(); err != nil {
		return policytest.Observation{}, err
	}
	if probe.Group() {
		return p.toGroup(probe)
	}
	switch probe.Proto {
	case protoICMP, protoTCP, protoUDP:
	default:
		return policytest.Observation{}, fmt.Errorf("%w: hosts have no sockets for protocol %d", policytest.ErrUnsupported, probe.Proto)
	}
	talk := Talk{Proto: probe.Proto, From: probe.From, To: probe.To, Size: defaultSize, Count: 1, Patience: probePatience,
		Source: netip.AddrPortFrom(probe.Source, probe.SPort), Destination: netip.AddrPortFrom(probe.Destination, probe.DPort)}
	o, err := p.world.Talk(talk)
	if err != nil {
		return policytest.Observation{}, err
	}
	seen := policytest.Observation{Answered: o.Answered == 1, Via: o.There, CopiedTo: o.CopiedThere, AnswerVia: o.Back, AnswerCopiedTo: o.CopiedBack}
	if o.Arrived > 0 {
		seen.DeliveredTo = []string{probe.To}
	}
	if o.Trouble != "" {
		seen.Trouble = []string{o.Trouble}
	}
	return seen, nil
}

// toGroup has every host listen that has the family.
func (p *Prober) toGroup(probe policytest.Probe) (policytest.Observation, error) {
	group := probe.Destination
	if !p.joined[group] {
		p.joined[group] = true
		for i := range p.site.Net.Endpoints {
			e := &p.site.Net.Endpoints[i]
			if !(end{e, e.IPs}).address(familyOf(group)).IsValid() {
				continue
			}
			if err := p.world.Join(e.Name, group); err != nil {
				return policytest.Observation{}, err
			}
		}
	}
	got, err := p.world.Send(probe.From, probe.Source, netip.AddrPortFrom(group, probe.DPort), nil)
	return policytest.Observation{DeliveredTo: got}, err
}
