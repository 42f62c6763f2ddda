package lang

import (
	"fmt"
	"io"
	"os"
	"strconv"
)

// Input is one file as it was read.
type Input struct {
	Name string // as the user gave it; include paths are relative to its folder
	Text []byte
}

// Options bound what a hostile or mistaken input can cost. The zero value of
// each field means its default.
type Options struct {
	// Read returns the contents of a file, or an error when it is larger than
	// limit bytes. It serves ParseFiles and include. Nil refuses both.
	Read func(path string, limit int64) ([]byte, error)

	MaxBytes     int64 // of all files together; 64 MiB, at most 1 GiB
	MaxFiles     int   // 4096
	MaxDepth     int   // of files that include files; 16
	MaxToken     int   // longest name or number, in bytes; 4096
	MaxStatement int   // tokens of one statement; 2,000,000
	MaxErrors    int   // the parser stops after so many; 20
}

func (o Options) withDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64 << 20
	}
	o.MaxBytes = min(o.MaxBytes, 1<<30) // offsets are 32 bits wide
	if o.MaxFiles <= 0 {
		o.MaxFiles = 4096
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = 16
	}
	if o.MaxToken <= 0 {
		o.MaxToken = 4096
	}
	if o.MaxStatement <= 0 {
		o.MaxStatement = 2_000_000
	}
	if o.MaxErrors <= 0 {
		o.MaxErrors = 20
	}
	return o
}

// ReadFile is the Options.Read that reads from disk.
func ReadFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%s: %w", path, errTooLarge)
	}
	return text, nil
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
