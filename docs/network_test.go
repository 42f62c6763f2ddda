package docs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pillion/compiler/network"
)

func TestNetworkExample(t *testing.T) {
	b := read(t, "docs/network.md").only(t, "yaml", "example")
	r := compile(t, b.body)
	if len(r.said) > 0 {
		t.Fatalf("%v:\n%s", b, r.text(t))
	}
	again := compile(t, string(r.net.JSON())) // JSON is YAML
	if len(again.said) > 0 {
		t.Fatal(again.text(t))
	}
}

// schemaObject is the part of a JSON Schema that network.md speaks of.
type schemaObject struct {
	Required   []string
	Properties map[string]struct {
		Ref              string `json:"$ref"`
		Default          any
		Minimum, Maximum *json.Number
		MaxItems         *json.Number
		Enum             []string
		AnyOf            []struct{ MaxItems *json.Number }
	}
	Defs map[string]schemaObject `json:"$defs"`
}

// The tables of network.md have the keys, defaults and bounds of the schema, which the reader is tested against.
func TestNetworkKeys(t *testing.T) {
	d := json.NewDecoder(strings.NewReader(string(network.Schema)))
	d.UseNumber()
	var schema schemaObject
	if err := d.Decode(&schema); err != nil {
		t.Fatal(err)
	}
	p := read(t, "docs/network.md")
	objects := map[string]schemaObject{"the file": schema}
	for _, name := range []string{"switch", "sidecar", "link", "endpoint", "middlebox"} {
		objects[article(name)] = schema.Defs[name]
	}
	for name, object := range objects {
		var keys, real []string
		for key := range object.Properties {
			real = append(real, key)
		}
		for _, row := range p.table(t, "key of "+name) {
			key := code(row[0])
			keys = append(keys, key)
			if slices.Contains(object.Required, key) != (row[1] == "needed") {
				t.Errorf("%s of %s: the default says %q", key, name, row[1])
			}
			of := object.Properties[key]
			if of.Default != nil && fmt.Sprint(of.Default) != row[1] {
				t.Errorf("%s of %s: the default is %v, not %q", key, name, of.Default, row[1])
			}
			bounds := []*json.Number{of.MaxItems, of.Maximum}
			for _, a := range of.AnyOf {
				bounds = append(bounds, a.MaxItems)
			}
			for _, n := range bounds {
				if n != nil && len(*n) < 15 && !strings.Contains(strings.ReplaceAll(row[2], ",", ""), string(*n)) {
					t.Errorf("%s of %s: the bound %s is missing", key, name, *n)
				}
			}
			for _, choice := range of.Enum {
				if !strings.Contains(row[2], "`"+choice+"`") {
					t.Errorf("%s of %s: the choice %s is missing", key, name, choice)
				}
			}
		}
		sameList(t, "network.md, key of "+name, keys, real)
	}
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
