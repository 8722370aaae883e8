package cli_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/internal/cli"
	"github.com/commslint/commslint/internal/vettool"
)

var update = flag.Bool("update", false, "write what the scripts print into their expected files")

// commslint is the program's main function. The vet tool that it starts is this
// test binary again, under the same name.
func commslint() {
	if vettool.Called(os.Args[1:]) {
		vettool.Main(analyzers.Unit)
	}
	os.Exit(cli.Main(os.Args[1:], cli.OSEnv()))
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"commslint": commslint})
}

// TestScripts runs testdata/script: each is a command, its input, and all that
// it prints. Run with -update after a change that is meant.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	goEnv := goEnvironment(t)
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, goEnv...)
			// For scripts that run without a go command.
			bin, err := exec.LookPath("commslint")
			if err != nil {
				return err
			}
			env.Setenv("COMMSLINT_BIN", filepath.Dir(bin))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, errors.New("unknown condition " + cond)
		},
	})
}

// exits runs a command and checks its exit code: exits CODE COMMAND ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Check(err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// goEnvironment shares the caches of the go command with the scripts, and keeps
// them from the network and from other settings of the machine.
func goEnvironment(t *testing.T) []string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	vars := []string{"GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=", "GOENV=off", "CI=true"}
	for i, value := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		vars = append(vars, names[i]+"="+strings.TrimSpace(value))
	}
	return vars
}
