package lang

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestReadFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.pol")
	writeFile(t, path, []byte("12345"))
	if text, err := ReadFile(path, 5); err != nil || string(text) != "12345" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := ReadFile(path, 4); !errors.Is(err, errTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadFile(folder, 4); err == nil {
		t.Error("a folder was read")
	}
	writeFile(t, filepath.Join(folder, "main.pol"), []byte(`include "a.pol" include "missing.pol"`))
	_, list := ParseFiles([]string{filepath.Join(folder, "main.pol")}, Options{Read: ReadFile})
	if got := codes(list); got != codeInclude+" "+codeSyntax {
		t.Error(list)
	}
}
