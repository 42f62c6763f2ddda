package redirect

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Driver puts rules into one switch. Calls come one at a time. A driver needs
// no memory of its own between processes: what is its own carries its mark in
// the switch.
type Driver interface {
	// Render says what Apply would install, as configuration or commands that
	// a person reads, without talking to the switch. Equal rules give equal
	// text.
	Render(Rules) (string, error)

	// Apply makes the switch do exactly these rules: what is missing comes
	// before what is no longer wanted goes, what is right is not touched, and
	// what does not carry the driver's mark is reported and left alone. It may
	// be called again with the same rules, also after it failed. A switch that
	// lacks something it takes gives an [*Unsupported]. If it lacks ports, it
	// does [Rules.Without] them, and the error is an [*Absent].
	Apply(context.Context, Rules) (Change, error)

	// Read says what is installed. A switch without anything of the driver's
	// gives the zero State, but for what is foreign.
	Read(context.Context) (State, error)

	// Remove takes out everything that carries the mark.
	Remove(context.Context) (Change, error)

	// Close lets go of the driver's connections; the rules stay.
	io.Closer
}

// State is what a switch does now.
type State struct {
	// Rules as installed. Those of Broken are among them.
	Rules Rules
	// Broken lists the rules, as lines of the text form, of which a part is
	// missing or has been changed. Apply mends them.
	Broken []string
	// Foreign describes what somebody else put where these rules work, at most
	// [MaxForeign] things.
	Foreign []string
}

// Change is what a call did, in lines of the text form.
type Change struct {
	Added    []string
	Removed  []string
	Repaired []string // were there, but not wholly
	Foreign  []string // not ours, not touched; at most [MaxForeign] things
}

// Nothing says whether the switch was left as it was.
func (c Change) Nothing() bool {
	return len(c.Added) == 0 && len(c.Removed) == 0 && len(c.Repaired) == 0
}

// String lists the change, one line for each rule: + added, - removed,
// ~ repaired, ? foreign.
func (c Change) String() string {
	var b strings.Builder
	for _, part := range []struct {
		sign  string
		lines []string
	}{{"+", c.Added}, {"-", c.Removed}, {"~", c.Repaired}, {"?", c.Foreign}} {
		for _, line := range part.lines {
			fmt.Fprintf(&b, "%s %s\n", part.sign, line)
		}
	}
	return b.String()
}

// MaxForeign bounds how many foreign things are listed.
const MaxForeign = 100

// Foreign sorts what is foreign, drops repetitions, and cuts the list at
// MaxForeign.
func Foreign(things []string) []string {
	things = slices.Clone(things)
	slices.Sort(things)
	things = slices.Compact(things)
	return things[:min(len(things), MaxForeign)]
}

// Pieces says, for each line of the text form, what realises it in a switch, in
// words of the driver's. Order and repetition mean nothing.
type Pieces map[string][]string

// Add notes one more piece of a line.
func (p Pieces) Add(line, piece string) { p[line] = append(p[line], piece) }

// Equal says whether both hold the same pieces of a line.
func (p Pieces) Equal(q Pieces, line string) bool {
	return slices.Equal(set(p[line]), set(q[line]))
}

// Compare says what leads from what is installed to what is desired.
func Compare(installed, desired Pieces) Change {
	var c Change
	for line := range installed {
		if _, ok := desired[line]; !ok {
			c.Removed = append(c.Removed, line)
		}
	}
	for line := range desired {
		if _, ok := installed[line]; !ok {
			c.Added = append(c.Added, line)
		} else if !installed.Equal(desired, line) {
			c.Repaired = append(c.Repaired, line)
		}
	}
	for _, lines := range []*[]string{&c.Added, &c.Removed, &c.Repaired} {
		slices.Sort(*lines)
	}
	return c
}

func set(pieces []string) []string {
	pieces = slices.Clone(pieces)
	slices.Sort(pieces)
	return slices.Compact(pieces)
}

// Unsupported says what a switch lacks. A test that meets it skips.
type Unsupported struct {
	What   string // what is missing
	Since  string // the first version that has it; empty: none has
	Remedy string // what to do
	Err    error  // what the switch said; may be nil
}

func (e *Unsupported) Error() string {
	var b strings.Builder
	b.WriteString("not possible here: " + e.What)
	if e.Since != "" {
		b.WriteString(" (since " + e.Since + ")")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Remedy != "" {
		b.WriteString(": " + e.Remedy)
	}
	return b.String()
}

func (e *Unsupported) Unwrap() error { return e.Err }
