package push

import (
	"fmt"
	"strings"
)

const (
	fewTargets = 32 // so many are written one by one
	fewNames   = 6  // so many are named of targets that went alike
)

// writeTogether writes what became of many targets: in one line those that are as they should be, in one line each those that
// failed alike, and one by one only the first of those that need a closer look.
func (r *Report) writeTogether(b *strings.Builder) {
	sum := TargetReport{}
	loaded := 0
	var good []string
	var closer []*TargetReport
	alike := map[string][]string{} // names, by error
	var order []string
	for i := range r.Targets {
		t := &r.Targets[i]
		switch {
		case t.OK() && t.Foreign.Count == 0 && len(t.Notes) == 0:
			good = append(good, t.Target)
			sum.Inserted += t.Inserted
			sum.Modified += t.Modified
			sum.Deleted += t.Deleted
			sum.Unchanged += t.Unchanged
			if t.PipelineLoaded {
				loaded++
			}
		case t.failedAtOnce():
			text := t.impersonal()
			if alike[text] == nil {
				order = append(order, text)
			}
			alike[text] = append(alike[text], t.Target)
		default:
			closer = append(closer, t)
		}
	}
	if len(good) > 0 {
		pipelines := "pipeline loaded on"
		if r.DryRun {
			pipelines = "pipeline to load on"
		}
		fmt.Fprintf(b, "%s (%s): ok: %s %d, %d inserted, %d modified, %d deleted, %d unchanged\n", plural(len(good), "target"), some(good, fewNames),
			pipelines, loaded, sum.Inserted, sum.Modified, sum.Deleted, sum.Unchanged)
	}
	for i, text := range order {
		if i == maxListed {
			fmt.Fprintf(b, "… and %s that failed for other reasons\n", plural(count(alike, order[i:]), "target"))
			break
		}
		fmt.Fprintf(b, "%s (%s): FAILED\n  error: %s\n", plural(len(alike[text]), "target"), some(alike[text], fewNames), text)
	}
	for i, t := range closer {
		if i == maxListed {
			fmt.Fprintf(b, "… and %s that need a closer look, of which the report as JSON tells\n", plural(len(closer)-i, "target"))
			break
		}
		t.writeText(b, r.DryRun)
	}
}

// impersonal is the error without what differs from target to target.
func (t *TargetReport) impersonal() string {
	text := strings.ReplaceAll(t.Error, fmt.Sprintf("%s, device %d: ", t.Address, t.DeviceID), "")
	text = strings.ReplaceAll(text, t.Address, "its address")
	if path, ok := strings.CutPrefix(t.Address, "unix://"); ok {
		text = strings.ReplaceAll(text, path, "its address")
	}
	return text
}

// failedAtOnce says whether an error ended the work on the target before anything was written.
func (t *TargetReport) failedAtOnce() bool {
	return t.Error != "" && t.Inserted+t.Modified+t.Deleted+len(t.Errors)+t.NotAttempted+t.Foreign.Count+t.Remaining.Count+len(t.Notes) == 0
}

func count(alike map[string][]string, texts []string) int {
	n := 0
	for _, text := range texts {
		n += len(alike[text])
	}
	return n
}
