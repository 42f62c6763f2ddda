package observe

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"pillion/p4/engine"
)

// Way is one packet's way through the program, as JSON shows it. Values are hexadecimal.
type Way struct {
	Number  uint64    `json:"number"` // of the traced packets, from 1
	Time    time.Time `json:"time"`
	Port    uint32    `json:"port"`
	Length  int       `json:"length"` // bytes
	Frame   string    `json:"frame"`
	Steps   []Step    `json:"steps"`
	Outputs []Output  `json:"outputs"`
	// Left counts packets that were not traced since the one before, because there were too many.
	Left uint64 `json:"left,omitempty"`
}

// Step is one event.
type Step struct {
	Event  engine.EventKind `json:"event"`
	Packet int              `json:"packet"` // tells copies apart; 0 is the received frame
	// Name is that of the parser state, table, condition, digest; or the error, the reason, the message.
	Name     string   `json:"name,omitempty"`
	Port     *uint32  `json:"port,omitempty"`
	Instance uint32   `json:"instance,omitempty"`
	Hit      *bool    `json:"hit,omitempty"` // of tables and conditions
	Match    []Value  `json:"match,omitempty"`
	Priority int32    `json:"priority,omitempty"`
	Action   string   `json:"action,omitempty"`
	Args     []string `json:"args,omitempty"`
	Member   uint32   `json:"member,omitempty"`
	Group    uint32   `json:"group,omitempty"`
	Session  uint32   `json:"session,omitempty"`
	Copies   *int     `json:"copies,omitempty"`
}

// Value is a field of the entry that was hit: "0x0a000001", "0x0a000000/8", "0x01 mask 0xff", "0x0050..0x0051".
type Value struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Output is a frame that left.
type Output struct {
	Port   uint32 `json:"port"`
	Length int    `json:"length"`
	Frame  string `json:"frame"`
}

// wayOf renders what the engine recorded.
func wayOf(port uint32, frame []byte, sw *engine.Switch, t *engine.Trace) *Way {
	w := &Way{Port: port, Length: len(frame), Frame: hex.EncodeToString(frame), Steps: []Step{}, Outputs: []Output{}}
	for i := range t.Events {
		w.Steps = append(w.Steps, stepOf(sw, &t.Events[i]))
	}
	for _, o := range t.Outputs {
		w.Outputs = append(w.Outputs, Output{Port: o.Port, Length: len(o.Frame), Frame: hex.EncodeToString(o.Frame)})
	}
	return w
}

func stepOf(sw *engine.Switch, e *engine.Event) Step {
	s := Step{Event: e.Kind, Packet: e.Packet, Name: e.Name, Instance: e.Instance, Action: e.Action, Member: e.Member, Group: e.Group, Session: e.Session}
	switch e.Kind {
	case engine.EventIngress, engine.EventEgress, engine.EventOutput:
		s.Port = &e.Port
	case engine.EventClone, engine.EventMulticast:
		s.Copies = &e.Copies
	case engine.EventCondition:
		s.Hit = &e.Hit
	case engine.EventTable:
		s.Hit = &e.Hit
		for _, a := range e.Args {
			s.Args = append(s.Args, number(a))
		}
		if e.Hit && e.Entry != nil {
			s.Priority = e.Entry.Priority
			if t := sw.Table(e.Name); t != nil {
				s.Match = matchOf(t.Info().Keys, e.Entry.Key)
			}
		}
	}
	return s
}

func matchOf(fields []engine.KeyInfo, key []engine.KeyField) []Value {
	var out []Value
	for i, k := range key {
		if i >= len(fields) {
			break
		}
		v := number(k.Value)
		switch fields[i].Kind {
		case engine.LPM:
			v = fmt.Sprintf("%s/%d", v, k.PrefixLen)
		case engine.Ternary:
			if k.Value == nil && k.Mask == nil {
				v = "any"
			} else if k.Mask != nil {
				v += " mask " + number(k.Mask)
			}
		case engine.Range:
			v += ".." + number(k.High)
		}
		out = append(out, Value{fields[i].Name, v})
	}
	return out
}

func number(b []byte) string { return "0x" + hex.EncodeToString(b) }

// shown is how many bytes of a frame the text shows.
const shown = 64

// Text is the way in lines, of which all but the first are indented.
func (w *Way) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "packet %d at %s, port %d, %d bytes: %s", w.Number, w.Time.UTC().Format("15:04:05.000000"), w.Port, w.Length, clip(w.Frame))
	if w.Left > 0 {
		fmt.Fprintf(&b, " (%d before it not traced)", w.Left)
	}
	b.WriteByte('\n')
	for i := range w.Steps {
		b.WriteString("  ")
		if p := w.Steps[i].Packet; p > 0 {
			fmt.Fprintf(&b, "[copy %d] ", p)
		}
		b.WriteString(w.Steps[i].text())
		b.WriteByte('\n')
	}
	for _, o := range w.Outputs {
		fmt.Fprintf(&b, "  sent by port %d, %d bytes: %s\n", o.Port, o.Length, clip(o.Frame))
	}
	return b.String()
}

func clip(frame string) string {
	if len(frame) > 2*shown {
		return frame[:2*shown] + "…"
	}
	return frame
}

func (s *Step) text() string {
	switch s.Event {
	case engine.EventIngress, engine.EventEgress:
		return fmt.Sprintf("%s, port %d, instance %d", s.Event, *s.Port, s.Instance)
	case engine.EventOutput:
		return fmt.Sprintf("output, port %d", *s.Port)
	case engine.EventTable:
		return "table " + s.lookup()
	case engine.EventCondition:
		return fmt.Sprintf("condition %s: %t", s.Name, *s.Hit)
	case engine.EventClone:
		return fmt.Sprintf("clone, session %d: %d copies", s.Session, *s.Copies)
	case engine.EventMulticast:
		return fmt.Sprintf("multicast, group %d: %d copies", s.Group, *s.Copies)
	}
	if s.Name == "" {
		return string(s.Event)
	}
	return fmt.Sprintf("%s %s", s.Event, s.Name)
}

// lookup is a table with what was hit and what that did.
func (s *Step) lookup() string {
	var b strings.Builder
	b.WriteString(s.Name)
	if !*s.Hit {
		b.WriteString(": miss")
	} else {
		b.WriteString(": hit")
		for _, v := range s.Match {
			fmt.Fprintf(&b, " %s=%s", v.Field, v.Value)
		}
		if s.Priority != 0 {
			fmt.Fprintf(&b, " priority %d", s.Priority)
		}
	}
	if s.Group != 0 {
		fmt.Fprintf(&b, ", group %d", s.Group)
	}
	if s.Member != 0 {
		fmt.Fprintf(&b, ", member %d", s.Member)
	}
	if s.Action != "" {
		fmt.Fprintf(&b, " → %s(%s)", s.Action, strings.Join(s.Args, ", "))
	}
	return b.String()
}
