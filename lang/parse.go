package lang

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"unicode/utf8"

	"pillion/lang/diag"
	"pillion/lang/parser"
)

var errTooLarge = errors.New("larger than the limit")

// Parse reads the files, and those that they include, into one Policy. The list
// is sorted; with errors in it the Policy holds only the statements that have
// none. It checks what syntax can tell, and resolves no names.
func Parse(files []Input, options Options) (*Policy, diag.List) {
	s := newSession(options)
	for _, input := range files {
		if s.first(input.Name) {
			s.add(input.Name, input.Text, 0)
		}
	}
	return s.run()
}

// ParseFiles is Parse for files that Options.Read returns.
func ParseFiles(paths []string, options Options) (*Policy, diag.List) {
	s := newSession(options)
	for _, path := range paths {
		if s.first(path) {
			s.read(path, 0, diag.Span{})
		}
	}
	return s.run()
}

// session is one run of Parse.
type session struct {
	options Options
	policy  *Policy
	list    diag.List
	errors  int
	stopped bool  // there were more than MaxErrors
	bytes   int64 // of all files so far
	files   int
	seen    map[string]bool // cleaned paths
	queue   []queued        // files that were read and not yet parsed

	formatting bool // includes are not followed, places are kept
}

type queued struct {
	file  *diag.File
	depth int // of includes above it
}

func newSession(options Options) *session {
	return &session{options: options.withDefaults(), policy: &Policy{}, seen: map[string]bool{}}
}

func (s *session) run() (*Policy, diag.List) {
	for len(s.queue) > 0 && !s.stopped {
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.parse(next)
	}
	return s.policy, s.sorted()
}

// report takes a diagnostic unless there were too many.
func (s *session) report(d diag.Diagnostic) (more bool) {
	if d.Severity == diag.Error {
		s.stopped = s.stopped || s.errors == s.options.MaxErrors
		s.errors++
	}
	if !s.stopped {
		s.list.Add(d)
	}
	return !s.stopped
}

// sorted returns what was reported, and says so if there is more.
func (s *session) sorted() diag.List {
	list := s.list.Sorted()
	if s.stopped {
		list.Add(diag.Diagnostic{
			Code: codeTooMany, Message: "stopped after " + count(s.options.MaxErrors, "error") + "; the rest was not read",
		})
	}
	return list
}

// first says whether a path was not seen before, and remembers it.
func (s *session) first(path string) bool {
	path = filepath.Clean(path)
	if s.seen[path] {
		return false
	}
	s.seen[path] = true
	return true
}

// add queues a file if it is text and within the limits.
func (s *session) add(name string, text []byte, depth int) {
	file := &diag.File{Name: name, Text: text, Order: s.files}
	s.files++
	s.bytes += int64(len(text))
	if s.bytes > s.options.MaxBytes {
		s.report(s.tooLarge(name, diag.Span{}))
		return
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		s.report(diag.Diagnostic{
			Code: codeBinary, Message: name + " is not a text file: there is a zero byte at offset " + strconv.Itoa(at),
			Hint: "a policy is a text file in UTF-8",
		})
		return
	}
	if !utf8.Valid(text) {
		at := invalidUTF8(text)
		s.report(diag.Diagnostic{
			Code: codeNotUTF8, Span: diag.Span{File: file, Start: int32(at), End: int32(at + 1)},
			Message: "this is not UTF-8 (byte 0x" + strconv.FormatUint(uint64(text[at]), 16) + ")",
			Hint:    "convert the file: iconv -f LATIN1 -t UTF-8",
		})
		return
	}
	s.queue = append(s.queue, queued{file: file, depth: depth})
}

func invalidUTF8(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

func (s *session) tooLarge(name string, from diag.Span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: codeTooLarge, Span: from,
		Message: name + ": the files are larger than the limit of " + strconv.FormatInt(s.options.MaxBytes, 10) + " bytes in all",
	}
}

// read reads a file and queues it. from is the include that asks for it.
func (s *session) read(path string, depth int, from diag.Span) {
	fail := func(message, hint string) {
		s.report(diag.Diagnostic{Code: codeInclude, Span: from, Message: message, Hint: hint})
	}
	if s.options.Read == nil {
		fail("cannot read "+show(path)+": files cannot be included here", "")
		return
	}
	if s.files >= s.options.MaxFiles {
		fail("more than "+count(s.options.MaxFiles, "file"), "")
		return
	}
	text, err := s.options.Read(path, s.options.MaxBytes-s.bytes)
	switch {
	case errors.Is(err, errTooLarge):
		s.report(s.tooLarge(path, from))
	case errors.Is(err, fs.ErrNotExist):
		hint := ""
		if !from.IsZero() {
			hint = "the path is relative to the folder of the file that includes it"
		}
		fail("there is no file "+path, hint)
	case err != nil:
		fail("cannot read: "+err.Error(), "")
	default:
		s.add(path, text, depth)
	}
}

// include follows one include statement.
func (s *session) include(in queued, path string, span diag.Span) {
	if filepath.IsAbs(path) {
		s.report(diag.Diagnostic{
			Code: codeInclude, Span: span, Message: "an include path is relative to the folder of the file that includes it",
			Hint: "write a relative path, or name the file on the command line",
		})
		return
	}
	path = filepath.Join(filepath.Dir(in.file.Name), path)
	if !s.first(path) {
		return
	}
	if in.depth+1 > s.options.MaxDepth {
		s.report(diag.Diagnostic{
			Code: codeInclude, Span: span,
			Message: "files include files more than " + count(s.options.MaxDepth, "level") + " deep",
			Hint:    "name the files on the command line instead",
		})
		return
	}
	s.read(path, in.depth+1, span)
}

// parse parses one file, statement by statement.
func (s *session) parse(in queued) *builder {
	tokens := &stream{
		scanner: newScanner(in.file, s.options.MaxToken, s.report),
		max:     s.options.MaxStatement, report: s.report,
	}
	strategy := &recovery{tokens: tokens, report: s.report}
	p := parser.NewPolicyParser(tokens)
	p.RemoveErrorListeners()
	p.BuildParseTrees = false // the labels of the grammar are enough
	p.SetErrorHandler(strategy)
	b := &builder{session: s, in: in, source: string(in.file.Text)}
	for !s.stopped && tokens.LA(1) != kindEOF {
		tokens.drop()
		strategy.start()
		b.statement(p, strategy)
	}
	return b
}

// statement parses and builds the next statement.
func (b *builder) statement(p *parser.PolicyParser, r *recovery) {
	switch r.tokens.LA(1) {
	case parser.PolicyParserINCLUDE:
		build(b, r, p.Include(), b.include)
	case parser.PolicyParserTENANT:
		build(b, r, p.Tenant(), b.tenant)
	case parser.PolicyParserSERVICE:
		build(b, r, p.Service(), b.service)
	case parser.PolicyParserALLOW, parser.PolicyParserDENY:
		build(b, r, p.Permission(), b.permission)
	case parser.PolicyParserMIDDLEBOX:
		build(b, r, p.Middlebox(), b.middlebox)
	case parser.PolicyParserCHAIN:
		build(b, r, p.Chain(), b.chain)
	case parser.PolicyParserMULTICAST:
		build(b, r, p.Multicast(), b.multicast)
	case parser.PolicyParserTEST:
		build(b, r, p.Test(), b.test)
	default:
		r.noStatement(p)
	}
}

// build adds what was parsed to the policy, unless it was reported.
func build[C ruled](b *builder, r *recovery, parsed C, add func(C)) {
	if !r.failed {
		b.item(parsed)
		add(parsed)
	}
}
