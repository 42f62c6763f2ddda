package stf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxText bounds a file, in bytes.
const maxText = 16 << 20

// Parse reads a file. The error joins those of all lines that have one, each with the
// file's name and the line's number; the other statements are still returned.
func Parse(name, text string) ([]Statement, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("%s: %d bytes: at most %d are read", name, len(text), maxText)
	}
	var out []Statement
	var errs []error
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		s := Statement{Line: number}
		if err := s.parse(strings.ToLower(words[0]), words[1:]); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", name, number, words[0], err))
			continue
		}
		out = append(out, s)
	}
	return out, errors.Join(errs...)
}

func (s *Statement) parse(keyword string, words []string) (err error) {
	switch keyword {
	case "packet":
		s.Packet, err = parsePacket(words)
	case "expect":
		s.Expect, err = parseExpect(words)
	case "no_packet":
		s.NoPacket = true
	case "wait":
		s.Wait = true
	case "remove":
		s.Remove = true
		if len(words) != 1 || strings.ToLower(words[0]) != "all" {
			return errors.New(`want "remove all"; single entries cannot be removed`)
		}
	case "add":
		s.Add, err = parseAdd(words, true)
	case "setdefault":
		s.Default, err = parseAdd(words, false)
	case "check_counter":
		s.Check, err = parseCheck(words)
	default:
		s.Command, err = parseCommand(keyword, words)
	}
	return err
}

func parsePort(words []string) (uint32, []string, error) {
	if len(words) == 0 {
		return 0, nil, errors.New("the port is missing")
	}
	n, err := strconv.ParseUint(words[0], 10, 32)
	if err != nil {
		return 0, nil, fmt.Errorf("port %q: want a decimal number", words[0])
	}
	return uint32(n), words[1:], nil
}

func parsePacket(words []string) (*Packet, error) {
	port, words, err := parsePort(words)
	if err != nil {
		return nil, err
	}
	frame, err := hex.DecodeString(strings.Join(words, ""))
	if err != nil {
		return nil, fmt.Errorf("the frame: %w; want an even number of hexadecimal digits", err)
	}
	return &Packet{Port: port, Frame: frame}, nil
}

func parseExpect(words []string) (*Expect, error) {
	port, words, err := parsePort(words)
	if err != nil || len(words) == 0 {
		return &Expect{Port: port}, err
	}
	p, err := parsePattern(words)
	return &Expect{Port: port, Pattern: p}, err
}

// parseCheck reads NAME(INDEX) [UNIT OP NUMBER].
func parseCheck(words []string) (*Check, error) {
	name, rest, ok := strings.Cut(strings.Join(words, " "), "(")
	index, rest, ok2 := strings.Cut(rest, ")")
	if !ok || !ok2 {
		return nil, errors.New("want NAME(INDEX)")
	}
	c := &Check{Counter: strings.TrimSpace(name)}
	index = strings.TrimSpace(index)
	if n, err := strconv.Atoi(index); err == nil && n >= 0 {
		c.Index = n
	} else if c.Label = strings.TrimPrefix(index, "$"); c.Label == "" {
		return nil, errors.New("want a number or a $LABEL in the parentheses")
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return c, nil
	}
	unit, rest := cutWord(rest)
	switch strings.ToLower(unit) {
	case "packets":
	case "bytes":
		c.Unit = Bytes
	default:
		return nil, fmt.Errorf("%q: want packets or bytes", unit)
	}
	c.Compare = strings.TrimRight(rest, "0123456789 ")
	switch c.Compare {
	case "==", "!=", "<", "<=", ">", ">=":
	default:
		return nil, fmt.Errorf("%q: want ==, !=, <, <=, > or >=, and a number", rest)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(rest[len(c.Compare):]), 10, 64)
	c.Number = n
	return c, err
}

func cutWord(text string) (word, rest string) {
	i := strings.IndexFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if i < 0 {
		return text, ""
	}
	return text[:i], strings.TrimSpace(text[i:])
}
