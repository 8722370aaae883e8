//go:build unix

package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A cost is what a run took, and what it printed.
type cost struct {
	cpu    time.Duration // user and system, with the processes that it started
	peak   float64       // resident memory in MB, of the largest of them
	output []byte
}

func (c cost) least(o cost) cost {
	if c.output == nil {
		return o
	}
	c.cpu, c.peak = min(c.cpu, o.cpu), min(c.peak, o.peak)
	return c
}

func measure(dir, program string, args ...string) (cost, error) {
	out, err := os.CreateTemp("", "commslint-bench")
	if err != nil {
		return cost{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, os.Stderr
	// buf ends with 100 if it finds something.
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 100 {
		return cost{}, fmt.Errorf("%s: %w", program, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell what a process used")
	}
	text, err := os.ReadFile(out.Name())
	return cost{
		cpu:    cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak:   float64(usage.Maxrss) / 1024, // kB on Linux
		output: text,
	}, err
}

// A place is where a rule of buf is broken.
type place struct {
	file         string
	line, column int
	rule         string
}

type places map[place]bool

// without lists those of buf's default rules that another set lacks, sorted.
func (p places) without(other places, defaults map[string]bool) []place {
	var rest []place
	for at := range p {
		if !other[at] && defaults[at.rule] {
			rest = append(rest, at)
		}
	}
	slices.SortFunc(rest, func(a, b place) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), strings.Compare(a.rule, b.rule))
	})
	return rest
}

// ownFindings reads a report of commslint; beyond counts what no rule of buf is about.
func ownFindings(report []byte) (found places, beyond int, err error) {
	var doc struct {
		Findings []struct {
			Rule, File   string
			Line, Column int
			Properties   struct{ BufRule any }
		}
	}
	if err := json.Unmarshal(report, &doc); err != nil {
		return nil, 0, fmt.Errorf("the report of commslint: %w", err)
	}
	found = places{}
	for _, f := range doc.Findings {
		if strings.HasPrefix(f.Rule, "input/") {
			return nil, 0, fmt.Errorf("commslint could not compile %s:%d", f.File, f.Line)
		}
		var ids []any
		switch id := f.Properties.BufRule.(type) {
		case string:
			ids = []any{id}
		case []any:
			ids = id
		default:
			beyond++
		}
		for _, id := range ids {
			rule, _ := id.(string)
			found[place{f.File, f.Line, f.Column, rule}] = true
		}
	}
	return found, beyond, nil
}

// bufFindings reads what buf prints, one object a line. A file that is gone is only
// named in the message.
func bufFindings(lines []byte) (places, error) {
	found := places{}
	for line := range strings.Lines(string(lines)) {
		var f struct {
			Path    string
			Line    int `json:"start_line"`
			Column  int `json:"start_column"`
			Type    string
			Message string
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			return nil, fmt.Errorf("the report of buf: %w", err)
		}
		if f.Path == "" {
			if parts := strings.Split(f.Message, `"`); len(parts) > 1 {
				f.Path, f.Line, f.Column = parts[1], 0, 0
			}
		}
		found[place{f.Path, f.Line, f.Column, f.Type}] = true
	}
	return found, nil
}

// defaultRules asks buf for the rules that it runs if nothing else is configured.
func defaultRules(buf string) (map[string]bool, error) {
	out, err := exec.Command(buf, "config", "ls-breaking-rules", "--version", "v2", "--format", "json").Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w; install it with: go install github.com/bufbuild/buf/cmd/buf@v1.73.0", buf, err)
	}
	defaults := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		var rule struct {
			ID      string
			Default bool
		}
		if err := json.Unmarshal([]byte(line), &rule); err != nil {
			return nil, fmt.Errorf("the rules of buf: %w", err)
		}
		if rule.Default {
			defaults[rule.ID] = true
		}
	}
	return defaults, nil
}
