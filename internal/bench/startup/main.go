// Startup measures what commslint costs as a vet tool over an empty one, which
// matters because go vet starts it once for each package: commslint-vet, which
// the limit is for, and the command itself. They take turns, so that what else
// runs on the machine slows all.
//
//	go run ./internal/bench/startup [-n RUNS] [-max MS]
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	runs := flag.Int("n", 100, "how often to start each tool")
	limit := flag.Float64("max", 0, "fail if the median differs by more `ms`; 0 for no limit")
	flag.Parse()
	difference, err := measure(*runs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
	if *limit > 0 && difference > *limit {
		fmt.Fprintf(os.Stderr, "startup: commslint takes %.2f ms more, the limit is %.2f ms\n", difference, *limit)
		os.Exit(1)
	}
}

// measure prints the figures and returns the difference of the median wall
// times in milliseconds.
func measure(runs int) (float64, error) {
	dir, err := os.MkdirTemp("", "startup")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	cfg, err := unit(dir)
	if err != nil {
		return 0, err
	}
	tools := []*tool{
		{name: "empty", pkg: "./internal/bench/empty"},
		{name: "commslint-vet", pkg: "./cmd/commslint-vet"},
		{name: "commslint", pkg: "./cmd/commslint"},
	}
	for _, t := range tools {
		t.path = filepath.Join(dir, t.name)
		build := exec.Command("go", "build", "-o", t.path, t.pkg)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 0, fmt.Errorf("building %s: %w", t.pkg, err)
		}
	}
	for i := range runs + 3 { // the first runs read the binaries from disk
		for _, t := range tools {
			if err := t.run(cfg, i >= 3); err != nil {
				return 0, err
			}
		}
	}
	return compare(tools[0], tools[1:]...), nil
}

// unit writes a package without imports and the configuration that go vet would
// pass for it.
func unit(dir string) (cfg string, err error) {
	source := filepath.Join(dir, "p.go")
	if err := os.WriteFile(source, []byte("package p\n\nfunc F() int { return 1 }\n"), 0o666); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{
		"ID": "example.com/p", "Compiler": "gc", "Dir": dir, "ImportPath": "example.com/p",
		"GoVersion": "go1.26", "GoFiles": []string{source},
		"VetxOutput": filepath.Join(dir, "vet.out"), "Stdout": filepath.Join(dir, "vet.stdout"),
	})
	if err != nil {
		return "", err
	}
	cfg = filepath.Join(dir, "vet.cfg")
	return cfg, os.WriteFile(cfg, data, 0o666)
}

// A tool is a vet tool and how long its runs took, in milliseconds.
type tool struct {
	name, pkg, path string
	wall, cpu       []float64
}

func (t *tool) run(cfg string, record bool) error {
	cmd := exec.Command(t.path, "-json", cfg)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	elapsed := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", t.name, err, out)
	}
	if record {
		state := cmd.ProcessState
		t.wall = append(t.wall, milliseconds(elapsed))
		t.cpu = append(t.cpu, milliseconds(state.UserTime()+state.SystemTime()))
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// compare prints the figures of each tool, and what the others take more than the
// first. It returns by how much the median wall time of the second is greater.
func compare(base *tool, others ...*tool) float64 {
	fmt.Printf("%-14s %12s %12s %12s %12s\n", "ms", "wall median", "wall mean", "CPU median", "CPU mean")
	b := base.figures()
	line(base.name, b)
	var first float64
	for i, t := range others {
		o := t.figures()
		line(t.name, o)
		for j := range o {
			o[j] -= b[j]
		}
		line("  difference", o)
		if i == 0 {
			first = o[0]
		}
	}
	return first
}

func (t *tool) figures() []float64 {
	return []float64{median(t.wall), mean(t.wall), median(t.cpu), mean(t.cpu)}
}

func line(name string, figures []float64) {
	fmt.Printf("%-14s", name)
	for _, f := range figures {
		fmt.Printf(" %12.2f", f)
	}
	fmt.Println()
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
