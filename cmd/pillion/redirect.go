package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/redirect/drivers"
)

func newRedirect() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "redirect",
		Short: "What an ordinary switch must do for its sidecar: apply, show, remove",
		Long: "Redirect puts the rules of a bundle's SWITCH.redirect into an ordinary switch: virtual wires to the sidecar, fixed\n" +
			"places of locators, guards, samples, quarantine. It touches nothing that is not its own. A sidecar with --driver\n" +
			"does the same and keeps it so; this is for switches without one.",
		Example: "  pillion redirect apply --driver ovs --bridge br0 bundle/leaf2.redirect\n" +
			"  pillion redirect show --driver linux-bridge --bridge br0 --port 3@veth3 --port 9@veth9",
	}
	var config drivers.Config
	f := cmd.PersistentFlags()
	ports := driverFlags(f.StringVar, f.StringArray, &config)
	completeFrom(cmd, "driver", drivers.Names()...)
	cmd.MarkPersistentFlagRequired("driver")
	cmd.MarkPersistentFlagRequired("bridge")
	open := func() (driver redirect.Driver, err error) {
		if config.Ports, err = drivers.ParsePorts(*ports); err != nil {
			return nil, err
		}
		return config.Open()
	}
	return group(cmd, redirectApply(open), redirectShow(open), redirectRemove(open))
}

// driverFlags adds which switch to drive.
func driverFlags(text func(*string, string, string, string), list func(string, []string, string) *[]string, c *drivers.Config) (ports *[]string) {
	text(&c.Driver, "driver", "", strings.Join(drivers.Names(), " or "))
	text(&c.Bridge, "bridge", "", "the bridge's name")
	text(&c.OVSFolder, "ovs-dir", "", "folder of Open vSwitch's sockets (default: where it was built to have them)")
	return list("port", nil, "N@IFACE: which interface of the bridge a port number of the network file is; again for each (ovs: default are its OpenFlow port numbers)")
}

// readRules reads a file of rules. Errors have its name and line.
func readRules(name string) (redirect.Rules, error) {
	file, err := os.Open(name)
	if err != nil {
		return redirect.Rules{}, err
	}
	defer file.Close()
	rules, err := redirect.Parse(file)
	var syntax *redirect.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return rules, fmt.Errorf("%s:%w", name, err)
	case err != nil:
		return rules, fmt.Errorf("%s: %w", name, err)
	}
	return rules, nil
}

func redirectApply(open func() (redirect.Driver, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Make the switch do exactly these rules",
		Long: "Apply makes the switch do exactly the rules of a SWITCH.redirect, and says what it changed: + added, - removed,\n" +
			"~ repaired, ? there, and not ours. What is right is not touched.",
		Example: "  pillion redirect apply --driver ovs --bridge br0 bundle/leaf2.redirect",
		Args:    cobra.ExactArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rules, err := readRules(args[0])
		if err != nil {
			return err
		}
		driver, err := open()
		if err != nil {
			return err
		}
		change, err := driver.Apply(cmd.Context(), rules)
		return errors.Join(err, printChange(cmd.OutOrStdout(), change), driver.Close())
	}
	return cmd
}

func printChange(w io.Writer, change redirect.Change) error {
	_, err := io.WriteString(w, change.String())
	return err
}

func redirectShow(open func() (redirect.Driver, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Say what is installed, or what a file would install",
		Long: "Show prints the rules that are installed, in the form of a SWITCH.redirect; comments say what is broken (exit code 1)\n" +
			"and what is there besides. With a file it says, without talking to the switch, what apply would install.",
		Example: "  pillion redirect show --driver ovs --bridge br0\n  pillion redirect show --driver ovs --bridge br0 bundle/leaf2.redirect",
		Args:    cobra.MaximumNArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		driver, err := open()
		if err != nil {
			return err
		}
		defer driver.Close()
		if len(args) == 1 {
			rules, err := readRules(args[0])
			if err != nil {
				return err
			}
			text, err := driver.Render(rules)
			if err != nil {
				return err
			}
			_, err = io.WriteString(cmd.OutOrStdout(), text)
			return err
		}
		state, err := driver.Read(cmd.Context())
		if err != nil {
			return err
		}
		if _, err := io.WriteString(cmd.OutOrStdout(), stateText(state)); err != nil {
			return err
		}
		if len(state.Broken) > 0 {
			return exitCode(1)
		}
		return nil
	}
	return cmd
}

// stateText is what is installed, in the text form of rules.
func stateText(s redirect.State) string {
	var b strings.Builder
	if s.Rules.Switch == "" && s.Rules.Empty() {
		b.WriteString("# no rules are installed\n")
	} else {
		b.WriteString(s.Rules.Text())
	}
	for _, line := range s.Broken {
		fmt.Fprintf(&b, "# broken: %s\n", line)
	}
	for _, thing := range s.Foreign {
		fmt.Fprintf(&b, "# not ours: %s\n", thing)
	}
	return b.String()
}

func redirectRemove(open func() (redirect.Driver, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "remove",
		Short:   "Take out everything that apply put in",
		Long:    "Remove takes everything out of the switch that apply, or a sidecar, put in, and nothing else.",
		Example: "  pillion redirect remove --driver ovs --bridge br0",
		Args:    cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		driver, err := open()
		if err != nil {
			return err
		}
		change, err := driver.Remove(cmd.Context())
		return errors.Join(err, printChange(cmd.OutOrStdout(), change), driver.Close())
	}
	return cmd
}
