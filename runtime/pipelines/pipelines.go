// Package pipelines says which program each kind of target runs.
//
// In: nothing. Out: the pipelines of package p4, by the kinds that a bundle's targets have. It must not know bundles, nor how
// a pipeline comes to a target.
package pipelines

import (
	"pillion/p4"
	"pillion/runtime/p4rt"
)

// All are the pipelines of all kinds. A sidecar runs what a switch runs.
func All() (p4rt.Pipelines, error) {
	edge, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	shim, err := p4.Shim()
	if err != nil {
		return nil, err
	}
	pipeline := p4rt.Pipeline{P4Info: edge.Info, Config: edge.Config}
	return p4rt.Pipelines{"switch": pipeline, "sidecar": pipeline, "shim": {P4Info: shim.Info, Config: shim.Config}}, nil
}
