package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	"google.golang.org/protobuf/encoding/prototext"
)

// P4InfoHash is the SHA-256, in hex, of a P4Info's text form on one line, with single spaces:
// prototext varies its white space on purpose.
func P4InfoHash(info *p4configv1.P4Info) string {
	text, err := prototext.MarshalOptions{EmitASCII: true}.Marshal(info)
	if err != nil {
		panic(fmt.Sprintf("P4Info that is no valid message: %v", err)) // a string that is not UTF-8: a bug where it was made
	}
	return ConfigHash(singleSpaced(text))
}

// ConfigHash is the SHA-256, in hex, of a target's configuration (for bmv2, its JSON).
func ConfigHash(config []byte) string {
	sum := sha256.Sum256(config)
	return hex.EncodeToString(sum[:])
}

// singleSpaced drops every space outside strings that follows another space.
func singleSpaced(text []byte) []byte {
	out := make([]byte, 0, len(text))
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\' && i+1 < len(text):
			out = append(out, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case !quoted && c == ' ' && len(out) > 0 && out[len(out)-1] == ' ':
			continue
		}
		out = append(out, c)
	}
	return out
}

// Cookie is the 64-bit number that a push leaves on a target beside P4Info and config, to know
// them again (P4Runtime 1.5, section 7): the start of a SHA-256 over both, never 0.
func Cookie(info *p4configv1.P4Info, config []byte) uint64 {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s", P4InfoHash(info), ConfigHash(config))
	var n uint64
	for _, c := range h.Sum(nil)[:8] {
		n = n<<8 | uint64(c)
	}
	return max(n, 1)
}
