package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// place is where a bundle is to be: the new one is made in a temporary folder beside it, and then
// takes its name.
type place struct {
	dir   string          // the bundle's folder, without symbolic links
	outer string          // the folder beside it, private to this process
	temp  string          // in outer: the new bundle, and after the exchange the old one
	old   map[string]bool // the files of the bundle that is there now
}

// prepare checks that dir may become a bundle, and makes the temporary folder.
func prepare(dir string) (*place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	p := &place{dir: dir, old: map[string]bool{}}
	if err := p.look(); err != nil {
		return nil, err
	}
	parent, base := filepath.Split(dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	if p.outer, err = os.MkdirTemp(parent, "."+base+".new-"); err != nil {
		return nil, err
	}
	p.temp = filepath.Join(p.outer, base)
	err = os.Mkdir(p.temp, 0o777)
	if info, statErr := os.Stat(dir); statErr == nil && err == nil {
		err = os.Chmod(p.temp, info.Mode().Perm())
	}
	if err != nil {
		p.discard()
		return nil, err
	}
	return p, nil
}

// look lists the old bundle's files, or says why dir is none.
func (p *place) look() error {
	names, err := os.ReadDir(p.dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := readManifest(p.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the folder has files and is no bundle (it has no %s), so it is left alone; name a new folder, or empty this one",
			p.dir, manifestName)
	}
	if err != nil {
		return fmt.Errorf("the folder has a %s that is not a bundle's, so it is left alone; name a new folder, or empty this one: %w", manifestName, err)
	}
	for _, name := range []string{manifestName, networkName, provenanceName} {
		p.old[name] = true
	}
	for _, t := range m.Targets {
		p.old[t.File] = true
	}
	for _, r := range m.Redirects {
		p.old[r.File] = true
	}
	return nil
}

// commit puts the new bundle in the old one's place.
func (p *place) commit() error {
	if err := linkForeign(p.dir, p.temp, p.old); err != nil {
		return fmt.Errorf("keeping files in %s that are not the bundle's: %w", p.dir, err)
	}
	if err := os.Mkdir(p.dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if !p.inside() && exchange(p.temp, p.dir) == nil {
		return nil // and discard removes the old one, which is now the temporary folder
	}
	return p.replaceFiles()
}

// inside says whether this process stands in the folder: exchanging it would leave the process, and
// the shell that started it, in a folder that is removed.
func (p *place) inside() bool {
	here, err := os.Getwd()
	if err != nil {
		return false
	}
	if real, err := filepath.EvalSymlinks(here); err == nil {
		here = real
	}
	return here == p.dir || strings.HasPrefix(here, p.dir+string(filepath.Separator))
}

// replaceFiles is commit where folders cannot be exchanged: a mount point, the working directory, or a system
// that has no such call. Every file is replaced in one step, but not all files at once.
func (p *place) replaceFiles() error {
	entries, err := os.ReadDir(p.temp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		old := filepath.Join(p.dir, e.Name())
		if _, err := os.Lstat(old); err == nil && !p.old[e.Name()] {
			continue // foreign, and there already
		}
		if err := os.Rename(filepath.Join(p.temp, e.Name()), old); err != nil {
			return err
		}
		delete(p.old, e.Name())
	}
	for name := range p.old {
		if err := os.Remove(filepath.Join(p.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (p *place) discard() { _ = os.RemoveAll(p.outer) }

// linkForeign links everything in from that is not in ours into the new folder to. Links rather
// than moves: whenever this is interrupted, nothing is lost.
func linkForeign(from, to string, ours map[string]bool) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ours[e.Name()] {
			continue
		}
		source, copy := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if _, err := os.Lstat(copy); err == nil {
			return fmt.Errorf("%s is in the way of a file of the bundle; move it away", source)
		}
		if !e.IsDir() {
			if err := os.Link(source, copy); err != nil { // of a symbolic link: the link itself
				return err
			}
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if err := os.Mkdir(copy, info.Mode().Perm()); err != nil {
			return err
		}
		if err := linkForeign(source, copy, nil); err != nil {
			return err
		}
	}
	return nil
}
