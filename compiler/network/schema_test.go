package network

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"pillion/lang/diag"
)

type tree = map[string]any

func loadSchema(t *testing.T) tree {
	var s tree
	d := json.NewDecoder(strings.NewReader(string(Schema)))
	d.UseNumber()
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Every key that the reader takes is in the schema, and the other way round.
func TestSchemaHasTheReadersKeys(t *testing.T) {
	schema := loadSchema(t)
	defs := schema["$defs"].(tree)
	compare := func(name string, of tree, keys, required []string) {
		var have []string
		for k := range of["properties"].(tree) {
			have = append(have, k)
		}
		var must []string
		for _, k := range of["required"].([]any) {
			must = append(must, k.(string))
		}
		for _, l := range [][]string{have, must, keys, required} {
			slices.Sort(l)
		}
		if !reflect.DeepEqual(have, keys) {
			t.Errorf("%s: the schema has %v, the reader takes %v", name, have, keys)
		}
		if !reflect.DeepEqual(must, required) {
			t.Errorf("%s: the schema requires %v, the reader %v", name, must, required)
		}
		if of["additionalProperties"] != false {
			t.Errorf("%s: the schema allows unknown keys", name)
		}
	}
	of := func(name string) tree { return defs[name].(tree) }
	compare("file", schema, keys(fileFields), requiredKeys(fileFields))
	compare("switch", of("switch"), keys(switchFields), requiredKeys(switchFields))
	compare("sidecar", of("sidecar"), keys(sidecarFields), requiredKeys(sidecarFields))
	compare("sample", of("sample"), keys(samplingFields), requiredKeys(samplingFields))
	compare("link", of("link"), keys(linkFields), requiredKeys(linkFields))
	compare("endpoint", of("endpoint"), keys(endpointFields), requiredKeys(endpointFields))
	compare("shim", of("shim"), keys(shimFields), requiredKeys(shimFields))
	compare("middlebox", of("middlebox"), keys(middleboxFields), requiredKeys(middleboxFields))
}

func requiredKeys[T any](fields []field[T]) (list []string) {
	for _, f := range fields {
		if f.required {
			list = append(list, f.key)
		}
	}
	return list
}

// The numbers in the schema are those that the reader uses.
func TestSchemaHasTheReadersNumbers(t *testing.T) {
	schema := loadSchema(t)
	for path, want := range map[string]any{
		"properties/seed/default":                             defaultSeed,
		"properties/trees/default":                            defaultTrees,
		"properties/trees/maximum":                            maxTrees,
		"properties/switches/maxItems":                        maxSwitches,
		"properties/sidecars/maxItems":                        maxSidecars,
		"properties/links/maxItems":                           maxLinks,
		"properties/endpoints/maxItems":                       maxEndpoints,
		"properties/middleboxes/maxItems":                     maxMiddleboxes,
		"$defs/name/maxLength":                                maxName,
		"$defs/address/maxLength":                             maxAddress,
		"$defs/switch/properties/cpu-port/default":            defaultCPUPort,
		"$defs/switch/properties/cpu-port/maximum":            maxP4Port,
		"$defs/switch/properties/target/enum":                 targets,
		"$defs/switch/properties/driver/enum":                 drivers,
		"$defs/sidecar/properties/wires/maxItems":             maxWires,
		"$defs/wire/items/maximum":                            maxLegacyPort,
		"$defs/sample/properties/one-in/maximum":              maxOneIn,
		"$defs/sample/properties/via/maximum":                 maxLegacyPort,
		"$defs/link/properties/mtu/default":                   defaultLinkMTU,
		"$defs/link/properties/mtu/minimum":                   minMTU + EncapsulationBytes,
		"$defs/link/properties/mtu/maximum":                   maxMTU,
		"$defs/endpoint/properties/mtu/default":               defaultEndpointMTU,
		"$defs/endpoint/properties/mtu/minimum":               minMTU,
		"$defs/endpoint/properties/mtu/maximum":               maxMTU - EncapsulationBytes,
		"$defs/endpoint/properties/ip/anyOf/1/maxItems":       maxAddresses,
		"$defs/endpoint/properties/prefixes/anyOf/1/maxItems": maxPrefixes,
	} {
		var at any = schema
		for _, step := range strings.Split(path, "/") {
			if list, ok := at.([]any); ok {
				at = list[step[0]-'0']
			} else {
				at = at.(tree)[step]
			}
		}
		if got := fmt.Sprint(at); got != fmt.Sprint(want) {
			t.Errorf("%s is %s, the reader has %v", path, got, want)
		}
	}
}

// What the reader takes is valid by the schema; what it refuses for its form is
// not. (Of the rest the schema cannot know.)
func TestSchemaAgreesWithTheReader(t *testing.T) {
	schema := loadSchema(t)
	formal := []string{codeUnknown, codeMissing, codeKind, codeChoice}
	for _, path := range goldenFiles(t) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range inputs(archive) {
			var value any
			if strings.HasSuffix(f.Name, ".json") {
				d := json.NewDecoder(strings.NewReader(string(f.Data)))
				d.UseNumber()
				if d.Decode(&value) != nil {
					continue
				}
			} else if yaml.Unmarshal(f.Data, &value) != nil || value == nil {
				continue
			}
			n, list := Parse(f.Name, f.Data)
			err := validate(schema, schema, value, "")
			if len(list) == 0 && err != nil {
				t.Errorf("%s, %s is fine, but not by the schema: %v", path, f.Name, err)
			}
			bad := slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
				// Which keys go together the schema leaves out.
				return slices.Contains(formal, d.Code) && !strings.Contains(d.Message, "device-id") && !strings.Contains(d.Message, "driver")
			})
			if f.Name == "number.json" {
				continue // to the schema 1e3 is an integer; the reader wants digits
			}
			if bad && err == nil {
				t.Errorf("%s, %s is refused, but fine by the schema:\n%v", path, f.Name, list)
			}
			if len(list) > 0 {
				continue
			}
			d := json.NewDecoder(bytes.NewReader(n.JSON()))
			d.UseNumber()
			if err := d.Decode(&value); err != nil {
				t.Error(err)
			} else if err := validate(schema, schema, value, ""); err != nil {
				t.Errorf("%s, %s: the canonical form is not valid: %v", path, f.Name, err)
			}
		}
	}
}

// validate checks a value by that part of JSON Schema which schema.json uses; a
// keyword that it does not know is an error.
func validate(root, schema tree, value any, at string) error {
	for keyword, arg := range schema {
		if err := validateKeyword(root, schema, keyword, arg, value, at); err != nil {
			return err
		}
	}
	return nil
}

func validateKeyword(root, schema tree, keyword string, arg, value any, at string) error {
	fail := func() error { return fmt.Errorf("%s: %v is against %s %v", at, value, keyword, arg) }
	s, isString := value.(string)
	list, isList := value.([]any)
	o, isObject := value.(tree)
	number, isNumber := new(big.Rat).SetString(fmt.Sprint(value))
	isNumber = isNumber && !isString
	limit := func() *big.Rat { r, _ := new(big.Rat).SetString(fmt.Sprint(arg)); return r }
	size := func(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }
	ok := true
	switch keyword {
	case "$schema", "$defs", "title", "description", "default":
	case "$ref":
		name := strings.TrimPrefix(arg.(string), "#/$defs/")
		return validate(root, root["$defs"].(tree)[name].(tree), value, at)
	case "type":
		_, isBool := value.(bool)
		ok = map[string]bool{
			"object": isObject, "array": isList, "string": isString, "boolean": isBool,
			"integer": isNumber && number.IsInt(),
		}[arg.(string)]
	case "enum":
		ok = slices.Contains(arg.([]any), value)
	case "minimum":
		ok = !isNumber || number.Cmp(limit()) >= 0
	case "maximum":
		ok = !isNumber || number.Cmp(limit()) <= 0
	case "minLength":
		ok = !isString || size(len(s)).Cmp(limit()) >= 0
	case "maxLength":
		ok = !isString || size(len(s)).Cmp(limit()) <= 0
	case "pattern":
		ok = !isString || regexp.MustCompile(arg.(string)).MatchString(s)
	case "minItems":
		ok = !isList || size(len(list)).Cmp(limit()) >= 0
	case "maxItems":
		ok = !isList || size(len(list)).Cmp(limit()) <= 0
	case "items":
		for i, e := range list {
			if err := validate(root, arg.(tree), e, fmt.Sprintf("%s/%d", at, i)); err != nil {
				return err
			}
		}
	case "anyOf":
		ok = slices.ContainsFunc(arg.([]any), func(a any) bool { return validate(root, a.(tree), value, at) == nil })
	case "required":
		for _, k := range arg.([]any) {
			if _, has := o[k.(string)]; isObject && !has {
				return fail()
			}
		}
	case "properties":
		for k, p := range arg.(tree) {
			if v, has := o[k]; has {
				if err := validate(root, p.(tree), v, at+"/"+k); err != nil {
					return err
				}
			}
		}
	case "additionalProperties":
		for k := range o {
			if _, known := schema["properties"].(tree)[k]; !known {
				return fmt.Errorf("%s: unknown key %s", at, k)
			}
		}
	default:
		return fmt.Errorf("the test does not know the keyword %s", keyword)
	}
	if !ok {
		return fail()
	}
	return nil
}
