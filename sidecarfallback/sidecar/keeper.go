package sidecar

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"pillion/sidecarfallback/redirect"
)

// keeper keeps the redirect rules in the switch: a switch that is restarted forgets them, and people make mistakes.
type keeper struct {
	driver   redirect.Driver
	log      *slog.Logger
	problems *problems
	kick     chan struct{} // holds 1: there are new rules

	applying sync.Mutex // a driver takes one call at a time
	last     string     // the rules that were applied without an error

	mu    sync.Mutex
	rules redirect.Rules
	stats keeperStats
}

type keeperStats struct {
	applied bool   // what is wanted is there
	repairs uint64 // times that something was wrong in the switch that nobody had asked for
	failed  uint64 // times that applying failed
}

func newKeeper(driver redirect.Driver, log *slog.Logger, p *problems) *keeper {
	return &keeper{driver: driver, log: log, problems: p, kick: make(chan struct{}, 1)}
}

// want says what the rules are from now on.
func (k *keeper) want(r redirect.Rules) {
	k.mu.Lock()
	k.rules, k.stats.applied = r, false
	k.mu.Unlock()
	select {
	case k.kick <- struct{}{}:
	default:
	}
}

// run applies the rules when they change and every so often, until the context ends.
func (k *keeper) run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.kick:
		case <-ticker.C:
		}
		k.problems.set("redirect", k.apply(ctx))
	}
}

// begin applies the rules for the first time. What is wrong is an error, but for ports that the switch lacks: those come and go with their
// hosts, and are waited for. The ports that are kept are no host's.
func (k *keeper) begin(ctx context.Context, kept map[uint32]bool) error {
	err := k.apply(ctx)
	var absent *redirect.Absent
	if errors.As(err, &absent) && !slices.ContainsFunc(absent.Ports, func(p uint32) bool { return kept[p] }) {
		k.problems.set("redirect", err)
		return nil
	}
	return err
}

// apply makes the switch do the rules.
func (k *keeper) apply(ctx context.Context) error {
	k.applying.Lock()
	defer k.applying.Unlock()
	k.mu.Lock()
	rules := k.rules
	k.mu.Unlock()
	change, err := k.driver.Apply(ctx, rules)
	if err != nil && ctx.Err() != nil {
		return nil // the agent ends
	}
	text := rules.Text()
	repaired := err == nil && text == k.last && !change.Nothing()
	if err == nil {
		k.last = text
	}
	k.mu.Lock()
	k.stats.applied = err == nil && k.rules.Text() == text
	if err != nil {
		k.stats.failed++
	}
	if repaired {
		k.stats.repairs++
	}
	k.mu.Unlock()
	if !change.Nothing() {
		what, level := "redirect rules changed", slog.LevelInfo
		if repaired {
			what, level = "redirect rules repaired: somebody else had changed them, or the switch was restarted", slog.LevelWarn
		}
		k.log.Log(ctx, level, what, "added", bounded(change.Added), "removed", bounded(change.Removed), "repaired", bounded(change.Repaired))
	}
	return err
}

func (k *keeper) read() keeperStats {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stats
}

// bounded keeps a log line readable.
func bounded(lines []string) []string {
	const most = 20
	if len(lines) <= most {
		return lines
	}
	return append(lines[:most:most], "…")
}
