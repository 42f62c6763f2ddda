package lang

// The stable codes of what this package reports. A code keeps its meaning for
// ever; a new kind of error gets a new number.
const (
	codeCharacter       = "L001" // a character that the language does not have
	codeUnclosed        = "L002" // a quoted name without its end
	codeQuoted          = "L003" // a quoted name with an escape or a character that it cannot have
	codeTokenLength     = "L004" // a token longer than the limit
	codeNotUTF8         = "L005" // input that is not UTF-8
	codeBinary          = "L006" // input that is not text
	codeTooLarge        = "L007" // inputs larger than the limit
	codeTooMany         = "L008" // more errors than the limit; the rest was not read
	codeStatementLength = "L009" // a statement with more tokens than the limit
	codeSyntax          = "L010" // a token in the wrong place
	codeReserved        = "L011" // a reserved word as a name
	codeMisspelt        = "L012" // a word that is nearly a word of the language
	codeUnclosedBody    = "L013" // a block without its }
	codeNumber          = "L020" // a number out of its range
	codeEmptyRange      = "L021" // a range whose end is before its start
	codePorts           = "L022" // ports on a protocol that has none
	codeUseWord         = "L023" // proto/N where the protocol has a word
	codeAddress         = "L024" // not an IP address
	codePrefix          = "L025" // a prefix length out of range, or host bits set
	codeNotMulticast    = "L026" // a unicast address for a multicast group
	codeDuplicate       = "L030" // a clause that is there twice
	codeMissing         = "L031" // a declaration without a clause that it needs
	codeConflict        = "L032" // clauses that exclude each other
	codeInclude         = "L040" // an include that cannot be followed
)
