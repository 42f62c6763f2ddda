package sidecar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"pillion/sidecarfallback/redirect"
)

// quarantine is the list of ports that are cut off, in a file that outlives the agent. A line is a rule of the text form of
// redirect rules, and a comment that says why. A person may take lines out; the agent sees that.
type quarantine struct {
	path string

	mu      sync.Mutex
	ports   map[uint32]string // why, by port
	unsaved map[uint32]string // those that the file could not take yet: they are cut off all the same
	seen    os.FileInfo       // of the file that was read last; nil: there was none
}

// maxQuarantine bounds the file, in bytes: all ports that a switch may have, with their reasons.
const maxQuarantine = 64 << 20

const quarantineHead = "# Ports that this sidecar has cut off. Take a line out, or run pillion sidecar --release, to let a port in again.\n"

// list gives the ports in order.
func (q *quarantine) list() []uint32 {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]uint32, 0, len(q.ports)+len(q.unsaved))
	for _, ports := range []map[uint32]string{q.ports, q.unsaved} {
		for p := range ports {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// refresh reads the file if it is another than before, and says whether it is. What the file could not take is tried again.
func (q *quarantine) refresh() (changed bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.unsaved) > 0 {
		if err := save(q.path, q.unsaved); err != nil {
			return false, err
		}
		q.unsaved = nil
	}
	return q.load()
}

// load reads the file if it is another than before. Callers hold q.mu.
func (q *quarantine) load() (changed bool, err error) {
	info, err := os.Stat(q.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		changed = len(q.ports) > 0
		q.ports, q.seen = nil, nil
		return changed, nil
	case err != nil:
		return false, err
	case q.seen != nil && sameFile(q.seen, info):
		return false, nil
	}
	ports, err := readQuarantine(q.path)
	if err != nil {
		return false, err
	}
	q.ports, q.seen = ports, info
	return true, nil
}

// sameFile says whether a file is as it was.
func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// holds says whether a port is cut off.
func (q *quarantine) holds(number uint32) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.has(number)
}

func (q *quarantine) has(number uint32) bool {
	_, saved := q.ports[number]
	_, unsaved := q.unsaved[number]
	return saved || unsaved
}

// add cuts a port off; fresh is false if it is already. After an error it is cut off all the same, for as long as the agent runs, and the file
// is to take it later.
func (q *quarantine) add(number uint32, why string) (fresh bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.has(number) {
		return false, nil
	}
	if err := save(q.path, map[uint32]string{number: why}); err != nil {
		if q.unsaved == nil {
			q.unsaved = map[uint32]string{}
		}
		q.unsaved[number] = why
		return true, err
	}
	_, err = q.load()
	return true, err
}

// save adds ports to the file; those that are in it stay as they are.
func save(path string, more map[uint32]string) error {
	return editQuarantine(path, func(ports map[uint32]string) error {
		for p, why := range more {
			if _, there := ports[p]; !there {
				ports[p] = why
			}
		}
		return nil
	})
}

// Release takes a port out of the quarantine of a sidecar, whether its agent runs or not. An agent that runs opens the port
// within seconds.
func Release(o Options, number uint32) error {
	if o.State == "" {
		o.State = DefaultState
	}
	if _, err := os.Stat(o.State); err != nil {
		return fmt.Errorf("no sidecar %s has been here: %w; name the folder that its agent has", o.Name, err)
	}
	return editQuarantine(o.file("quarantine"), func(ports map[uint32]string) error {
		if _, ok := ports[number]; ok {
			delete(ports, number)
			return nil
		}
		var there []uint32
		for p := range ports {
			there = append(there, p)
		}
		if len(there) == 0 {
			return fmt.Errorf("port %d is not in quarantine, and no other is (%s)", number, o.file("quarantine"))
		}
		slices.Sort(there)
		return fmt.Errorf("port %d is not in quarantine; there are %v", number, there)
	})
}

// editQuarantine changes the file, which others may be about to change, too.
func editQuarantine(path string, edit func(ports map[uint32]string) error) error {
	unlock, err := lockFile(path+".lock", true)
	if err != nil {
		return err
	}
	defer unlock.Close()
	ports, err := readQuarantine(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if ports == nil {
		ports = map[uint32]string{}
	}
	if err := edit(ports); err != nil {
		return err
	}
	fresh := path + ".new"
	file, err := os.OpenFile(fresh, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(quarantineText(ports))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(fresh)) // half a list must not take the place of the whole one
	}
	return os.Rename(fresh, path)
}

func quarantineText(ports map[uint32]string) []byte {
	var lines []uint32
	for p := range ports {
		lines = append(lines, p)
	}
	slices.Sort(lines)
	b := bytes.NewBufferString(quarantineHead)
	for _, p := range lines {
		fmt.Fprintf(b, "%s # %s\n", redirect.QuarantineLine(p), oneLine(ports[p]))
	}
	return b.Bytes()
}

// oneLine makes a text good for a comment.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
	const most = 500
	return s[:min(len(s), most)]
}

func readQuarantine(path string) (map[uint32]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	limited := &io.LimitedReader{R: file, N: maxQuarantine + 1}
	ports, err := parseQuarantine(limited)
	if limited.N == 0 { // what follows would be let in again
		return nil, fmt.Errorf("%s: it has more than %d bytes: shorten what stands behind #", path, maxQuarantine)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return ports, nil
}

func parseQuarantine(r io.Reader) (map[uint32]string, error) {
	ports := map[uint32]string{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		rule, why, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(rule)
		if len(words) == 0 {
			continue
		}
		var number uint64
		err := fmt.Errorf("%q is not: quarantine PORT", strings.TrimSpace(rule))
		if len(words) == 2 && words[0] == "quarantine" {
			if number, err = strconv.ParseUint(words[1], 10, 32); number == 0 && err == nil {
				err = errors.New("ports count from 1")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", n, err)
		}
		ports[uint32(number)] = strings.TrimSpace(why)
	}
	return ports, lines.Err()
}
