package bundle

import (
	"fmt"
	"slices"
)

// Ordinary is an error if the name is an ordinary switch's, which is no target: it takes no entities.
func (b *Bundle) Ordinary(name string) error {
	if !slices.ContainsFunc(b.Redirects, func(r Redirect) bool { return r.Switch == name }) {
		return nil
	}
	return fmt.Errorf("%s is an ordinary switch and takes no entities: %[1]s.redirect is for it, which its sidecar or `pillion redirect apply` puts there", name)
}
