package bundle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Write writes the bundle into the folder dir, which is made when it is missing. A bundle that is
// there is replaced in one step: a reader sees the old one or the new one. Files that are not the
// bundle's stay; a folder that has files and is no bundle is refused. Entities out of order
// are sorted on the way out; two with one key are an error.
func Write(dir string, b *Bundle) error {
	if err := b.validate(); err != nil {
		return fmt.Errorf("bundle %s: %w", dir, err)
	}
	place, err := prepare(dir)
	if err != nil {
		return err
	}
	defer place.discard()
	if err := b.writeFiles(place.temp); err != nil {
		return err
	}
	return place.commit()
}

func (b *Bundle) validate() error {
	if b.Version != CurrentVersion {
		return fmt.Errorf("version %d of the rules; this program writes version %d", b.Version, CurrentVersion)
	}
	if !slices.IsSorted(b.Statements) || len(slices.Compact(slices.Clone(b.Statements))) != len(b.Statements) {
		return errors.New("statements must be sorted, each once")
	}
	for i := range b.Targets {
		t := &b.Targets[i]
		if t.Name == "" || len(t.Name) > maxTargetName {
			return fmt.Errorf("target %q: a name has 1 to %d bytes", t.Name, maxTargetName)
		}
		if i > 0 && b.Targets[i-1].Name >= t.Name {
			return fmt.Errorf("target %q: targets must be sorted by name, each once", t.Name)
		}
		if len(t.Entities) > maxEntities {
			return fmt.Errorf("target %q: %d entities; at most %d fit", t.Name, len(t.Entities), maxEntities)
		}
	}
	return b.validateRedirects()
}

// writeFiles writes every file of the bundle into the empty folder dir. The targets' files and
// their parts of the provenance are made side by side, on as many processors as help.
func (b *Bundle) writeFiles(dir string) error {
	statements := quoteAll(b.Statements)
	parts := make([]chan []byte, len(b.Targets)) // of provenance.json, in the order of targets
	for i := range parts {
		parts[i] = make(chan []byte, 1)
	}
	var failed firstError
	jobs := make(chan func() error)
	var workers sync.WaitGroup
	for range writers {
		workers.Go(func() {
			for job := range jobs {
				failed.set(job())
			}
		})
	}
	go func() {
		for i := range b.Targets {
			t := &b.Targets[i]
			jobs <- func() error {
				part, err := t.provenance(statements)
				parts[i] <- part // also when it failed: the writer below waits for it
				return err
			}
			jobs <- func() error { return t.writeText(filepath.Join(dir, targetFile(t.Name))) }
		}
		for i := range b.Redirects {
			r := &b.Redirects[i]
			jobs <- func() error { return os.WriteFile(filepath.Join(dir, redirectFile(r.Switch)), []byte(r.Text()), 0o666) }
		}
		close(jobs)
	}()
	failed.set(b.writeProvenance(filepath.Join(dir, provenanceName), statements, parts))
	workers.Wait()
	failed.set(os.WriteFile(filepath.Join(dir, networkName), b.Network, 0o666))
	failed.set(os.WriteFile(filepath.Join(dir, manifestName), b.manifest(), 0o666))
	return failed.get()
}

// writeText writes one target's updates, a p4.v1.WriteRequest in text form.
func (t *Target) writeText(path string) error {
	entities := t.Entities
	if !isSorted(entities) {
		entities = slices.Clone(entities)
		Sort(entities)
	}
	return writeFile(path, func(w *bufio.Writer) error {
		fmt.Fprint(w, "# proto-file: p4/v1/p4runtime.proto\n# proto-message: p4.v1.WriteRequest\n\n")
		if t.DeviceID != 0 {
			fmt.Fprintf(w, "device_id: %d\n", t.DeviceID)
		}
		for i := range entities {
			w.Write(append(entities[i].AppendText(w.AvailableBuffer()), '\n'))
		}
		return nil
	})
}

func isSorted(entities []Entity) bool {
	var last, this []byte
	for i := range entities {
		this = entities[i].AppendText(this[:0])
		if bytes.Compare(last, this) > 0 {
			return false
		}
		last, this = this, last
	}
	return true
}

// writeFile makes a file; whatever failed in between comes out of Flush.
func writeFile(path string, write func(*bufio.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := writeBuffers.Get().(*bufio.Writer)
	w.Reset(f)
	err = errors.Join(write(w), w.Flush(), f.Close())
	w.Reset(nil)
	writeBuffers.Put(w)
	return err
}

// A bundle may have a file for each of 100,000 hosts, so buffers serve one file after another.
var (
	writeBuffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, fileBuffer) }}
	readBuffers  = sync.Pool{New: func() any { return &textReader{in: bufio.NewReaderSize(nil, fileBuffer), fast: newScanner()} }}
)

const fileBuffer = 1 << 18 // bytes

// firstError keeps the first error that several goroutines tell it.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (f *firstError) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *firstError) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
