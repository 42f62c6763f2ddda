package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func messages(l List) string {
	var texts []string
	for _, d := range l {
		texts = append(texts, d.Message)
	}
	return strings.Join(texts, " ")
}

func TestSorted(t *testing.T) {
	first, second := &File{Name: "z.pol", Order: 0}, &File{Name: "a.pol", Order: 1}
	at := func(f *File, start, end int32) Span { return Span{File: f, Start: start, End: end} }
	list := List{
		{Span: at(second, 1, 2), Message: "6"},
		{Span: at(first, 9, 9), Message: "5"},
		{Span: at(first, 3, 4), Message: "4", Severity: Warning},
		{Span: at(first, 3, 4), Message: "3", Code: "L002"},
		{Span: at(first, 3, 4), Message: "2", Code: "L001"},
		{Span: at(first, 3, 4), Message: "2", Code: "L001"},
		{Message: "1"},
	}
	if got, want := messages(list.Sorted()), "1 2 3 4 5 6"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := messages(list), "6 5 4 3 2 2 1"; got != want {
		t.Errorf("the list itself became %s", got)
	}
}

func TestBounded(t *testing.T) {
	var list List
	for i, severity := range []Severity{Warning, Error, Warning, Error, Error} {
		list.Add(Diagnostic{Severity: severity, Message: string(rune('a' + i)), Span: Span{File: &File{}, Start: int32(i)}})
		list[i].Span.File.Order = i
	}
	for limit, want := range map[int]string{
		0: "a b c d e",
		1: "b 2 more errors and 2 warnings not shown",
		2: "b d 1 more error and 2 warnings not shown",
		3: "b d e 2 more warnings not shown",
		4: "a b d e 1 more warning not shown",
		5: "a b c d e",
	} {
		got := list.Bounded(limit)
		if messages(got) != want {
			t.Errorf("%d: got %q, want %q", limit, messages(got), want)
		}
		if got.HasErrors() != list.HasErrors() {
			t.Errorf("%d: the errors were lost", limit)
		}
	}
	if (List{{Severity: Warning}}).HasErrors() {
		t.Error("a warning counts as an error")
	}
}

func TestPosition(t *testing.T) {
	text := "a\tb\r\n\n日本x\nlast"
	f := &File{Name: "f", Text: []byte(text)}
	for _, test := range []struct {
		before string
		want   Position
	}{
		{"a", Position{1, 1}}, {"b", Position{1, 3}}, {"\n日", Position{2, 1}}, {"日", Position{3, 1}},
		{"本", Position{3, 2}}, {"x", Position{3, 3}}, {"last", Position{4, 1}},
	} {
		at := int32(strings.Index(text, test.before))
		if got := f.Position(at); got != test.want {
			t.Errorf("%q: got %v, want %v", test.before, got, test.want)
		}
	}
	end := int32(len(text))
	if got := f.Position(end + 100); got != (Position{4, 5}) {
		t.Errorf("behind the end: %v", got)
	}
	if line, start := f.LineText(1); string(line) != "a\tb" || start != 0 {
		t.Errorf("line 1 is %q at %d", line, start)
	}
	if line, _ := f.LineText(9); len(line) > 0 {
		t.Errorf("line 9 is %q", line)
	}
	span := Span{File: f, Start: 0, End: 1}.To(Span{File: f, Start: 2, End: 3})
	if span.Text() != "a\tb" || span.String() != "f:1:1" {
		t.Errorf("got %q at %s", span.Text(), span)
	}
	if zero := (Span{}); !zero.IsZero() || zero.String() != "" || zero.Line() != 0 || zero.Text() != "" {
		t.Error("the zero Span has a place")
	}
}

// TestPositionProperty compares positions with counting from the start.
func TestPositionProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab\n\r\té日")), 0, 40, -1).Draw(t, "text")
		f := &File{Text: []byte(text)}
		want := Position{1, 1}
		for at, c := range text {
			if diff := cmp.Diff(want, f.Position(int32(at))); diff != "" {
				t.Fatalf("%q at %d: -want +got:\n%s", text, at, diff)
			}
			want.Column++
			if c == '\n' {
				want = Position{want.Line + 1, 1}
			}
		}
	})
}
