package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Text writes the way for a person, one step after the other.
func (r *Result) Text(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, from %s to %s\n", r.Packet, r.From, r.To)
	for i := range r.Steps {
		s := &r.Steps[i]
		fmt.Fprintf(&b, "\n%d. %s, port %d, from %s", i+1, s.Switch, s.Port, s.From)
		if s.After > 0 && s.After != i {
			fmt.Fprintf(&b, " (after %d)", s.After)
		}
		if s.Copy {
			b.WriteString(", a copy for a tap")
		}
		fmt.Fprintf(&b, "\n   %s\n", s.Frame)
		for k := range s.Lookups {
			s.Lookups[k].text(&b)
		}
		for _, o := range s.Sends {
			copied := ""
			if o.Copy {
				copied = "copy "
			}
			fmt.Fprintf(&b, "   => %sport %d, %s\n", copied, o.Port, o.To)
		}
		if s.Dropped != "" {
			fmt.Fprintf(&b, "   => dropped: %s\n", s.Dropped)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.Verdict)
	if r.Next != "" {
		fmt.Fprintf(&b, "%s\n", r.Next)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (l *Lookup) text(b *bytes.Buffer) {
	match, action := l.Match, l.Action
	if match == "" {
		match = "no entry"
	}
	if action == "" {
		action = "nothing"
	}
	fmt.Fprintf(b, "   %-13s %s\n   %-13s -> %s\n", l.Table, match, "", action)
	if len(l.Because) > 0 {
		fmt.Fprintf(b, "   %-13s    because of %s\n", "", strings.Join(l.Because, ", "))
	}
}

// JSON writes the result as one object.
func (r *Result) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
