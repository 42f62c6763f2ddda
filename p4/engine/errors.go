package engine

import (
	"errors"
	"fmt"
)

// Errors of the control-plane calls. They arrive wrapped with the place and the
// reason: compare with [errors.Is].
var (
	// ErrExists: an object with this key (and priority) or id is there already.
	ErrExists = errors.New("already exists")
	// ErrNotFound: no object has this name, key, id or index.
	ErrNotFound = errors.New("not found")
	// ErrFull: the table or action profile has reached its declared size.
	ErrFull = errors.New("full")
	// ErrReadOnly: the program made this constant (const entries, const default action).
	ErrReadOnly = errors.New("read-only")
	// ErrInvalid: an argument does not fit the declaration in the program.
	ErrInvalid = errors.New("invalid argument")
	// ErrInUse: a member or group is still referred to.
	ErrInUse = errors.New("still in use")
)

// UnsupportedError is returned by [Load] for a construct of the bmv2 format that
// this engine does not execute.
type UnsupportedError struct {
	Where     string // for example `action "ingress.fwd", primitive 3`
	Construct string // for example `primitive "verify_bill"`
	Choices   string // what is supported there, or empty
}

func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("%s: %s is not supported", e.Where, e.Construct)
	if e.Choices != "" {
		s += " (supported: " + e.Choices + ")"
	}
	return s
}

// ConfigError is returned by [Load] for a config that contradicts itself or the format.
type ConfigError struct {
	Where  string
	Reason string
}

func (e *ConfigError) Error() string { return e.Where + ": " + e.Reason }

func configErrorf(where, format string, args ...any) error {
	return &ConfigError{Where: where, Reason: fmt.Sprintf(format, args...)}
}

func invalidf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrInvalid)
}
