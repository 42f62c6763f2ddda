package redirect

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxName bounds the length of a switch's name, in bytes.
	maxName = 128
	// maxTag is the largest VLAN id that may be used (IEEE 802.1Q, 9.6).
	maxTag = 4094
)

// Check says what no switch could do: all of it, one error per rule.
func (r Rules) Check() error {
	r = r.Canonical()
	c := &checker{
		users: map[uint32]string{}, trunks: map[uint32]string{},
		tags: map[Wire]string{}, locators: map[MAC]string{}, cut: map[uint32]bool{},
	}
	if r.Switch == "" || len(r.Switch) > maxName {
		c.refuse("the switch's name has %d bytes: 1 to %d are possible", len(r.Switch), maxName)
	}
	if !utf8.ValidString(r.Switch) || strings.ContainsFunc(r.Switch, unicode.IsControl) {
		c.refuse("the switch's name %q holds bytes that are no text: use letters, digits and punctuation", r.Switch)
	}
	for _, w := range r.Wires {
		c.wire(w)
	}
	c.sample(r.Sample)
	for _, s := range r.Statics {
		c.static(s)
	}
	for i, g := range r.Guards {
		c.guard(g, i > 0 && g == r.Guards[i-1])
	}
	for _, p := range r.Quarantined {
		c.quarantine(p, r.Sample)
	}
	return errors.Join(c.errs...)
}

// checker remembers who uses what, by the line that says so.
type checker struct {
	users    map[uint32]string // ports that serve one rule alone
	trunks   map[uint32]string // ports that carry tagged wires
	tags     map[Wire]string   // by Sidecar and Tag only
	locators map[MAC]string
	cut      map[uint32]bool
	errs     []error
}

func (c *checker) refuse(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// take gives the port to one rule alone.
func (c *checker) take(port uint32, line string) {
	other := c.users[port]
	if other == "" {
		other = c.trunks[port]
	}
	switch {
	case port == 0:
		c.refuse("%s: ports count from 1", line)
	case other != "":
		c.refuse("%s: port %d serves %q already: give one of them a port of its own", line, port, other)
	default:
		c.users[port] = line
	}
}

func (c *checker) wire(w Wire) {
	line := w.String()
	c.take(w.Box, line)
	if w.Tag == 0 {
		c.take(w.Sidecar, line)
		return
	}
	if w.Tag > maxTag {
		c.refuse("%s: a VLAN id is 1 to %d", line, maxTag)
	}
	if w.Sidecar == 0 {
		c.refuse("%s: ports count from 1", line)
		return
	}
	if other := c.users[w.Sidecar]; other != "" {
		c.refuse("%s: port %d serves %q already: give one of them a port of its own", line, w.Sidecar, other)
		return
	}
	key := Wire{Sidecar: w.Sidecar, Tag: w.Tag}
	if other := c.tags[key]; other != "" {
		c.refuse("%s: tag %d on port %d stands for %q already: choose another tag", line, w.Tag, w.Sidecar, other)
	}
	c.tags[key] = line
	c.trunks[w.Sidecar] = line
}

func (c *checker) sample(s Sample) {
	line := s.String()
	switch {
	case s == Sample{}:
	case s.OneIn == 0:
		c.refuse("%s: one frame in none cannot be taken: use 1 in 1 for all frames, or no rule for none", line)
	case s.Port != 0 && s.Collector.IsValid():
		c.refuse("%s: samples go either to a port or to the sFlow collector %s: choose one", line, s.Collector)
	case s.Port != 0:
		c.take(s.Port, line)
	case !s.Collector.IsValid() || s.Collector.Port() == 0 || s.Collector.Addr().Zone() != "" || s.Collector.Addr().Is4In6():
		c.refuse("%s: samples need a port, or the collector's ADDRESS:PORT without a zone", line)
	}
}

func (c *checker) static(s Static) {
	line := s.String()
	if s.Port == 0 {
		c.refuse("%s: ports count from 1", line)
	}
	if s.Locator == (MAC{}) || s.Locator[0]&1 != 0 {
		c.refuse("%s: a locator is a unicast address, not zero", line)
	}
	if other := c.locators[s.Locator]; other != "" {
		c.refuse("%s: the locator is there already: %q", line, other)
	}
	c.locators[s.Locator] = line
	if other := c.users[s.Port]; other != "" {
		c.refuse("%s: port %d serves %q alone, which nothing else reaches", line, s.Port, other)
	}
}

// guard takes guards in canonical order, where those that are said twice are
// neighbours.
func (c *checker) guard(g Guard, again bool) {
	line := g.String()
	if g.Port == 0 {
		c.refuse("%s: ports count from 1", line)
	}
	if g.MAC == (MAC{}) || g.MAC[0]&1 != 0 {
		c.refuse("%s: a source address is a unicast address, not zero", line)
	}
	if again {
		c.refuse("%s: said twice", line)
	}
	other := c.users[g.Port]
	if other == "" {
		other = c.trunks[g.Port]
	}
	if other != "" {
		c.refuse("%s: port %d serves %q, where frames have many source addresses: guard the endpoints' ports", line, g.Port, other)
	}
}

func (c *checker) quarantine(port uint32, sample Sample) {
	line := QuarantineLine(port)
	if port == 0 {
		c.refuse("%s: ports count from 1", line)
	}
	if c.cut[port] {
		c.refuse("%s: said twice", line)
	}
	c.cut[port] = true
	if c.trunks[port] != "" || sample.Port != 0 && sample.Port == port {
		c.refuse("%s: this is the sidecar's port: quarantine the endpoints' ports", line)
	}
}
