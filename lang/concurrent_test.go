package lang

import (
	"sync"
	"testing"
)

// TestParseConcurrently runs parsers side by side; what ANTLR keeps for all of
// them is shared. The race detector judges.
func TestParseConcurrently(t *testing.T) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 10 {
				_, list := Parse([]Input{{Name: "a.pol", Text: []byte("tenant a { group x = y z } allow a b\nservice s = tcp")}}, Options{})
				if got := codes(list); got != codeSyntax+" "+codeSyntax {
					t.Error(list)
				}
			}
		})
	}
	group.Wait()
}
