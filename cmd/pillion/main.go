package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
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
	err := root.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(root.ErrOrStderr(), "pillion: %v\n", err)
	return 2
}

// exitCode ends the command with a code when everything has been said already.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "pillion",
		Short: "One network policy, for P4 switches and for networks without them",
		Long: "Pillion compiles a policy (who may talk to whom, through which middleboxes, and who receives which\n" +
			"multicast group) into P4Runtime entities, and shows, pushes, traces and tests them.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newCheck(), newFmt(), newCompile(), newDiff(), newPush(), newCounters(), newTrace(), newTest(), newNetwork(), newSwitch(), newShim(), newRedirect(), newSidecar(), newDemo(), newSchema())
	return root
}
