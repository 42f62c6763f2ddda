package engine

import (
	"encoding/json"
	"testing"
)

// members and encoding/json read the same of an object.
func TestMembers(t *testing.T) {
	for _, text := range []string{
		`{}`, `{ "op" : "+" }`, `{"op":"?","left":null,"right":{"type":"hexstr","value":"0x}"},"cond":[1,{"a":"\"]"}]}`,
		"{\n\t\"left\": -12 ,\"op\":\"a\\u0062\" , \"right\" :true}", `{"op":"x","op":"y","other":{"op":"z"}}`,
	} {
		var got, want cfgExpression
		if err := got.fast(json.RawMessage(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if got.Op != want.Op || string(got.Left) != string(want.Left) || string(got.Right) != string(want.Right) || string(got.Cond) != string(want.Cond) {
			t.Errorf("%s: got %s %s %s %s", text, got.Op, got.Left, got.Right, got.Cond)
		}
	}
	for _, text := range []string{``, `[]`, `1`, `"x"`, `null`, `{"a"}`, `{"a":}`, `{`, `{"a`, `{:}`} {
		_ = members(json.RawMessage(text), func(string, json.RawMessage) {}) // ends, and does not panic
	}
	if err := new(cfgExpression).fast(json.RawMessage(`[1]`)); err == nil {
		t.Error("a list is no expression")
	}
}
