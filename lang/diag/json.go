package diag

import (
	"encoding/json"
	"io"
)

type jsonPlace struct {
	File   string     `json:"file,omitempty"`
	Line   int        `json:"line,omitempty"`   // from 1
	Column int        `json:"column,omitempty"` // from 1, in characters
	End    *jsonPoint `json:"end,omitempty"`    // the first character behind the place
}

type jsonPoint struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type jsonNote struct {
	jsonPlace
	Message string `json:"message"`
}

type jsonDiagnostic struct {
	jsonPlace
	Severity string     `json:"severity"`
	Code     string     `json:"code,omitempty"`
	Message  string     `json:"message"`
	Notes    []jsonNote `json:"notes,omitempty"`
	Hint     string     `json:"hint,omitempty"`
}

// RenderJSON writes the list, in the order given, as one JSON array of objects
// with file, line, column, end {line, column}, severity, code, message, notes
// and hint. What a diagnostic does not have is left out.
func RenderJSON(w io.Writer, list List) error {
	out := make([]jsonDiagnostic, 0, len(list))
	for _, d := range list {
		j := jsonDiagnostic{
			jsonPlace: placeOf(d.Span), Severity: d.Severity.String(),
			Code: d.Code, Message: d.Message, Hint: d.Hint,
		}
		for _, n := range d.Notes {
			j.Notes = append(j.Notes, jsonNote{jsonPlace: placeOf(n.Span), Message: n.Message})
		}
		out = append(out, j)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func placeOf(s Span) jsonPlace {
	if s.IsZero() {
		return jsonPlace{}
	}
	start, end := s.Position(), s.File.Position(s.End)
	return jsonPlace{
		File: s.File.Name, Line: start.Line, Column: start.Column,
		End: &jsonPoint{Line: end.Line, Column: end.Column},
	}
}
