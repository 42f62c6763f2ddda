package docs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/explain"
	"pillion/compiler/network"
	"pillion/lang"
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

// The example of ordinary switches: its policy, the explanation, and what the switch must do.
func TestOrdinaryExample(t *testing.T) {
	p := read(t, "docs/network.md")
	inventory, policy := p.only(t, "yaml", "ordinary"), p.only(t, "pol", "ordinary")
	r := compile(t, inventory.body, lang.Input{Name: "policy.pol", Text: []byte(policy.body)})
	if len(r.said) > 0 {
		t.Fatalf("%v:\n%s", inventory, r.text(t))
	}
	placed, list := compiler.Compile(r.policy, r.net)
	if placed == nil {
		t.Fatal(list)
	}
	var text bytes.Buffer
	if err := explain.New(placed, r.net).WriteText(&text); err != nil {
		t.Fatal(err)
	}
	p.only(t, "text", "explain").compare(t, text.String())
	i := slices.IndexFunc(r.bundle.Redirects, func(r bundle.Redirect) bool { return r.Switch == "leaf2" })
	if i < 0 {
		t.Fatal("the bundle has no rules for leaf2")
	}
	p.only(t, "text", "redirect").compare(t, r.bundle.Redirects[i].Text())
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
	for _, name := range []string{"switch", "sidecar", "sample", "link", "endpoint", "middlebox"} {
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
