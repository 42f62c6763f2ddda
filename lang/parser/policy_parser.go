// Code generated from Policy.g4 by antlr-ng 1.0.10. DO NOT EDIT.

package parser // Policy
import (
	"fmt"
	"strconv"
	"sync"

	"github.com/antlr4-go/antlr/v4"
)

// Suppress unused import errors
var _ = fmt.Printf
var _ = strconv.Itoa
var _ = sync.Once{}

type PolicyParser struct {
	*antlr.BaseParser
}

var PolicyParserStaticData struct {
	once                   sync.Once
	serializedATN          []int32
	LiteralNames           []string
	SymbolicNames          []string
	RuleNames              []string
	PredictionContextCache *antlr.PredictionContextCache
	atn                    *antlr.ATN
	decisionToDFA          []*antlr.DFA
}

func policyParserInit() {
	staticData := &PolicyParserStaticData
	staticData.LiteralNames = []string{
		"", "'allow'", "'any'", "'chain'", "'copied'", "'deny'", "'group'",
		"'icmp'", "'include'", "'instances'", "'middlebox'", "'multicast'",
		"'offers'", "'on'", "'proto'", "'receivers'", "'senders'", "'service'",
		"'tcp'", "'tenant'", "'to'", "'udp'", "'via'", "'closed'", "'delivered'",
		"'dropped'", "'from-port'", "'isolated'", "'one-way'", "'on-failure'",
		"'open'", "'priority'", "'reversed'", "'rewrites'", "'shared'", "'stateful'",
		"'tap'", "'test'", "'->'", "':'", "','", "'.'", "'='", "'{'", "'-'",
		"'}'", "'/'",
	}
	staticData.SymbolicNames = []string{
		"", "ALLOW", "ANY", "CHAIN", "COPIED", "DENY", "GROUP", "ICMP", "INCLUDE",
		"INSTANCES", "MIDDLEBOX", "MULTICAST", "OFFERS", "ON", "PROTO", "RECEIVERS",
		"SENDERS", "SERVICE", "TCP", "TENANT", "TO", "UDP", "VIA", "CLOSED",
		"DELIVERED", "DROPPED", "FROM_PORT", "ISOLATED", "ONE_WAY", "ON_FAILURE",
		"OPEN", "PRIORITY", "REVERSED", "REWRITES", "SHARED", "STATEFUL", "TAP",
		"TEST", "ARROW", "COLON", "COMMA", "DOT", "EQUALS", "LBRACE", "MINUS",
		"RBRACE", "SLASH", "NAME", "NUMBER", "STRING", "IPV4", "IPV6", "COMMENT",
		"BLANK", "OTHER",
	}
	staticData.RuleNames = []string{
		"policy", "statement", "include", "tenant", "tenantItem", "group", "offers",
		"service", "protocol", "portRange", "serviceRef", "serviceList", "permission",
		"middlebox", "middleboxClause", "chain", "gate", "priority", "multicast",
		"multicastClause", "addressList", "test", "expect", "target", "outcome",
		"selectorList", "selector", "path", "pathRest", "address", "nameList",
		"name",
	}
	staticData.PredictionContextCache = antlr.NewPredictionContextCache()
	staticData.serializedATN = []int32{
		4, 1, 54, 341, 2, 0, 7, 0, 2, 1, 7, 1, 2, 2, 7, 2, 2, 3, 7, 3, 2, 4, 7,
		4, 2, 5, 7, 5, 2, 6, 7, 6, 2, 7, 7, 7, 2, 8, 7, 8, 2, 9, 7, 9, 2, 10, 7,
		10, 2, 11, 7, 11, 2, 12, 7, 12, 2, 13, 7, 13, 2, 14, 7, 14, 2, 15, 7, 15,
		2, 16, 7, 16, 2, 17, 7, 17, 2, 18, 7, 18, 2, 19, 7, 19, 2, 20, 7, 20, 2,
		21, 7, 21, 2, 22, 7, 22, 2, 23, 7, 23, 2, 24, 7, 24, 2, 25, 7, 25, 2, 26,
		7, 26, 2, 27, 7, 27, 2, 28, 7, 28, 2, 29, 7, 29, 2, 30, 7, 30, 2, 31, 7,
		31, 1, 0, 5, 0, 66, 8, 0, 10, 0, 12, 0, 69, 9, 0, 1, 0, 1, 0, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 81, 8, 1, 1, 2, 1, 2, 1, 2,
		1, 3, 1, 3, 1, 3, 5, 3, 89, 8, 3, 10, 3, 12, 3, 92, 9, 3, 1, 3, 1, 3, 5,
		3, 96, 8, 3, 10, 3, 12, 3, 99, 9, 3, 1, 3, 1, 3, 1, 4, 1, 4, 3, 4, 105,
		8, 4, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 6, 1, 6, 1, 6, 1, 7, 1, 7, 1, 7,
		1, 7, 1, 7, 1, 7, 5, 7, 121, 8, 7, 10, 7, 12, 7, 124, 9, 7, 1, 8, 1, 8,
		1, 8, 3, 8, 129, 8, 8, 1, 8, 1, 8, 1, 8, 3, 8, 134, 8, 8, 1, 9, 1, 9, 1,
		9, 3, 9, 139, 8, 9, 1, 10, 1, 10, 3, 10, 143, 8, 10, 1, 11, 1, 11, 1, 11,
		5, 11, 148, 8, 11, 10, 11, 12, 11, 151, 9, 11, 1, 12, 1, 12, 1, 12, 1,
		12, 1, 12, 1, 12, 1, 12, 1, 12, 3, 12, 161, 8, 12, 1, 12, 3, 12, 164, 8,
		12, 1, 13, 1, 13, 1, 13, 1, 13, 5, 13, 170, 8, 13, 10, 13, 12, 13, 173,
		9, 13, 1, 13, 1, 13, 1, 14, 1, 14, 1, 14, 1, 14, 1, 14, 1, 14, 1, 14, 3,
		14, 184, 8, 14, 1, 15, 1, 15, 1, 15, 1, 15, 1, 15, 1, 15, 1, 15, 1, 15,
		3, 15, 194, 8, 15, 1, 15, 1, 15, 1, 15, 1, 15, 5, 15, 200, 8, 15, 10, 15,
		12, 15, 203, 9, 15, 1, 15, 3, 15, 206, 8, 15, 1, 16, 1, 16, 3, 16, 210,
		8, 16, 1, 17, 1, 17, 3, 17, 214, 8, 17, 1, 17, 1, 17, 1, 18, 1, 18, 1,
		18, 1, 18, 5, 18, 222, 8, 18, 10, 18, 12, 18, 225, 9, 18, 1, 18, 1, 18,
		1, 19, 1, 19, 1, 19, 1, 19, 1, 19, 1, 19, 3, 19, 235, 8, 19, 3, 19, 237,
		8, 19, 1, 20, 1, 20, 1, 20, 5, 20, 242, 8, 20, 10, 20, 12, 20, 245, 9,
		20, 1, 21, 1, 21, 1, 21, 1, 21, 5, 21, 251, 8, 21, 10, 21, 12, 21, 254,
		9, 21, 1, 21, 1, 21, 1, 22, 1, 22, 1, 22, 1, 22, 1, 22, 3, 22, 263, 8,
		22, 1, 22, 1, 22, 3, 22, 267, 8, 22, 1, 22, 1, 22, 1, 22, 1, 23, 1, 23,
		3, 23, 274, 8, 23, 1, 24, 1, 24, 1, 24, 1, 24, 3, 24, 280, 8, 24, 1, 24,
		1, 24, 1, 24, 1, 24, 5, 24, 286, 8, 24, 10, 24, 12, 24, 289, 9, 24, 3,
		24, 291, 8, 24, 1, 24, 1, 24, 1, 24, 3, 24, 296, 8, 24, 3, 24, 298, 8,
		24, 1, 25, 1, 25, 1, 25, 5, 25, 303, 8, 25, 10, 25, 12, 25, 306, 9, 25,
		1, 26, 1, 26, 1, 26, 1, 26, 3, 26, 312, 8, 26, 1, 26, 3, 26, 315, 8, 26,
		1, 27, 1, 27, 5, 27, 319, 8, 27, 10, 27, 12, 27, 322, 9, 27, 1, 28, 1,
		28, 1, 28, 3, 28, 327, 8, 28, 1, 29, 1, 29, 1, 30, 1, 30, 1, 30, 5, 30,
		334, 8, 30, 10, 30, 12, 30, 337, 9, 30, 1, 31, 1, 31, 1, 31, 0, 0, 32,
		0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36,
		38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 0, 6, 2, 0, 27, 27,
		34, 34, 3, 0, 7, 7, 18, 18, 21, 21, 2, 0, 1, 1, 5, 5, 2, 0, 23, 23, 30,
		30, 1, 0, 50, 51, 3, 0, 23, 37, 47, 47, 49, 49, 358, 0, 67, 1, 0, 0, 0,
		2, 80, 1, 0, 0, 0, 4, 82, 1, 0, 0, 0, 6, 85, 1, 0, 0, 0, 8, 104, 1, 0,
		0, 0, 10, 106, 1, 0, 0, 0, 12, 111, 1, 0, 0, 0, 14, 114, 1, 0, 0, 0, 16,
		133, 1, 0, 0, 0, 18, 135, 1, 0, 0, 0, 20, 142, 1, 0, 0, 0, 22, 144, 1,
		0, 0, 0, 24, 152, 1, 0, 0, 0, 26, 165, 1, 0, 0, 0, 28, 183, 1, 0, 0, 0,
		30, 185, 1, 0, 0, 0, 32, 207, 1, 0, 0, 0, 34, 211, 1, 0, 0, 0, 36, 217,
		1, 0, 0, 0, 38, 236, 1, 0, 0, 0, 40, 238, 1, 0, 0, 0, 42, 246, 1, 0, 0,
		0, 44, 257, 1, 0, 0, 0, 46, 273, 1, 0, 0, 0, 48, 297, 1, 0, 0, 0, 50, 299,
		1, 0, 0, 0, 52, 314, 1, 0, 0, 0, 54, 316, 1, 0, 0, 0, 56, 326, 1, 0, 0,
		0, 58, 328, 1, 0, 0, 0, 60, 330, 1, 0, 0, 0, 62, 338, 1, 0, 0, 0, 64, 66,
		3, 2, 1, 0, 65, 64, 1, 0, 0, 0, 66, 69, 1, 0, 0, 0, 67, 65, 1, 0, 0, 0,
		67, 68, 1, 0, 0, 0, 68, 70, 1, 0, 0, 0, 69, 67, 1, 0, 0, 0, 70, 71, 5,
		0, 0, 1, 71, 1, 1, 0, 0, 0, 72, 81, 3, 4, 2, 0, 73, 81, 3, 6, 3, 0, 74,
		81, 3, 14, 7, 0, 75, 81, 3, 24, 12, 0, 76, 81, 3, 26, 13, 0, 77, 81, 3,
		30, 15, 0, 78, 81, 3, 36, 18, 0, 79, 81, 3, 42, 21, 0, 80, 72, 1, 0, 0,
		0, 80, 73, 1, 0, 0, 0, 80, 74, 1, 0, 0, 0, 80, 75, 1, 0, 0, 0, 80, 76,
		1, 0, 0, 0, 80, 77, 1, 0, 0, 0, 80, 78, 1, 0, 0, 0, 80, 79, 1, 0, 0, 0,
		81, 3, 1, 0, 0, 0, 82, 83, 5, 8, 0, 0, 83, 84, 5, 49, 0, 0, 84, 5, 1, 0,
		0, 0, 85, 86, 5, 19, 0, 0, 86, 90, 3, 62, 31, 0, 87, 89, 7, 0, 0, 0, 88,
		87, 1, 0, 0, 0, 89, 92, 1, 0, 0, 0, 90, 88, 1, 0, 0, 0, 90, 91, 1, 0, 0,
		0, 91, 93, 1, 0, 0, 0, 92, 90, 1, 0, 0, 0, 93, 97, 5, 43, 0, 0, 94, 96,
		3, 8, 4, 0, 95, 94, 1, 0, 0, 0, 96, 99, 1, 0, 0, 0, 97, 95, 1, 0, 0, 0,
		97, 98, 1, 0, 0, 0, 98, 100, 1, 0, 0, 0, 99, 97, 1, 0, 0, 0, 100, 101,
		5, 45, 0, 0, 101, 7, 1, 0, 0, 0, 102, 105, 3, 10, 5, 0, 103, 105, 3, 12,
		6, 0, 104, 102, 1, 0, 0, 0, 104, 103, 1, 0, 0, 0, 105, 9, 1, 0, 0, 0, 106,
		107, 5, 6, 0, 0, 107, 108, 3, 62, 31, 0, 108, 109, 5, 42, 0, 0, 109, 110,
		3, 60, 30, 0, 110, 11, 1, 0, 0, 0, 111, 112, 5, 12, 0, 0, 112, 113, 3,
		22, 11, 0, 113, 13, 1, 0, 0, 0, 114, 115, 5, 17, 0, 0, 115, 116, 3, 62,
		31, 0, 116, 117, 5, 42, 0, 0, 117, 122, 3, 16, 8, 0, 118, 119, 5, 40, 0,
		0, 119, 121, 3, 16, 8, 0, 120, 118, 1, 0, 0, 0, 121, 124, 1, 0, 0, 0, 122,
		120, 1, 0, 0, 0, 122, 123, 1, 0, 0, 0, 123, 15, 1, 0, 0, 0, 124, 122, 1,
		0, 0, 0, 125, 128, 7, 1, 0, 0, 126, 127, 5, 46, 0, 0, 127, 129, 3, 18,
		9, 0, 128, 126, 1, 0, 0, 0, 128, 129, 1, 0, 0, 0, 129, 134, 1, 0, 0, 0,
		130, 131, 5, 14, 0, 0, 131, 132, 5, 46, 0, 0, 132, 134, 5, 48, 0, 0, 133,
		125, 1, 0, 0, 0, 133, 130, 1, 0, 0, 0, 134, 17, 1, 0, 0, 0, 135, 138, 5,
		48, 0, 0, 136, 137, 5, 44, 0, 0, 137, 139, 5, 48, 0, 0, 138, 136, 1, 0,
		0, 0, 138, 139, 1, 0, 0, 0, 139, 19, 1, 0, 0, 0, 140, 143, 3, 16, 8, 0,
		141, 143, 3, 62, 31, 0, 142, 140, 1, 0, 0, 0, 142, 141, 1, 0, 0, 0, 143,
		21, 1, 0, 0, 0, 144, 149, 3, 20, 10, 0, 145, 146, 5, 40, 0, 0, 146, 148,
		3, 20, 10, 0, 147, 145, 1, 0, 0, 0, 148, 151, 1, 0, 0, 0, 149, 147, 1,
		0, 0, 0, 149, 150, 1, 0, 0, 0, 150, 23, 1, 0, 0, 0, 151, 149, 1, 0, 0,
		0, 152, 153, 7, 2, 0, 0, 153, 154, 3, 62, 31, 0, 154, 155, 5, 39, 0, 0,
		155, 156, 3, 50, 25, 0, 156, 157, 5, 38, 0, 0, 157, 160, 3, 50, 25, 0,
		158, 159, 5, 13, 0, 0, 159, 161, 3, 22, 11, 0, 160, 158, 1, 0, 0, 0, 160,
		161, 1, 0, 0, 0, 161, 163, 1, 0, 0, 0, 162, 164, 5, 28, 0, 0, 163, 162,
		1, 0, 0, 0, 163, 164, 1, 0, 0, 0, 164, 25, 1, 0, 0, 0, 165, 166, 5, 10,
		0, 0, 166, 167, 3, 62, 31, 0, 167, 171, 5, 43, 0, 0, 168, 170, 3, 28, 14,
		0, 169, 168, 1, 0, 0, 0, 170, 173, 1, 0, 0, 0, 171, 169, 1, 0, 0, 0, 171,
		172, 1, 0, 0, 0, 172, 174, 1, 0, 0, 0, 173, 171, 1, 0, 0, 0, 174, 175,
		5, 45, 0, 0, 175, 27, 1, 0, 0, 0, 176, 177, 5, 9, 0, 0, 177, 184, 3, 60,
		30, 0, 178, 184, 5, 35, 0, 0, 179, 184, 5, 36, 0, 0, 180, 184, 5, 33, 0,
		0, 181, 182, 5, 29, 0, 0, 182, 184, 7, 3, 0, 0, 183, 176, 1, 0, 0, 0, 183,
		178, 1, 0, 0, 0, 183, 179, 1, 0, 0, 0, 183, 180, 1, 0, 0, 0, 183, 181,
		1, 0, 0, 0, 184, 29, 1, 0, 0, 0, 185, 186, 5, 3, 0, 0, 186, 187, 3, 62,
		31, 0, 187, 188, 5, 39, 0, 0, 188, 189, 3, 50, 25, 0, 189, 190, 5, 38,
		0, 0, 190, 193, 3, 50, 25, 0, 191, 192, 5, 13, 0, 0, 192, 194, 3, 22, 11,
		0, 193, 191, 1, 0, 0, 0, 193, 194, 1, 0, 0, 0, 194, 195, 1, 0, 0, 0, 195,
		196, 5, 22, 0, 0, 196, 201, 3, 32, 16, 0, 197, 198, 5, 38, 0, 0, 198, 200,
		3, 32, 16, 0, 199, 197, 1, 0, 0, 0, 200, 203, 1, 0, 0, 0, 201, 199, 1,
		0, 0, 0, 201, 202, 1, 0, 0, 0, 202, 205, 1, 0, 0, 0, 203, 201, 1, 0, 0,
		0, 204, 206, 3, 34, 17, 0, 205, 204, 1, 0, 0, 0, 205, 206, 1, 0, 0, 0,
		206, 31, 1, 0, 0, 0, 207, 209, 3, 62, 31, 0, 208, 210, 5, 32, 0, 0, 209,
		208, 1, 0, 0, 0, 209, 210, 1, 0, 0, 0, 210, 33, 1, 0, 0, 0, 211, 213, 5,
		31, 0, 0, 212, 214, 5, 44, 0, 0, 213, 212, 1, 0, 0, 0, 213, 214, 1, 0,
		0, 0, 214, 215, 1, 0, 0, 0, 215, 216, 5, 48, 0, 0, 216, 35, 1, 0, 0, 0,
		217, 218, 5, 11, 0, 0, 218, 219, 3, 62, 31, 0, 219, 223, 5, 43, 0, 0, 220,
		222, 3, 38, 19, 0, 221, 220, 1, 0, 0, 0, 222, 225, 1, 0, 0, 0, 223, 221,
		1, 0, 0, 0, 223, 224, 1, 0, 0, 0, 224, 226, 1, 0, 0, 0, 225, 223, 1, 0,
		0, 0, 226, 227, 5, 45, 0, 0, 227, 37, 1, 0, 0, 0, 228, 229, 5, 6, 0, 0,
		229, 237, 3, 40, 20, 0, 230, 231, 5, 16, 0, 0, 231, 237, 3, 50, 25, 0,
		232, 234, 5, 15, 0, 0, 233, 235, 3, 50, 25, 0, 234, 233, 1, 0, 0, 0, 234,
		235, 1, 0, 0, 0, 235, 237, 1, 0, 0, 0, 236, 228, 1, 0, 0, 0, 236, 230,
		1, 0, 0, 0, 236, 232, 1, 0, 0, 0, 237, 39, 1, 0, 0, 0, 238, 243, 3, 58,
		29, 0, 239, 240, 5, 40, 0, 0, 240, 242, 3, 58, 29, 0, 241, 239, 1, 0, 0,
		0, 242, 245, 1, 0, 0, 0, 243, 241, 1, 0, 0, 0, 243, 244, 1, 0, 0, 0, 244,
		41, 1, 0, 0, 0, 245, 243, 1, 0, 0, 0, 246, 247, 5, 37, 0, 0, 247, 248,
		5, 49, 0, 0, 248, 252, 5, 43, 0, 0, 249, 251, 3, 44, 22, 0, 250, 249, 1,
		0, 0, 0, 251, 254, 1, 0, 0, 0, 252, 250, 1, 0, 0, 0, 252, 253, 1, 0, 0,
		0, 253, 255, 1, 0, 0, 0, 254, 252, 1, 0, 0, 0, 255, 256, 5, 45, 0, 0, 256,
		43, 1, 0, 0, 0, 257, 258, 3, 62, 31, 0, 258, 259, 5, 38, 0, 0, 259, 262,
		3, 46, 23, 0, 260, 261, 5, 13, 0, 0, 261, 263, 3, 22, 11, 0, 262, 260,
		1, 0, 0, 0, 262, 263, 1, 0, 0, 0, 263, 266, 1, 0, 0, 0, 264, 265, 5, 26,
		0, 0, 265, 267, 5, 48, 0, 0, 266, 264, 1, 0, 0, 0, 266, 267, 1, 0, 0, 0,
		267, 268, 1, 0, 0, 0, 268, 269, 5, 39, 0, 0, 269, 270, 3, 48, 24, 0, 270,
		45, 1, 0, 0, 0, 271, 274, 3, 62, 31, 0, 272, 274, 3, 58, 29, 0, 273, 271,
		1, 0, 0, 0, 273, 272, 1, 0, 0, 0, 274, 47, 1, 0, 0, 0, 275, 298, 5, 25,
		0, 0, 276, 279, 5, 24, 0, 0, 277, 278, 5, 20, 0, 0, 278, 280, 3, 60, 30,
		0, 279, 277, 1, 0, 0, 0, 279, 280, 1, 0, 0, 0, 280, 290, 1, 0, 0, 0, 281,
		282, 5, 22, 0, 0, 282, 287, 3, 62, 31, 0, 283, 284, 5, 38, 0, 0, 284, 286,
		3, 62, 31, 0, 285, 283, 1, 0, 0, 0, 286, 289, 1, 0, 0, 0, 287, 285, 1,
		0, 0, 0, 287, 288, 1, 0, 0, 0, 288, 291, 1, 0, 0, 0, 289, 287, 1, 0, 0,
		0, 290, 281, 1, 0, 0, 0, 290, 291, 1, 0, 0, 0, 291, 295, 1, 0, 0, 0, 292,
		293, 5, 4, 0, 0, 293, 294, 5, 20, 0, 0, 294, 296, 3, 60, 30, 0, 295, 292,
		1, 0, 0, 0, 295, 296, 1, 0, 0, 0, 296, 298, 1, 0, 0, 0, 297, 275, 1, 0,
		0, 0, 297, 276, 1, 0, 0, 0, 298, 49, 1, 0, 0, 0, 299, 304, 3, 52, 26, 0,
		300, 301, 5, 40, 0, 0, 301, 303, 3, 52, 26, 0, 302, 300, 1, 0, 0, 0, 303,
		306, 1, 0, 0, 0, 304, 302, 1, 0, 0, 0, 304, 305, 1, 0, 0, 0, 305, 51, 1,
		0, 0, 0, 306, 304, 1, 0, 0, 0, 307, 315, 5, 2, 0, 0, 308, 311, 3, 58, 29,
		0, 309, 310, 5, 46, 0, 0, 310, 312, 5, 48, 0, 0, 311, 309, 1, 0, 0, 0,
		311, 312, 1, 0, 0, 0, 312, 315, 1, 0, 0, 0, 313, 315, 3, 54, 27, 0, 314,
		307, 1, 0, 0, 0, 314, 308, 1, 0, 0, 0, 314, 313, 1, 0, 0, 0, 315, 53, 1,
		0, 0, 0, 316, 320, 3, 62, 31, 0, 317, 319, 3, 56, 28, 0, 318, 317, 1, 0,
		0, 0, 319, 322, 1, 0, 0, 0, 320, 318, 1, 0, 0, 0, 320, 321, 1, 0, 0, 0,
		321, 55, 1, 0, 0, 0, 322, 320, 1, 0, 0, 0, 323, 324, 5, 41, 0, 0, 324,
		327, 3, 62, 31, 0, 325, 327, 5, 49, 0, 0, 326, 323, 1, 0, 0, 0, 326, 325,
		1, 0, 0, 0, 327, 57, 1, 0, 0, 0, 328, 329, 7, 4, 0, 0, 329, 59, 1, 0, 0,
		0, 330, 335, 3, 62, 31, 0, 331, 332, 5, 40, 0, 0, 332, 334, 3, 62, 31,
		0, 333, 331, 1, 0, 0, 0, 334, 337, 1, 0, 0, 0, 335, 333, 1, 0, 0, 0, 335,
		336, 1, 0, 0, 0, 336, 61, 1, 0, 0, 0, 337, 335, 1, 0, 0, 0, 338, 339, 7,
		5, 0, 0, 339, 63, 1, 0, 0, 0, 39, 67, 80, 90, 97, 104, 122, 128, 133, 138,
		142, 149, 160, 163, 171, 183, 193, 201, 205, 209, 213, 223, 234, 236, 243,
		252, 262, 266, 273, 279, 287, 290, 295, 297, 304, 311, 314, 320, 326, 335,
	}
	deserializer := antlr.NewATNDeserializer(nil)
	staticData.atn = deserializer.Deserialize(staticData.serializedATN)
	atn := staticData.atn
	staticData.decisionToDFA = make([]*antlr.DFA, len(atn.DecisionToState))
	decisionToDFA := staticData.decisionToDFA
	for index, state := range atn.DecisionToState {
		decisionToDFA[index] = antlr.NewDFA(state, index)
	}
}

// PolicyParserInit initializes any static state used to implement PolicyParser. By default the
// static state used to implement the parser is lazily initialized during the first call to
// NewPolicyParser(). You can call this function if you wish to initialize the static state ahead
// of time.
func PolicyParserInit() {
	staticData := &PolicyParserStaticData
	staticData.once.Do(policyParserInit)
}

// NewPolicyParser produces a new parser instance for the optional input antlr.TokenStream.
func NewPolicyParser(input antlr.TokenStream) *PolicyParser {
	PolicyParserInit()
	this := new(PolicyParser)
	this.BaseParser = antlr.NewBaseParser(input)
	staticData := &PolicyParserStaticData
	this.Interpreter = antlr.NewParserATNSimulator(this, staticData.atn, staticData.decisionToDFA, staticData.PredictionContextCache)
	this.RuleNames = staticData.RuleNames
	this.LiteralNames = staticData.LiteralNames
	this.SymbolicNames = staticData.SymbolicNames
	this.GrammarFileName = "Policy.g4"

	return this
}

// PolicyParser tokens.
const (
	PolicyParserEOF        = antlr.TokenEOF
	PolicyParserALLOW      = 1
	PolicyParserANY        = 2
	PolicyParserCHAIN      = 3
	PolicyParserCOPIED     = 4
	PolicyParserDENY       = 5
	PolicyParserGROUP      = 6
	PolicyParserICMP       = 7
	PolicyParserINCLUDE    = 8
	PolicyParserINSTANCES  = 9
	PolicyParserMIDDLEBOX  = 10
	PolicyParserMULTICAST  = 11
	PolicyParserOFFERS     = 12
	PolicyParserON         = 13
	PolicyParserPROTO      = 14
	PolicyParserRECEIVERS  = 15
	PolicyParserSENDERS    = 16
	PolicyParserSERVICE    = 17
	PolicyParserTCP        = 18
	PolicyParserTENANT     = 19
	PolicyParserTO         = 20
	PolicyParserUDP        = 21
	PolicyParserVIA        = 22
	PolicyParserCLOSED     = 23
	PolicyParserDELIVERED  = 24
	PolicyParserDROPPED    = 25
	PolicyParserFROM_PORT  = 26
	PolicyParserISOLATED   = 27
	PolicyParserONE_WAY    = 28
	PolicyParserON_FAILURE = 29
	PolicyParserOPEN       = 30
	PolicyParserPRIORITY   = 31
	PolicyParserREVERSED   = 32
	PolicyParserREWRITES   = 33
	PolicyParserSHARED     = 34
	PolicyParserSTATEFUL   = 35
	PolicyParserTAP        = 36
	PolicyParserTEST       = 37
	PolicyParserARROW      = 38
	PolicyParserCOLON      = 39
	PolicyParserCOMMA      = 40
	PolicyParserDOT        = 41
	PolicyParserEQUALS     = 42
	PolicyParserLBRACE     = 43
	PolicyParserMINUS      = 44
	PolicyParserRBRACE     = 45
	PolicyParserSLASH      = 46
	PolicyParserNAME       = 47
	PolicyParserNUMBER     = 48
	PolicyParserSTRING     = 49
	PolicyParserIPV4       = 50
	PolicyParserIPV6       = 51
	PolicyParserCOMMENT    = 52
	PolicyParserBLANK      = 53
	PolicyParserOTHER      = 54
)

// PolicyParser rules.
const (
	PolicyParserRULE_policy          = 0
	PolicyParserRULE_statement       = 1
	PolicyParserRULE_include         = 2
	PolicyParserRULE_tenant          = 3
	PolicyParserRULE_tenantItem      = 4
	PolicyParserRULE_group           = 5
	PolicyParserRULE_offers          = 6
	PolicyParserRULE_service         = 7
	PolicyParserRULE_protocol        = 8
	PolicyParserRULE_portRange       = 9
	PolicyParserRULE_serviceRef      = 10
	PolicyParserRULE_serviceList     = 11
	PolicyParserRULE_permission      = 12
	PolicyParserRULE_middlebox       = 13
	PolicyParserRULE_middleboxClause = 14
	PolicyParserRULE_chain           = 15
	PolicyParserRULE_gate            = 16
	PolicyParserRULE_priority        = 17
	PolicyParserRULE_multicast       = 18
	PolicyParserRULE_multicastClause = 19
	PolicyParserRULE_addressList     = 20
	PolicyParserRULE_test            = 21
	PolicyParserRULE_expect          = 22
	PolicyParserRULE_target          = 23
	PolicyParserRULE_outcome         = 24
	PolicyParserRULE_selectorList    = 25
	PolicyParserRULE_selector        = 26
	PolicyParserRULE_path            = 27
	PolicyParserRULE_pathRest        = 28
	PolicyParserRULE_address         = 29
	PolicyParserRULE_nameList        = 30
	PolicyParserRULE_name            = 31
)

// IPolicyContext is an interface to support dynamic dispatch.
type IPolicyContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	EOF() antlr.TerminalNode
	AllStatement() []IStatementContext
	Statement(i int) IStatementContext

	// IsPolicyContext differentiates from other interfaces.
	IsPolicyContext()
}

type PolicyContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyPolicyContext() *PolicyContext {
	var p = new(PolicyContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_policy
	return p
}

func InitEmptyPolicyContext(p *PolicyContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_policy
}

func (*PolicyContext) IsPolicyContext() {}

func NewPolicyContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PolicyContext {
	var p = new(PolicyContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_policy

	return p
}

func (s *PolicyContext) GetParser() antlr.Parser { return s.parser }

func (s *PolicyContext) EOF() antlr.TerminalNode {
	return s.GetToken(PolicyParserEOF, 0)
}

func (s *PolicyContext) AllStatement() []IStatementContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IStatementContext); ok {
			len++
		}
	}

	tst := make([]IStatementContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IStatementContext); ok {
			tst[i] = t.(IStatementContext)
			i++
		}
	}

	return tst
}

func (s *PolicyContext) Statement(i int) IStatementContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IStatementContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IStatementContext)
}

func (s *PolicyContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PolicyContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Policy() (localctx IPolicyContext) {
	localctx = NewPolicyContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 0, PolicyParserRULE_policy)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	p.SetState(67)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&137439612202) != 0 {
		{
			p.SetState(64)
			p.Statement()
		}

		p.SetState(69)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(70)
		p.Match(PolicyParserEOF)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IStatementContext is an interface to support dynamic dispatch.
type IStatementContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	Include() IIncludeContext
	Tenant() ITenantContext
	Service() IServiceContext
	Permission() IPermissionContext
	Middlebox() IMiddleboxContext
	Chain() IChainContext
	Multicast() IMulticastContext
	Test() ITestContext

	// IsStatementContext differentiates from other interfaces.
	IsStatementContext()
}

type StatementContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyStatementContext() *StatementContext {
	var p = new(StatementContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_statement
	return p
}

func InitEmptyStatementContext(p *StatementContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_statement
}

func (*StatementContext) IsStatementContext() {}

func NewStatementContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *StatementContext {
	var p = new(StatementContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_statement

	return p
}

func (s *StatementContext) GetParser() antlr.Parser { return s.parser }

func (s *StatementContext) Include() IIncludeContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IIncludeContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IIncludeContext)
}

func (s *StatementContext) Tenant() ITenantContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITenantContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITenantContext)
}

func (s *StatementContext) Service() IServiceContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IServiceContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IServiceContext)
}

func (s *StatementContext) Permission() IPermissionContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPermissionContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPermissionContext)
}

func (s *StatementContext) Middlebox() IMiddleboxContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMiddleboxContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMiddleboxContext)
}

func (s *StatementContext) Chain() IChainContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IChainContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IChainContext)
}

func (s *StatementContext) Multicast() IMulticastContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMulticastContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMulticastContext)
}

func (s *StatementContext) Test() ITestContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITestContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITestContext)
}

func (s *StatementContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *StatementContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Statement() (localctx IStatementContext) {
	localctx = NewStatementContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 2, PolicyParserRULE_statement)
	p.SetState(80)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserINCLUDE:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(72)
			p.Include()
		}

	case PolicyParserTENANT:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(73)
			p.Tenant()
		}

	case PolicyParserSERVICE:
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(74)
			p.Service()
		}

	case PolicyParserALLOW, PolicyParserDENY:
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(75)
			p.Permission()
		}

	case PolicyParserMIDDLEBOX:
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(76)
			p.Middlebox()
		}

	case PolicyParserCHAIN:
		p.EnterOuterAlt(localctx, 6)
		{
			p.SetState(77)
			p.Chain()
		}

	case PolicyParserMULTICAST:
		p.EnterOuterAlt(localctx, 7)
		{
			p.SetState(78)
			p.Multicast()
		}

	case PolicyParserTEST:
		p.EnterOuterAlt(localctx, 8)
		{
			p.SetState(79)
			p.Test()
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IIncludeContext is an interface to support dynamic dispatch.
type IIncludeContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetFile returns the file token.
	GetFile() antlr.Token

	// SetFile sets the file token.
	SetFile(antlr.Token)

	// Getter signatures
	INCLUDE() antlr.TerminalNode
	STRING() antlr.TerminalNode

	// IsIncludeContext differentiates from other interfaces.
	IsIncludeContext()
}

type IncludeContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	file   antlr.Token
}

func NewEmptyIncludeContext() *IncludeContext {
	var p = new(IncludeContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_include
	return p
}

func InitEmptyIncludeContext(p *IncludeContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_include
}

func (*IncludeContext) IsIncludeContext() {}

func NewIncludeContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *IncludeContext {
	var p = new(IncludeContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_include

	return p
}

func (s *IncludeContext) GetParser() antlr.Parser { return s.parser }

func (s *IncludeContext) GetFile() antlr.Token { return s.file }

func (s *IncludeContext) SetFile(v antlr.Token) { s.file = v }

func (s *IncludeContext) INCLUDE() antlr.TerminalNode {
	return s.GetToken(PolicyParserINCLUDE, 0)
}

func (s *IncludeContext) STRING() antlr.TerminalNode {
	return s.GetToken(PolicyParserSTRING, 0)
}

func (s *IncludeContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *IncludeContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Include() (localctx IIncludeContext) {
	localctx = NewIncludeContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 4, PolicyParserRULE_include)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(82)
		p.Match(PolicyParserINCLUDE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(83)

		var _m = p.Match(PolicyParserSTRING)

		localctx.(*IncludeContext).file = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// ITenantContext is an interface to support dynamic dispatch.
type ITenantContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Get_ISOLATED returns the _ISOLATED token.
	Get_ISOLATED() antlr.Token

	// Get_SHARED returns the _SHARED token.
	Get_SHARED() antlr.Token

	// Get_tset94 returns the _tset94 token.
	Get_tset94() antlr.Token

	// Set_ISOLATED sets the _ISOLATED token.
	Set_ISOLATED(antlr.Token)

	// Set_SHARED sets the _SHARED token.
	Set_SHARED(antlr.Token)

	// Set_tset94 sets the _tset94 token.
	Set_tset94(antlr.Token)

	// GetFlags returns the flags token list.
	GetFlags() []antlr.Token

	// SetFlags sets the flags token list.
	SetFlags([]antlr.Token)

	// GetId returns the id rule contexts.
	GetId() INameContext

	// Get_tenantItem returns the _tenantItem rule contexts.
	Get_tenantItem() ITenantItemContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// Set_tenantItem sets the _tenantItem rule contexts.
	Set_tenantItem(ITenantItemContext)

	// GetItems returns the items rule context list.
	GetItems() []ITenantItemContext

	// SetItems sets the items rule context list.
	SetItems([]ITenantItemContext)

	// Getter signatures
	TENANT() antlr.TerminalNode
	LBRACE() antlr.TerminalNode
	RBRACE() antlr.TerminalNode
	Name() INameContext
	AllTenantItem() []ITenantItemContext
	TenantItem(i int) ITenantItemContext
	AllISOLATED() []antlr.TerminalNode
	ISOLATED(i int) antlr.TerminalNode
	AllSHARED() []antlr.TerminalNode
	SHARED(i int) antlr.TerminalNode

	// IsTenantContext differentiates from other interfaces.
	IsTenantContext()
}

type TenantContext struct {
	antlr.BaseParserRuleContext
	parser      antlr.Parser
	id          INameContext
	_ISOLATED   antlr.Token
	flags       []antlr.Token
	_SHARED     antlr.Token
	_tset94     antlr.Token
	_tenantItem ITenantItemContext
	items       []ITenantItemContext
}

func NewEmptyTenantContext() *TenantContext {
	var p = new(TenantContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_tenant
	return p
}

func InitEmptyTenantContext(p *TenantContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_tenant
}

func (*TenantContext) IsTenantContext() {}

func NewTenantContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *TenantContext {
	var p = new(TenantContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_tenant

	return p
}

func (s *TenantContext) GetParser() antlr.Parser { return s.parser }

func (s *TenantContext) Get_ISOLATED() antlr.Token { return s._ISOLATED }

func (s *TenantContext) Get_SHARED() antlr.Token { return s._SHARED }

func (s *TenantContext) Get_tset94() antlr.Token { return s._tset94 }

func (s *TenantContext) Set_ISOLATED(v antlr.Token) { s._ISOLATED = v }

func (s *TenantContext) Set_SHARED(v antlr.Token) { s._SHARED = v }

func (s *TenantContext) Set_tset94(v antlr.Token) { s._tset94 = v }

func (s *TenantContext) GetFlags() []antlr.Token { return s.flags }

func (s *TenantContext) SetFlags(v []antlr.Token) { s.flags = v }

func (s *TenantContext) GetId() INameContext { return s.id }

func (s *TenantContext) Get_tenantItem() ITenantItemContext { return s._tenantItem }

func (s *TenantContext) SetId(v INameContext) { s.id = v }

func (s *TenantContext) Set_tenantItem(v ITenantItemContext) { s._tenantItem = v }

func (s *TenantContext) GetItems() []ITenantItemContext { return s.items }

func (s *TenantContext) SetItems(v []ITenantItemContext) { s.items = v }

func (s *TenantContext) TENANT() antlr.TerminalNode {
	return s.GetToken(PolicyParserTENANT, 0)
}

func (s *TenantContext) LBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserLBRACE, 0)
}

func (s *TenantContext) RBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserRBRACE, 0)
}

func (s *TenantContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *TenantContext) AllTenantItem() []ITenantItemContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(ITenantItemContext); ok {
			len++
		}
	}

	tst := make([]ITenantItemContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(ITenantItemContext); ok {
			tst[i] = t.(ITenantItemContext)
			i++
		}
	}

	return tst
}

func (s *TenantContext) TenantItem(i int) ITenantItemContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITenantItemContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITenantItemContext)
}

func (s *TenantContext) AllISOLATED() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserISOLATED)
}

func (s *TenantContext) ISOLATED(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserISOLATED, i)
}

func (s *TenantContext) AllSHARED() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserSHARED)
}

func (s *TenantContext) SHARED(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserSHARED, i)
}

func (s *TenantContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TenantContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Tenant() (localctx ITenantContext) {
	localctx = NewTenantContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 6, PolicyParserRULE_tenant)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(85)
		p.Match(PolicyParserTENANT)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(86)

		var _x = p.Name()

		localctx.(*TenantContext).id = _x
	}
	p.SetState(90)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserISOLATED || _la == PolicyParserSHARED {
		{
			p.SetState(87)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*TenantContext)._tset94 = _lt

			_la = p.GetTokenStream().LA(1)

			if !(_la == PolicyParserISOLATED || _la == PolicyParserSHARED) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*TenantContext)._tset94 = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		localctx.(*TenantContext).flags = append(localctx.(*TenantContext).flags, localctx.(*TenantContext)._tset94)

		p.SetState(92)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(93)
		p.Match(PolicyParserLBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(97)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserGROUP || _la == PolicyParserOFFERS {
		{
			p.SetState(94)

			var _x = p.TenantItem()

			localctx.(*TenantContext)._tenantItem = _x
		}
		localctx.(*TenantContext).items = append(localctx.(*TenantContext).items, localctx.(*TenantContext)._tenantItem)

		p.SetState(99)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(100)
		p.Match(PolicyParserRBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// ITenantItemContext is an interface to support dynamic dispatch.
type ITenantItemContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetGrp returns the grp rule contexts.
	GetGrp() IGroupContext

	// GetOff returns the off rule contexts.
	GetOff() IOffersContext

	// SetGrp sets the grp rule contexts.
	SetGrp(IGroupContext)

	// SetOff sets the off rule contexts.
	SetOff(IOffersContext)

	// Getter signatures
	Group() IGroupContext
	Offers() IOffersContext

	// IsTenantItemContext differentiates from other interfaces.
	IsTenantItemContext()
}

type TenantItemContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	grp    IGroupContext
	off    IOffersContext
}

func NewEmptyTenantItemContext() *TenantItemContext {
	var p = new(TenantItemContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_tenantItem
	return p
}

func InitEmptyTenantItemContext(p *TenantItemContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_tenantItem
}

func (*TenantItemContext) IsTenantItemContext() {}

func NewTenantItemContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *TenantItemContext {
	var p = new(TenantItemContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_tenantItem

	return p
}

func (s *TenantItemContext) GetParser() antlr.Parser { return s.parser }

func (s *TenantItemContext) GetGrp() IGroupContext { return s.grp }

func (s *TenantItemContext) GetOff() IOffersContext { return s.off }

func (s *TenantItemContext) SetGrp(v IGroupContext) { s.grp = v }

func (s *TenantItemContext) SetOff(v IOffersContext) { s.off = v }

func (s *TenantItemContext) Group() IGroupContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IGroupContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IGroupContext)
}

func (s *TenantItemContext) Offers() IOffersContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IOffersContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IOffersContext)
}

func (s *TenantItemContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TenantItemContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) TenantItem() (localctx ITenantItemContext) {
	localctx = NewTenantItemContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 8, PolicyParserRULE_tenantItem)
	p.SetState(104)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserGROUP:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(102)

			var _x = p.Group()

			localctx.(*TenantItemContext).grp = _x
		}

	case PolicyParserOFFERS:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(103)

			var _x = p.Offers()

			localctx.(*TenantItemContext).off = _x
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IGroupContext is an interface to support dynamic dispatch.
type IGroupContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetId returns the id rule contexts.
	GetId() INameContext

	// GetMembers returns the members rule contexts.
	GetMembers() INameListContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// SetMembers sets the members rule contexts.
	SetMembers(INameListContext)

	// Getter signatures
	GROUP() antlr.TerminalNode
	EQUALS() antlr.TerminalNode
	Name() INameContext
	NameList() INameListContext

	// IsGroupContext differentiates from other interfaces.
	IsGroupContext()
}

type GroupContext struct {
	antlr.BaseParserRuleContext
	parser  antlr.Parser
	id      INameContext
	members INameListContext
}

func NewEmptyGroupContext() *GroupContext {
	var p = new(GroupContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_group
	return p
}

func InitEmptyGroupContext(p *GroupContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_group
}

func (*GroupContext) IsGroupContext() {}

func NewGroupContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *GroupContext {
	var p = new(GroupContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_group

	return p
}

func (s *GroupContext) GetParser() antlr.Parser { return s.parser }

func (s *GroupContext) GetId() INameContext { return s.id }

func (s *GroupContext) GetMembers() INameListContext { return s.members }

func (s *GroupContext) SetId(v INameContext) { s.id = v }

func (s *GroupContext) SetMembers(v INameListContext) { s.members = v }

func (s *GroupContext) GROUP() antlr.TerminalNode {
	return s.GetToken(PolicyParserGROUP, 0)
}

func (s *GroupContext) EQUALS() antlr.TerminalNode {
	return s.GetToken(PolicyParserEQUALS, 0)
}

func (s *GroupContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *GroupContext) NameList() INameListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameListContext)
}

func (s *GroupContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *GroupContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Group() (localctx IGroupContext) {
	localctx = NewGroupContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 10, PolicyParserRULE_group)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(106)
		p.Match(PolicyParserGROUP)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(107)

		var _x = p.Name()

		localctx.(*GroupContext).id = _x
	}
	{
		p.SetState(108)
		p.Match(PolicyParserEQUALS)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(109)

		var _x = p.NameList()

		localctx.(*GroupContext).members = _x
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IOffersContext is an interface to support dynamic dispatch.
type IOffersContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetRefs returns the refs rule contexts.
	GetRefs() IServiceListContext

	// SetRefs sets the refs rule contexts.
	SetRefs(IServiceListContext)

	// Getter signatures
	OFFERS() antlr.TerminalNode
	ServiceList() IServiceListContext

	// IsOffersContext differentiates from other interfaces.
	IsOffersContext()
}

type OffersContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	refs   IServiceListContext
}

func NewEmptyOffersContext() *OffersContext {
	var p = new(OffersContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_offers
	return p
}

func InitEmptyOffersContext(p *OffersContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_offers
}

func (*OffersContext) IsOffersContext() {}

func NewOffersContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *OffersContext {
	var p = new(OffersContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_offers

	return p
}

func (s *OffersContext) GetParser() antlr.Parser { return s.parser }

func (s *OffersContext) GetRefs() IServiceListContext { return s.refs }

func (s *OffersContext) SetRefs(v IServiceListContext) { s.refs = v }

func (s *OffersContext) OFFERS() antlr.TerminalNode {
	return s.GetToken(PolicyParserOFFERS, 0)
}

func (s *OffersContext) ServiceList() IServiceListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IServiceListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IServiceListContext)
}

func (s *OffersContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *OffersContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Offers() (localctx IOffersContext) {
	localctx = NewOffersContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 12, PolicyParserRULE_offers)
	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(111)
		p.Match(PolicyParserOFFERS)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(112)

		var _x = p.ServiceList()

		localctx.(*OffersContext).refs = _x
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IServiceContext is an interface to support dynamic dispatch.
type IServiceContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetId returns the id rule contexts.
	GetId() INameContext

	// Get_protocol returns the _protocol rule contexts.
	Get_protocol() IProtocolContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// Set_protocol sets the _protocol rule contexts.
	Set_protocol(IProtocolContext)

	// GetItems returns the items rule context list.
	GetItems() []IProtocolContext

	// SetItems sets the items rule context list.
	SetItems([]IProtocolContext)

	// Getter signatures
	SERVICE() antlr.TerminalNode
	EQUALS() antlr.TerminalNode
	Name() INameContext
	AllProtocol() []IProtocolContext
	Protocol(i int) IProtocolContext
	AllCOMMA() []antlr.TerminalNode
	COMMA(i int) antlr.TerminalNode

	// IsServiceContext differentiates from other interfaces.
	IsServiceContext()
}

type ServiceContext struct {
	antlr.BaseParserRuleContext
	parser    antlr.Parser
	id        INameContext
	_protocol IProtocolContext
	items     []IProtocolContext
}

func NewEmptyServiceContext() *ServiceContext {
	var p = new(ServiceContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_service
	return p
}

func InitEmptyServiceContext(p *ServiceContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_service
}

func (*ServiceContext) IsServiceContext() {}

func NewServiceContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ServiceContext {
	var p = new(ServiceContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_service

	return p
}

func (s *ServiceContext) GetParser() antlr.Parser { return s.parser }

func (s *ServiceContext) GetId() INameContext { return s.id }

func (s *ServiceContext) Get_protocol() IProtocolContext { return s._protocol }

func (s *ServiceContext) SetId(v INameContext) { s.id = v }

func (s *ServiceContext) Set_protocol(v IProtocolContext) { s._protocol = v }

func (s *ServiceContext) GetItems() []IProtocolContext { return s.items }

func (s *ServiceContext) SetItems(v []IProtocolContext) { s.items = v }

func (s *ServiceContext) SERVICE() antlr.TerminalNode {
	return s.GetToken(PolicyParserSERVICE, 0)
}

func (s *ServiceContext) EQUALS() antlr.TerminalNode {
	return s.GetToken(PolicyParserEQUALS, 0)
}

func (s *ServiceContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ServiceContext) AllProtocol() []IProtocolContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IProtocolContext); ok {
			len++
		}
	}

	tst := make([]IProtocolContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IProtocolContext); ok {
			tst[i] = t.(IProtocolContext)
			i++
		}
	}

	return tst
}

func (s *ServiceContext) Protocol(i int) IProtocolContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IProtocolContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IProtocolContext)
}

func (s *ServiceContext) AllCOMMA() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserCOMMA)
}

func (s *ServiceContext) COMMA(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserCOMMA, i)
}

func (s *ServiceContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ServiceContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Service() (localctx IServiceContext) {
	localctx = NewServiceContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 14, PolicyParserRULE_service)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(114)
		p.Match(PolicyParserSERVICE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(115)

		var _x = p.Name()

		localctx.(*ServiceContext).id = _x
	}
	{
		p.SetState(116)
		p.Match(PolicyParserEQUALS)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(117)

		var _x = p.Protocol()

		localctx.(*ServiceContext)._protocol = _x
	}
	localctx.(*ServiceContext).items = append(localctx.(*ServiceContext).items, localctx.(*ServiceContext)._protocol)
	p.SetState(122)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserCOMMA {
		{
			p.SetState(118)
			p.Match(PolicyParserCOMMA)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(119)

			var _x = p.Protocol()

			localctx.(*ServiceContext)._protocol = _x
		}
		localctx.(*ServiceContext).items = append(localctx.(*ServiceContext).items, localctx.(*ServiceContext)._protocol)

		p.SetState(124)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IProtocolContext is an interface to support dynamic dispatch.
type IProtocolContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetKind returns the kind token.
	GetKind() antlr.Token

	// GetNumber returns the number token.
	GetNumber() antlr.Token

	// SetKind sets the kind token.
	SetKind(antlr.Token)

	// SetNumber sets the number token.
	SetNumber(antlr.Token)

	// GetPorts returns the ports rule contexts.
	GetPorts() IPortRangeContext

	// SetPorts sets the ports rule contexts.
	SetPorts(IPortRangeContext)

	// Getter signatures
	TCP() antlr.TerminalNode
	UDP() antlr.TerminalNode
	ICMP() antlr.TerminalNode
	SLASH() antlr.TerminalNode
	PortRange() IPortRangeContext
	PROTO() antlr.TerminalNode
	NUMBER() antlr.TerminalNode

	// IsProtocolContext differentiates from other interfaces.
	IsProtocolContext()
}

type ProtocolContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	kind   antlr.Token
	ports  IPortRangeContext
	number antlr.Token
}

func NewEmptyProtocolContext() *ProtocolContext {
	var p = new(ProtocolContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_protocol
	return p
}

func InitEmptyProtocolContext(p *ProtocolContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_protocol
}

func (*ProtocolContext) IsProtocolContext() {}

func NewProtocolContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ProtocolContext {
	var p = new(ProtocolContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_protocol

	return p
}

func (s *ProtocolContext) GetParser() antlr.Parser { return s.parser }

func (s *ProtocolContext) GetKind() antlr.Token { return s.kind }

func (s *ProtocolContext) GetNumber() antlr.Token { return s.number }

func (s *ProtocolContext) SetKind(v antlr.Token) { s.kind = v }

func (s *ProtocolContext) SetNumber(v antlr.Token) { s.number = v }

func (s *ProtocolContext) GetPorts() IPortRangeContext { return s.ports }

func (s *ProtocolContext) SetPorts(v IPortRangeContext) { s.ports = v }

func (s *ProtocolContext) TCP() antlr.TerminalNode {
	return s.GetToken(PolicyParserTCP, 0)
}

func (s *ProtocolContext) UDP() antlr.TerminalNode {
	return s.GetToken(PolicyParserUDP, 0)
}

func (s *ProtocolContext) ICMP() antlr.TerminalNode {
	return s.GetToken(PolicyParserICMP, 0)
}

func (s *ProtocolContext) SLASH() antlr.TerminalNode {
	return s.GetToken(PolicyParserSLASH, 0)
}

func (s *ProtocolContext) PortRange() IPortRangeContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPortRangeContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPortRangeContext)
}

func (s *ProtocolContext) PROTO() antlr.TerminalNode {
	return s.GetToken(PolicyParserPROTO, 0)
}

func (s *ProtocolContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(PolicyParserNUMBER, 0)
}

func (s *ProtocolContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ProtocolContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Protocol() (localctx IProtocolContext) {
	localctx = NewProtocolContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 16, PolicyParserRULE_protocol)
	var _la int

	p.SetState(133)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserICMP, PolicyParserTCP, PolicyParserUDP:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(125)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*ProtocolContext).kind = _lt

			_la = p.GetTokenStream().LA(1)

			if !((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&2359424) != 0) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*ProtocolContext).kind = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}
		p.SetState(128)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == PolicyParserSLASH {
			{
				p.SetState(126)
				p.Match(PolicyParserSLASH)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(127)

				var _x = p.PortRange()

				localctx.(*ProtocolContext).ports = _x
			}

		}

	case PolicyParserPROTO:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(130)

			var _m = p.Match(PolicyParserPROTO)

			localctx.(*ProtocolContext).kind = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(131)
			p.Match(PolicyParserSLASH)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(132)

			var _m = p.Match(PolicyParserNUMBER)

			localctx.(*ProtocolContext).number = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IPortRangeContext is an interface to support dynamic dispatch.
type IPortRangeContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetLo returns the lo token.
	GetLo() antlr.Token

	// GetHi returns the hi token.
	GetHi() antlr.Token

	// SetLo sets the lo token.
	SetLo(antlr.Token)

	// SetHi sets the hi token.
	SetHi(antlr.Token)

	// Getter signatures
	AllNUMBER() []antlr.TerminalNode
	NUMBER(i int) antlr.TerminalNode
	MINUS() antlr.TerminalNode

	// IsPortRangeContext differentiates from other interfaces.
	IsPortRangeContext()
}

type PortRangeContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	lo     antlr.Token
	hi     antlr.Token
}

func NewEmptyPortRangeContext() *PortRangeContext {
	var p = new(PortRangeContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_portRange
	return p
}

func InitEmptyPortRangeContext(p *PortRangeContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_portRange
}

func (*PortRangeContext) IsPortRangeContext() {}

func NewPortRangeContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PortRangeContext {
	var p = new(PortRangeContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_portRange

	return p
}

func (s *PortRangeContext) GetParser() antlr.Parser { return s.parser }

func (s *PortRangeContext) GetLo() antlr.Token { return s.lo }

func (s *PortRangeContext) GetHi() antlr.Token { return s.hi }

func (s *PortRangeContext) SetLo(v antlr.Token) { s.lo = v }

func (s *PortRangeContext) SetHi(v antlr.Token) { s.hi = v }

func (s *PortRangeContext) AllNUMBER() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserNUMBER)
}

func (s *PortRangeContext) NUMBER(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserNUMBER, i)
}

func (s *PortRangeContext) MINUS() antlr.TerminalNode {
	return s.GetToken(PolicyParserMINUS, 0)
}

func (s *PortRangeContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PortRangeContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) PortRange() (localctx IPortRangeContext) {
	localctx = NewPortRangeContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 18, PolicyParserRULE_portRange)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(135)

		var _m = p.Match(PolicyParserNUMBER)

		localctx.(*PortRangeContext).lo = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(138)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserMINUS {
		{
			p.SetState(136)
			p.Match(PolicyParserMINUS)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(137)

			var _m = p.Match(PolicyParserNUMBER)

			localctx.(*PortRangeContext).hi = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IServiceRefContext is an interface to support dynamic dispatch.
type IServiceRefContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetLiteral returns the literal rule contexts.
	GetLiteral() IProtocolContext

	// GetId returns the id rule contexts.
	GetId() INameContext

	// SetLiteral sets the literal rule contexts.
	SetLiteral(IProtocolContext)

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// Getter signatures
	Protocol() IProtocolContext
	Name() INameContext

	// IsServiceRefContext differentiates from other interfaces.
	IsServiceRefContext()
}

type ServiceRefContext struct {
	antlr.BaseParserRuleContext
	parser  antlr.Parser
	literal IProtocolContext
	id      INameContext
}

func NewEmptyServiceRefContext() *ServiceRefContext {
	var p = new(ServiceRefContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_serviceRef
	return p
}

func InitEmptyServiceRefContext(p *ServiceRefContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_serviceRef
}

func (*ServiceRefContext) IsServiceRefContext() {}

func NewServiceRefContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ServiceRefContext {
	var p = new(ServiceRefContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_serviceRef

	return p
}

func (s *ServiceRefContext) GetParser() antlr.Parser { return s.parser }

func (s *ServiceRefContext) GetLiteral() IProtocolContext { return s.literal }

func (s *ServiceRefContext) GetId() INameContext { return s.id }

func (s *ServiceRefContext) SetLiteral(v IProtocolContext) { s.literal = v }

func (s *ServiceRefContext) SetId(v INameContext) { s.id = v }

func (s *ServiceRefContext) Protocol() IProtocolContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IProtocolContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IProtocolContext)
}

func (s *ServiceRefContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ServiceRefContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ServiceRefContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) ServiceRef() (localctx IServiceRefContext) {
	localctx = NewServiceRefContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 20, PolicyParserRULE_serviceRef)
	p.SetState(142)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserICMP, PolicyParserPROTO, PolicyParserTCP, PolicyParserUDP:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(140)

			var _x = p.Protocol()

			localctx.(*ServiceRefContext).literal = _x
		}

	case PolicyParserCLOSED, PolicyParserDELIVERED, PolicyParserDROPPED, PolicyParserFROM_PORT, PolicyParserISOLATED, PolicyParserONE_WAY, PolicyParserON_FAILURE, PolicyParserOPEN, PolicyParserPRIORITY, PolicyParserREVERSED, PolicyParserREWRITES, PolicyParserSHARED, PolicyParserSTATEFUL, PolicyParserTAP, PolicyParserTEST, PolicyParserNAME, PolicyParserSTRING:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(141)

			var _x = p.Name()

			localctx.(*ServiceRefContext).id = _x
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IServiceListContext is an interface to support dynamic dispatch.
type IServiceListContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Get_serviceRef returns the _serviceRef rule contexts.
	Get_serviceRef() IServiceRefContext

	// Set_serviceRef sets the _serviceRef rule contexts.
	Set_serviceRef(IServiceRefContext)

	// GetRefs returns the refs rule context list.
	GetRefs() []IServiceRefContext

	// SetRefs sets the refs rule context list.
	SetRefs([]IServiceRefContext)

	// Getter signatures
	AllServiceRef() []IServiceRefContext
	ServiceRef(i int) IServiceRefContext
	AllCOMMA() []antlr.TerminalNode
	COMMA(i int) antlr.TerminalNode

	// IsServiceListContext differentiates from other interfaces.
	IsServiceListContext()
}

type ServiceListContext struct {
	antlr.BaseParserRuleContext
	parser      antlr.Parser
	_serviceRef IServiceRefContext
	refs        []IServiceRefContext
}

func NewEmptyServiceListContext() *ServiceListContext {
	var p = new(ServiceListContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_serviceList
	return p
}

func InitEmptyServiceListContext(p *ServiceListContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_serviceList
}

func (*ServiceListContext) IsServiceListContext() {}

func NewServiceListContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ServiceListContext {
	var p = new(ServiceListContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_serviceList

	return p
}

func (s *ServiceListContext) GetParser() antlr.Parser { return s.parser }

func (s *ServiceListContext) Get_serviceRef() IServiceRefContext { return s._serviceRef }

func (s *ServiceListContext) Set_serviceRef(v IServiceRefContext) { s._serviceRef = v }

func (s *ServiceListContext) GetRefs() []IServiceRefContext { return s.refs }

func (s *ServiceListContext) SetRefs(v []IServiceRefContext) { s.refs = v }

func (s *ServiceListContext) AllServiceRef() []IServiceRefContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IServiceRefContext); ok {
			len++
		}
	}

	tst := make([]IServiceRefContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IServiceRefContext); ok {
			tst[i] = t.(IServiceRefContext)
			i++
		}
	}

	return tst
}

func (s *ServiceListContext) ServiceRef(i int) IServiceRefContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IServiceRefContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IServiceRefContext)
}

func (s *ServiceListContext) AllCOMMA() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserCOMMA)
}

func (s *ServiceListContext) COMMA(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserCOMMA, i)
}

func (s *ServiceListContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ServiceListContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) ServiceList() (localctx IServiceListContext) {
	localctx = NewServiceListContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 22, PolicyParserRULE_serviceList)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(144)

		var _x = p.ServiceRef()

		localctx.(*ServiceListContext)._serviceRef = _x
	}
	localctx.(*ServiceListContext).refs = append(localctx.(*ServiceListContext).refs, localctx.(*ServiceListContext)._serviceRef)
	p.SetState(149)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserCOMMA {
		{
			p.SetState(145)
			p.Match(PolicyParserCOMMA)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(146)

			var _x = p.ServiceRef()

			localctx.(*ServiceListContext)._serviceRef = _x
		}
		localctx.(*ServiceListContext).refs = append(localctx.(*ServiceListContext).refs, localctx.(*ServiceListContext)._serviceRef)

		p.SetState(151)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IPermissionContext is an interface to support dynamic dispatch.
type IPermissionContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetWord returns the word token.
	GetWord() antlr.Token

	// GetOneWay returns the oneWay token.
	GetOneWay() antlr.Token

	// SetWord sets the word token.
	SetWord(antlr.Token)

	// SetOneWay sets the oneWay token.
	SetOneWay(antlr.Token)

	// GetId returns the id rule contexts.
	GetId() INameContext

	// GetFrom returns the from rule contexts.
	GetFrom() ISelectorListContext

	// GetTo returns the to rule contexts.
	GetTo() ISelectorListContext

	// GetOn returns the on rule contexts.
	GetOn() IServiceListContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// SetFrom sets the from rule contexts.
	SetFrom(ISelectorListContext)

	// SetTo sets the to rule contexts.
	SetTo(ISelectorListContext)

	// SetOn sets the on rule contexts.
	SetOn(IServiceListContext)

	// Getter signatures
	COLON() antlr.TerminalNode
	ARROW() antlr.TerminalNode
	Name() INameContext
	AllSelectorList() []ISelectorListContext
	SelectorList(i int) ISelectorListContext
	ALLOW() antlr.TerminalNode
	DENY() antlr.TerminalNode
	ON() antlr.TerminalNode
	ServiceList() IServiceListContext
	ONE_WAY() antlr.TerminalNode

	// IsPermissionContext differentiates from other interfaces.
	IsPermissionContext()
}

type PermissionContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	word   antlr.Token
	id     INameContext
	from   ISelectorListContext
	to     ISelectorListContext
	on     IServiceListContext
	oneWay antlr.Token
}

func NewEmptyPermissionContext() *PermissionContext {
	var p = new(PermissionContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_permission
	return p
}

func InitEmptyPermissionContext(p *PermissionContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_permission
}

func (*PermissionContext) IsPermissionContext() {}

func NewPermissionContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PermissionContext {
	var p = new(PermissionContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_permission

	return p
}

func (s *PermissionContext) GetParser() antlr.Parser { return s.parser }

func (s *PermissionContext) GetWord() antlr.Token { return s.word }

func (s *PermissionContext) GetOneWay() antlr.Token { return s.oneWay }

func (s *PermissionContext) SetWord(v antlr.Token) { s.word = v }

func (s *PermissionContext) SetOneWay(v antlr.Token) { s.oneWay = v }

func (s *PermissionContext) GetId() INameContext { return s.id }

func (s *PermissionContext) GetFrom() ISelectorListContext { return s.from }

func (s *PermissionContext) GetTo() ISelectorListContext { return s.to }

func (s *PermissionContext) GetOn() IServiceListContext { return s.on }

func (s *PermissionContext) SetId(v INameContext) { s.id = v }

func (s *PermissionContext) SetFrom(v ISelectorListContext) { s.from = v }

func (s *PermissionContext) SetTo(v ISelectorListContext) { s.to = v }

func (s *PermissionContext) SetOn(v IServiceListContext) { s.on = v }

func (s *PermissionContext) COLON() antlr.TerminalNode {
	return s.GetToken(PolicyParserCOLON, 0)
}

func (s *PermissionContext) ARROW() antlr.TerminalNode {
	return s.GetToken(PolicyParserARROW, 0)
}

func (s *PermissionContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PermissionContext) AllSelectorList() []ISelectorListContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(ISelectorListContext); ok {
			len++
		}
	}

	tst := make([]ISelectorListContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(ISelectorListContext); ok {
			tst[i] = t.(ISelectorListContext)
			i++
		}
	}

	return tst
}

func (s *PermissionContext) SelectorList(i int) ISelectorListContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorListContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorListContext)
}

func (s *PermissionContext) ALLOW() antlr.TerminalNode {
	return s.GetToken(PolicyParserALLOW, 0)
}

func (s *PermissionContext) DENY() antlr.TerminalNode {
	return s.GetToken(PolicyParserDENY, 0)
}

func (s *PermissionContext) ON() antlr.TerminalNode {
	return s.GetToken(PolicyParserON, 0)
}

func (s *PermissionContext) ServiceList() IServiceListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IServiceListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IServiceListContext)
}

func (s *PermissionContext) ONE_WAY() antlr.TerminalNode {
	return s.GetToken(PolicyParserONE_WAY, 0)
}

func (s *PermissionContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PermissionContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Permission() (localctx IPermissionContext) {
	localctx = NewPermissionContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 24, PolicyParserRULE_permission)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(152)

		var _lt = p.GetTokenStream().LT(1)

		localctx.(*PermissionContext).word = _lt

		_la = p.GetTokenStream().LA(1)

		if !(_la == PolicyParserALLOW || _la == PolicyParserDENY) {
			var _ri = p.GetErrorHandler().RecoverInline(p)

			localctx.(*PermissionContext).word = _ri
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}
	{
		p.SetState(153)

		var _x = p.Name()

		localctx.(*PermissionContext).id = _x
	}
	{
		p.SetState(154)
		p.Match(PolicyParserCOLON)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(155)

		var _x = p.SelectorList()

		localctx.(*PermissionContext).from = _x
	}
	{
		p.SetState(156)
		p.Match(PolicyParserARROW)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(157)

		var _x = p.SelectorList()

		localctx.(*PermissionContext).to = _x
	}
	p.SetState(160)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserON {
		{
			p.SetState(158)
			p.Match(PolicyParserON)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(159)

			var _x = p.ServiceList()

			localctx.(*PermissionContext).on = _x
		}

	}
	p.SetState(163)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserONE_WAY {
		{
			p.SetState(162)

			var _m = p.Match(PolicyParserONE_WAY)

			localctx.(*PermissionContext).oneWay = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IMiddleboxContext is an interface to support dynamic dispatch.
type IMiddleboxContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetId returns the id rule contexts.
	GetId() INameContext

	// Get_middleboxClause returns the _middleboxClause rule contexts.
	Get_middleboxClause() IMiddleboxClauseContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// Set_middleboxClause sets the _middleboxClause rule contexts.
	Set_middleboxClause(IMiddleboxClauseContext)

	// GetClauses returns the clauses rule context list.
	GetClauses() []IMiddleboxClauseContext

	// SetClauses sets the clauses rule context list.
	SetClauses([]IMiddleboxClauseContext)

	// Getter signatures
	MIDDLEBOX() antlr.TerminalNode
	LBRACE() antlr.TerminalNode
	RBRACE() antlr.TerminalNode
	Name() INameContext
	AllMiddleboxClause() []IMiddleboxClauseContext
	MiddleboxClause(i int) IMiddleboxClauseContext

	// IsMiddleboxContext differentiates from other interfaces.
	IsMiddleboxContext()
}

type MiddleboxContext struct {
	antlr.BaseParserRuleContext
	parser           antlr.Parser
	id               INameContext
	_middleboxClause IMiddleboxClauseContext
	clauses          []IMiddleboxClauseContext
}

func NewEmptyMiddleboxContext() *MiddleboxContext {
	var p = new(MiddleboxContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_middlebox
	return p
}

func InitEmptyMiddleboxContext(p *MiddleboxContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_middlebox
}

func (*MiddleboxContext) IsMiddleboxContext() {}

func NewMiddleboxContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *MiddleboxContext {
	var p = new(MiddleboxContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_middlebox

	return p
}

func (s *MiddleboxContext) GetParser() antlr.Parser { return s.parser }

func (s *MiddleboxContext) GetId() INameContext { return s.id }

func (s *MiddleboxContext) Get_middleboxClause() IMiddleboxClauseContext { return s._middleboxClause }

func (s *MiddleboxContext) SetId(v INameContext) { s.id = v }

func (s *MiddleboxContext) Set_middleboxClause(v IMiddleboxClauseContext) { s._middleboxClause = v }

func (s *MiddleboxContext) GetClauses() []IMiddleboxClauseContext { return s.clauses }

func (s *MiddleboxContext) SetClauses(v []IMiddleboxClauseContext) { s.clauses = v }

func (s *MiddleboxContext) MIDDLEBOX() antlr.TerminalNode {
	return s.GetToken(PolicyParserMIDDLEBOX, 0)
}

func (s *MiddleboxContext) LBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserLBRACE, 0)
}

func (s *MiddleboxContext) RBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserRBRACE, 0)
}

func (s *MiddleboxContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *MiddleboxContext) AllMiddleboxClause() []IMiddleboxClauseContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IMiddleboxClauseContext); ok {
			len++
		}
	}

	tst := make([]IMiddleboxClauseContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IMiddleboxClauseContext); ok {
			tst[i] = t.(IMiddleboxClauseContext)
			i++
		}
	}

	return tst
}

func (s *MiddleboxContext) MiddleboxClause(i int) IMiddleboxClauseContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMiddleboxClauseContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMiddleboxClauseContext)
}

func (s *MiddleboxContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MiddleboxContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Middlebox() (localctx IMiddleboxContext) {
	localctx = NewMiddleboxContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 26, PolicyParserRULE_middlebox)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(165)
		p.Match(PolicyParserMIDDLEBOX)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(166)

		var _x = p.Name()

		localctx.(*MiddleboxContext).id = _x
	}
	{
		p.SetState(167)
		p.Match(PolicyParserLBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(171)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&112206021120) != 0 {
		{
			p.SetState(168)

			var _x = p.MiddleboxClause()

			localctx.(*MiddleboxContext)._middleboxClause = _x
		}
		localctx.(*MiddleboxContext).clauses = append(localctx.(*MiddleboxContext).clauses, localctx.(*MiddleboxContext)._middleboxClause)

		p.SetState(173)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(174)
		p.Match(PolicyParserRBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IMiddleboxClauseContext is an interface to support dynamic dispatch.
type IMiddleboxClauseContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetWord returns the word token.
	GetWord() antlr.Token

	// GetReaction returns the reaction token.
	GetReaction() antlr.Token

	// SetWord sets the word token.
	SetWord(antlr.Token)

	// SetReaction sets the reaction token.
	SetReaction(antlr.Token)

	// GetInstances returns the instances rule contexts.
	GetInstances() INameListContext

	// SetInstances sets the instances rule contexts.
	SetInstances(INameListContext)

	// Getter signatures
	INSTANCES() antlr.TerminalNode
	NameList() INameListContext
	STATEFUL() antlr.TerminalNode
	TAP() antlr.TerminalNode
	REWRITES() antlr.TerminalNode
	ON_FAILURE() antlr.TerminalNode
	CLOSED() antlr.TerminalNode
	OPEN() antlr.TerminalNode

	// IsMiddleboxClauseContext differentiates from other interfaces.
	IsMiddleboxClauseContext()
}

type MiddleboxClauseContext struct {
	antlr.BaseParserRuleContext
	parser    antlr.Parser
	word      antlr.Token
	instances INameListContext
	reaction  antlr.Token
}

func NewEmptyMiddleboxClauseContext() *MiddleboxClauseContext {
	var p = new(MiddleboxClauseContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_middleboxClause
	return p
}

func InitEmptyMiddleboxClauseContext(p *MiddleboxClauseContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_middleboxClause
}

func (*MiddleboxClauseContext) IsMiddleboxClauseContext() {}

func NewMiddleboxClauseContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *MiddleboxClauseContext {
	var p = new(MiddleboxClauseContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_middleboxClause

	return p
}

func (s *MiddleboxClauseContext) GetParser() antlr.Parser { return s.parser }

func (s *MiddleboxClauseContext) GetWord() antlr.Token { return s.word }

func (s *MiddleboxClauseContext) GetReaction() antlr.Token { return s.reaction }

func (s *MiddleboxClauseContext) SetWord(v antlr.Token) { s.word = v }

func (s *MiddleboxClauseContext) SetReaction(v antlr.Token) { s.reaction = v }

func (s *MiddleboxClauseContext) GetInstances() INameListContext { return s.instances }

func (s *MiddleboxClauseContext) SetInstances(v INameListContext) { s.instances = v }

func (s *MiddleboxClauseContext) INSTANCES() antlr.TerminalNode {
	return s.GetToken(PolicyParserINSTANCES, 0)
}

func (s *MiddleboxClauseContext) NameList() INameListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameListContext)
}

func (s *MiddleboxClauseContext) STATEFUL() antlr.TerminalNode {
	return s.GetToken(PolicyParserSTATEFUL, 0)
}

func (s *MiddleboxClauseContext) TAP() antlr.TerminalNode {
	return s.GetToken(PolicyParserTAP, 0)
}

func (s *MiddleboxClauseContext) REWRITES() antlr.TerminalNode {
	return s.GetToken(PolicyParserREWRITES, 0)
}

func (s *MiddleboxClauseContext) ON_FAILURE() antlr.TerminalNode {
	return s.GetToken(PolicyParserON_FAILURE, 0)
}

func (s *MiddleboxClauseContext) CLOSED() antlr.TerminalNode {
	return s.GetToken(PolicyParserCLOSED, 0)
}

func (s *MiddleboxClauseContext) OPEN() antlr.TerminalNode {
	return s.GetToken(PolicyParserOPEN, 0)
}

func (s *MiddleboxClauseContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MiddleboxClauseContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) MiddleboxClause() (localctx IMiddleboxClauseContext) {
	localctx = NewMiddleboxClauseContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 28, PolicyParserRULE_middleboxClause)
	var _la int

	p.SetState(183)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserINSTANCES:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(176)

			var _m = p.Match(PolicyParserINSTANCES)

			localctx.(*MiddleboxClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(177)

			var _x = p.NameList()

			localctx.(*MiddleboxClauseContext).instances = _x
		}

	case PolicyParserSTATEFUL:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(178)

			var _m = p.Match(PolicyParserSTATEFUL)

			localctx.(*MiddleboxClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case PolicyParserTAP:
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(179)

			var _m = p.Match(PolicyParserTAP)

			localctx.(*MiddleboxClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case PolicyParserREWRITES:
		p.EnterOuterAlt(localctx, 4)
		{
			p.SetState(180)

			var _m = p.Match(PolicyParserREWRITES)

			localctx.(*MiddleboxClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case PolicyParserON_FAILURE:
		p.EnterOuterAlt(localctx, 5)
		{
			p.SetState(181)

			var _m = p.Match(PolicyParserON_FAILURE)

			localctx.(*MiddleboxClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(182)

			var _lt = p.GetTokenStream().LT(1)

			localctx.(*MiddleboxClauseContext).reaction = _lt

			_la = p.GetTokenStream().LA(1)

			if !(_la == PolicyParserCLOSED || _la == PolicyParserOPEN) {
				var _ri = p.GetErrorHandler().RecoverInline(p)

				localctx.(*MiddleboxClauseContext).reaction = _ri
			} else {
				p.GetErrorHandler().ReportMatch(p)
				p.Consume()
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IChainContext is an interface to support dynamic dispatch.
type IChainContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetId returns the id rule contexts.
	GetId() INameContext

	// GetFrom returns the from rule contexts.
	GetFrom() ISelectorListContext

	// GetTo returns the to rule contexts.
	GetTo() ISelectorListContext

	// GetOn returns the on rule contexts.
	GetOn() IServiceListContext

	// Get_gate returns the _gate rule contexts.
	Get_gate() IGateContext

	// GetPrio returns the prio rule contexts.
	GetPrio() IPriorityContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// SetFrom sets the from rule contexts.
	SetFrom(ISelectorListContext)

	// SetTo sets the to rule contexts.
	SetTo(ISelectorListContext)

	// SetOn sets the on rule contexts.
	SetOn(IServiceListContext)

	// Set_gate sets the _gate rule contexts.
	Set_gate(IGateContext)

	// SetPrio sets the prio rule contexts.
	SetPrio(IPriorityContext)

	// GetGates returns the gates rule context list.
	GetGates() []IGateContext

	// SetGates sets the gates rule context list.
	SetGates([]IGateContext)

	// Getter signatures
	CHAIN() antlr.TerminalNode
	COLON() antlr.TerminalNode
	AllARROW() []antlr.TerminalNode
	ARROW(i int) antlr.TerminalNode
	VIA() antlr.TerminalNode
	Name() INameContext
	AllSelectorList() []ISelectorListContext
	SelectorList(i int) ISelectorListContext
	AllGate() []IGateContext
	Gate(i int) IGateContext
	ON() antlr.TerminalNode
	ServiceList() IServiceListContext
	Priority() IPriorityContext

	// IsChainContext differentiates from other interfaces.
	IsChainContext()
}

type ChainContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	id     INameContext
	from   ISelectorListContext
	to     ISelectorListContext
	on     IServiceListContext
	_gate  IGateContext
	gates  []IGateContext
	prio   IPriorityContext
}

func NewEmptyChainContext() *ChainContext {
	var p = new(ChainContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_chain
	return p
}

func InitEmptyChainContext(p *ChainContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_chain
}

func (*ChainContext) IsChainContext() {}

func NewChainContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ChainContext {
	var p = new(ChainContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_chain

	return p
}

func (s *ChainContext) GetParser() antlr.Parser { return s.parser }

func (s *ChainContext) GetId() INameContext { return s.id }

func (s *ChainContext) GetFrom() ISelectorListContext { return s.from }

func (s *ChainContext) GetTo() ISelectorListContext { return s.to }

func (s *ChainContext) GetOn() IServiceListContext { return s.on }

func (s *ChainContext) Get_gate() IGateContext { return s._gate }

func (s *ChainContext) GetPrio() IPriorityContext { return s.prio }

func (s *ChainContext) SetId(v INameContext) { s.id = v }

func (s *ChainContext) SetFrom(v ISelectorListContext) { s.from = v }

func (s *ChainContext) SetTo(v ISelectorListContext) { s.to = v }

func (s *ChainContext) SetOn(v IServiceListContext) { s.on = v }

func (s *ChainContext) Set_gate(v IGateContext) { s._gate = v }

func (s *ChainContext) SetPrio(v IPriorityContext) { s.prio = v }

func (s *ChainContext) GetGates() []IGateContext { return s.gates }

func (s *ChainContext) SetGates(v []IGateContext) { s.gates = v }

func (s *ChainContext) CHAIN() antlr.TerminalNode {
	return s.GetToken(PolicyParserCHAIN, 0)
}

func (s *ChainContext) COLON() antlr.TerminalNode {
	return s.GetToken(PolicyParserCOLON, 0)
}

func (s *ChainContext) AllARROW() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserARROW)
}

func (s *ChainContext) ARROW(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserARROW, i)
}

func (s *ChainContext) VIA() antlr.TerminalNode {
	return s.GetToken(PolicyParserVIA, 0)
}

func (s *ChainContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ChainContext) AllSelectorList() []ISelectorListContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(ISelectorListContext); ok {
			len++
		}
	}

	tst := make([]ISelectorListContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(ISelectorListContext); ok {
			tst[i] = t.(ISelectorListContext)
			i++
		}
	}

	return tst
}

func (s *ChainContext) SelectorList(i int) ISelectorListContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorListContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorListContext)
}

func (s *ChainContext) AllGate() []IGateContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IGateContext); ok {
			len++
		}
	}

	tst := make([]IGateContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IGateContext); ok {
			tst[i] = t.(IGateContext)
			i++
		}
	}

	return tst
}

func (s *ChainContext) Gate(i int) IGateContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IGateContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IGateContext)
}

func (s *ChainContext) ON() antlr.TerminalNode {
	return s.GetToken(PolicyParserON, 0)
}

func (s *ChainContext) ServiceList() IServiceListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IServiceListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IServiceListContext)
}

func (s *ChainContext) Priority() IPriorityContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPriorityContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPriorityContext)
}

func (s *ChainContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ChainContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Chain() (localctx IChainContext) {
	localctx = NewChainContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 30, PolicyParserRULE_chain)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(185)
		p.Match(PolicyParserCHAIN)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(186)

		var _x = p.Name()

		localctx.(*ChainContext).id = _x
	}
	{
		p.SetState(187)
		p.Match(PolicyParserCOLON)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(188)

		var _x = p.SelectorList()

		localctx.(*ChainContext).from = _x
	}
	{
		p.SetState(189)
		p.Match(PolicyParserARROW)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(190)

		var _x = p.SelectorList()

		localctx.(*ChainContext).to = _x
	}
	p.SetState(193)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserON {
		{
			p.SetState(191)
			p.Match(PolicyParserON)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(192)

			var _x = p.ServiceList()

			localctx.(*ChainContext).on = _x
		}

	}
	{
		p.SetState(195)
		p.Match(PolicyParserVIA)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(196)

		var _x = p.Gate()

		localctx.(*ChainContext)._gate = _x
	}
	localctx.(*ChainContext).gates = append(localctx.(*ChainContext).gates, localctx.(*ChainContext)._gate)
	p.SetState(201)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserARROW {
		{
			p.SetState(197)
			p.Match(PolicyParserARROW)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(198)

			var _x = p.Gate()

			localctx.(*ChainContext)._gate = _x
		}
		localctx.(*ChainContext).gates = append(localctx.(*ChainContext).gates, localctx.(*ChainContext)._gate)

		p.SetState(203)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	p.SetState(205)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserPRIORITY {
		{
			p.SetState(204)

			var _x = p.Priority()

			localctx.(*ChainContext).prio = _x
		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IGateContext is an interface to support dynamic dispatch.
type IGateContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetTurned returns the turned token.
	GetTurned() antlr.Token

	// SetTurned sets the turned token.
	SetTurned(antlr.Token)

	// GetId returns the id rule contexts.
	GetId() INameContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// Getter signatures
	Name() INameContext
	REVERSED() antlr.TerminalNode

	// IsGateContext differentiates from other interfaces.
	IsGateContext()
}

type GateContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	id     INameContext
	turned antlr.Token
}

func NewEmptyGateContext() *GateContext {
	var p = new(GateContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_gate
	return p
}

func InitEmptyGateContext(p *GateContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_gate
}

func (*GateContext) IsGateContext() {}

func NewGateContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *GateContext {
	var p = new(GateContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_gate

	return p
}

func (s *GateContext) GetParser() antlr.Parser { return s.parser }

func (s *GateContext) GetTurned() antlr.Token { return s.turned }

func (s *GateContext) SetTurned(v antlr.Token) { s.turned = v }

func (s *GateContext) GetId() INameContext { return s.id }

func (s *GateContext) SetId(v INameContext) { s.id = v }

func (s *GateContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *GateContext) REVERSED() antlr.TerminalNode {
	return s.GetToken(PolicyParserREVERSED, 0)
}

func (s *GateContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *GateContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Gate() (localctx IGateContext) {
	localctx = NewGateContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 32, PolicyParserRULE_gate)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(207)

		var _x = p.Name()

		localctx.(*GateContext).id = _x
	}
	p.SetState(209)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserREVERSED {
		{
			p.SetState(208)

			var _m = p.Match(PolicyParserREVERSED)

			localctx.(*GateContext).turned = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IPriorityContext is an interface to support dynamic dispatch.
type IPriorityContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetSign returns the sign token.
	GetSign() antlr.Token

	// GetValue returns the value token.
	GetValue() antlr.Token

	// SetSign sets the sign token.
	SetSign(antlr.Token)

	// SetValue sets the value token.
	SetValue(antlr.Token)

	// Getter signatures
	PRIORITY() antlr.TerminalNode
	NUMBER() antlr.TerminalNode
	MINUS() antlr.TerminalNode

	// IsPriorityContext differentiates from other interfaces.
	IsPriorityContext()
}

type PriorityContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	sign   antlr.Token
	value  antlr.Token
}

func NewEmptyPriorityContext() *PriorityContext {
	var p = new(PriorityContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_priority
	return p
}

func InitEmptyPriorityContext(p *PriorityContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_priority
}

func (*PriorityContext) IsPriorityContext() {}

func NewPriorityContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PriorityContext {
	var p = new(PriorityContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_priority

	return p
}

func (s *PriorityContext) GetParser() antlr.Parser { return s.parser }

func (s *PriorityContext) GetSign() antlr.Token { return s.sign }

func (s *PriorityContext) GetValue() antlr.Token { return s.value }

func (s *PriorityContext) SetSign(v antlr.Token) { s.sign = v }

func (s *PriorityContext) SetValue(v antlr.Token) { s.value = v }

func (s *PriorityContext) PRIORITY() antlr.TerminalNode {
	return s.GetToken(PolicyParserPRIORITY, 0)
}

func (s *PriorityContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(PolicyParserNUMBER, 0)
}

func (s *PriorityContext) MINUS() antlr.TerminalNode {
	return s.GetToken(PolicyParserMINUS, 0)
}

func (s *PriorityContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PriorityContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Priority() (localctx IPriorityContext) {
	localctx = NewPriorityContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 34, PolicyParserRULE_priority)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(211)
		p.Match(PolicyParserPRIORITY)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(213)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserMINUS {
		{
			p.SetState(212)

			var _m = p.Match(PolicyParserMINUS)

			localctx.(*PriorityContext).sign = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}
	{
		p.SetState(215)

		var _m = p.Match(PolicyParserNUMBER)

		localctx.(*PriorityContext).value = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IMulticastContext is an interface to support dynamic dispatch.
type IMulticastContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetId returns the id rule contexts.
	GetId() INameContext

	// Get_multicastClause returns the _multicastClause rule contexts.
	Get_multicastClause() IMulticastClauseContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// Set_multicastClause sets the _multicastClause rule contexts.
	Set_multicastClause(IMulticastClauseContext)

	// GetClauses returns the clauses rule context list.
	GetClauses() []IMulticastClauseContext

	// SetClauses sets the clauses rule context list.
	SetClauses([]IMulticastClauseContext)

	// Getter signatures
	MULTICAST() antlr.TerminalNode
	LBRACE() antlr.TerminalNode
	RBRACE() antlr.TerminalNode
	Name() INameContext
	AllMulticastClause() []IMulticastClauseContext
	MulticastClause(i int) IMulticastClauseContext

	// IsMulticastContext differentiates from other interfaces.
	IsMulticastContext()
}

type MulticastContext struct {
	antlr.BaseParserRuleContext
	parser           antlr.Parser
	id               INameContext
	_multicastClause IMulticastClauseContext
	clauses          []IMulticastClauseContext
}

func NewEmptyMulticastContext() *MulticastContext {
	var p = new(MulticastContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_multicast
	return p
}

func InitEmptyMulticastContext(p *MulticastContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_multicast
}

func (*MulticastContext) IsMulticastContext() {}

func NewMulticastContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *MulticastContext {
	var p = new(MulticastContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_multicast

	return p
}

func (s *MulticastContext) GetParser() antlr.Parser { return s.parser }

func (s *MulticastContext) GetId() INameContext { return s.id }

func (s *MulticastContext) Get_multicastClause() IMulticastClauseContext { return s._multicastClause }

func (s *MulticastContext) SetId(v INameContext) { s.id = v }

func (s *MulticastContext) Set_multicastClause(v IMulticastClauseContext) { s._multicastClause = v }

func (s *MulticastContext) GetClauses() []IMulticastClauseContext { return s.clauses }

func (s *MulticastContext) SetClauses(v []IMulticastClauseContext) { s.clauses = v }

func (s *MulticastContext) MULTICAST() antlr.TerminalNode {
	return s.GetToken(PolicyParserMULTICAST, 0)
}

func (s *MulticastContext) LBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserLBRACE, 0)
}

func (s *MulticastContext) RBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserRBRACE, 0)
}

func (s *MulticastContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *MulticastContext) AllMulticastClause() []IMulticastClauseContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IMulticastClauseContext); ok {
			len++
		}
	}

	tst := make([]IMulticastClauseContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IMulticastClauseContext); ok {
			tst[i] = t.(IMulticastClauseContext)
			i++
		}
	}

	return tst
}

func (s *MulticastContext) MulticastClause(i int) IMulticastClauseContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IMulticastClauseContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IMulticastClauseContext)
}

func (s *MulticastContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MulticastContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Multicast() (localctx IMulticastContext) {
	localctx = NewMulticastContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 36, PolicyParserRULE_multicast)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(217)
		p.Match(PolicyParserMULTICAST)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(218)

		var _x = p.Name()

		localctx.(*MulticastContext).id = _x
	}
	{
		p.SetState(219)
		p.Match(PolicyParserLBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(223)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&98368) != 0 {
		{
			p.SetState(220)

			var _x = p.MulticastClause()

			localctx.(*MulticastContext)._multicastClause = _x
		}
		localctx.(*MulticastContext).clauses = append(localctx.(*MulticastContext).clauses, localctx.(*MulticastContext)._multicastClause)

		p.SetState(225)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(226)
		p.Match(PolicyParserRBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IMulticastClauseContext is an interface to support dynamic dispatch.
type IMulticastClauseContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetWord returns the word token.
	GetWord() antlr.Token

	// SetWord sets the word token.
	SetWord(antlr.Token)

	// GetAddresses returns the addresses rule contexts.
	GetAddresses() IAddressListContext

	// GetSelectors returns the selectors rule contexts.
	GetSelectors() ISelectorListContext

	// SetAddresses sets the addresses rule contexts.
	SetAddresses(IAddressListContext)

	// SetSelectors sets the selectors rule contexts.
	SetSelectors(ISelectorListContext)

	// Getter signatures
	GROUP() antlr.TerminalNode
	AddressList() IAddressListContext
	SENDERS() antlr.TerminalNode
	SelectorList() ISelectorListContext
	RECEIVERS() antlr.TerminalNode

	// IsMulticastClauseContext differentiates from other interfaces.
	IsMulticastClauseContext()
}

type MulticastClauseContext struct {
	antlr.BaseParserRuleContext
	parser    antlr.Parser
	word      antlr.Token
	addresses IAddressListContext
	selectors ISelectorListContext
}

func NewEmptyMulticastClauseContext() *MulticastClauseContext {
	var p = new(MulticastClauseContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_multicastClause
	return p
}

func InitEmptyMulticastClauseContext(p *MulticastClauseContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_multicastClause
}

func (*MulticastClauseContext) IsMulticastClauseContext() {}

func NewMulticastClauseContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *MulticastClauseContext {
	var p = new(MulticastClauseContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_multicastClause

	return p
}

func (s *MulticastClauseContext) GetParser() antlr.Parser { return s.parser }

func (s *MulticastClauseContext) GetWord() antlr.Token { return s.word }

func (s *MulticastClauseContext) SetWord(v antlr.Token) { s.word = v }

func (s *MulticastClauseContext) GetAddresses() IAddressListContext { return s.addresses }

func (s *MulticastClauseContext) GetSelectors() ISelectorListContext { return s.selectors }

func (s *MulticastClauseContext) SetAddresses(v IAddressListContext) { s.addresses = v }

func (s *MulticastClauseContext) SetSelectors(v ISelectorListContext) { s.selectors = v }

func (s *MulticastClauseContext) GROUP() antlr.TerminalNode {
	return s.GetToken(PolicyParserGROUP, 0)
}

func (s *MulticastClauseContext) AddressList() IAddressListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressListContext)
}

func (s *MulticastClauseContext) SENDERS() antlr.TerminalNode {
	return s.GetToken(PolicyParserSENDERS, 0)
}

func (s *MulticastClauseContext) SelectorList() ISelectorListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorListContext)
}

func (s *MulticastClauseContext) RECEIVERS() antlr.TerminalNode {
	return s.GetToken(PolicyParserRECEIVERS, 0)
}

func (s *MulticastClauseContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *MulticastClauseContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) MulticastClause() (localctx IMulticastClauseContext) {
	localctx = NewMulticastClauseContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 38, PolicyParserRULE_multicastClause)
	var _la int

	p.SetState(236)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserGROUP:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(228)

			var _m = p.Match(PolicyParserGROUP)

			localctx.(*MulticastClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(229)

			var _x = p.AddressList()

			localctx.(*MulticastClauseContext).addresses = _x
		}

	case PolicyParserSENDERS:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(230)

			var _m = p.Match(PolicyParserSENDERS)

			localctx.(*MulticastClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(231)

			var _x = p.SelectorList()

			localctx.(*MulticastClauseContext).selectors = _x
		}

	case PolicyParserRECEIVERS:
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(232)

			var _m = p.Match(PolicyParserRECEIVERS)

			localctx.(*MulticastClauseContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(234)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&4081662031822852) != 0 {
			{
				p.SetState(233)

				var _x = p.SelectorList()

				localctx.(*MulticastClauseContext).selectors = _x
			}

		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IAddressListContext is an interface to support dynamic dispatch.
type IAddressListContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Get_address returns the _address rule contexts.
	Get_address() IAddressContext

	// Set_address sets the _address rule contexts.
	Set_address(IAddressContext)

	// GetAddresses returns the addresses rule context list.
	GetAddresses() []IAddressContext

	// SetAddresses sets the addresses rule context list.
	SetAddresses([]IAddressContext)

	// Getter signatures
	AllAddress() []IAddressContext
	Address(i int) IAddressContext
	AllCOMMA() []antlr.TerminalNode
	COMMA(i int) antlr.TerminalNode

	// IsAddressListContext differentiates from other interfaces.
	IsAddressListContext()
}

type AddressListContext struct {
	antlr.BaseParserRuleContext
	parser    antlr.Parser
	_address  IAddressContext
	addresses []IAddressContext
}

func NewEmptyAddressListContext() *AddressListContext {
	var p = new(AddressListContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_addressList
	return p
}

func InitEmptyAddressListContext(p *AddressListContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_addressList
}

func (*AddressListContext) IsAddressListContext() {}

func NewAddressListContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *AddressListContext {
	var p = new(AddressListContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_addressList

	return p
}

func (s *AddressListContext) GetParser() antlr.Parser { return s.parser }

func (s *AddressListContext) Get_address() IAddressContext { return s._address }

func (s *AddressListContext) Set_address(v IAddressContext) { s._address = v }

func (s *AddressListContext) GetAddresses() []IAddressContext { return s.addresses }

func (s *AddressListContext) SetAddresses(v []IAddressContext) { s.addresses = v }

func (s *AddressListContext) AllAddress() []IAddressContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IAddressContext); ok {
			len++
		}
	}

	tst := make([]IAddressContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IAddressContext); ok {
			tst[i] = t.(IAddressContext)
			i++
		}
	}

	return tst
}

func (s *AddressListContext) Address(i int) IAddressContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *AddressListContext) AllCOMMA() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserCOMMA)
}

func (s *AddressListContext) COMMA(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserCOMMA, i)
}

func (s *AddressListContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AddressListContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) AddressList() (localctx IAddressListContext) {
	localctx = NewAddressListContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 40, PolicyParserRULE_addressList)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(238)

		var _x = p.Address()

		localctx.(*AddressListContext)._address = _x
	}
	localctx.(*AddressListContext).addresses = append(localctx.(*AddressListContext).addresses, localctx.(*AddressListContext)._address)
	p.SetState(243)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserCOMMA {
		{
			p.SetState(239)
			p.Match(PolicyParserCOMMA)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(240)

			var _x = p.Address()

			localctx.(*AddressListContext)._address = _x
		}
		localctx.(*AddressListContext).addresses = append(localctx.(*AddressListContext).addresses, localctx.(*AddressListContext)._address)

		p.SetState(245)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// ITestContext is an interface to support dynamic dispatch.
type ITestContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetTitle returns the title token.
	GetTitle() antlr.Token

	// SetTitle sets the title token.
	SetTitle(antlr.Token)

	// Get_expect returns the _expect rule contexts.
	Get_expect() IExpectContext

	// Set_expect sets the _expect rule contexts.
	Set_expect(IExpectContext)

	// GetExpects returns the expects rule context list.
	GetExpects() []IExpectContext

	// SetExpects sets the expects rule context list.
	SetExpects([]IExpectContext)

	// Getter signatures
	TEST() antlr.TerminalNode
	LBRACE() antlr.TerminalNode
	RBRACE() antlr.TerminalNode
	STRING() antlr.TerminalNode
	AllExpect() []IExpectContext
	Expect(i int) IExpectContext

	// IsTestContext differentiates from other interfaces.
	IsTestContext()
}

type TestContext struct {
	antlr.BaseParserRuleContext
	parser  antlr.Parser
	title   antlr.Token
	_expect IExpectContext
	expects []IExpectContext
}

func NewEmptyTestContext() *TestContext {
	var p = new(TestContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_test
	return p
}

func InitEmptyTestContext(p *TestContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_test
}

func (*TestContext) IsTestContext() {}

func NewTestContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *TestContext {
	var p = new(TestContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_test

	return p
}

func (s *TestContext) GetParser() antlr.Parser { return s.parser }

func (s *TestContext) GetTitle() antlr.Token { return s.title }

func (s *TestContext) SetTitle(v antlr.Token) { s.title = v }

func (s *TestContext) Get_expect() IExpectContext { return s._expect }

func (s *TestContext) Set_expect(v IExpectContext) { s._expect = v }

func (s *TestContext) GetExpects() []IExpectContext { return s.expects }

func (s *TestContext) SetExpects(v []IExpectContext) { s.expects = v }

func (s *TestContext) TEST() antlr.TerminalNode {
	return s.GetToken(PolicyParserTEST, 0)
}

func (s *TestContext) LBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserLBRACE, 0)
}

func (s *TestContext) RBRACE() antlr.TerminalNode {
	return s.GetToken(PolicyParserRBRACE, 0)
}

func (s *TestContext) STRING() antlr.TerminalNode {
	return s.GetToken(PolicyParserSTRING, 0)
}

func (s *TestContext) AllExpect() []IExpectContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IExpectContext); ok {
			len++
		}
	}

	tst := make([]IExpectContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IExpectContext); ok {
			tst[i] = t.(IExpectContext)
			i++
		}
	}

	return tst
}

func (s *TestContext) Expect(i int) IExpectContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IExpectContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IExpectContext)
}

func (s *TestContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TestContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Test() (localctx ITestContext) {
	localctx = NewTestContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 42, PolicyParserRULE_test)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(246)
		p.Match(PolicyParserTEST)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(247)

		var _m = p.Match(PolicyParserSTRING)

		localctx.(*TestContext).title = _m
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(248)
		p.Match(PolicyParserLBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	p.SetState(252)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for (int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&703962311294976) != 0 {
		{
			p.SetState(249)

			var _x = p.Expect()

			localctx.(*TestContext)._expect = _x
		}
		localctx.(*TestContext).expects = append(localctx.(*TestContext).expects, localctx.(*TestContext)._expect)

		p.SetState(254)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}
	{
		p.SetState(255)
		p.Match(PolicyParserRBRACE)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IExpectContext is an interface to support dynamic dispatch.
type IExpectContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetPort returns the port token.
	GetPort() antlr.Token

	// SetPort sets the port token.
	SetPort(antlr.Token)

	// GetFrom returns the from rule contexts.
	GetFrom() INameContext

	// GetTo returns the to rule contexts.
	GetTo() ITargetContext

	// GetOn returns the on rule contexts.
	GetOn() IServiceListContext

	// GetResult returns the result rule contexts.
	GetResult() IOutcomeContext

	// SetFrom sets the from rule contexts.
	SetFrom(INameContext)

	// SetTo sets the to rule contexts.
	SetTo(ITargetContext)

	// SetOn sets the on rule contexts.
	SetOn(IServiceListContext)

	// SetResult sets the result rule contexts.
	SetResult(IOutcomeContext)

	// Getter signatures
	ARROW() antlr.TerminalNode
	COLON() antlr.TerminalNode
	Name() INameContext
	Target() ITargetContext
	Outcome() IOutcomeContext
	ON() antlr.TerminalNode
	FROM_PORT() antlr.TerminalNode
	ServiceList() IServiceListContext
	NUMBER() antlr.TerminalNode

	// IsExpectContext differentiates from other interfaces.
	IsExpectContext()
}

type ExpectContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	from   INameContext
	to     ITargetContext
	on     IServiceListContext
	port   antlr.Token
	result IOutcomeContext
}

func NewEmptyExpectContext() *ExpectContext {
	var p = new(ExpectContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_expect
	return p
}

func InitEmptyExpectContext(p *ExpectContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_expect
}

func (*ExpectContext) IsExpectContext() {}

func NewExpectContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *ExpectContext {
	var p = new(ExpectContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_expect

	return p
}

func (s *ExpectContext) GetParser() antlr.Parser { return s.parser }

func (s *ExpectContext) GetPort() antlr.Token { return s.port }

func (s *ExpectContext) SetPort(v antlr.Token) { s.port = v }

func (s *ExpectContext) GetFrom() INameContext { return s.from }

func (s *ExpectContext) GetTo() ITargetContext { return s.to }

func (s *ExpectContext) GetOn() IServiceListContext { return s.on }

func (s *ExpectContext) GetResult() IOutcomeContext { return s.result }

func (s *ExpectContext) SetFrom(v INameContext) { s.from = v }

func (s *ExpectContext) SetTo(v ITargetContext) { s.to = v }

func (s *ExpectContext) SetOn(v IServiceListContext) { s.on = v }

func (s *ExpectContext) SetResult(v IOutcomeContext) { s.result = v }

func (s *ExpectContext) ARROW() antlr.TerminalNode {
	return s.GetToken(PolicyParserARROW, 0)
}

func (s *ExpectContext) COLON() antlr.TerminalNode {
	return s.GetToken(PolicyParserCOLON, 0)
}

func (s *ExpectContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *ExpectContext) Target() ITargetContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ITargetContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(ITargetContext)
}

func (s *ExpectContext) Outcome() IOutcomeContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IOutcomeContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IOutcomeContext)
}

func (s *ExpectContext) ON() antlr.TerminalNode {
	return s.GetToken(PolicyParserON, 0)
}

func (s *ExpectContext) FROM_PORT() antlr.TerminalNode {
	return s.GetToken(PolicyParserFROM_PORT, 0)
}

func (s *ExpectContext) ServiceList() IServiceListContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IServiceListContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IServiceListContext)
}

func (s *ExpectContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(PolicyParserNUMBER, 0)
}

func (s *ExpectContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *ExpectContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Expect() (localctx IExpectContext) {
	localctx = NewExpectContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 44, PolicyParserRULE_expect)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(257)

		var _x = p.Name()

		localctx.(*ExpectContext).from = _x
	}
	{
		p.SetState(258)
		p.Match(PolicyParserARROW)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(259)

		var _x = p.Target()

		localctx.(*ExpectContext).to = _x
	}
	p.SetState(262)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserON {
		{
			p.SetState(260)
			p.Match(PolicyParserON)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(261)

			var _x = p.ServiceList()

			localctx.(*ExpectContext).on = _x
		}

	}
	p.SetState(266)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	if _la == PolicyParserFROM_PORT {
		{
			p.SetState(264)
			p.Match(PolicyParserFROM_PORT)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(265)

			var _m = p.Match(PolicyParserNUMBER)

			localctx.(*ExpectContext).port = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	}
	{
		p.SetState(268)
		p.Match(PolicyParserCOLON)
		if p.HasError() {
			// Recognition error - abort rule
			goto errorExit
		}
	}
	{
		p.SetState(269)

		var _x = p.Outcome()

		localctx.(*ExpectContext).result = _x
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// ITargetContext is an interface to support dynamic dispatch.
type ITargetContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetId returns the id rule contexts.
	GetId() INameContext

	// GetAddr returns the addr rule contexts.
	GetAddr() IAddressContext

	// SetId sets the id rule contexts.
	SetId(INameContext)

	// SetAddr sets the addr rule contexts.
	SetAddr(IAddressContext)

	// Getter signatures
	Name() INameContext
	Address() IAddressContext

	// IsTargetContext differentiates from other interfaces.
	IsTargetContext()
}

type TargetContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	id     INameContext
	addr   IAddressContext
}

func NewEmptyTargetContext() *TargetContext {
	var p = new(TargetContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_target
	return p
}

func InitEmptyTargetContext(p *TargetContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_target
}

func (*TargetContext) IsTargetContext() {}

func NewTargetContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *TargetContext {
	var p = new(TargetContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_target

	return p
}

func (s *TargetContext) GetParser() antlr.Parser { return s.parser }

func (s *TargetContext) GetId() INameContext { return s.id }

func (s *TargetContext) GetAddr() IAddressContext { return s.addr }

func (s *TargetContext) SetId(v INameContext) { s.id = v }

func (s *TargetContext) SetAddr(v IAddressContext) { s.addr = v }

func (s *TargetContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *TargetContext) Address() IAddressContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *TargetContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *TargetContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Target() (localctx ITargetContext) {
	localctx = NewTargetContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 46, PolicyParserRULE_target)
	p.SetState(273)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserCLOSED, PolicyParserDELIVERED, PolicyParserDROPPED, PolicyParserFROM_PORT, PolicyParserISOLATED, PolicyParserONE_WAY, PolicyParserON_FAILURE, PolicyParserOPEN, PolicyParserPRIORITY, PolicyParserREVERSED, PolicyParserREWRITES, PolicyParserSHARED, PolicyParserSTATEFUL, PolicyParserTAP, PolicyParserTEST, PolicyParserNAME, PolicyParserSTRING:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(271)

			var _x = p.Name()

			localctx.(*TargetContext).id = _x
		}

	case PolicyParserIPV4, PolicyParserIPV6:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(272)

			var _x = p.Address()

			localctx.(*TargetContext).addr = _x
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IOutcomeContext is an interface to support dynamic dispatch.
type IOutcomeContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetWord returns the word token.
	GetWord() antlr.Token

	// SetWord sets the word token.
	SetWord(antlr.Token)

	// GetTo returns the to rule contexts.
	GetTo() INameListContext

	// Get_name returns the _name rule contexts.
	Get_name() INameContext

	// GetCopied returns the copied rule contexts.
	GetCopied() INameListContext

	// SetTo sets the to rule contexts.
	SetTo(INameListContext)

	// Set_name sets the _name rule contexts.
	Set_name(INameContext)

	// SetCopied sets the copied rule contexts.
	SetCopied(INameListContext)

	// GetVia returns the via rule context list.
	GetVia() []INameContext

	// SetVia sets the via rule context list.
	SetVia([]INameContext)

	// Getter signatures
	DROPPED() antlr.TerminalNode
	DELIVERED() antlr.TerminalNode
	AllTO() []antlr.TerminalNode
	TO(i int) antlr.TerminalNode
	VIA() antlr.TerminalNode
	COPIED() antlr.TerminalNode
	AllNameList() []INameListContext
	NameList(i int) INameListContext
	AllName() []INameContext
	Name(i int) INameContext
	AllARROW() []antlr.TerminalNode
	ARROW(i int) antlr.TerminalNode

	// IsOutcomeContext differentiates from other interfaces.
	IsOutcomeContext()
}

type OutcomeContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	word   antlr.Token
	to     INameListContext
	_name  INameContext
	via    []INameContext
	copied INameListContext
}

func NewEmptyOutcomeContext() *OutcomeContext {
	var p = new(OutcomeContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_outcome
	return p
}

func InitEmptyOutcomeContext(p *OutcomeContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_outcome
}

func (*OutcomeContext) IsOutcomeContext() {}

func NewOutcomeContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *OutcomeContext {
	var p = new(OutcomeContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_outcome

	return p
}

func (s *OutcomeContext) GetParser() antlr.Parser { return s.parser }

func (s *OutcomeContext) GetWord() antlr.Token { return s.word }

func (s *OutcomeContext) SetWord(v antlr.Token) { s.word = v }

func (s *OutcomeContext) GetTo() INameListContext { return s.to }

func (s *OutcomeContext) Get_name() INameContext { return s._name }

func (s *OutcomeContext) GetCopied() INameListContext { return s.copied }

func (s *OutcomeContext) SetTo(v INameListContext) { s.to = v }

func (s *OutcomeContext) Set_name(v INameContext) { s._name = v }

func (s *OutcomeContext) SetCopied(v INameListContext) { s.copied = v }

func (s *OutcomeContext) GetVia() []INameContext { return s.via }

func (s *OutcomeContext) SetVia(v []INameContext) { s.via = v }

func (s *OutcomeContext) DROPPED() antlr.TerminalNode {
	return s.GetToken(PolicyParserDROPPED, 0)
}

func (s *OutcomeContext) DELIVERED() antlr.TerminalNode {
	return s.GetToken(PolicyParserDELIVERED, 0)
}

func (s *OutcomeContext) AllTO() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserTO)
}

func (s *OutcomeContext) TO(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserTO, i)
}

func (s *OutcomeContext) VIA() antlr.TerminalNode {
	return s.GetToken(PolicyParserVIA, 0)
}

func (s *OutcomeContext) COPIED() antlr.TerminalNode {
	return s.GetToken(PolicyParserCOPIED, 0)
}

func (s *OutcomeContext) AllNameList() []INameListContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameListContext); ok {
			len++
		}
	}

	tst := make([]INameListContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameListContext); ok {
			tst[i] = t.(INameListContext)
			i++
		}
	}

	return tst
}

func (s *OutcomeContext) NameList(i int) INameListContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameListContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameListContext)
}

func (s *OutcomeContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *OutcomeContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *OutcomeContext) AllARROW() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserARROW)
}

func (s *OutcomeContext) ARROW(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserARROW, i)
}

func (s *OutcomeContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *OutcomeContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Outcome() (localctx IOutcomeContext) {
	localctx = NewOutcomeContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 48, PolicyParserRULE_outcome)
	var _la int

	p.SetState(297)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserDROPPED:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(275)

			var _m = p.Match(PolicyParserDROPPED)

			localctx.(*OutcomeContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case PolicyParserDELIVERED:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(276)

			var _m = p.Match(PolicyParserDELIVERED)

			localctx.(*OutcomeContext).word = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		p.SetState(279)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == PolicyParserTO {
			{
				p.SetState(277)
				p.Match(PolicyParserTO)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(278)

				var _x = p.NameList()

				localctx.(*OutcomeContext).to = _x
			}

		}
		p.SetState(290)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == PolicyParserVIA {
			{
				p.SetState(281)
				p.Match(PolicyParserVIA)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(282)

				var _x = p.Name()

				localctx.(*OutcomeContext)._name = _x
			}
			localctx.(*OutcomeContext).via = append(localctx.(*OutcomeContext).via, localctx.(*OutcomeContext)._name)
			p.SetState(287)
			p.GetErrorHandler().Sync(p)
			if p.HasError() {
				goto errorExit
			}
			_la = p.GetTokenStream().LA(1)

			for _la == PolicyParserARROW {
				{
					p.SetState(283)
					p.Match(PolicyParserARROW)
					if p.HasError() {
						// Recognition error - abort rule
						goto errorExit
					}
				}
				{
					p.SetState(284)

					var _x = p.Name()

					localctx.(*OutcomeContext)._name = _x
				}
				localctx.(*OutcomeContext).via = append(localctx.(*OutcomeContext).via, localctx.(*OutcomeContext)._name)

				p.SetState(289)
				p.GetErrorHandler().Sync(p)
				if p.HasError() {
					goto errorExit
				}
				_la = p.GetTokenStream().LA(1)
			}

		}
		p.SetState(295)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == PolicyParserCOPIED {
			{
				p.SetState(292)
				p.Match(PolicyParserCOPIED)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(293)
				p.Match(PolicyParserTO)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(294)

				var _x = p.NameList()

				localctx.(*OutcomeContext).copied = _x
			}

		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// ISelectorListContext is an interface to support dynamic dispatch.
type ISelectorListContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Get_selector returns the _selector rule contexts.
	Get_selector() ISelectorContext

	// Set_selector sets the _selector rule contexts.
	Set_selector(ISelectorContext)

	// GetSelectors returns the selectors rule context list.
	GetSelectors() []ISelectorContext

	// SetSelectors sets the selectors rule context list.
	SetSelectors([]ISelectorContext)

	// Getter signatures
	AllSelector() []ISelectorContext
	Selector(i int) ISelectorContext
	AllCOMMA() []antlr.TerminalNode
	COMMA(i int) antlr.TerminalNode

	// IsSelectorListContext differentiates from other interfaces.
	IsSelectorListContext()
}

type SelectorListContext struct {
	antlr.BaseParserRuleContext
	parser    antlr.Parser
	_selector ISelectorContext
	selectors []ISelectorContext
}

func NewEmptySelectorListContext() *SelectorListContext {
	var p = new(SelectorListContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_selectorList
	return p
}

func InitEmptySelectorListContext(p *SelectorListContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_selectorList
}

func (*SelectorListContext) IsSelectorListContext() {}

func NewSelectorListContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *SelectorListContext {
	var p = new(SelectorListContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_selectorList

	return p
}

func (s *SelectorListContext) GetParser() antlr.Parser { return s.parser }

func (s *SelectorListContext) Get_selector() ISelectorContext { return s._selector }

func (s *SelectorListContext) Set_selector(v ISelectorContext) { s._selector = v }

func (s *SelectorListContext) GetSelectors() []ISelectorContext { return s.selectors }

func (s *SelectorListContext) SetSelectors(v []ISelectorContext) { s.selectors = v }

func (s *SelectorListContext) AllSelector() []ISelectorContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(ISelectorContext); ok {
			len++
		}
	}

	tst := make([]ISelectorContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(ISelectorContext); ok {
			tst[i] = t.(ISelectorContext)
			i++
		}
	}

	return tst
}

func (s *SelectorListContext) Selector(i int) ISelectorContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(ISelectorContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(ISelectorContext)
}

func (s *SelectorListContext) AllCOMMA() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserCOMMA)
}

func (s *SelectorListContext) COMMA(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserCOMMA, i)
}

func (s *SelectorListContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *SelectorListContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) SelectorList() (localctx ISelectorListContext) {
	localctx = NewSelectorListContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 50, PolicyParserRULE_selectorList)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(299)

		var _x = p.Selector()

		localctx.(*SelectorListContext)._selector = _x
	}
	localctx.(*SelectorListContext).selectors = append(localctx.(*SelectorListContext).selectors, localctx.(*SelectorListContext)._selector)
	p.SetState(304)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserCOMMA {
		{
			p.SetState(300)
			p.Match(PolicyParserCOMMA)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(301)

			var _x = p.Selector()

			localctx.(*SelectorListContext)._selector = _x
		}
		localctx.(*SelectorListContext).selectors = append(localctx.(*SelectorListContext).selectors, localctx.(*SelectorListContext)._selector)

		p.SetState(306)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// ISelectorContext is an interface to support dynamic dispatch.
type ISelectorContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetAny returns the any token.
	GetAny() antlr.Token

	// GetLength returns the length token.
	GetLength() antlr.Token

	// SetAny sets the any token.
	SetAny(antlr.Token)

	// SetLength sets the length token.
	SetLength(antlr.Token)

	// GetAddr returns the addr rule contexts.
	GetAddr() IAddressContext

	// GetId returns the id rule contexts.
	GetId() IPathContext

	// SetAddr sets the addr rule contexts.
	SetAddr(IAddressContext)

	// SetId sets the id rule contexts.
	SetId(IPathContext)

	// Getter signatures
	ANY() antlr.TerminalNode
	Address() IAddressContext
	SLASH() antlr.TerminalNode
	NUMBER() antlr.TerminalNode
	Path() IPathContext

	// IsSelectorContext differentiates from other interfaces.
	IsSelectorContext()
}

type SelectorContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	any    antlr.Token
	addr   IAddressContext
	length antlr.Token
	id     IPathContext
}

func NewEmptySelectorContext() *SelectorContext {
	var p = new(SelectorContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_selector
	return p
}

func InitEmptySelectorContext(p *SelectorContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_selector
}

func (*SelectorContext) IsSelectorContext() {}

func NewSelectorContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *SelectorContext {
	var p = new(SelectorContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_selector

	return p
}

func (s *SelectorContext) GetParser() antlr.Parser { return s.parser }

func (s *SelectorContext) GetAny() antlr.Token { return s.any }

func (s *SelectorContext) GetLength() antlr.Token { return s.length }

func (s *SelectorContext) SetAny(v antlr.Token) { s.any = v }

func (s *SelectorContext) SetLength(v antlr.Token) { s.length = v }

func (s *SelectorContext) GetAddr() IAddressContext { return s.addr }

func (s *SelectorContext) GetId() IPathContext { return s.id }

func (s *SelectorContext) SetAddr(v IAddressContext) { s.addr = v }

func (s *SelectorContext) SetId(v IPathContext) { s.id = v }

func (s *SelectorContext) ANY() antlr.TerminalNode {
	return s.GetToken(PolicyParserANY, 0)
}

func (s *SelectorContext) Address() IAddressContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IAddressContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IAddressContext)
}

func (s *SelectorContext) SLASH() antlr.TerminalNode {
	return s.GetToken(PolicyParserSLASH, 0)
}

func (s *SelectorContext) NUMBER() antlr.TerminalNode {
	return s.GetToken(PolicyParserNUMBER, 0)
}

func (s *SelectorContext) Path() IPathContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPathContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPathContext)
}

func (s *SelectorContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *SelectorContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Selector() (localctx ISelectorContext) {
	localctx = NewSelectorContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 52, PolicyParserRULE_selector)
	var _la int

	p.SetState(314)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserANY:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(307)

			var _m = p.Match(PolicyParserANY)

			localctx.(*SelectorContext).any = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	case PolicyParserIPV4, PolicyParserIPV6:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(308)

			var _x = p.Address()

			localctx.(*SelectorContext).addr = _x
		}
		p.SetState(311)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)

		if _la == PolicyParserSLASH {
			{
				p.SetState(309)
				p.Match(PolicyParserSLASH)
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}
			{
				p.SetState(310)

				var _m = p.Match(PolicyParserNUMBER)

				localctx.(*SelectorContext).length = _m
				if p.HasError() {
					// Recognition error - abort rule
					goto errorExit
				}
			}

		}

	case PolicyParserCLOSED, PolicyParserDELIVERED, PolicyParserDROPPED, PolicyParserFROM_PORT, PolicyParserISOLATED, PolicyParserONE_WAY, PolicyParserON_FAILURE, PolicyParserOPEN, PolicyParserPRIORITY, PolicyParserREVERSED, PolicyParserREWRITES, PolicyParserSHARED, PolicyParserSTATEFUL, PolicyParserTAP, PolicyParserTEST, PolicyParserNAME, PolicyParserSTRING:
		p.EnterOuterAlt(localctx, 3)
		{
			p.SetState(313)

			var _x = p.Path()

			localctx.(*SelectorContext).id = _x
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IPathContext is an interface to support dynamic dispatch.
type IPathContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetFirst returns the first rule contexts.
	GetFirst() INameContext

	// Get_pathRest returns the _pathRest rule contexts.
	Get_pathRest() IPathRestContext

	// SetFirst sets the first rule contexts.
	SetFirst(INameContext)

	// Set_pathRest sets the _pathRest rule contexts.
	Set_pathRest(IPathRestContext)

	// GetRest returns the rest rule context list.
	GetRest() []IPathRestContext

	// SetRest sets the rest rule context list.
	SetRest([]IPathRestContext)

	// Getter signatures
	Name() INameContext
	AllPathRest() []IPathRestContext
	PathRest(i int) IPathRestContext

	// IsPathContext differentiates from other interfaces.
	IsPathContext()
}

type PathContext struct {
	antlr.BaseParserRuleContext
	parser    antlr.Parser
	first     INameContext
	_pathRest IPathRestContext
	rest      []IPathRestContext
}

func NewEmptyPathContext() *PathContext {
	var p = new(PathContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_path
	return p
}

func InitEmptyPathContext(p *PathContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_path
}

func (*PathContext) IsPathContext() {}

func NewPathContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PathContext {
	var p = new(PathContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_path

	return p
}

func (s *PathContext) GetParser() antlr.Parser { return s.parser }

func (s *PathContext) GetFirst() INameContext { return s.first }

func (s *PathContext) Get_pathRest() IPathRestContext { return s._pathRest }

func (s *PathContext) SetFirst(v INameContext) { s.first = v }

func (s *PathContext) Set_pathRest(v IPathRestContext) { s._pathRest = v }

func (s *PathContext) GetRest() []IPathRestContext { return s.rest }

func (s *PathContext) SetRest(v []IPathRestContext) { s.rest = v }

func (s *PathContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PathContext) AllPathRest() []IPathRestContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(IPathRestContext); ok {
			len++
		}
	}

	tst := make([]IPathRestContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(IPathRestContext); ok {
			tst[i] = t.(IPathRestContext)
			i++
		}
	}

	return tst
}

func (s *PathContext) PathRest(i int) IPathRestContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(IPathRestContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(IPathRestContext)
}

func (s *PathContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PathContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Path() (localctx IPathContext) {
	localctx = NewPathContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 54, PolicyParserRULE_path)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(316)

		var _x = p.Name()

		localctx.(*PathContext).first = _x
	}
	p.SetState(320)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserDOT || _la == PolicyParserSTRING {
		{
			p.SetState(317)

			var _x = p.PathRest()

			localctx.(*PathContext)._pathRest = _x
		}
		localctx.(*PathContext).rest = append(localctx.(*PathContext).rest, localctx.(*PathContext)._pathRest)

		p.SetState(322)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IPathRestContext is an interface to support dynamic dispatch.
type IPathRestContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetGlued returns the glued token.
	GetGlued() antlr.Token

	// SetGlued sets the glued token.
	SetGlued(antlr.Token)

	// GetPart returns the part rule contexts.
	GetPart() INameContext

	// SetPart sets the part rule contexts.
	SetPart(INameContext)

	// Getter signatures
	DOT() antlr.TerminalNode
	Name() INameContext
	STRING() antlr.TerminalNode

	// IsPathRestContext differentiates from other interfaces.
	IsPathRestContext()
}

type PathRestContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	part   INameContext
	glued  antlr.Token
}

func NewEmptyPathRestContext() *PathRestContext {
	var p = new(PathRestContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_pathRest
	return p
}

func InitEmptyPathRestContext(p *PathRestContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_pathRest
}

func (*PathRestContext) IsPathRestContext() {}

func NewPathRestContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *PathRestContext {
	var p = new(PathRestContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_pathRest

	return p
}

func (s *PathRestContext) GetParser() antlr.Parser { return s.parser }

func (s *PathRestContext) GetGlued() antlr.Token { return s.glued }

func (s *PathRestContext) SetGlued(v antlr.Token) { s.glued = v }

func (s *PathRestContext) GetPart() INameContext { return s.part }

func (s *PathRestContext) SetPart(v INameContext) { s.part = v }

func (s *PathRestContext) DOT() antlr.TerminalNode {
	return s.GetToken(PolicyParserDOT, 0)
}

func (s *PathRestContext) Name() INameContext {
	var t antlr.RuleContext
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			t = ctx.(antlr.RuleContext)
			break
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *PathRestContext) STRING() antlr.TerminalNode {
	return s.GetToken(PolicyParserSTRING, 0)
}

func (s *PathRestContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *PathRestContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) PathRest() (localctx IPathRestContext) {
	localctx = NewPathRestContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 56, PolicyParserRULE_pathRest)
	p.SetState(326)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}

	switch p.GetTokenStream().LA(1) {
	case PolicyParserDOT:
		p.EnterOuterAlt(localctx, 1)
		{
			p.SetState(323)
			p.Match(PolicyParserDOT)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(324)

			var _x = p.Name()

			localctx.(*PathRestContext).part = _x
		}

	case PolicyParserSTRING:
		p.EnterOuterAlt(localctx, 2)
		{
			p.SetState(325)

			var _m = p.Match(PolicyParserSTRING)

			localctx.(*PathRestContext).glued = _m
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}

	default:
		p.SetError(antlr.NewNoViableAltException(p, nil, nil, nil, nil, nil))
		goto errorExit
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// IAddressContext is an interface to support dynamic dispatch.
type IAddressContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// GetValue returns the value token.
	GetValue() antlr.Token

	// SetValue sets the value token.
	SetValue(antlr.Token)

	// Getter signatures
	IPV4() antlr.TerminalNode
	IPV6() antlr.TerminalNode

	// IsAddressContext differentiates from other interfaces.
	IsAddressContext()
}

type AddressContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	value  antlr.Token
}

func NewEmptyAddressContext() *AddressContext {
	var p = new(AddressContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_address
	return p
}

func InitEmptyAddressContext(p *AddressContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_address
}

func (*AddressContext) IsAddressContext() {}

func NewAddressContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *AddressContext {
	var p = new(AddressContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_address

	return p
}

func (s *AddressContext) GetParser() antlr.Parser { return s.parser }

func (s *AddressContext) GetValue() antlr.Token { return s.value }

func (s *AddressContext) SetValue(v antlr.Token) { s.value = v }

func (s *AddressContext) IPV4() antlr.TerminalNode {
	return s.GetToken(PolicyParserIPV4, 0)
}

func (s *AddressContext) IPV6() antlr.TerminalNode {
	return s.GetToken(PolicyParserIPV6, 0)
}

func (s *AddressContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *AddressContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Address() (localctx IAddressContext) {
	localctx = NewAddressContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 58, PolicyParserRULE_address)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(328)

		var _lt = p.GetTokenStream().LT(1)

		localctx.(*AddressContext).value = _lt

		_la = p.GetTokenStream().LA(1)

		if !(_la == PolicyParserIPV4 || _la == PolicyParserIPV6) {
			var _ri = p.GetErrorHandler().RecoverInline(p)

			localctx.(*AddressContext).value = _ri
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// INameListContext is an interface to support dynamic dispatch.
type INameListContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Get_name returns the _name rule contexts.
	Get_name() INameContext

	// Set_name sets the _name rule contexts.
	Set_name(INameContext)

	// GetNames returns the names rule context list.
	GetNames() []INameContext

	// SetNames sets the names rule context list.
	SetNames([]INameContext)

	// Getter signatures
	AllName() []INameContext
	Name(i int) INameContext
	AllCOMMA() []antlr.TerminalNode
	COMMA(i int) antlr.TerminalNode

	// IsNameListContext differentiates from other interfaces.
	IsNameListContext()
}

type NameListContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
	_name  INameContext
	names  []INameContext
}

func NewEmptyNameListContext() *NameListContext {
	var p = new(NameListContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_nameList
	return p
}

func InitEmptyNameListContext(p *NameListContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_nameList
}

func (*NameListContext) IsNameListContext() {}

func NewNameListContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *NameListContext {
	var p = new(NameListContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_nameList

	return p
}

func (s *NameListContext) GetParser() antlr.Parser { return s.parser }

func (s *NameListContext) Get_name() INameContext { return s._name }

func (s *NameListContext) Set_name(v INameContext) { s._name = v }

func (s *NameListContext) GetNames() []INameContext { return s.names }

func (s *NameListContext) SetNames(v []INameContext) { s.names = v }

func (s *NameListContext) AllName() []INameContext {
	children := s.GetChildren()
	len := 0
	for _, ctx := range children {
		if _, ok := ctx.(INameContext); ok {
			len++
		}
	}

	tst := make([]INameContext, len)
	i := 0
	for _, ctx := range children {
		if t, ok := ctx.(INameContext); ok {
			tst[i] = t.(INameContext)
			i++
		}
	}

	return tst
}

func (s *NameListContext) Name(i int) INameContext {
	var t antlr.RuleContext
	j := 0
	for _, ctx := range s.GetChildren() {
		if _, ok := ctx.(INameContext); ok {
			if j == i {
				t = ctx.(antlr.RuleContext)
				break
			}
			j++
		}
	}

	if t == nil {
		return nil
	}

	return t.(INameContext)
}

func (s *NameListContext) AllCOMMA() []antlr.TerminalNode {
	return s.GetTokens(PolicyParserCOMMA)
}

func (s *NameListContext) COMMA(i int) antlr.TerminalNode {
	return s.GetToken(PolicyParserCOMMA, i)
}

func (s *NameListContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NameListContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) NameList() (localctx INameListContext) {
	localctx = NewNameListContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 60, PolicyParserRULE_nameList)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(330)

		var _x = p.Name()

		localctx.(*NameListContext)._name = _x
	}
	localctx.(*NameListContext).names = append(localctx.(*NameListContext).names, localctx.(*NameListContext)._name)
	p.SetState(335)
	p.GetErrorHandler().Sync(p)
	if p.HasError() {
		goto errorExit
	}
	_la = p.GetTokenStream().LA(1)

	for _la == PolicyParserCOMMA {
		{
			p.SetState(331)
			p.Match(PolicyParserCOMMA)
			if p.HasError() {
				// Recognition error - abort rule
				goto errorExit
			}
		}
		{
			p.SetState(332)

			var _x = p.Name()

			localctx.(*NameListContext)._name = _x
		}
		localctx.(*NameListContext).names = append(localctx.(*NameListContext).names, localctx.(*NameListContext)._name)

		p.SetState(337)
		p.GetErrorHandler().Sync(p)
		if p.HasError() {
			goto errorExit
		}
		_la = p.GetTokenStream().LA(1)
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}

// INameContext is an interface to support dynamic dispatch.
type INameContext interface {
	antlr.ParserRuleContext

	// GetParser returns the parser.
	GetParser() antlr.Parser

	// Getter signatures
	NAME() antlr.TerminalNode
	STRING() antlr.TerminalNode
	CLOSED() antlr.TerminalNode
	DELIVERED() antlr.TerminalNode
	DROPPED() antlr.TerminalNode
	FROM_PORT() antlr.TerminalNode
	ISOLATED() antlr.TerminalNode
	ONE_WAY() antlr.TerminalNode
	ON_FAILURE() antlr.TerminalNode
	OPEN() antlr.TerminalNode
	PRIORITY() antlr.TerminalNode
	REVERSED() antlr.TerminalNode
	REWRITES() antlr.TerminalNode
	SHARED() antlr.TerminalNode
	STATEFUL() antlr.TerminalNode
	TAP() antlr.TerminalNode
	TEST() antlr.TerminalNode

	// IsNameContext differentiates from other interfaces.
	IsNameContext()
}

type NameContext struct {
	antlr.BaseParserRuleContext
	parser antlr.Parser
}

func NewEmptyNameContext() *NameContext {
	var p = new(NameContext)
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_name
	return p
}

func InitEmptyNameContext(p *NameContext) {
	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, nil, -1)
	p.RuleIndex = PolicyParserRULE_name
}

func (*NameContext) IsNameContext() {}

func NewNameContext(parser antlr.Parser, parent antlr.ParserRuleContext, invokingState int) *NameContext {
	var p = new(NameContext)

	antlr.InitBaseParserRuleContext(&p.BaseParserRuleContext, parent, invokingState)

	p.parser = parser
	p.RuleIndex = PolicyParserRULE_name

	return p
}

func (s *NameContext) GetParser() antlr.Parser { return s.parser }

func (s *NameContext) NAME() antlr.TerminalNode {
	return s.GetToken(PolicyParserNAME, 0)
}

func (s *NameContext) STRING() antlr.TerminalNode {
	return s.GetToken(PolicyParserSTRING, 0)
}

func (s *NameContext) CLOSED() antlr.TerminalNode {
	return s.GetToken(PolicyParserCLOSED, 0)
}

func (s *NameContext) DELIVERED() antlr.TerminalNode {
	return s.GetToken(PolicyParserDELIVERED, 0)
}

func (s *NameContext) DROPPED() antlr.TerminalNode {
	return s.GetToken(PolicyParserDROPPED, 0)
}

func (s *NameContext) FROM_PORT() antlr.TerminalNode {
	return s.GetToken(PolicyParserFROM_PORT, 0)
}

func (s *NameContext) ISOLATED() antlr.TerminalNode {
	return s.GetToken(PolicyParserISOLATED, 0)
}

func (s *NameContext) ONE_WAY() antlr.TerminalNode {
	return s.GetToken(PolicyParserONE_WAY, 0)
}

func (s *NameContext) ON_FAILURE() antlr.TerminalNode {
	return s.GetToken(PolicyParserON_FAILURE, 0)
}

func (s *NameContext) OPEN() antlr.TerminalNode {
	return s.GetToken(PolicyParserOPEN, 0)
}

func (s *NameContext) PRIORITY() antlr.TerminalNode {
	return s.GetToken(PolicyParserPRIORITY, 0)
}

func (s *NameContext) REVERSED() antlr.TerminalNode {
	return s.GetToken(PolicyParserREVERSED, 0)
}

func (s *NameContext) REWRITES() antlr.TerminalNode {
	return s.GetToken(PolicyParserREWRITES, 0)
}

func (s *NameContext) SHARED() antlr.TerminalNode {
	return s.GetToken(PolicyParserSHARED, 0)
}

func (s *NameContext) STATEFUL() antlr.TerminalNode {
	return s.GetToken(PolicyParserSTATEFUL, 0)
}

func (s *NameContext) TAP() antlr.TerminalNode {
	return s.GetToken(PolicyParserTAP, 0)
}

func (s *NameContext) TEST() antlr.TerminalNode {
	return s.GetToken(PolicyParserTEST, 0)
}

func (s *NameContext) GetRuleContext() antlr.RuleContext {
	return s
}

func (s *NameContext) ToStringTree(ruleNames []string, recog antlr.Recognizer) string {
	return antlr.TreesStringTree(s, ruleNames, recog)
}

func (p *PolicyParser) Name() (localctx INameContext) {
	localctx = NewNameContext(p, p.GetParserRuleContext(), p.GetState())
	p.EnterRule(localctx, 62, PolicyParserRULE_name)
	var _la int

	p.EnterOuterAlt(localctx, 1)
	{
		p.SetState(338)
		_la = p.GetTokenStream().LA(1)

		if !((int64(_la) & ^0x3f) == 0 && ((int64(1)<<_la)&703962311294976) != 0) {
			p.GetErrorHandler().RecoverInline(p)
		} else {
			p.GetErrorHandler().ReportMatch(p)
			p.Consume()
		}
	}

errorExit:
	if p.HasError() {
		v := p.GetError()
		localctx.SetException(v)
		p.GetErrorHandler().ReportError(p, v)
		p.GetErrorHandler().Recover(p, v)
		p.SetError(nil)
	}
	p.ExitRule()
	return localctx
	goto errorExit // Trick to prevent compiler error if the label is not used
}
