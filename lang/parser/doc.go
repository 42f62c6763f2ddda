// Package parser is what antlr-ng generates from ../Policy.g4. Nothing but
// package lang imports it.
//
// In: the grammar, through generate.sh. Out: a recursive-descent parser and a
// lexer; package lang uses the lexer in its tests only.
package parser
