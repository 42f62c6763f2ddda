package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	begun := noteRuns(root)
	cmd, err := root.ExecuteContextC(ctx)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(root.ErrOrStderr(), "pillion: %s\n", strings.TrimSpace(err.Error()))
	if !*begun {
		usage := cmd.UseLine()
		if cmd.HasAvailableSubCommands() {
			usage = cmd.CommandPath() + " COMMAND"
		}
		fmt.Fprintf(root.ErrOrStderr(), "usage: %s (%s --help says more)\n", usage, cmd.CommandPath())
	}
	return 2
}

// noteRuns has the commands below one note that they run: an error before that is one of usage.
func noteRuns(cmd *cobra.Command) *bool {
	begun := new(bool)
	var note func(*cobra.Command)
	note = func(c *cobra.Command) {
		if run := c.RunE; run != nil {
			c.RunE = func(c *cobra.Command, args []string) error {
				*begun = true
				return run(c, args)
			}
		}
		for _, sub := range c.Commands() {
			note(sub)
		}
	}
	note(cmd)
	return begun
}

// group makes a command one that only has others below it: without one of them it shows its help.
func group(cmd *cobra.Command, below ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(below...)
	cmd.SuggestionsMinimumDistance = 2
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			// Here, as flags that every command below needs are asked for next.
			return errors.Join(cmd.Help(), exitCode(0))
		}
		err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			err = fmt.Errorf("%w: did you mean %s?", err, strings.Join(near, " or "))
		}
		return err
	}
	// Without this the arguments are not looked at.
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// exitCode ends the command with a code when everything has been said already.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "pillion",
		Short: "One network policy, for P4 switches and for networks without them",
		Long: "Pillion compiles a policy (who may talk to whom, through which middleboxes, and who receives which\n" +
			"multicast group) into P4Runtime entities, and shows, pushes, traces and tests them. Where a switch takes none, it runs the\n" +
			"agents beside it: shims on end hosts, and a sidecar.\n\n" +
			"Exit codes: 0 done; 1 the answer is no (errors in the input, a difference, a target that failed); 2 wrong usage, or trouble.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	return group(root, newCheck(), newFmt(), newCompile(), newDiff(), newPush(), newCounters(), newTrace(), newTest(), newNetwork(), newSwitch(), newShim(), newRedirect(), newSidecar(), newDemo(), newSchema())
}
