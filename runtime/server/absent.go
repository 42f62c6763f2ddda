package server

import (
	"fmt"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

// The compiler leaves out of the device config what no packet can reach, for instance
// a table in a branch that is never taken, but P4Info has it all the same. Such
// objects are absent: there is nothing to read or write, and a write says so.

// leaveOut notes an object of P4Info that the device config does not have. It is an
// error if the device config in turn has objects of this kind that P4Info does not
// have: then the two are not of one program.
func (b *schemaBuilder) leaveOut(kind string, p *configv1.Preamble, inConfig []string, inInfo map[string]bool) error {
	for _, name := range inConfig {
		if !inInfo[name] {
			return fmt.Errorf("P4Info has %s %s, which the device config does not have; it has %s",
				kind, p.Name, choices(inConfig, func(s string) string { return s }))
		}
	}
	b.out.absent[p.Id] = kind + " " + p.Name
	return nil
}

// unknown is the error for an id that stands for no object that is there.
func (s *schema) unknown(field string, id uint32, plural, present string) error {
	if what, ok := s.absent[id]; ok {
		return unimplemented("%s (0x%08x) is in P4Info, but not in the device config: the compiler left it out, as no packet can reach it", what, id)
	}
	return invalid("%s 0x%08x is not known; %s are %s", field, id, plural, present)
}

// declaredNames collects the names of P4Info's objects of one kind.
func declaredNames[T interface{ GetPreamble() *configv1.Preamble }](list []T) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, x := range list {
		out[x.GetPreamble().GetName()] = true
	}
	return out
}

// translated tells whether a type of P4Info is one that the control plane sees in
// another width than the program (section "User-Defined Types",
// @p4runtime_translation with a bit width).
func (b *schemaBuilder) translated(name string) bool {
	t := b.info.GetTypeInfo().GetNewTypes()[name].GetTranslatedType()
	return t.GetSdnBitwidth() > 0
}
