//go:build unix

// Command openapi compares what commslint breaking costs with what oasdiff costs, on
// pairs of large published documents, both in one run:
//
//	go install github.com/oasdiff/oasdiff@v1.33.0
//	go run ./internal/bench/openapi -specs DIR -oasdiff $(which oasdiff)
//
// It fails if CPU time or peak memory is more than the bar's share of oasdiff's.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"
)

// pairs are two states of published documents, the older one first.
var pairs = [][2]string{
	{"stripe-base.yaml", "stripe-rev.yaml"},
	{"stripe-base.json", "stripe-rev.json"},
	{"github-2022-06.json", "github-rev.json"},
	{"cloudflare-2023-05.yaml", "cloudflare-base.yaml"},
	{"twilio-base.yaml", "twilio-rev.yaml"},
	{"adyen-mgmt-base.yaml", "adyen-mgmt-rev.yaml"},
	{"k8s-core-base.json", "k8s-core-rev.json"},
}

func main() {
	specs := flag.String("specs", "", "the `folder` with the documents")
	oasdiff := flag.String("oasdiff", "oasdiff", "the `program` to compare with, v1.33.0")
	own := flag.String("commslint", "", "the commslint `program`; built if not given")
	runs := flag.Int("runs", 3, "how often each runs; the least `number` counts")
	bar := flag.Float64("bar", 0.5, "the largest `share` of oasdiff's cost that passes; 0 for none")
	flag.Parse()
	ok, err := bench(*specs, *oasdiff, *own, *runs, *bar)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func bench(specs, oasdiff, own string, runs int, bar float64) (ok bool, err error) {
	if own == "" {
		dir, err := os.MkdirTemp("", "commslint-bench")
		if err != nil {
			return false, err
		}
		defer os.RemoveAll(dir)
		own = filepath.Join(dir, "commslint")
		if out, err := exec.Command("go", "build", "-o", own, "github.com/commslint/commslint/cmd/commslint").CombinedOutput(); err != nil {
			return false, fmt.Errorf("commslint does not build: %w\n%s", err, out)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "pair\tCPU s\toasdiff\tratio\tpeak MB\toasdiff\tratio\tfindings\toasdiff\t")
	ok = true
	for _, p := range pairs {
		old, new := filepath.Join(specs, p[0]), filepath.Join(specs, p[1])
		mine, err := measure(runs, own, "breaking", new, "--against", old, "-f", "json", "--fail-on", "never")
		if err != nil {
			return false, err
		}
		theirs, err := measure(runs, oasdiff, "breaking", "-f", "json", old, new)
		if err != nil {
			return false, err
		}
		cpu, memory := mine.cpu.Seconds()/theirs.cpu.Seconds(), mine.peak/theirs.peak
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t%.2f\t%d\t%d\t\n", p[1],
			mine.cpu.Seconds(), theirs.cpu.Seconds(), cpu, mine.peak, theirs.peak, memory, mine.findings, theirs.findings)
		if bar > 0 && (cpu > bar || memory > bar) {
			ok = false
		}
	}
	return ok, w.Flush()
}

// A cost is what the cheapest of several runs took.
type cost struct {
	cpu      time.Duration // user and system
	peak     float64       // resident memory in MB
	findings int
}

func measure(runs int, program string, args ...string) (cost, error) {
	var best cost
	for i := range runs {
		c, err := run(program, args...)
		if err != nil {
			return cost{}, err
		}
		if i == 0 {
			best = c
		}
		best.cpu, best.peak = min(best.cpu, c.cpu), min(best.peak, c.peak)
	}
	return best, nil
}

func run(program string, args ...string) (cost, error) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	out, err := os.CreateTemp("", "commslint-bench")
	if err != nil {
		return cost{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout = out // a file, so that nothing here competes for the processor
	// Both programs may end with 1 if they find something.
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		return cost{}, fmt.Errorf("%s: %w", program, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell what a process used")
	}
	n, err := count(out.Name())
	return cost{
		cpu:      cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak:     float64(usage.Maxrss) / 1024, // kB on Linux
		findings: n,
	}, err
}

// count counts findings without holding them: a process begins with the peak of the
// one that starts it. Oasdiff prints a list, or nothing.
func count(file string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	switch start, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return 0, nil
	case err != nil:
		return 0, err
	case start == json.Delim('['):
		return countItems(dec)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return 0, err
		}
		if key == "findings" {
			if _, err := dec.Token(); err != nil {
				return 0, err
			}
			return countItems(dec)
		}
		if err := dec.Decode(new(json.RawMessage)); err != nil {
			return 0, err
		}
	}
	return 0, errors.New("the report has no findings")
}

func countItems(dec *json.Decoder) (n int, err error) {
	for ; dec.More(); n++ {
		if err := dec.Decode(new(json.RawMessage)); err != nil {
			return 0, err
		}
	}
	return n, nil
}
