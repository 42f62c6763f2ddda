package lang

// kinds is a set of the parser's token types, which are 1 to 63.
type kinds uint64

func (k *kinds) add(kind int) { *k |= 1 << kind }

func (k kinds) has(kind int) bool { return kind > 0 && k&(1<<kind) != 0 }
