package diff

import (
	"cmp"
	"strings"

	"pillion/backends/bundle"
)

// redirectTable stands for a table where a line of an ordinary switch changes.
const redirectTable = "redirect"

// redirect compares the rules of one ordinary switch, in the order in which the new ones stand, and the removed ones after them.
func (c *comparison) redirect(kind Kind, old, new *bundle.Redirect) {
	t := Target{Target: cmp.Or(new.Switch, old.Switch), Change: kind, Properties: []string{}, Entities: []Change{}}
	if kind == Modified && old.Driver != new.Driver {
		t.Properties = append(t.Properties, property("driver", old.Driver, new.Driver))
	}
	if kind == Modified && old.Sidecar != new.Sidecar {
		t.Properties = append(t.Properties, property("sidecar", cmp.Or(old.Sidecar, "none"), cmp.Or(new.Sidecar, "none")))
	}
	before := map[string]*bundle.RedirectLine{}
	for i := range old.Lines {
		key, _ := splitLine(old.Lines[i].Text)
		before[key] = &old.Lines[i]
	}
	add := func(ch Change) {
		ch.Table = redirectTable
		t.Entities = append(t.Entities, ch)
		c.count(&t, ch.Change, c.causes(ch.Statements))
	}
	for i := range new.Lines {
		line := &new.Lines[i]
		key, value := splitLine(line.Text)
		was := before[key]
		delete(before, key)
		switch {
		case was == nil:
			add(Change{Change: Added, Match: key, New: value, Statements: from(c.new, line.From)})
		case was.Text != line.Text:
			_, old := splitLine(was.Text)
			add(Change{Change: Modified, Match: key, Old: old, New: value, Statements: union(from(c.old, was.From), from(c.new, line.From))})
		}
	}
	for i := range old.Lines {
		line := &old.Lines[i]
		if key, value := splitLine(line.Text); before[key] != nil {
			add(Change{Change: Removed, Match: key, Old: value, Statements: from(c.old, line.From)})
		}
	}
	c.finish(&t)
}

// splitLine divides a line into what there can be once and what is said of it: "wire 7" and "to 30 tag 7". Of a guard
// there can be several for a port, so the whole line is what there can be once.
func splitLine(text string) (key, value string) {
	kind, rest, _ := strings.Cut(text, " ")
	switch kind {
	case "wire", "static":
		what, value, _ := strings.Cut(rest, " ")
		return kind + " " + what, value
	case "sample":
		return kind, rest
	}
	return text, "installed"
}
