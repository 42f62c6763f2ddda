package sidecar

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// problems is what is wrong at the moment, by what it is about. It is logged when it changes, not every time that it is
// met.
type problems struct {
	log *slog.Logger
	mu  sync.Mutex
	now map[string]error
}

func newProblems(log *slog.Logger) *problems { return &problems{log: log, now: map[string]error{}} }

// set says what is wrong with something; nil: nothing.
func (p *problems) set(about string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.now[about]
	switch {
	case err == nil && was == nil:
	case err == nil:
		delete(p.now, about)
		p.log.Info("right again", "about", about)
	case was == nil || was.Error() != err.Error():
		p.now[about] = err
		p.log.Error("problem", "about", about, "error", err)
	}
}

// problem is one of them.
type problem struct {
	about string
	err   error
}

// list gives them in a fixed order.
func (p *problems) list() []problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []problem
	for _, about := range slices.Sorted(maps.Keys(p.now)) {
		out = append(out, problem{about, p.now[about]})
	}
	return out
}
