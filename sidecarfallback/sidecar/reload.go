package sidecar

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// reloader sees when the bundle is another one. It is for one goroutine.
type reloader struct {
	folder, name string
	seen         os.FileInfo // of the manifest that was read last
	notBefore    time.Time   // after a failure
}

// patience is how long a bundle that cannot be read is left alone: it may be half copied.
const patience = 5 * time.Second

// first reads the bundle.
func (r *reloader) first() (*duty, error) {
	info, err := os.Stat(r.manifest())
	if err == nil {
		r.seen = info
	}
	return readDuty(r.folder, r.name) // which says what is wrong if there is none
}

func (r *reloader) manifest() string { return filepath.Join(r.folder, "manifest.json") }

// next reads the bundle if it has changed; nil if not.
func (r *reloader) next(now *duty) (*duty, error) {
	info, err := os.Stat(r.manifest())
	if err != nil {
		return nil, fmt.Errorf("%w; what the last bundle said holds", err)
	}
	if r.seen != nil && sameFile(r.seen, info) {
		return nil, nil
	}
	if time.Now().Before(r.notBefore) {
		return nil, errUnread
	}
	d, err := readDuty(r.folder, r.name)
	if err == nil {
		err = d.continues(now)
	}
	if err != nil {
		r.notBefore = time.Now().Add(patience)
		return nil, fmt.Errorf("%w; what the last bundle said holds", err)
	}
	r.seen = info
	return d, nil
}

// errUnread says that a bundle is not looked at again yet.
var errUnread = fmt.Errorf("not yet")

// continues says whether an agent with one duty can go on with another.
func (d *duty) continues(old *duty) error {
	if d.deviceID != old.deviceID || d.sw != old.sw || d.trunk != old.trunk {
		return fmt.Errorf("the new bundle has sidecar as device %d at %s:%d, and this is device %d at %s:%d: start it again",
			d.deviceID, d.sw, d.trunk, old.deviceID, old.sw, old.trunk)
	}
	return nil
}
