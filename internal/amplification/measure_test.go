package amplification

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"
)

// caller is a command that makes calls of one scenario and prints the error of
// the last.
var caller = template.Must(template.New("caller").Parse(`package main

import (
	"context"
	"flag"
	"fmt"
	"time"
{{range .}}
	"example.com/amplification/{{.}}"
{{- end}}
)

var scenarios = map[string]func(ctx context.Context, target string) error{
{{- range .}}
	"{{.}}": {{.}}.Call,
{{- end}}
}

func main() {
	scenario := flag.String("scenario", "", "")
	target := flag.String("target", "", "")
	calls := flag.Int("calls", 1, "")
	limit := flag.Duration("limit", time.Minute, "")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	var err error
	for range *calls {
		err = scenarios[*scenario](ctx, *target)
	}
	fmt.Print(err)
}
`))

// buildCaller builds the command from a source that lies in dir, as if it lay
// among the scenarios.
func buildCaller(dir string, scenarios []string) (path string, err error) {
	var source bytes.Buffer
	if err := caller.Execute(&source, scenarios); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, source.Bytes(), 0o666); err != nil {
		return "", err
	}
	abs, err := filepath.Abs(module)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(abs, "caller", "main.go"): file},
	})
	if err != nil {
		return "", err
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o666); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "caller")
	return path, build(abs, "./caller", path, "-overlay", overlayFile)
}

func build(module, pkg, path string, flags ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), pkg)...)
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// hangLimit is how long the callers of peers that hang wait in all: longer than
// any scenario needs for its own timeouts.
const hangLimit = 4 * time.Second

var (
	busy    = make(chan struct{}, 2*runtime.NumCPU()) // processes that compute
	waiting = make(chan struct{}, 64)                 // processes that mostly wait
)

// A trial is a number of calls of a scenario to a peer that fails.
type trial struct {
	scenario string
	failure  *failure // nil for a peer that is well
	only     string   // the operation that fails, all if empty
	calls    int
}

// String names the failure.
func (tr trial) String() string {
	switch {
	case tr.failure == nil:
		return "none"
	case tr.only != "":
		return tr.failure.name + " of " + tr.only
	default:
		return tr.failure.name
	}
}

// A result is what came of a trial.
type result struct {
	trial
	arrived map[string]int // requests by operation
	last    string         // the error of the last call
}

// run makes the calls in a process of their own.
func (tr trial) run(t *testing.T) (result, error) {
	args := []string{"-scenario", tr.scenario, "-calls", strconv.Itoa(tr.calls)}
	slots := busy
	if tr.failure != nil && tr.failure.hang {
		args = append(args, "-limit", hangLimit.String())
		slots = waiting
	}
	slots <- struct{}{}
	defer func() { <-slots }()
	p := newPeer(t, tr.failure, tr.only)
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binaries.caller, append(args, "-target", p.addr())...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return result{}, fmt.Errorf("%s, failure %s: %w\n%s", tr.scenario, tr, err, &stderr)
	}
	return result{tr, p.arrived(), stdout.String()}, nil
}

// runAll runs trials at the same time.
func runAll(t *testing.T, trials ...trial) []result {
	results := make([]result, len(trials))
	errs := make([]error, len(trials))
	var wg sync.WaitGroup
	for i, tr := range trials {
		wg.Go(func() { results[i], errs[i] = tr.run(t) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return results
}

// A measurement is the results of all trials of one scenario.
type measurement []result

// measure calls a scenario once in every mode of failure: of all operations,
// and of each alone if there are several.
func measure(t *testing.T, scenario string) measurement {
	trials := []trial{{scenario: scenario, calls: 1}}
	for i := range failures {
		trials = append(trials, trial{scenario: scenario, failure: &failures[i], calls: 1})
	}
	m := measurement(runAll(t, trials...))
	if last := m[0].last; last != "<nil>" {
		t.Fatalf("the call failed although its peer is well: %s", last)
	}
	ops := m.operations()
	if len(ops) < 2 {
		return m
	}
	var alone []trial
	for _, op := range ops {
		for i := range failures {
			alone = append(alone, trial{scenario: scenario, failure: &failures[i], only: op, calls: 1})
		}
	}
	return append(m, runAll(t, alone...)...)
}

// operations returns those that got any requests.
func (m measurement) operations() []string {
	seen := map[string]bool{}
	for _, r := range m {
		for op := range r.arrived {
			seen[op] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// most returns the result in which op got the most requests.
func (m measurement) most(op string) result {
	return slices.MaxFunc(m, func(a, b result) int { return a.arrived[op] - b.arrived[op] })
}

// hang returns the results where the peer hangs.
func (m measurement) hang() measurement {
	return slices.DeleteFunc(slices.Clone(m), func(r result) bool { return r.failure == nil || !r.failure.hang })
}

// counts lists what op got in every trial.
func (m measurement) counts(op string) string {
	var b strings.Builder
	for _, r := range m {
		fmt.Fprintf(&b, "\n%6d  %s", r.arrived[op], r)
	}
	return b.String()
}

// steady returns how many requests each further call leads to once many have
// failed as in a trial.
func steady(t *testing.T, tr trial, op string) float64 {
	const before, after = 40, 40
	early, late := tr, tr
	early.calls = before
	late.calls = before + after
	results := runAll(t, early, late)
	return float64(results[1].arrived[op]-results[0].arrived[op]) / after
}
