package lang

import (
	"strconv"
	"strings"

	"pgregory.net/rapid"
)

// writer draws a policy without errors, token by token, with any blanks, line
// ends and comments between tokens that the language allows.
type writer struct {
	t *rapid.T
	b strings.Builder
}

func drawPolicy(t *rapid.T) string {
	w := &writer{t: t}
	for range rapid.IntRange(0, 8).Draw(t, "statements") {
		w.statement()
	}
	return w.b.String()
}

func (w *writer) flip() bool { return rapid.Bool().Draw(w.t, "flip") }

// put writes tokens, each with a gap behind it.
func (w *writer) put(tokens ...string) {
	for _, token := range tokens {
		w.b.WriteString(token)
		w.b.WriteString(rapid.SampledFrom([]string{
			" ", " ", " ", " ", "  ", "\t", "\n", "\n\n", "\n\n\n", "\r\n", " # note\n", "\n  # note ' \"\n", "#\n\n# x \n",
		}).Draw(w.t, "gap"))
	}
}

// tight writes a token with nothing behind it.
func (w *writer) tight(token string) { w.b.WriteString(token) }

func (w *writer) word() string {
	return rapid.SampledFrom([]string{
		"a", "web-1", "x.y", "b_", "dead", "test", "shared", "priority", "reversed", "delivered", "tap", "open",
		`"on"`, `"a b"`, `"q\"\\"`, `"größe"`, "a-name-of-more-than-the-usual-length-for-one",
	}).Draw(w.t, "name")
}

func (w *writer) list(element func()) {
	for i := range rapid.SampledFrom([]int{1, 1, 1, 2, 3, 12}).Draw(w.t, "length") {
		if i > 0 {
			w.put(",")
		}
		element()
	}
}

func (w *writer) name() { w.put(w.word()) }

func (w *writer) selector() {
	switch rapid.IntRange(0, 5).Draw(w.t, "selector") {
	case 0:
		w.put("any")
	case 1:
		w.put("10.0.0.0", "/", "8")
	case 2:
		w.put(rapid.SampledFrom([]string{"fd00::1", "::", "1:2:3:4:5:6:7:8"}).Draw(w.t, "address"))
	case 3:
		w.tight(`"a b"`)
		w.tight(".")
		w.put("web")
	case 4:
		w.tight("acme.")
		w.put(`"x y"`)
	default:
		w.name()
	}
}

func (w *writer) protocol() {
	switch rapid.IntRange(0, 3).Draw(w.t, "protocol") {
	case 0:
		w.put("icmp")
	case 1:
		w.put("proto", "/", strconv.Itoa(rapid.IntRange(90, 99).Draw(w.t, "number")))
	case 2:
		w.put("tcp", "/", "80", "-", "90")
	default:
		w.put("udp")
	}
}

func (w *writer) service() {
	if w.flip() {
		w.name()
	} else {
		w.protocol()
	}
}

func (w *writer) on() {
	if w.flip() {
		w.put("on")
		w.list(w.service)
	}
}

func (w *writer) statement() {
	switch rapid.IntRange(0, 7).Draw(w.t, "statement") {
	case 0:
		w.put("tenant", w.word(), "{")
		for range rapid.IntRange(0, 3).Draw(w.t, "groups") {
			w.put("group", w.word(), "=")
			w.list(w.name)
		}
		w.put("}")
	case 1:
		w.put("tenant", w.word(), "shared", "{", "offers")
		w.list(w.service)
		w.put("}")
	case 2:
		w.put("service", w.word(), "=")
		w.list(w.protocol)
	case 3:
		w.put("allow", w.word(), ":")
		w.list(w.selector)
		w.put("->")
		w.list(w.selector)
		w.on()
		if w.flip() {
			w.put("one-way")
		}
	case 4:
		w.put("middlebox", w.word(), "{", "instances")
		w.list(w.name)
		if w.flip() {
			w.put("stateful", "on-failure", "open")
		}
		w.put("}")
	case 5:
		w.put("chain", w.word(), ":")
		w.selector()
		w.put("->")
		w.selector()
		w.on()
		w.put("via", w.word(), "reversed", "->", w.word())
		if w.flip() {
			w.put("priority", "-", "5")
		}
	case 6:
		w.put("multicast", w.word(), "{", "group", "239.1.1.1", "senders")
		w.list(w.selector)
		w.put("receivers")
		if w.flip() {
			w.list(w.selector)
		}
		w.put("}")
	case 7:
		w.put("test", `"t"`, "{")
		for range rapid.IntRange(1, 4).Draw(w.t, "expectations") {
			w.put(w.word(), "->", rapid.SampledFrom([]string{"b", "::1", "239.1.1.1"}).Draw(w.t, "target"))
			w.on()
			w.put(":")
			if w.flip() {
				w.put("dropped")
				continue
			}
			w.put("delivered", "to")
			w.list(w.name)
			w.put("via", w.word(), "->", w.word(), "copied", "to")
			w.list(w.name)
		}
		w.put("}")
	}
}
