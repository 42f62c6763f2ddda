package stability

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pillion/backends"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
)

// entity is what is compared of one entity.
type entity struct {
	text string
	from []string
	// shared entities are named by their content: a rule set, a set of replicas. They come and go
	// with the rows that use them.
	shared bool
}

// compile returns the entities by target and key, or nil if the policy has errors.
func compile(t rapid.TB, text, inventory string) map[string]entity {
	t.Helper()
	policy, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: []byte(text)}}, lang.Options{})
	if list.HasErrors() {
		t.Fatalf("the generated policy does not parse: %s\n%s", list[0].Message, text)
	}
	net, list := network.Parse("network.yaml", []byte(inventory))
	if list.HasErrors() {
		t.Fatal(list[0].Message)
	}
	plan, list := compiler.Compile(policy, net)
	if plan == nil {
		requireExplained(t, list)
		return nil
	}
	program, err := p4.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := backends.Lower(plan, program, net.JSON())
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	shared := map[uint32]bool{}
	for _, table := range program.Info.Tables {
		switch table.Preamble.Alias {
		case "rules", "chain_rules":
			shared[table.Preamble.Id] = true
		}
	}
	out := map[string]entity{}
	for i := range b.Targets {
		target := &b.Targets[i]
		for j := range target.Entities {
			e := &target.Entities[j]
			var from []string
			for _, s := range e.From {
				from = append(from, b.Statements[s])
			}
			out[target.Name+" "+e.Key()] = entity{
				text: string(e.AppendText(nil)) + fmt.Sprint(e.Counts >= 0), from: from, shared: e.Kind != 0 || shared[e.ID],
			}
		}
	}
	for i := range b.Redirects {
		r := &b.Redirects[i]
		for _, line := range r.Lines {
			var from []string
			for _, s := range line.From {
				from = append(from, b.Statements[s])
			}
			out[r.Switch+" redirect "+lineKey(line.Text)] = entity{text: line.Text, from: from}
		}
	}
	return out
}

// lineKey is what a switch has once of a line: one wire for each port, one entry for each address.
func lineKey(text string) string {
	words := strings.Fields(text)
	switch words[0] {
	case "wire", "static":
		return words[0] + " " + words[1]
	case "sample":
		return words[0]
	}
	return text
}

func requireExplained(t rapid.TB, list diag.List) {
	t.Helper()
	for _, d := range list {
		if d.Severity == diag.Error && (d.Code == "" || d.Message == "") {
			t.Fatalf("an error without code or message: %+v", d)
		}
	}
	if !list.HasErrors() {
		t.Fatal("no plan and no error")
	}
}

func text(base string, list []statement, without int) string {
	var w strings.Builder
	w.WriteString(base)
	for i, s := range list {
		if i != without {
			w.WriteString(s.text)
		}
	}
	return w.String()
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, list := policy(t)
		inventory := rapid.SampledFrom(inventories).Draw(t, "inventory")
		want := compile(t, text(base, list, -1), inventory)
		shuffled := rapid.Permutation(list).Draw(t, "order")
		lines := strings.Split(strings.TrimSpace(base), "\n")
		got := compile(t, text(strings.Join(rapid.Permutation(lines).Draw(t, "base"), "\n")+"\n", shuffled, -1), reverseLists(inventory))
		if len(got) != len(want) {
			t.Fatalf("%d entities and lines, %d with the declarations shuffled", len(want), len(got))
		}
		for key, w := range want {
			g, ok := got[key]
			if !ok || g.text != w.text || !slices.Equal(g.from, w.from) {
				t.Fatalf("%s\n%v\nshuffled\n%v", key, w, g)
			}
		}
	})
}

// reverseLists turns the elements of every list of the inventory round.
func reverseLists(inventory string) string {
	var out, list []string
	flush := func() {
		slices.Reverse(list)
		out = append(out, list...)
		list = nil
	}
	for _, line := range strings.Split(inventory, "\n") {
		if strings.HasPrefix(line, "  - ") {
			list = append(list, line)
			continue
		}
		flush()
		out = append(out, line)
	}
	flush()
	return strings.Join(out, "\n")
}

// Taking a statement away changes the entities that name it, all of them, and no other.
func TestProvenance(t *testing.T) {
	compiled, compared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		base, list := policy(t)
		inventory := rapid.SampledFrom(inventories).Draw(t, "inventory")
		whole := compile(t, text(base, list, -1), inventory)
		if whole == nil {
			return
		}
		compiled++
		for i, s := range list {
			rest := compile(t, text(base, list, i), inventory)
			if rest == nil {
				continue // something else needs it
			}
			compared++
			for key, e := range whole {
				other, there := rest[key]
				changed := !there || other.text != e.text
				named := slices.Contains(e.from, s.name)
				if changed && !named {
					t.Fatalf("without %s this changes, but does not name it:\n%s\nfrom %v\n%s\nthen\n%s", s.name, key, e.from, e.text, other.text)
				}
				if named && !changed {
					t.Fatalf("without %s this does not change, but names it:\n%s\nfrom %v\n%s", s.name, key, e.from, e.text)
				}
			}
			for key, e := range rest {
				if _, there := whole[key]; !there && !e.shared {
					t.Fatalf("without %s this appears:\n%s\n%s", s.name, key, e.text)
				}
			}
		}
	})
	if compiled < 10 || compared < 10 {
		t.Errorf("only %d policies compiled and %d pairs were compared: the generator draws too many mistakes", compiled, compared)
	}
}

// Taking an object of the network away changes the lines that name it, all of them, and no other line of any ordinary switch.
func TestRedirectsOfObjects(t *testing.T) {
	base := fixed + "tenant t0 { group a = e0, e1 }\nallow all: any -> any\nmulticast m { group 239.1.1.1 senders t0.a receivers t0.a }\n"
	whole := compile(t, base, mixed+additions(-1))
	if whole == nil {
		t.Fatal("the network does not compile")
	}
	lines := 0
	for i := range added {
		rest := compile(t, base, mixed+additions(i))
		if rest == nil {
			t.Fatalf("without %s the network does not compile", added[i].name)
		}
		name := added[i].name
		for key, e := range whole {
			if !strings.Contains(key, " redirect ") {
				continue
			}
			other, there := rest[key]
			changed, named := !there || other.text != e.text, slices.Contains(e.from, name)
			if changed != named {
				t.Errorf("without %s: changed is %v, named is %v:\n%s\nfrom %v\nthen %s", name, changed, named, key, e.from, other.text)
			}
			if named {
				lines++
			}
		}
		for key, e := range rest {
			if _, there := whole[key]; !there && strings.Contains(key, " redirect ") {
				t.Errorf("without %s this appears: %s", name, e.text)
			}
		}
	}
	if lines < len(added) {
		t.Errorf("only %d lines name one of the %d objects", lines, len(added))
	}
}
