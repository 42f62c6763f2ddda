package bundle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

// Read reads the bundle in the folder dir. Everything is checked, and errors name file:line.
func Read(dir string) (*Bundle, error) {
	m, err := readManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no bundle: it has no %s; `pillion compile -o %s` makes one", dir, manifestName, dir)
	}
	if err != nil {
		return nil, err
	}
	b := &Bundle{Version: m.Version}
	if b.Network, err = readBounded(filepath.Join(dir, networkName), maxNetwork); err != nil {
		return nil, err
	}
	var failed firstError
	var work sync.WaitGroup
	var from *origins
	work.Go(func() {
		path := filepath.Join(dir, provenanceName)
		data, err := readBounded(path, maxProvenance)
		if err == nil {
			from, err = parseOrigins(path, data)
		}
		failed.set(err)
	})
	b.Targets = make([]Target, len(m.Targets))
	free := make(chan struct{}, readers)
	for i, mt := range m.Targets {
		t := &b.Targets[i]
		*t = Target{Name: mt.Name, Kind: mt.Kind, Address: mt.Address, DeviceID: mt.DeviceID, CPUPort: mt.CPUPort,
			P4InfoHash: mt.P4Info, ConfigHash: mt.Config}
		free <- struct{}{}
		work.Go(func() {
			failed.set(t.readText(filepath.Join(dir, mt.File), mt.Entities))
			<-free
		})
	}
	for i := range m.Redirects {
		r, err := readRedirect(dir, &m.Redirects[i])
		failed.set(err)
		b.Redirects = append(b.Redirects, r)
	}
	work.Wait()
	if err := failed.get(); err != nil {
		return nil, err
	}
	b.Statements = from.statements
	for i := range b.Redirects {
		r := &b.Redirects[i]
		for j := range r.Lines {
			r.Lines[j].From = from.redirects[r.Switch][r.Lines[j].Text] // nil: added by hand
		}
	}
	var next atomic.Int64
	for range readers {
		work.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(b.Targets) {
					return
				}
				t := &b.Targets[i]
				if err := t.setOrigins(from.targets[t.Name]); err != nil {
					failed.set(fmt.Errorf("%s: %w", filepath.Join(dir, targetFile(t.Name)), err))
				}
			}
		})
	}
	work.Wait()
	if err := failed.get(); err != nil {
		return nil, err
	}
	return b, nil
}

// setOrigins gives every entity what the list, which is sorted by hash, says of it.
func (t *Target) setOrigins(from []origin) error {
	sorted, err := hashes(t.Entities)
	if err != nil {
		return err
	}
	for _, h := range sorted { // by hash too
		for len(from) > 0 && from[0].hash < h.hash {
			from = from[1:]
		}
		o := origin{counts: -1} // an entity that was added by hand
		if len(from) > 0 && from[0].hash == h.hash {
			o = from[0]
		}
		t.Entities[h.index].From, t.Entities[h.index].Counts = o.from, o.counts
	}
	return nil
}

// readText reads a target's file, which must hold the given number of entities.
func (t *Target) readText(path string, count int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := readBuffers.Get().(*textReader)
	defer readBuffers.Put(r)
	r.read(path, io.LimitReader(f, maxText))
	defer r.read("", nil) // before another has it
	t.Entities = make([]Entity, 0, min(count, 1<<16))
	for {
		chunk, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if e, ok := r.fast.entity(chunk); ok {
			t.Entities = append(t.Entities, e)
		} else if err := r.slow(t, chunk); err != nil {
			return err
		}
		if len(t.Entities) > maxEntities {
			return fmt.Errorf("%s:%d: more than %d updates, which is the most that is read", path, r.line, maxEntities)
		}
	}
	if len(t.Entities) != count {
		return fmt.Errorf("%s:%d: %d updates, but %s says %d: the file is cut off, or was edited (then correct \"entities\" in %s too)",
			path, r.line, len(t.Entities), manifestName, count, manifestName)
	}
	if !isSorted(t.Entities) {
		Sort(t.Entities)
	}
	return nil
}

// textReader splits a text file into pieces that each are whole fields of the outermost message:
// one line where Write wrote it, several lines where it was edited or formatted.
type textReader struct {
	path  string
	in    *bufio.Reader
	fast  *scanner
	line  int // of the last line read
	start int // line of the piece
	buf   []byte
}

// read begins with another file.
func (r *textReader) read(path string, in io.Reader) {
	r.path, r.line, r.start = path, 0, 0
	r.in.Reset(in)
	if len(r.fast.intern) > maxInterned/2 {
		clear(r.fast.intern)
	}
}

func (r *textReader) next() ([]byte, error) {
	r.buf, r.start = r.buf[:0], r.line+1
	for {
		from := len(r.buf)
		for {
			part, err := r.in.ReadSlice('\n')
			r.buf = append(r.buf, part...)
			if len(r.buf) > maxUpdate {
				return nil, fmt.Errorf("%s:%d: an update of more than %d bytes, which is the most that is read", r.path, r.start, maxUpdate)
			}
			if err == nil {
				break
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err == io.EOF && len(r.buf) > from {
				break // the last line has no line end
			}
			if err == io.EOF && from > 0 {
				return nil, fmt.Errorf("%s:%d: the file ends inside what starts here: a closing bracket is missing", r.path, r.start)
			}
			return nil, err
		}
		r.line++
		if balanced(r.buf) {
			return bytes.TrimSuffix(r.buf, []byte("\n")), nil
		}
	}
}

// balanced says whether every bracket that is opened in text is closed, strings and comments aside.
func balanced(text []byte) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{', '<', '[':
			depth++
		case '}', '>', ']':
			depth--
		case '#':
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			for i++; i < len(text) && text[i] != c && text[i] != '\n'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return depth <= 0
}

// slow reads a piece by prototext.
func (r *textReader) slow(t *Target, chunk []byte) error {
	var request p4v1.WriteRequest
	if err := prototext.Unmarshal(chunk, &request); err != nil {
		line, column, what := textError(err)
		return fmt.Errorf("%s:%d:%d: %s", r.path, r.start+line-1, column, what)
	}
	if id := request.GetDeviceId(); id != 0 && id != t.DeviceID {
		return fmt.Errorf("%s:%d: device_id %d, but %s says %d", r.path, r.start, id, manifestName, t.DeviceID)
	}
	for _, u := range request.GetUpdates() {
		if u.GetType() != p4v1.Update_INSERT {
			return fmt.Errorf("%s:%d: an update of type %v; a bundle says what is to be there, so only INSERT makes sense", r.path, r.start, u.GetType())
		}
		e, err := FromProto(u.GetEntity())
		if err == nil {
			err = e.Validate()
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", r.path, r.start, err)
		}
		t.Entities = append(t.Entities, e)
	}
	return nil
}

// textError takes apart prototext's "proto: (line 1:2): what", whose white space varies on purpose.
func textError(err error) (line, column int, what string) {
	what = strings.ReplaceAll(err.Error(), "\u00a0", " ")
	what = strings.TrimSpace(strings.TrimPrefix(what, "proto:"))
	if n, _ := fmt.Sscanf(what, "(line %d:%d):", &line, &column); n != 2 {
		return 1, 1, what
	}
	_, what, _ = strings.Cut(what, "): ")
	return line, column, what
}
