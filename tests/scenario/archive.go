package scenario

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"pillion/compiler/network"
	"pillion/lang"
)

// maxArchive bounds an archive, in bytes.
const maxArchive = 4 << 20

// The files of an archive.
const (
	filePolicy  = "policy.pol"
	fileNetwork = "network.yaml"
	fileLab     = "lab"
	fileExpect  = "expect"
)

// Scenario is one archive that was read without errors.
type Scenario struct {
	Name string // of its file, without folder and ending
	Site Site

	*compiled
	types  map[string]*lang.Middlebox // by name
	boxes  map[string]*lang.Middlebox // types by the name of an instance
	lines  []line
	tshark bool // captures are to be decoded

	lab, expect section
}

// line is one line of expect.
type line struct {
	place    string // file:line
	text     string
	families []family
	step     step
}

// step is what a line says. It runs once for each address family.
type step interface {
	run(*running, family) error
}

// Load reads an archive from disk. Errors name file:line.
func Load(path string) (*Scenario, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxArchive {
		return nil, fmt.Errorf("%s: a scenario has at most %d bytes, not %d", path, maxArchive, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse is [Load] for the text of an archive.
func Parse(path string, data []byte) (*Scenario, error) {
	if len(data) > maxArchive {
		return nil, fmt.Errorf("%s: a scenario has at most %d bytes", path, maxArchive)
	}
	files, err := sections(path, data)
	if err != nil {
		return nil, err
	}
	made, err := compile(files[filePolicy], files[fileNetwork])
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return (&Scenario{Name: name, lab: files[fileLab], expect: files[fileExpect]}).with(made)
}

// with is the scenario with what was compiled for it.
func (old *Scenario) with(made *compiled) (*Scenario, error) {
	s := &Scenario{Name: old.Name, lab: old.lab, expect: old.expect, compiled: made}
	s.types, s.boxes = map[string]*lang.Middlebox{}, map[string]*lang.Middlebox{}
	for _, box := range s.policy.Middleboxes {
		s.types[box.Name.Text] = box
		for _, instance := range box.Instances {
			s.boxes[instance.Text] = box
		}
	}
	s.Site = *NewSite(s.policy, s.net, s.bundle)
	s.Site.Name = s.Name
	if err := s.readLab(s.lab); err != nil {
		return nil, err
	}
	if err := s.readExpect(s.expect); err != nil {
		return nil, err
	}
	return s, nil
}

// sections splits an archive, and makes sure that it has the files that it needs and no others.
func sections(path string, data []byte) (map[string]section, error) {
	archive := txtar.Parse(data)
	at := 1 + bytes.Count(archive.Comment, []byte("\n"))
	files := map[string]section{}
	known := []string{filePolicy, fileNetwork, fileLab, fileExpect}
	for _, f := range archive.Files {
		if !slices.Contains(known, f.Name) {
			return nil, fmt.Errorf("%s:%d: no file of a scenario is called %q: choose of %s", path, at, f.Name, strings.Join(known, ", "))
		}
		if _, twice := files[f.Name]; twice {
			return nil, fmt.Errorf("%s:%d: the file %s is there twice: remove one", path, at, f.Name)
		}
		files[f.Name] = section{archive: path, line: at + 1, text: f.Data}
		at += 1 + bytes.Count(f.Data, []byte("\n"))
	}
	for _, name := range known {
		if _, ok := files[name]; !ok && name != fileLab {
			return nil, fmt.Errorf("%s: the file %s is missing: begin it with a line \"-- %s --\"", path, name, name)
		}
	}
	return files, nil
}

// readLab reads the file lab.
func (s *Scenario) readLab(file section) error {
	for number, text := range file.lines() {
		w := newWords(file.archive, number, text)
		name := w.take("the name of an instance")
		w.expect(":")
		kind := BoxKind(w.take("a kind of middlebox"))
		w.end()
		at := slices.IndexFunc(s.net.Middleboxes, func(box network.Middlebox) bool { return box.Name == name })
		if at < 0 {
			w.unknown("middlebox", name, s.instances())
		} else if arms := map[BoxKind]int{BoxTransparent: 2, BoxBridge: 2, BoxOneArmed: 1, BoxTap: 1}[kind]; arms == 0 {
			w.fail("no kind of middlebox is called %q: choose of %s, %s, %s, %s", kind, BoxTransparent, BoxBridge, BoxOneArmed, BoxTap)
		} else if two := s.net.Middleboxes[at].Out.Number != 0; two != (arms == 2) {
			w.fail("%s cannot be %s: that takes %d ports", name, kind, arms)
		}
		if w.err != nil {
			return w.err
		}
		s.Site.Boxes[name] = kind
	}
	return nil
}

// lines yields what is to be read of a file, by line of the archive.
func (s section) lines() func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		number := s.line - 1
		for text := range strings.Lines(string(s.text)) {
			number++
			if at := strings.IndexByte(text, '#'); at >= 0 {
				text = text[:at]
			}
			if text = strings.TrimSpace(text); text != "" && !yield(number, text) {
				return
			}
		}
	}
}

// instances are the names of all middleboxes, sorted.
func (s *Scenario) instances() []string {
	var names []string
	for i := range s.net.Middleboxes {
		names = append(names, s.net.Middleboxes[i].Name)
	}
	slices.Sort(names)
	return names
}

// endpoints are the names of all endpoints, sorted.
func (s *Scenario) endpoints() []string {
	var names []string
	for i := range s.net.Endpoints {
		names = append(names, s.net.Endpoints[i].Name)
	}
	slices.Sort(names)
	return names
}

// owner is who has an address: the endpoint whose own it is, or the gateway with the longest prefix around it;
// nil if nobody has.
func (s *Scenario) owner(ip netip.Addr) *network.Endpoint {
	var gateway *network.Endpoint
	longest := -1
	for i := range s.net.Endpoints {
		candidate := &s.net.Endpoints[i]
		if slices.Contains(candidate.IPs, ip) {
			return candidate
		}
		for _, p := range candidate.Prefixes {
			if p.Contains(ip) && p.Bits() > longest {
				gateway, longest = candidate, p.Bits()
			}
		}
	}
	return gateway
}
