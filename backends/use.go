package backends

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"pillion/compiler/plan"
	"pillion/lang/diag"
)

// TableUse says how much of a table a target needs.
type TableUse struct {
	Target string
	Kind   plan.TargetKind
	Table  string // its name in P4Info, or one of "multicast groups", "replication nodes", "replicas", "clone sessions"
	Used   int64  // entries
	Size   int64  // entries that fit; 0: not known
}

// Overflows says that the target needs more than fits.
func (u TableUse) Overflows() bool { return u.Size > 0 && u.Used > u.Size }

// measure counts what every table and the replication engine of a target are to hold, and
// reports what does not fit.
func measure(s *plan.Switch, pipe *pipeline, statements []string) ([]TableUse, diag.List) {
	var problems diag.List
	platform := pipe.program.Info.GetPkgInfo().GetPlatformProperties()
	groups := int64(engineGroups)
	if n := int64(platform.GetMulticastGroupTableSize()); n > 0 {
		groups = n
	}
	replicas := int64(platform.GetMulticastGroupTableTotalReplicas())
	perGroup := int64(platform.GetMulticastGroupTableMaxReplicasPerEntry())
	uses := make([]TableUse, 0, len(pipe.inOrder)+4)
	add := func(table string, used, size int64, code, hint string) {
		u := TableUse{s.Name, s.Kind, table, used, size}
		uses = append(uses, u)
		if !u.Overflows() {
			return
		}
		what := table
		if code == codeTableFull {
			what = "table " + table
		}
		problems.Add(diag.Diagnostic{Code: code, Hint: hint,
			Message: fmt.Sprintf("target %s, %s: %d are needed, %d fit", s.Name, what, used, size)})
	}
	for _, r := range pipe.inOrder {
		used := int64(r.count(s))
		hint := ""
		if r.size > 0 && used > r.size {
			hint = fmt.Sprintf("%s; or give the table a size of %d or more in the P4 program and compile that again", r.hint, used)
		}
		add(r.name, used, r.size, codeTableFull, hint)
	}
	var copies, instances int64
	for j := range s.Groups {
		g := &s.Groups[j]
		copies += int64(len(g.Replicas))
		instances += int64(nodes(g.Replicas))
		if n := int64(len(g.Replicas)); perGroup > 0 && n > perGroup {
			hint := "the limit is multicast_group_table_max_replicas_per_entry of @platform_property in the P4 program"
			if s.Kind == plan.Shim {
				hint = "a shim makes the copies for all receivers behind ordinary switches without a sidecar: put a sidecar beside the switch, which makes them instead, or use fewer receivers"
			}
			problems.Add(diag.Diagnostic{Code: codeEngine, Hint: hint,
				Message: fmt.Sprintf("target %s, multicast group %d (%s): it has %d replicas, and %d fit into one group", s.Name, g.ID, whose(s, g.ID, statements), n, perGroup)})
		}
	}
	for j := range s.Sessions {
		copies += int64(len(s.Sessions[j].Replicas))
		instances += int64(nodes(s.Sessions[j].Replicas))
	}
	add("multicast groups", int64(len(s.Groups)+len(s.Sessions)), groups, codeEngine,
		"one per distinct set of replicas, and one per clone session: use fewer multicast groups or taps, or start bmv2 with more --max-mc-groups and say so in @platform_property(multicast_group_table_size = …)")
	if replicas > 0 {
		add("replicas", copies, replicas, codeEngine,
			"one per port and edge that a multicast group or clone session copies to: use fewer multicast groups; the limit is multicast_group_table_total_replicas of @platform_property in the P4 program")
	} else {
		add("replication nodes", instances, engineNodes, codeEngine,
			"one per multicast group or clone session and edge that it copies to: use fewer multicast groups, or start bmv2 with more --max-l1-entries and say so in @platform_property(multicast_group_table_total_replicas = …)")
	}
	add("clone sessions", int64(len(s.Sessions)), maxSessionID, codeEngine, "one per distinct set of taps: use fewer tap instances")
	return uses, problems
}

// whose names the policy's statements that use a group of the replication engine, the first few of them.
func whose(s *plan.Switch, group uint16, statements []string) string {
	const most = 3
	var names []string
	more := 0
	for i := range s.Replications {
		r := &s.Replications[i]
		if r.Group != group {
			continue
		}
		for _, from := range r.From {
			if int(from) >= len(statements) || !strings.HasPrefix(statements[from], "multicast ") || slices.Contains(names, statements[from]) {
				continue
			}
			if len(names) == most {
				more++
				continue
			}
			names = append(names, statements[from])
		}
	}
	if more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	if len(names) == 0 {
		return "of no statement"
	}
	return strings.Join(names, ", ")
}

// fewShims is how many shims have lines of their own in WriteUse.
const fewShims = 16

// fullest gives of many shims one use for each table: that of the fullest. Of others it gives all.
func fullest(uses []TableUse) []TableUse {
	shims := 0
	for i := range uses {
		if uses[i].Kind == plan.Shim && (i == 0 || uses[i-1].Target != uses[i].Target) {
			shims++
		}
	}
	if shims <= fewShims {
		return uses
	}
	var out, most []TableUse
	index := map[string]int{}
	for _, u := range uses {
		if u.Kind != plan.Shim {
			out = append(out, u)
			continue
		}
		i, ok := index[u.Table]
		if !ok {
			i = len(most)
			index[u.Table] = i
			most = append(most, TableUse{Target: fmt.Sprintf("%d shims, at most", shims), Kind: plan.Shim, Table: u.Table, Size: u.Size})
		}
		most[i].Used = max(most[i].Used, u.Used)
	}
	return append(out, most...)
}

// WriteUse writes the uses as an aligned table, without what is not used at all. Of many shims it says how full a table is at most:
//
//	target              table    used   size
//	leaf1               ports       3    512  <1%
//	120 shims, at most  sources    37  32768  <1%
func WriteUse(out io.Writer, uses []TableUse) error {
	lines := [][5]string{{"target", "table", "used", "size", ""}}
	for _, u := range fullest(uses) {
		if u.Used > 0 {
			lines = append(lines, [5]string{u.Target, u.Table, fmt.Sprint(u.Used), sizeText(u.Size), percent(u)})
		}
	}
	var width [5]int
	for _, line := range lines {
		for i, cell := range line {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		text := ""
		for i, cell := range line {
			fill := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i < 2 {
				text += cell + fill + "  "
			} else {
				text += fill + cell + "  "
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func sizeText(size int64) string {
	if size == 0 {
		return "-"
	}
	return fmt.Sprint(size)
}

func percent(u TableUse) string {
	switch {
	case u.Size == 0:
		return ""
	case u.Overflows():
		return "over"
	case u.Used*100 < u.Size:
		return "<1%"
	}
	return fmt.Sprintf("%d%%", u.Used*100/u.Size)
}
