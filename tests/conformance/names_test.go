package conformance

import (
	"fmt"
	"math/big"
	"strings"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
)

// names finds what is in a P4Info by the names of P4: a whole name, or the end of one
// if only one ends so.
type names struct{ *configv1.P4Info }

func find[T interface{ GetPreamble() *configv1.Preamble }](list []T, kind, name string) (T, error) {
	var none, found T
	hits := 0
	for _, x := range list {
		full := x.GetPreamble().GetName()
		if full == name || x.GetPreamble().GetAlias() == name {
			return x, nil
		}
		if strings.HasSuffix(full, name) {
			found = x
			hits++
		}
	}
	if hits != 1 {
		return none, fmt.Errorf("%s %q: %d names end so", kind, name, hits)
	}
	return found, nil
}

func (n names) table(name string) (*configv1.Table, error) { return find(n.Tables, "table", name) }

// action of a table, or of all if the table is nil.
func (n names) action(t *configv1.Table, name string) (*configv1.Action, error) {
	list := n.Actions
	if t != nil {
		list = nil
		for _, ref := range t.ActionRefs {
			for _, a := range n.Actions {
				if a.Preamble.Id == ref.Id {
					list = append(list, a)
				}
			}
		}
	}
	return find(list, "action", name)
}

// bytesOf is a value in P4Runtime's canonical form.
func bytesOf(v *big.Int) []byte {
	if v.Sign() == 0 {
		return []byte{0}
	}
	return v.Bytes()
}

// ones has the low n bits set.
func ones(n int) *big.Int {
	x := new(big.Int).Lsh(big.NewInt(1), uint(n))
	return x.Sub(x, big.NewInt(1))
}
