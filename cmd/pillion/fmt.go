package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"pillion/lang"
)

func newFmt() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "fmt [-w|--check] POLICY…",
		Short:   "Lay out policy files; comments stay",
		Example: "  pillion fmt -w policy.pol\n  pillion fmt --check *.pol",
		Args:    cobra.MinimumNArgs(1),
	}
	write := cmd.Flags().BoolP("write", "w", false, "write the files instead of printing them")
	check := cmd.Flags().Bool("check", false, "print the names of files that would change, and exit with 1 if any")
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		failed := false
		for _, name := range args {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			laid, list := lang.Format(name, text)
			if show(cmd.ErrOrStderr(), list) {
				failed = true
				continue
			}
			switch {
			case *check:
				if !bytes.Equal(text, laid) {
					fmt.Fprintln(cmd.OutOrStdout(), name)
					failed = true
				}
			case !*write:
				cmd.OutOrStdout().Write(laid)
			case !bytes.Equal(text, laid):
				if err := replace(name, laid); err != nil {
					return err
				}
			}
		}
		if failed {
			return exitCode(1)
		}
		return nil
	}
	return cmd
}

// replace writes a file whole or not at all, with the permissions that it has.
func replace(name string, data []byte) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".pillion-fmt-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), info.Mode().Perm()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
