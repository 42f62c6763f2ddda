package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	manifestName   = "manifest.json"
	networkName    = "network.json"
	provenanceName = "provenance.json"
	bundleFormat   = "pillion bundle 1" // of the files; Bundle.Version is of the rules
	// CurrentVersion is the version of the rules that this program writes and reads.
	CurrentVersion = 0
)

type manifest struct {
	Format    string             `json:"format"`
	Version   uint8              `json:"version"`
	Targets   []manifestTarget   `json:"targets"`
	Redirects []manifestRedirect `json:"redirects,omitempty"`
}

type manifestTarget struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Address  string `json:"address"`
	DeviceID uint64 `json:"device-id"`
	CPUPort  uint32 `json:"cpu-port,omitempty"`
	P4Info   string `json:"p4info-sha256"`
	Config   string `json:"config-sha256"`
	File     string `json:"file"`
	Entities int    `json:"entities"`
}

type manifestRedirect struct {
	Switch  string `json:"switch"`
	Driver  string `json:"driver"`
	Sidecar string `json:"sidecar,omitempty"`
	File    string `json:"file"`
	Lines   int    `json:"lines"`
}

func (b *Bundle) manifest() []byte {
	m := manifest{Format: bundleFormat, Version: b.Version, Targets: []manifestTarget{}}
	for i := range b.Targets {
		t := &b.Targets[i]
		m.Targets = append(m.Targets, manifestTarget{t.Name, t.Kind, t.Address, t.DeviceID, t.CPUPort,
			t.P4InfoHash, t.ConfigHash, targetFile(t.Name), len(t.Entities)})
	}
	for i := range b.Redirects {
		r := &b.Redirects[i]
		m.Redirects = append(m.Redirects, manifestRedirect{r.Switch, r.Driver, r.Sidecar, redirectFile(r.Switch), len(r.Lines)})
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(m) // strings and numbers always encode
	return out.Bytes()
}

// targetFile is the name of a target's file.
func targetFile(name string) string { return fileName(name) + ".txtpb" }

// fileName is a name as a file's. Bytes other than letters, digits, '_', '-' and inner '.' are written as %XX.
func fileName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// readManifest reads dir's manifest. Its error is fs.ErrNotExist when there is none.
func readManifest(dir string) (*manifest, error) {
	path := filepath.Join(dir, manifestName)
	data, err := readBounded(path, maxManifest)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := decodeJSON(path, data, &m); err != nil {
		return nil, err
	}
	if m.Format != bundleFormat {
		return nil, fmt.Errorf("%s:%d: format is %q, not %q: this is no bundle, or one of another release; compile again",
			path, lineOf(data, `"format"`), m.Format, bundleFormat)
	}
	if m.Version != CurrentVersion {
		return nil, fmt.Errorf("%s:%d: version %d of the rules; this program knows version %d; compile again",
			path, lineOf(data, `"version"`), m.Version, CurrentVersion)
	}
	for i, t := range m.Targets {
		line := func() int { return lineOf(data, fmt.Sprintf(`"name": %s`, quoteJSON(t.Name))) }
		switch {
		case t.Name == "":
			return nil, fmt.Errorf("%s:%d: a target without a name", path, line())
		case i > 0 && m.Targets[i-1].Name >= t.Name:
			return nil, fmt.Errorf("%s:%d: target %q: targets must be sorted by name, each once", path, line(), t.Name)
		case t.File != targetFile(t.Name):
			return nil, fmt.Errorf("%s:%d: target %q: its file must be called %q, not %q", path, line(), t.Name, targetFile(t.Name), t.File)
		case t.Entities < 0 || t.Entities > maxEntities:
			return nil, fmt.Errorf("%s:%d: target %q: %d entities; at most %d are read", path, line(), t.Name, t.Entities, maxEntities)
		}
	}
	for i, r := range m.Redirects {
		line := func() int { return lineOf(data, fmt.Sprintf(`"switch": %s`, quoteJSON(r.Switch))) }
		switch {
		case r.Switch == "":
			return nil, fmt.Errorf("%s:%d: redirects of a switch without a name", path, line())
		case i > 0 && m.Redirects[i-1].Switch >= r.Switch:
			return nil, fmt.Errorf("%s:%d: switch %q: redirects must be sorted by switch, each once", path, line(), r.Switch)
		case r.File != redirectFile(r.Switch):
			return nil, fmt.Errorf("%s:%d: switch %q: its file must be called %q, not %q", path, line(), r.Switch, redirectFile(r.Switch), r.File)
		}
	}
	return &m, nil
}

// lineOf is the number of the first line that holds the text, or 1.
func lineOf(data []byte, text string) int {
	return 1 + bytes.Count(data[:max(0, bytes.Index(data, []byte(text)))], []byte("\n"))
}

// decodeJSON decodes one JSON value and nothing after it. Errors name file:line.
func decodeJSON(path string, data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		err = errors.New("there is more after the end of the JSON value")
	}
	offset := d.InputOffset()
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &wrongType):
		offset = wrongType.Offset
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		offset, err = int64(len(data)), errors.New("the file ends too early")
	}
	line := 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
	return fmt.Errorf("%s:%d: %w", path, line, err)
}

func quoteJSON(s string) []byte {
	if plainJSON(s) {
		return append(append(append(make([]byte, 0, len(s)+2), '"'), s...), '"')
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// plainJSON says whether the string is written in JSON as it is, between quotes.
func plainJSON(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// unquoteJSON reads a JSON string.
func unquoteJSON(text []byte) (string, bool) {
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' && plainJSON(string(text[1:n-1])) {
		return string(text[1 : n-1]), true
	}
	var s string
	err := json.Unmarshal(text, &s)
	return s, err == nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: larger than %d bytes, which is the most that is read", path, limit)
	}
	return data, nil
}
