package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pillion/compiler/network"
	"pillion/runtime/p4rt"
)

// hasty is how long [Warnings] may take: somebody waits who wants something else.
const hasty = 2 * time.Second

// maxWarned is how many problems are said one by one.
const maxWarned = 10

// Warnings asks the switches of a network, given as the JSON of a bundle, all at once, and says in one line each what is
// not as the network file has it. It takes two seconds at most; what has not answered by then is not waited for.
// only names targets; others than P4 switches are passed over. A switch that cannot be reached at all is left to
// who has more to do with it.
func Warnings(ctx context.Context, inventory []byte, only []string, connect p4rt.Options) []string {
	ctx, cancel := context.WithTimeout(ctx, hasty)
	defer cancel()
	answer := make(chan []string, 1)
	go func() { answer <- warnings(ctx, inventory, only, connect) }()
	select {
	case lines := <-answer:
		return lines
	case <-ctx.Done():
	}
	// The switches have just been given up; their part of the answer takes no time.
	select {
	case lines := <-answer:
		return lines
	case <-time.After(hasty / 10):
		return []string{"the ports of the switches are not compared with the network file: that takes too long"}
	}
}

func warnings(ctx context.Context, inventory []byte, only []string, connect p4rt.Options) []string {
	net, said := network.Parse("network.json", inventory)
	if net == nil || said.HasErrors() {
		return []string{"the ports of the switches are not compared: the bundle's network file cannot be read"}
	}
	var names []string
	for _, s := range net.Switches {
		if s.Target == network.P4Runtime && (len(only) == 0 || slices.Contains(only, s.Name)) {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	report, err := Check(ctx, net, Options{Connect: connect, Timeout: hasty, Parallel: len(names), Only: names})
	if err != nil {
		return []string{err.Error()}
	}
	return report.warnings()
}

// warnings are the problems, and for each reason why switches were not compared one line.
func (r *Report) warnings() []string {
	var out []string
	uncompared := map[Status][]string{}
	for i := range r.Switches {
		s := &r.Switches[i]
		if s.Status == StatusUnreachable && s.API == "" {
			continue
		}
		if s.Status != StatusOK {
			uncompared[s.Status] = append(uncompared[s.Status], s.Name)
			continue
		}
		for _, p := range s.Ports {
			for _, text := range p.Problems {
				out = append(out, fmt.Sprintf("%s port %d (%s): %s", s.Name, p.Number, strings.Join(p.Uses, ", "), text))
			}
		}
	}
	if more := len(out) - maxWarned; more > 1 {
		out = append(out[:maxWarned], fmt.Sprintf("and %d more ports are not as the network file says: pillion network check shows them", more))
	}
	for _, reason := range []struct {
		status Status
		words  string
	}{
		{StatusNoGNMI, "no gNMI there"}, {StatusNoNumbers, "gNMI there gives no P4 port numbers"}, {StatusUnreachable, "gNMI fails there, or gives no answer in time"},
	} {
		if list := uncompared[reason.status]; len(list) > 0 {
			out = append(out, fmt.Sprintf("ports not compared with the network file: %s (%s)", reason.words, shortList(list)))
		}
	}
	return out
}

// shortList names switches, not too many of them.
func shortList(names []string) string {
	if len(names) > maxListed {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), len(names)-maxListed)
	}
	return strings.Join(names, ", ")
}
