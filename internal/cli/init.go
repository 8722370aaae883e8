package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/survey"
	"github.com/commslint/commslint/rules/config"
)

// newConfigFile is the file that init writes.
const newConfigFile = "commslint.yaml"

func newInit(env *Env) *cobra.Command {
	f := checkFlags{findingFlags: findingFlags{failOn: string(finding.Error)}}
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a commented commslint.yaml fitted to what is there",
		Long: `Init checks what is below the folder (default: the working directory) and writes a
commslint.yaml for it: the commands that it found as services, with the environment
variables that lead to them, and the rules that found something, ready to be set.

It never overwrites a configuration.

Exit codes: 0 written; 2 could not run; 3 written, but some input could not be analysed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := "."
			if len(args) > 0 {
				folder = args[0]
			}
			return initConfig(cmd.Context(), env, &f, folder)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addBuild(flags)
	f.addDisplay(flags)
	return cmd
}

func initConfig(ctx context.Context, env *Env, f *checkFlags, folder string) error {
	path, err := newConfigPath(env, folder)
	if err != nil {
		return err
	}
	c, err := newCheckRun(env, f, []string{folder})
	if err != nil {
		return err
	}
	c.timings.start()
	findings, err := c.analyze(ctx)
	if err != nil {
		return err
	}
	text := survey.Take(filepath.Dir(path), c.workspace, findings).Configuration()
	if err := writeFile(path, 0o644, contents(text)); err != nil {
		return fmt.Errorf("cannot write the configuration: %w", err)
	}
	shown := filepath.ToSlash(filepath.Join(folder, newConfigFile))
	fmt.Fprintf(env.Stdout, "%s: written; check it with: commslint config verify\n", shown)
	if f.timings {
		c.timings.print(env.Stderr)
	}
	if c.tellFailures(findings) {
		return &ExitError{Code: exitIncomplete, Err: fmt.Errorf("some input could not be analysed, so that %s is not fitted to it", shown)}
	}
	return nil
}

// newConfigPath is where the configuration of a folder goes. It fails if one is there.
func newConfigPath(env *Env, folder string) (string, error) {
	dir := env.path(folder)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("%s: expected a folder, in which %s is to be written", folder, newConfigFile)
	}
	for _, name := range []string{newConfigFile, "commslint.cue"} {
		_, err := os.Lstat(filepath.Join(dir, name))
		if err == nil {
			return "", fmt.Errorf("%s is there already; change it, or delete it to have it written anew", filepath.ToSlash(filepath.Join(folder, name)))
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	if above, ok := config.Find(dir); ok {
		if rel, err := filepath.Rel(env.Dir, above); err == nil {
			above = rel
		}
		fmt.Fprintf(env.Stderr, "commslint: %s holds for this folder until now, and not any more\n", filepath.ToSlash(above))
	}
	return filepath.Join(dir, newConfigFile), nil
}
