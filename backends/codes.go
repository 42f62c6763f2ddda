package backends

import (
	"fmt"
	"strings"

	"pillion/lang/diag"
)

// The stable codes of what this package reports. A code keeps its meaning for ever; a new kind of
// error gets a new number.
const (
	codeMissing   = "B001" // a name that P4Info does not have
	codeShape     = "B002" // a name whose type in P4Info cannot hold what the rows say
	codeUnfilled  = "B003" // a match field or parameter of P4Info that no row fills
	codeWidth     = "B004" // a value wider than its field or parameter
	codeRow       = "B005" // a row that contradicts itself, its table or the other rows
	codeTableFull = "B010" // more rows than the table holds
	codeEngine    = "B011" // more than the replication engine holds
)

// Error is every reason why a plan cannot be lowered: codes B001, B002, ….
type Error struct {
	Diagnostics diag.List // without places: no single line of the policy is to blame
}

// Error is one line per diagnostic: "B010: … (hint)".
func (e *Error) Error() string {
	var b strings.Builder
	for i, d := range e.Diagnostics {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", d.Code, d.Message)
		if d.Hint != "" {
			fmt.Fprintf(&b, " (%s)", d.Hint)
		}
	}
	return b.String()
}

func asError(problems diag.List) error {
	if len(problems) == 0 {
		return nil
	}
	return &Error{problems.Sorted()}
}
