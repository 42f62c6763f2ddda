package sidecar

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// reloader sees when the bundle is another one. It is for one goroutine, but for stale.
type reloader struct {
	folder, name string
	seen         atomic.Pointer[os.FileInfo] // of the manifest that was looked at last
	again        time.Time                   // when it is looked at again, if it could not be read; else zero
}

// patience is how long a bundle that cannot be read is left alone: it may be half copied.
const patience = 5 * time.Second

// errUnread says that a bundle that cannot be read is not looked at again yet.
var errUnread = errors.New("not yet")

// first reads the bundle.
func (r *reloader) first() (*duty, error) {
	if info, err := os.Stat(r.manifest()); err == nil {
		r.seen.Store(&info)
	}
	return readDuty(r.folder, r.name) // which says what is wrong if there is none
}

// written is when the bundle that was looked at last was written; zero if there was none.
func (r *reloader) written() time.Time {
	if seen := r.seen.Load(); seen != nil {
		return (*seen).ModTime()
	}
	return time.Time{}
}

func (r *reloader) manifest() string { return filepath.Join(r.folder, "manifest.json") }

// stale says whether there is a bundle that nobody has looked at yet.
func (r *reloader) stale() bool {
	info, err := os.Stat(r.manifest())
	seen := r.seen.Load()
	return err == nil && (seen == nil || !sameFile(*seen, info))
}

// next hands a bundle that has changed to take, which may refuse it. Until take has returned the bundle counts as stale.
func (r *reloader) next(now *duty, take func(d *duty, written time.Time) error) error {
	info, err := os.Stat(r.manifest())
	if err != nil {
		return fmt.Errorf("%w; what the last bundle said holds", err)
	}
	if seen := r.seen.Load(); seen != nil && sameFile(*seen, info) {
		switch {
		case r.again.IsZero():
			return nil
		case time.Now().Before(r.again):
			return errUnread
		}
	}
	d, err := readDuty(r.folder, r.name)
	if err == nil {
		err = d.continues(now)
	}
	if err == nil {
		err = take(d, info.ModTime())
	}
	r.seen.Store(&info)
	r.again = time.Time{}
	if err != nil {
		r.again = time.Now().Add(patience)
		return fmt.Errorf("%w; what the last bundle said holds", err)
	}
	return nil
}

// continues says whether an agent with one duty can go on with another.
func (d *duty) continues(old *duty) error {
	if d.deviceID != old.deviceID || d.sw != old.sw || d.trunk != old.trunk {
		return fmt.Errorf("the new bundle has sidecar as device %d at %s:%d, and this is device %d at %s:%d: start it again",
			d.deviceID, d.sw, d.trunk, old.deviceID, old.sw, old.trunk)
	}
	return nil
}
