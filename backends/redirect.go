package backends

import (
	"fmt"
	"slices"
	"strings"

	"pillion/backends/bundle"
	"pillion/compiler/plan"
	"pillion/lang/diag"
	"pillion/sidecarfallback/redirect"
)

// redirects renders what ordinary switches must do. remap says where each statement of the plan is in the bundle.
func redirects(p *plan.Plan, remap []int32) ([]bundle.Redirect, diag.List) {
	var out []bundle.Redirect
	var problems diag.List
	type result struct {
		lines []bundle.RedirectLine
		err   error
	}
	rendered := make([]result, len(p.Redirects))
	sideBySide(len(rendered), func() func(int) {
		return func(i int) { rendered[i].lines, rendered[i].err = redirectLines(&p.Redirects[i], remap) }
	})
	for i := range p.Redirects {
		r := &p.Redirects[i]
		if i > 0 && p.Redirects[i-1].Switch >= r.Switch {
			problems.Errorf(diag.Span{}, codeRow, "ordinary switch %s comes after %s: the redirects of a plan are sorted by name, each once", r.Switch, p.Redirects[i-1].Switch)
		}
		lines, err := rendered[i].lines, rendered[i].err
		if err != nil {
			problems.Errorf(diag.Span{}, codeRow, "ordinary switch %s: %s", r.Switch, strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		out = append(out, bundle.Redirect{Switch: r.Switch, Driver: r.Driver, Sidecar: r.Sidecar, Lines: lines})
	}
	return out, problems
}

// redirectLines are the lines of one switch in canonical order, with the statements of each.
func redirectLines(r *plan.Redirect, remap []int32) ([]bundle.RedirectLine, error) {
	rules := redirect.Rules{Switch: r.Switch}
	from := map[string]*plan.Origin{}
	for i := range r.Wires {
		w := redirect.Wire{Box: r.Wires[i].Port, Sidecar: r.Wires[i].Sidecar, Tag: r.Wires[i].Tag}
		rules.Wires = append(rules.Wires, w)
		from[w.String()] = &r.Wires[i].Origin
	}
	for i := range r.Statics {
		s := redirect.Static{Locator: redirect.MAC(r.Statics[i].Locator), Port: r.Statics[i].Port}
		rules.Statics = append(rules.Statics, s)
		from[s.String()] = &r.Statics[i].Origin
	}
	for i := range r.Guards {
		g := redirect.Guard{Port: r.Guards[i].Port, MAC: redirect.MAC(r.Guards[i].MAC)}
		rules.Guards = append(rules.Guards, g)
		from[g.String()] = &r.Guards[i].Origin
	}
	if len(r.Samples) > 1 {
		return nil, fmt.Errorf("%d sampling rules; there can be one", len(r.Samples))
	}
	for i := range r.Samples {
		rules.Sample = redirect.Sample{OneIn: r.Samples[i].OneIn, Port: r.Samples[i].Port, Collector: r.Samples[i].Collector}
		from[rules.Sample.String()] = &r.Samples[i].Origin
	}
	if err := rules.Check(); err != nil {
		return nil, err
	}
	var lines []bundle.RedirectLine
	for text := range strings.Lines(rules.Text()) {
		line := bundle.RedirectLine{Text: strings.TrimSuffix(text, "\n")}
		origin := from[line.Text]
		if len(lines) == 0 {
			origin = &r.Origin // the line that names the switch
		}
		for _, s := range origin.From {
			if int(s) >= len(remap) {
				return nil, fmt.Errorf("%q names statement %d of %d", line.Text, s, len(remap))
			}
			line.From = append(line.From, uint32(remap[s]))
		}
		slices.Sort(line.From)
		line.From = slices.Compact(line.From)
		lines = append(lines, line)
	}
	return lines, nil
}
