package push

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Report is what a push did. It has no times: the same push gives the same report.
type Report struct {
	DryRun  bool           `json:"dry-run"`
	Targets []TargetReport `json:"targets"` // in the order of the bundle
}

// TargetReport is what a push did to one target; with DryRun, what it would do.
type TargetReport struct {
	Target         string        `json:"target"`
	Address        string        `json:"address"`
	DeviceID       uint64        `json:"device-id"`
	API            string        `json:"p4runtime,omitempty"` // the version that the target says it speaks
	PipelineLoaded bool          `json:"pipeline-loaded"`
	Inserted       int           `json:"inserted"`
	Modified       int           `json:"modified"`
	Deleted        int           `json:"deleted"`
	Unchanged      int           `json:"unchanged"`
	Foreign        Listing       `json:"foreign"`       // not ours, and still there
	Errors         []EntityError `json:"errors"`        // updates that the target refused
	NotAttempted   int           `json:"not-attempted"` // updates that were held back after errors
	Remaining      Listing       `json:"remaining"`     // read back at the end, and not as it should be
	Notes          []string      `json:"notes"`
	Error          string        `json:"error,omitempty"` // what ended the work on this target
}

// Listing is a number of entities, and the first of them in words.
type Listing struct {
	Count    int      `json:"count"`
	Entities []string `json:"entities"` // at most 100
}

const maxListed = 100

func (l *Listing) add(text string) {
	l.Count++
	if len(l.Entities) < maxListed {
		l.Entities = append(l.Entities, text)
	}
}

// EntityError is one update that a target refused.
type EntityError struct {
	Update     string   `json:"update"` // INSERT, MODIFY or DELETE
	Entity     string   `json:"entity"`
	Statements []string `json:"statements"` // that the entity came from
	Code       string   `json:"code"`       // of gRPC: "ResourceExhausted"
	Message    string   `json:"message"`
}

func (e EntityError) String() string {
	text := fmt.Sprintf("%s %s: %s: %s", e.Update, e.Entity, e.Code, e.Message)
	if len(e.Statements) != 0 {
		text += " (from " + strings.Join(e.Statements, ", ") + ")"
	}
	return text
}

// OK says whether the target is as the bundle says.
func (t *TargetReport) OK() bool {
	return t.Error == "" && len(t.Errors) == 0 && t.Remaining.Count == 0 && t.NotAttempted == 0
}

// OK says whether all targets are as the bundle says.
func (r *Report) OK() bool {
	for i := range r.Targets {
		if !r.Targets[i].OK() {
			return false
		}
	}
	return true
}

// Changed is how many updates were written, or would be.
func (r *Report) Changed() int {
	n := 0
	for i := range r.Targets {
		n += r.Targets[i].Inserted + r.Targets[i].Modified + r.Targets[i].Deleted
	}
	return n
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	out := *r
	out.Targets = append([]TargetReport{}, r.Targets...)
	for i := range out.Targets { // empty lists, not null
		t := &out.Targets[i]
		t.Errors = append([]EntityError{}, t.Errors...)
		t.Notes = append([]string{}, t.Notes...)
		t.Foreign.Entities = append([]string{}, t.Foreign.Entities...)
		t.Remaining.Entities = append([]string{}, t.Remaining.Entities...)
		for j := range t.Errors {
			t.Errors[j].Statements = append([]string{}, t.Errors[j].Statements...)
		}
	}
	return e.Encode(out)
}

// WriteText writes the report for a person: a line per target, and what needs attention below it. Many targets are put
// together where they went alike.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	failed := 0
	for i := range r.Targets {
		t := &r.Targets[i]
		if !t.OK() {
			failed++
		}
		if len(r.Targets) <= fewTargets {
			t.writeText(&b, r.DryRun)
		}
	}
	if len(r.Targets) > fewTargets {
		r.writeTogether(&b)
	}
	verb := "written"
	if r.DryRun {
		verb = "to write (dry run: nothing was)"
	}
	fmt.Fprintf(&b, "%s, %s %s", plural(len(r.Targets), "target"), plural(r.Changed(), "update"), verb)
	if failed > 0 {
		fmt.Fprintf(&b, ", %s failed", plural(failed, "target"))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *TargetReport) writeText(b *strings.Builder, dryRun bool) {
	word := "ok"
	if !t.OK() {
		word = "FAILED"
	}
	fmt.Fprintf(b, "%s (%s, device %d): %s: ", t.Target, t.Address, t.DeviceID, word)
	if t.PipelineLoaded && !dryRun {
		b.WriteString("pipeline loaded, ")
	} else if t.PipelineLoaded {
		b.WriteString("pipeline to load, ")
	}
	fmt.Fprintf(b, "%d inserted, %d modified, %d deleted, %d unchanged\n", t.Inserted, t.Modified, t.Deleted, t.Unchanged)
	if t.Error != "" {
		fmt.Fprintf(b, "  error: %s\n", t.Error)
	}
	for i, e := range t.Errors {
		if i == maxListed {
			fmt.Fprintf(b, "  … and %d more refused\n", len(t.Errors)-i)
			break
		}
		fmt.Fprintf(b, "  refused: %s\n", e)
	}
	if t.NotAttempted > 0 {
		fmt.Fprintf(b, "  held back: %s, because of the errors above\n", plural(t.NotAttempted, "update"))
	}
	t.Remaining.writeText(b, "not as it should be")
	t.Foreign.writeText(b, "foreign (--adopt removes it)")
	for _, n := range t.Notes {
		fmt.Fprintf(b, "  note: %s\n", n)
	}
}

func (l *Listing) writeText(b *strings.Builder, what string) {
	for _, text := range l.Entities {
		fmt.Fprintf(b, "  %s: %s\n", what, text)
	}
	if more := l.Count - len(l.Entities); more > 0 {
		fmt.Fprintf(b, "  %s: … and %d more\n", what, more)
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
