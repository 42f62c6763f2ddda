package gnmi

import (
	"context"
	"slices"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// Version is the version of gNMI that is served.
const Version = "0.10.0"

// Capabilities says what is served (3.2).
func (s *Server) Capabilities(_ context.Context, r *gpb.CapabilityRequest) (*gpb.CapabilityResponse, error) {
	if err := refuseExtensions(r.GetExtension()); err != nil {
		return nil, err
	}
	return &gpb.CapabilityResponse{SupportedModels: models(), SupportedEncodings: slices.Clone(encodings), GNMIVersion: Version}, nil
}

// modelFilter is what use_models leaves of the leaves (2.6).
func modelFilter(use []*gpb.ModelData) (func(*leaf) bool, error) {
	if len(use) == 0 {
		return func(*leaf) bool { return true }, nil
	}
	served := models()
	var wanted []string
	for _, u := range use {
		ok := slices.ContainsFunc(served, func(m *gpb.ModelData) bool {
			return u.GetName() == m.Name && (u.GetVersion() == "" || u.GetVersion() == m.Version)
		})
		if !ok {
			var names []string
			for _, m := range served {
				names = append(names, m.Name+" "+m.Version)
			}
			return nil, invalid("use_models: %s is not served; the choices are %s",
				shorten(strings.TrimSpace(u.GetName()+" "+u.GetVersion())), strings.Join(names, ", "))
		}
		wanted = append(wanted, u.GetName())
	}
	return func(l *leaf) bool { return slices.Contains(wanted, l.module) }, nil
}
