package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"pillion/lang/diag"
)

// words are those of one line, read from left to right. The first error is kept, and reading after it returns zero
// values.
type words struct {
	archive string
	line    int
	list    []string
	err     error
}

// newWords splits a line: at white space, and a colon that ends a word and commas stand alone.
func newWords(archive string, line int, text string) *words {
	w := &words{archive: archive, line: line}
	for _, field := range strings.Fields(text) {
		for field != "" {
			switch last := field[len(field)-1]; {
			case len(field) > 1 && last == ':' && field[len(field)-2] != ':':
				w.list = append(w.list, field[:len(field)-1], ":")
				field = ""
			case strings.Contains(field, ",") && field != ",":
				at := strings.Index(field, ",")
				if at > 0 {
					w.list = append(w.list, field[:at])
				}
				w.list = append(w.list, ",")
				field = field[at+1:]
			default:
				w.list = append(w.list, field)
				field = ""
			}
		}
	}
	return w
}

// place is where the line stands.
func (w *words) place() string { return fmt.Sprintf("%s:%d", w.archive, w.line) }

// fail keeps the first error.
func (w *words) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("%s: %s", w.place(), fmt.Sprintf(format, args...))
	}
}

// peek is the next word, or "" at the end.
func (w *words) peek() string {
	if w.err != nil || len(w.list) == 0 {
		return ""
	}
	return w.list[0]
}

// take is the next word, which must be there; what names it in the error.
func (w *words) take(what string) string {
	word := w.peek()
	if word == "" {
		w.fail("expected %s, the line ends", what)
		return ""
	}
	w.list = w.list[1:]
	return word
}

// accept takes the words if they come next.
func (w *words) accept(these ...string) bool {
	if w.err != nil || len(w.list) < len(these) {
		return false
	}
	for i, word := range these {
		if w.list[i] != word {
			return false
		}
	}
	w.list = w.list[len(these):]
	return true
}

// expect takes the words, which must come next.
func (w *words) expect(these ...string) {
	for _, word := range these {
		if got := w.take(strconv.Quote(word)); w.err == nil && got != word {
			w.fail("expected %q, found %q", word, got)
		}
	}
}

// end makes sure that nothing is left.
func (w *words) end() {
	if word := w.peek(); word != "" {
		w.fail("%q is too much: the line should end here", word)
	}
}

// number takes a whole number.
func (w *words) number(what string, low, high int) int {
	word := w.take(what)
	if w.err != nil {
		return 0
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < low || n > high {
		w.fail("%s is a number from %d to %d, not %q", what, low, high, word)
		return 0
	}
	return n
}

// port takes a word and the port behind it, if the word comes next.
func (w *words) port(word string) uint16 {
	if !w.accept(word) {
		return 0
	}
	return uint16(w.number(word, 1, 65535))
}

var sizeUnits = []struct {
	suffix string
	bytes  int
}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"B", 1}}

// maxSize bounds what a conversation carries, in bytes.
const maxSize = 64 << 20

// size takes a size if one comes next; 0 if not.
func (w *words) size() int {
	for _, unit := range sizeUnits {
		digits, found := strings.CutSuffix(w.peek(), unit.suffix)
		if n, err := strconv.Atoi(digits); found && err == nil && digits[0] != '+' && digits[0] != '-' {
			if w.take("a size"); n < 1 || n > maxSize/unit.bytes {
				w.fail("a size is from 1B to %dMB", maxSize>>20)
				return 0
			}
			return n * unit.bytes
		}
	}
	return 0
}

// names takes one or more names with commas between them.
func (w *words) names(what string) []string {
	list := []string{w.take(what)}
	for w.accept(",") {
		list = append(list, w.take(what))
	}
	return list
}

// unknown fails because a name is none of the valid ones.
func (w *words) unknown(what, name string, valid []string) {
	hint := diag.DidYouMean(name, valid)
	if hint == "" {
		const most = 12
		hint = "there are " + strings.Join(valid[:min(len(valid), most)], ", ")
		if len(valid) > most {
			hint += " and more"
		}
		if len(valid) == 0 {
			hint = "there is none"
		}
	}
	w.fail("no %s is called %q (%s)", what, name, hint)
}
