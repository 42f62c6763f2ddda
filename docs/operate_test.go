package docs_test

import (
	"path/filepath"
	"strings"
	"testing"

	"pillion/runtime/metrics"
	"pillion/sidecarfallback/sidecar"
)

// The tables of metrics are those that the agents show, in their order and words.
func TestMetrics(t *testing.T) {
	tables := read(t, "docs/operate.md").tables("metric")
	for i, list := range [][]metrics.Metric{metrics.Metrics(), sidecar.Metrics()} {
		if i >= len(tables) {
			t.Fatalf("operate.md has %d tables of metrics", len(tables))
		}
		var documented, real []string
		for _, row := range tables[i] {
			documented = append(documented, strings.Join(row, " | "))
		}
		for _, m := range list {
			labels := "–"
			if len(m.Labels) > 0 {
				labels = "`" + strings.Join(m.Labels, "`, `") + "`"
			}
			real = append(real, strings.Join([]string{"`" + m.Name + "`", string(m.Kind), labels, m.Help}, " | "))
		}
		sameList(t, "operate.md", documented, real)
	}
}

// Every unit is in the table of units.
func TestUnitsAreNamed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "examples/systemd/*.service"))
	if err != nil {
		t.Fatal(err)
	}
	var documented, real []string
	for _, row := range read(t, "docs/operate.md").table(t, "unit") {
		documented = append(documented, code(row[0]))
	}
	for _, f := range files {
		real = append(real, "examples/systemd/"+filepath.Base(f))
	}
	sameList(t, "operate.md", documented, real)
}
