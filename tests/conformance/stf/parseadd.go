package stf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseAdd reads TABLE [PRIORITY] KEY:VALUE… ACTION(ARGS) [= LABEL].
func parseAdd(words []string, withKey bool) (*Add, error) {
	if len(words) == 0 {
		return nil, errors.New("the table is missing")
	}
	a := &Add{Table: unquote(words[0])}
	head, tail, ok := strings.Cut(strings.Join(words[1:], " "), "(")
	args, tail, ok2 := strings.Cut(tail, ")")
	if !ok || !ok2 {
		return nil, errors.New("want ACTION(ARG:VALUE, …)")
	}
	before := fields(head)
	if len(before) == 0 {
		return nil, errors.New("the action is missing")
	}
	a.Action = unquote(before[len(before)-1])
	before = before[:len(before)-1]
	if len(before) > 0 && !strings.Contains(before[0], ":") {
		n, err := strconv.Atoi(before[0])
		if err != nil {
			return nil, fmt.Errorf("%q: want a priority, or KEY:VALUE", before[0])
		}
		a.Priority = &n
		before = before[1:]
	}
	var err error
	if a.Key, err = parseFields(before); err != nil {
		return nil, err
	}
	if !withKey && (len(a.Key) > 0 || a.Priority != nil) {
		return nil, errors.New("a default action has no key and no priority")
	}
	if strings.TrimSpace(args) != "" {
		if a.Args, err = parseFields(strings.Split(args, ",")); err != nil {
			return nil, err
		}
	}
	if tail = strings.TrimSpace(tail); tail != "" {
		label, ok := strings.CutPrefix(tail, "=")
		if a.Label = strings.TrimSpace(label); !ok || a.Label == "" {
			return nil, fmt.Errorf("%q after the action: want = LABEL", tail)
		}
	}
	return a, nil
}

// fields splits at white space, but not around the colon of KEY : VALUE.
func fields(text string) []string {
	for strings.Contains(text, " :") || strings.Contains(text, ": ") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, " :", ":"), ": ", ":")
	}
	return strings.Fields(text)
}

func parseFields(list []string) ([]Field, error) {
	var out []Field
	for _, text := range list {
		text = strings.TrimSpace(text)
		i := strings.LastIndexByte(text, ':')
		if i <= 0 {
			return nil, fmt.Errorf("%q: want NAME:VALUE", text)
		}
		v, err := parseValue(strings.TrimSpace(text[i+1:]))
		if err != nil {
			return nil, err
		}
		out = append(out, Field{Name: unquote(strings.TrimSpace(text[:i])), Value: v})
	}
	return out, nil
}

func unquote(name string) string { return strings.ReplaceAll(name, `"`, "") }
