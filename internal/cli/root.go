// Package cli is the command line of commslint: it reads flags and
// configuration, runs the frontends, and writes the reports.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/commslint/commslint/internal/baseline"
	"github.com/commslint/commslint/internal/vettool"
	"github.com/commslint/commslint/rules/config"
)

// Exit codes; scripts rely on them.
const (
	exitFindings   = 1 // ran; findings at or above --fail-on
	exitUsage      = 2 // could not run
	exitIncomplete = 3 // ran, but some input could not be analysed
)

// An Env is what a command uses of the process that it runs in.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dir            string   // absolute: the working directory
	Environ        []string // as os.Environ returns it
	Tool           string   // absolute path of the binary that go vet starts: commslint-vet, or this one
}

// OSEnv is the environment of the running process. Dir or Tool is empty if the
// system does not know it.
func OSEnv() Env {
	dir, _ := os.Getwd()
	tool, _ := os.Executable()
	tool = vettool.Sibling(tool)
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Dir: dir, Environ: os.Environ(), Tool: tool,
	}
}

// Lookup finds an environment variable, as os.LookupEnv does.
func (e *Env) Lookup(name string) (value string, ok bool) {
	for _, kv := range slices.Backward(e.Environ) {
		if v, found := strings.CutPrefix(kv, name+"="); found {
			return v, true
		}
	}
	return "", false
}

// path makes a path absolute that the user gave.
func (e *Env) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(e.Dir, p)
}

// An ExitError ends the process with a code. Err, if set, is printed.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *ExitError) Unwrap() error { return e.Err }

// Main runs the command line and returns the exit code. An error without a code
// of its own means that commslint could not run.
func Main(args []string, env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(&env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	code := exitUsage
	if exit, ok := errors.AsType[*ExitError](err); ok {
		code, err = exit.Code, exit.Err
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	printError(env.Stderr, err)
	return code
}

// printError prints err, if any. Mistakes in a configuration or baseline stand by themselves,
// as file:line:col at the start of a line, where editors look for them.
func printError(w io.Writer, err error) {
	if err == nil {
		return
	}
	if mistakes, ok := errors.AsType[config.Errors](err); ok {
		fmt.Fprintln(w, mistakes)
		return
	}
	if mistake, ok := errors.AsType[*baseline.Error](err); ok {
		fmt.Fprintln(w, mistake)
		return
	}
	fmt.Fprintf(w, "commslint: %v\n", err)
}

func newRoot(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "commslint",
		Short: "The linter for how services talk",
		Long: `commslint finds network calls that can hang, retries that can duplicate or
multiply requests, and contract changes that break a caller.`,
		Example:       "  commslint check ./...",
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, env, args[0])
		},
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newCheck(env), newBreaking(env), newBaseline(env), newInit(env), newRulesCommand(env), newExplainCommand(env), newConfigCommand(env), newGraph(env), newCalls(env), newVersion(env))
	return root
}

// unknownCommand says which command was meant; a path in its place means check.
func unknownCommand(root *cobra.Command, env *Env, name string) error {
	if _, err := os.Stat(env.path(name)); err == nil || strings.Contains(name, "...") {
		return fmt.Errorf("unknown command %q; to check a path run 'commslint check %s'", name, name)
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q%s; 'commslint help' lists the commands", name, didYouMean(name, names))
}

// flagError explains a flag that cannot be read in one line.
func flagError(cmd *cobra.Command, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f := invalid.GetFlag()
		return fmt.Errorf("--%s %s: expected %s; '%s --help' lists the flags", f.Name, invalid.GetValue(), valueKind(f), cmd.CommandPath())
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return fmt.Errorf("%w; '%s --help' lists the flags", err, cmd.CommandPath())
	}
	name := unknown.GetSpecifiedName()
	if len(name) == 1 {
		return fmt.Errorf("unknown flag -%s; '%s --help' lists the flags", name, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return fmt.Errorf("unknown flag --%s%s; '%s --help' lists the flags", name, didYouMean("--"+name, names), cmd.CommandPath())
}

// valueKind says what a flag's value must be.
func valueKind(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	}
	return "a " + f.Value.Type()
}
