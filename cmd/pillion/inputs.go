package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/compiler/plan"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
)

// inputs are a policy and a network as the user gave them.
type inputs struct {
	policy *lang.Policy
	net    *network.Network
}

// compiled is everything that a compilation makes.
type compiled struct {
	inputs
	plan   *plan.Plan
	bundle *bundle.Bundle
	use    []backends.TableUse
}

// mostShown bounds what is printed of a hopeless input.
const mostShown = 50

// show prints diagnostics for a person and says whether there were errors.
func show(w io.Writer, list diag.List) bool {
	diag.Render(w, list.Bounded(mostShown), colour(w))
	return list.HasErrors()
}

// colour says whether w is a terminal that wants colour (https://no-color.org).
func colour(w io.Writer) bool {
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// build takes the files through language, compiler and back end. Diagnostics go to stderr; with
// errors the result is exitCode(1).
func build(cmd *cobra.Command, policies []string, inventory string) (*compiled, error) {
	stderr := cmd.ErrOrStderr()
	for _, f := range append([]string{inventory}, policies...) {
		if _, err := os.Stat(f); err != nil {
			return nil, err
		}
	}
	var net *network.Network
	var more diag.List
	var reading sync.WaitGroup
	reading.Go(func() { net, more = network.Load(inventory) }) // beside the policy: large ones take as long
	policy, said := lang.ParseFiles(policies, lang.Options{Read: lang.ReadFile})
	reading.Wait()
	said = append(said, more...)
	if said.HasErrors() {
		show(stderr, said)
		return nil, exitCode(1)
	}
	placed, more := compiler.Compile(policy, net)
	said = append(said, more...)
	if show(stderr, said) {
		return nil, exitCode(1)
	}
	program, err := p4.Pillion()
	if err != nil {
		return nil, err
	}
	b, use, err := backends.Lower(placed, program, net.JSON())
	var refused *backends.Error
	if errors.As(err, &refused) {
		show(stderr, refused.Diagnostics)
		return nil, exitCode(1)
	}
	if err != nil {
		return nil, err
	}
	return &compiled{inputs: inputs{policy: policy, net: net}, plan: placed, bundle: b, use: use}, nil
}

// networkFlag adds --network.
func networkFlag(cmd *cobra.Command) *string {
	f := cmd.Flags().StringP("network", "n", "", "the network file (YAML or JSON)")
	cmd.MarkFlagRequired("network")
	return f
}

// formatFlag adds --format with its choices, the first of which is the default.
func formatFlag(cmd *cobra.Command, choices ...string) *string {
	return choiceFlag(cmd, "format", "form of the result", choices...)
}

// choiceFlag adds a flag with its choices, the first of which is the default.
func choiceFlag(cmd *cobra.Command, name, what string, choices ...string) *string {
	f := cmd.Flags().String(name, choices[0], fmt.Sprintf("%s: %s", what, oneOf(choices)))
	completeFrom(cmd, name, choices...)
	pre := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(choices, *f) {
			return fmt.Errorf("--%s %q: want %s", name, *f, oneOf(choices))
		}
		if pre != nil {
			return pre(cmd, args)
		}
		return nil
	}
	return f
}

// oneOf is "a, b or c".
func oneOf(choices []string) string {
	last := len(choices) - 1
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

// completeFrom has the shell offer the values of a flag.
func completeFrom(cmd *cobra.Command, flag string, values ...string) {
	cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// answer writes a result in the chosen format, and ends with 1 if the answer is no.
func answer(cmd *cobra.Command, ok bool, format string, writers map[string]func(io.Writer) error) error {
	if err := writers[format](cmd.OutOrStdout()); err != nil {
		return err
	}
	if !ok {
		return exitCode(1)
	}
	return nil
}
