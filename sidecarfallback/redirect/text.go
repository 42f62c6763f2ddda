package redirect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

const (
	// maxText bounds a file of rules, in bytes.
	maxText = 16 << 20
	// maxLine bounds one line of it, in bytes.
	maxLine = 1024
)

// Text gives the canonical text form. Equal rules have equal texts, and
// [Parse] gives back the rules in canonical order, provided that Check accepts
// them.
func (r Rules) Text() string {
	var b strings.Builder
	b.WriteString("switch " + quoteName(r.Switch) + "\n")
	for _, line := range r.Lines() {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Lines gives the lines of the canonical text form but the one that names the
// switch.
func (r Rules) Lines() []string {
	r = r.Canonical()
	var lines []string
	for _, w := range r.Wires {
		lines = append(lines, w.String())
	}
	for _, s := range r.Statics {
		lines = append(lines, s.String())
	}
	for _, g := range r.Guards {
		lines = append(lines, g.String())
	}
	if line := r.Sample.String(); line != "" {
		lines = append(lines, line)
	}
	for _, p := range r.Quarantined {
		lines = append(lines, QuarantineLine(p))
	}
	return lines
}

// SyntaxError says where a text of rules cannot be read.
type SyntaxError struct {
	Line    int // counted from 1
	Column  int // of the first byte, counted from 1
	Message string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// Parse reads the text form and checks the rules. The first line that cannot
// be read ends it with a [*SyntaxError]; a text longer than 16 MiB or a line
// longer than 1024 bytes cannot.
func Parse(text io.Reader) (Rules, error) {
	var r Rules
	limited := &io.LimitedReader{R: text, N: maxText + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, maxLine), maxLine)
	number := 0
	for lines.Scan() {
		number++
		words := split(lines.Text())
		if len(words) == 0 {
			continue
		}
		if err := r.add(words); err != nil {
			err.Line = number
			return Rules{}, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Rules{}, &SyntaxError{Line: number + 1, Column: 1, Message: fmt.Sprintf("the line is longer than %d bytes", maxLine)}
	case err != nil:
		return Rules{}, err
	case limited.N == 0:
		return Rules{}, &SyntaxError{Line: number, Column: 1, Message: fmt.Sprintf("the text is longer than %d bytes", maxText)}
	case r.Switch == "":
		return Rules{}, &SyntaxError{Line: number + 1, Column: 1, Message: "the text ends without naming its switch: begin it with: switch NAME"}
	}
	r = r.Canonical()
	return r, r.Check()
}

// word is one word of a line and where it stands, counted from 1.
type word struct {
	text   string
	column int
}

func (w word) wrong(format string, args ...any) *SyntaxError {
	return &SyntaxError{Column: w.column, Message: fmt.Sprintf(format, args...)}
}

// split cuts a line at blanks, up to its comment. A quoted word may hold both.
func split(line string) []word {
	var words []word
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '#':
			return words
		case c == ' ' || c == '\t' || c == '\r':
			i++
		default:
			end := wordEnd(line, i)
			words = append(words, word{line[i:end], i + 1})
			i = end
		}
	}
	return words
}

func wordEnd(line string, start int) int {
	if line[start] == '"' {
		if quoted, err := strconv.QuotedPrefix(line[start:]); err == nil {
			return start + len(quoted)
		}
	}
	if length := strings.IndexAny(line[start:], " \t\r#"); length >= 0 {
		return start + length
	}
	return len(line)
}

// The forms that a line can have. Capital words stand for values.
const (
	formSwitch      = "switch NAME"
	formWire        = "wire PORT to PORT"
	formTagged      = "wire PORT to PORT tag ID"
	formStatic      = "static MAC at PORT"
	formGuard       = "guard PORT MAC"
	formSamplePort  = "sample 1 in N to port PORT"
	formSampleSflow = "sample 1 in N to sflow ADDRESS:PORT"
	formQuarantine  = "quarantine PORT"
)

var forms = map[string][]string{
	"switch":     {formSwitch},
	"wire":       {formWire, formTagged},
	"static":     {formStatic},
	"guard":      {formGuard},
	"sample":     {formSamplePort, formSampleSflow},
	"quarantine": {formQuarantine},
}

// add reads one line, of at least one word, into the rules.
func (r *Rules) add(words []word) *SyntaxError {
	choices, ok := forms[words[0].text]
	if !ok {
		return words[0].wrong("%q begins no rule: the rules are switch, wire, static, guard, sample, quarantine", words[0].text)
	}
	for _, form := range choices {
		if !fits(form, words) {
			continue
		}
		v := &values{words: words}
		r.fill(form, v)
		return v.err
	}
	return words[0].wrong("this rule has the form: %s", strings.Join(choices, ", or: "))
}

// fits compares the words that a form fixes.
func fits(form string, words []word) bool {
	fixed := strings.Fields(form)
	if len(fixed) != len(words) {
		return false
	}
	for i, f := range fixed {
		if f == strings.ToLower(f) && f != words[i].text {
			return false
		}
	}
	return true
}

func (r *Rules) fill(form string, v *values) {
	switch form {
	case formSwitch:
		if r.Switch != "" {
			v.fail(v.words[0].wrong("the switch has its name already: %s", quoteName(r.Switch)))
		}
		r.Switch = v.name(1)
	case formWire:
		r.Wires = append(r.Wires, Wire{Box: v.number(1, 32), Sidecar: v.number(3, 32)})
	case formTagged:
		tag := v.number(5, 12)
		if v.err == nil && tag == 0 {
			v.fail(v.words[5].wrong("a VLAN id is 1 to %d", maxTag))
		}
		r.Wires = append(r.Wires, Wire{Box: v.number(1, 32), Sidecar: v.number(3, 32), Tag: uint16(tag)})
	case formStatic:
		r.Statics = append(r.Statics, Static{Locator: v.mac(1), Port: v.number(3, 32)})
	case formGuard:
		r.Guards = append(r.Guards, Guard{Port: v.number(1, 32), MAC: v.mac(2)})
	case formSamplePort, formSampleSflow:
		if r.Sample != (Sample{}) {
			v.fail(v.words[0].wrong("there is a sampling rule already: %s", r.Sample))
			return
		}
		r.Sample.OneIn = v.number(3, 32)
		if form == formSamplePort {
			r.Sample.Port = v.number(6, 32)
		} else {
			r.Sample.Collector = v.address(6)
		}
	case formQuarantine:
		r.Quarantined = append(r.Quarantined, v.number(1, 32))
	}
}

// values reads words as values and remembers the first that is none.
type values struct {
	words []word
	err   *SyntaxError
}

func (v *values) fail(err *SyntaxError) {
	if v.err == nil {
		v.err = err
	}
}

// number reads a decimal number of at most the given bits.
func (v *values) number(i, bits int) uint32 {
	w := v.words[i]
	n, err := strconv.ParseUint(w.text, 10, bits)
	if err != nil || w.text != strconv.FormatUint(n, 10) {
		v.fail(w.wrong("%q is no number from 0 to %d", w.text, uint64(1)<<bits-1))
	}
	return uint32(n)
}

func (v *values) mac(i int) MAC {
	m, err := ParseMAC(v.words[i].text)
	if err != nil {
		v.fail(v.words[i].wrong("%v", err))
	}
	return m
}

func (v *values) address(i int) netip.AddrPort {
	a, err := netip.ParseAddrPort(v.words[i].text)
	if err != nil {
		v.fail(v.words[i].wrong("%q is no ADDRESS:PORT, such as 192.0.2.1:6343 or [2001:db8::1]:6343", v.words[i].text))
	}
	return a
}

func (v *values) name(i int) string {
	w := v.words[i]
	name := w.text
	if strings.HasPrefix(name, `"`) {
		var err error
		if name, err = strconv.Unquote(w.text); err != nil {
			v.fail(w.wrong("%s: the quotes are not closed", w.text))
		}
	}
	if name == "" {
		v.fail(w.wrong("the name is empty"))
	}
	return name
}

// quoteName puts quotes around a name that is not a plain word of the text form.
func quoteName(name string) string {
	plain := name != ""
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		plain = plain && (letter || i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '-'))
	}
	if plain {
		return name
	}
	return strconv.Quote(name)
}
