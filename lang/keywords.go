package lang

import "pillion/lang/parser"

// keyword returns the token type of a word of the language, or NAME.
func keyword(word []byte) int {
	switch string(word) {
	case "allow":
		return parser.PolicyParserALLOW
	case "any":
		return parser.PolicyParserANY
	case "chain":
		return parser.PolicyParserCHAIN
	case "copied":
		return parser.PolicyParserCOPIED
	case "deny":
		return parser.PolicyParserDENY
	case "group":
		return parser.PolicyParserGROUP
	case "icmp":
		return parser.PolicyParserICMP
	case "include":
		return parser.PolicyParserINCLUDE
	case "instances":
		return parser.PolicyParserINSTANCES
	case "middlebox":
		return parser.PolicyParserMIDDLEBOX
	case "multicast":
		return parser.PolicyParserMULTICAST
	case "offers":
		return parser.PolicyParserOFFERS
	case "on":
		return parser.PolicyParserON
	case "proto":
		return parser.PolicyParserPROTO
	case "receivers":
		return parser.PolicyParserRECEIVERS
	case "senders":
		return parser.PolicyParserSENDERS
	case "service":
		return parser.PolicyParserSERVICE
	case "tcp":
		return parser.PolicyParserTCP
	case "tenant":
		return parser.PolicyParserTENANT
	case "to":
		return parser.PolicyParserTO
	case "udp":
		return parser.PolicyParserUDP
	case "via":
		return parser.PolicyParserVIA
	case "closed":
		return parser.PolicyParserCLOSED
	case "delivered":
		return parser.PolicyParserDELIVERED
	case "dropped":
		return parser.PolicyParserDROPPED
	case "from-port":
		return parser.PolicyParserFROM_PORT
	case "isolated":
		return parser.PolicyParserISOLATED
	case "one-way":
		return parser.PolicyParserONE_WAY
	case "on-failure":
		return parser.PolicyParserON_FAILURE
	case "open":
		return parser.PolicyParserOPEN
	case "priority":
		return parser.PolicyParserPRIORITY
	case "reversed":
		return parser.PolicyParserREVERSED
	case "rewrites":
		return parser.PolicyParserREWRITES
	case "shared":
		return parser.PolicyParserSHARED
	case "stateful":
		return parser.PolicyParserSTATEFUL
	case "tap":
		return parser.PolicyParserTAP
	case "test":
		return parser.PolicyParserTEST
	}
	return parser.PolicyParserNAME
}

// reserved says whether a word must be quoted to be a name. The grammar lists
// the reserved words first.
func reserved(kind int) bool {
	return kind >= parser.PolicyParserALLOW && kind <= parser.PolicyParserVIA
}

// Reserved says whether a name must be quoted because it is a reserved word.
func Reserved(word string) bool { return reserved(keyword([]byte(word))) }

// isWord says whether a token is written with letters.
func isWord(kind int) bool {
	return kind >= parser.PolicyParserALLOW && kind <= parser.PolicyParserTEST || kind == parser.PolicyParserNAME
}

// isName says whether a token can be a name.
func isName(kind int) bool {
	return isWord(kind) && !reserved(kind) || kind == parser.PolicyParserSTRING
}

// startsStatement says whether a word can only start a statement. `test` is not
// among them, since it is also a name.
func startsStatement(kind int) bool {
	switch kind {
	case parser.PolicyParserALLOW, parser.PolicyParserCHAIN, parser.PolicyParserDENY,
		parser.PolicyParserINCLUDE, parser.PolicyParserMIDDLEBOX, parser.PolicyParserMULTICAST,
		parser.PolicyParserSERVICE, parser.PolicyParserTENANT:
		return true
	}
	return false
}
