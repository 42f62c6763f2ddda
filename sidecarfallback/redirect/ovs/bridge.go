package ovs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pillion/sidecarfallback/redirect"
)

// The keys of ours in the external_ids of the bridge and of its sFlow record.
const (
	nameKey     = "pillion-redirect"
	settingsKey = "pillion-redirect-settings"
)

// bridge is what Open vSwitch has now.
type bridge struct {
	numbers  map[string]uint32 // OpenFlow port numbers by interface
	settings map[setting]bool  // by port number, all that are on
	flows    map[string]bool   // ours, as text
	foreign  []string          // other flows but the usual one
	name     string            // our switch's; empty: no rules here
	recorded []setting         // settings that are ours
	sflow    *sflowRecord      // nil: none
}

// load reads the bridge's state.
func (d *Driver) load(ctx context.Context) (*bridge, error) {
	b := &bridge{numbers: map[string]uint32{}, settings: map[setting]bool{}, flows: map[string]bool{}}
	if err := d.loadRecords(ctx, b); err != nil {
		return nil, err
	}
	out, err := d.run(ctx, "ovs-ofctl", "-O", "OpenFlow10", "dump-ports-desc", d.config.Bridge)
	if err != nil {
		return nil, err
	}
	b.readPorts(out)
	out, err = d.run(ctx, "ovs-ofctl", "-O", "OpenFlow14", "--no-names", "--no-stats", "dump-flows", d.config.Bridge)
	if err != nil {
		return nil, err
	}
	b.readFlows(out)
	return b, nil
}

// row is one row of the database by column, as ovs-vsctl prints it in JSON
// (RFC 7047, 5.1).
type row map[string]json.RawMessage

// list reads columns of a table's rows: of all, or of those that are named.
func list(ctx context.Context, run Runner, columns, table string, which ...string) ([]row, error) {
	args := append([]string{"ovs-vsctl", "--timeout=10", "--format=json", "--columns=" + columns, "list", table}, which...)
	out, err := run(ctx, Command{Args: args})
	if err != nil {
		return nil, err
	}
	what := strings.Join(args[4:], " ")
	var answer struct {
		Headings []string
		Data     [][]json.RawMessage
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("ovs-vsctl %s: %w", what, err)
	}
	var rows []row
	for _, data := range answer.Data {
		if len(data) != len(answer.Headings) {
			return nil, fmt.Errorf("ovs-vsctl %s: a row of %d columns, not %d", what, len(data), len(answer.Headings))
		}
		r := row{}
		for i, h := range answer.Headings {
			r[h] = data[i]
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// records reads the one row of a table that a name stands for.
func (d *Driver) records(ctx context.Context, table, which, columns string) (row, error) {
	rows, err := list(ctx, d.config.Run, columns, table, which)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("ovs-vsctl list %s %s: one row was expected, not %d", table, which, len(rows))
	}
	return rows[0], nil
}

// words reads a value that is a set of strings or numbers, or one of them.
func (r row) words(column string) []string {
	var set [2]json.RawMessage
	var members []json.RawMessage
	if json.Unmarshal(r[column], &set) != nil || string(set[0]) != `"set"` || json.Unmarshal(set[1], &members) != nil {
		members = []json.RawMessage{r[column]}
	}
	var out []string
	for _, m := range members {
		var pair [2]string
		var text string
		switch {
		case json.Unmarshal(m, &pair) == nil: // ["uuid", "…"]
			text = pair[1]
		case json.Unmarshal(m, &text) == nil:
		default:
			text = string(m)
		}
		out = append(out, text)
	}
	return out
}

// word is the one value of a column; empty if there is none.
func (r row) word(column string) string {
	if w := r.words(column); len(w) == 1 {
		return w[0]
	}
	return ""
}

// ids reads a map of strings.
func (r row) ids(column string) map[string]string {
	var value [2]json.RawMessage
	var pairs [][2]string
	out := map[string]string{}
	if json.Unmarshal(r[column], &value) == nil && json.Unmarshal(value[1], &pairs) == nil {
		for _, p := range pairs {
			out[p[0]] = p[1]
		}
	}
	return out
}

// loadRecords reads what the database says of the bridge.
func (d *Driver) loadRecords(ctx context.Context, b *bridge) error {
	r, err := d.records(ctx, "Bridge", d.config.Bridge, "sflow,external_ids")
	if err != nil {
		return err
	}
	ids := r.ids("external_ids")
	b.name = ids[nameKey]
	for _, word := range strings.Fields(ids[settingsKey]) {
		port, what, _ := strings.Cut(word, "=")
		b.recorded = append(b.recorded, setting{port, what})
	}
	uuid := r.word("sflow")
	if uuid == "" {
		return nil
	}
	if r, err = d.records(ctx, "sFlow", uuid, "targets,sampling,header,polling,agent,external_ids"); err != nil {
		return err
	}
	targets := r.words("targets")
	slices.Sort(targets)
	_, ours := r.ids("external_ids")[nameKey]
	b.sflow = &sflowRecord{
		uuid: uuid, ours: ours, targets: strings.Join(targets, " "), sampling: r.word("sampling"),
		header: r.word("header"), polling: r.word("polling"), agent: r.word("agent"),
	}
	return nil
}

var (
	portLine   = regexp.MustCompile(`^ *(\d+)\(([^()]*)\): addr:`)
	configLine = regexp.MustCompile(`^ *config: +(.*)$`)
)

// readPorts reads the port descriptions: numbers, names, and settings.
func (b *bridge) readPorts(out []byte) {
	port := ""
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		line := lines.Text()
		if strings.Contains(line, "): addr:") {
			port = "" // also for LOCAL, which is not numbered
		}
		if m := portLine.FindStringSubmatch(line); m != nil {
			if n, err := strconv.ParseUint(m[1], 10, 16); err == nil {
				port = m[1]
				b.numbers[m[2]] = uint32(n)
			}
		}
		if m := configLine.FindStringSubmatch(line); m != nil && port != "" {
			for _, word := range strings.Fields(m[1]) {
				switch word {
				case "NO_FLOOD":
					b.settings[setting{port, noFlood}] = true
				case "NO_FWD":
					b.settings[setting{port, noForward}] = true
				}
			}
		}
	}
}

// readFlows sorts the flows into ours and foreign ones.
func (b *bridge) readFlows(out []byte) {
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, fmt.Sprintf("cookie=0x%x", cookie>>32)) && isOurs(line):
			b.flows[line] = true
		case strings.Contains(line, "actions=") && line != "priority=0 actions=NORMAL":
			b.foreign = append(b.foreign, "flow: "+line)
		}
	}
}

// isOurs compares the high half of a flow's cookie.
func isOurs(line string) bool {
	text, _, _ := strings.Cut(strings.TrimPrefix(line, "cookie=0x"), ",")
	value, err := strconv.ParseUint(text, 16, 64)
	return err == nil && value>>32 == cookie>>32
}

// port is the form of a port number in flows, "" if the bridge lacks it.
func (b *bridge) port(config Config, number uint32) string {
	if config.Ports != nil {
		n, ok := b.numbers[config.Ports[number]]
		if !ok {
			return ""
		}
		return strconv.FormatUint(uint64(n), 10)
	}
	for _, n := range b.numbers {
		if n == number {
			return strconv.FormatUint(uint64(n), 10)
		}
	}
	return ""
}

// absent says which ports the bridge lacks.
func (b *bridge) absent(config Config, r redirect.Rules) error {
	missing := slices.DeleteFunc(r.Ports(), func(number uint32) bool { return b.port(config, number) != "" })
	var there []string
	for name, n := range b.numbers {
		there = append(there, fmt.Sprintf("%d@%s", n, name))
	}
	slices.Sort(there)
	return redirect.NewAbsent(config.Bridge, missing, func(number uint32) string { return config.Ports[number] }, strings.Join(there, ", "))
}

var inPort = regexp.MustCompile(`,in_port=(\d+)[, ]`)

// spare overlooks flows of ours for ports that are not there: a port that comes back with its number is still cut off, or guarded. When another one has the number,
// they are not spared.
func (b *bridge) spare() {
	present := map[string]bool{}
	for _, n := range b.numbers {
		present[strconv.FormatUint(uint64(n), 10)] = true
	}
	maps.DeleteFunc(b.flows, func(line string, _ bool) bool {
		m := inPort.FindStringSubmatch(line)
		return m != nil && !present[m[1]]
	})
}
