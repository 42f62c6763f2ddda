package push

import "testing"

// The list of ours comes from a device: whatever it says, reading it is harmless, and what was read
// is written so that it is read the same.
func FuzzLedger(f *testing.F) {
	f.Add("pillion multicast 1-4,7 clone 5")
	f.Fuzz(func(t *testing.T, text string) {
		ours := parseLedger(text)
		again := parseLedger(formatLedger(ours))
		if len(again) != len(ours) {
			t.Errorf("%q: %d ids, then %d", text, len(ours), len(again))
		}
	})
}
