package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/protocheck/grpcconfig"
)

// A serviceConfig is a service config of the workspace.
type serviceConfig struct {
	grpcconfig.Source
	dials []callgraph.Posn // where Go code makes connections with it
}

// checkServiceConfigs checks the gRPC service configs of the workspace, those in Go code
// among them, against the .proto files that were checked before.
func (c *checkRun) checkServiceConfigs(ws *workspace.Workspace, vetted *govet.Result) (*inspection, error) {
	check := newInspection()
	configs, err := c.serviceConfigs(ws, vetted, check)
	if err != nil || len(configs) == 0 {
		return check, err
	}
	options := grpcconfig.NewOptions(c.param)
	services := c.protos.Services(options)
	for _, sc := range configs {
		cfg, findings := grpcconfig.Inspect(sc.Source, services, options)
		if sc.Go == nil {
			check.note(sc.Name, sc.Text)
		}
		if cfg != nil && sc.Go == nil {
			check.analysed++
		}
		for _, f := range findings {
			switch {
			case f.Rule == grpcconfig.InputConfig:
				check.failures = append(check.failures, f)
			case !saidOfConnection(&f, sc.dials, vetted.Findings, c.env):
				check.findings = append(check.findings, f)
			}
		}
	}
	return check, nil
}

// serviceConfigs lists the service configs, each once.
func (c *checkRun) serviceConfigs(ws *workspace.Workspace, vetted *govet.Result, check *inspection) ([]*serviceConfig, error) {
	c.literalConfigs = nil
	var all []*serviceConfig
	byName := map[string]*serviceConfig{}
	add := func(name string) *serviceConfig {
		if sc := byName[name]; sc != nil {
			return sc
		}
		text, err := os.ReadFile(c.env.path(filepath.FromSlash(name)))
		if err != nil {
			check.failures = append(check.failures, finding.Finding{
				Rule: grpcconfig.InputConfig, Level: finding.Error, Strength: finding.Proven,
				Message: "the file cannot be read: " + err.Error(), Location: finding.Location{File: name},
			})
			return nil
		}
		sc := &serviceConfig{Source: grpcconfig.Source{Name: name, Text: text}}
		byName[name] = sc
		all = append(all, sc)
		return sc
	}
	for _, name := range c.wanted(ws, workspace.ServiceConfig, grpcconfig.InputConfig) {
		add(name)
	}
	literals, err := c.literals(ws, vetted)
	if err != nil {
		return nil, err
	}
	for i := range literals {
		l := &literals[i]
		if l.File == "" {
			sc := &serviceConfig{Source: c.literalSource(l), dials: l.Dials}
			all, c.literalConfigs = append(all, sc), append(c.literalConfigs, sc)
			continue
		}
		name := workspace.Relative(c.env.Dir, l.File)
		if _, excluded := c.config.Excluded(grpcconfig.InputConfig, name); excluded {
			continue
		}
		if sc := add(name); sc != nil {
			sc.ByGo = true
			sc.MaxAttempts = max(sc.MaxAttempts, l.MaxAttempts)
			sc.dials = append(sc.dials, l.Dials...)
		}
	}
	return all, nil
}

// literals lists the service configs in Go code that was asked for, each once: the
// package and its test variant have the same.
func (c *checkRun) literals(ws *workspace.Workspace, vetted *govet.Result) ([]grpcpolicy.Literal, error) {
	var all []grpcpolicy.Literal
	for _, e := range vetted.Emissions {
		if e.Analyzer != grpcpolicy.Analyzer.Name {
			continue
		}
		var literals []grpcpolicy.Literal
		if err := json.Unmarshal([]byte(e.Text), &literals); err != nil {
			return nil, fmt.Errorf("unexpected service configs of package %s: %w", e.Package, err)
		}
		for _, l := range literals {
			known := slices.ContainsFunc(all, func(o grpcpolicy.Literal) bool { return o.At == l.At && o.File == l.File && o.Text == l.Text })
			if !known && ws.Wanted(e.Package, l.At.File) {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

func (c *checkRun) literalSource(l *grpcpolicy.Literal) grpcconfig.Source {
	return grpcconfig.Source{
		Name: workspace.Relative(c.env.Dir, l.At.File), Text: []byte(l.Text),
		Go:          &grpcconfig.Literal{Line: l.At.Line, Column: l.At.Col, Inside: l.Inside},
		MaxAttempts: l.MaxAttempts,
	}
}

// coverLiterals has directives about the line on which a service config begins cover all of it,
// as it can hold no comment.
func (c *checkRun) coverLiterals(directives []finding.PlacedDirective) []finding.PlacedDirective {
	for i := range directives {
		d := &directives[i]
		for _, sc := range c.literalConfigs {
			if sc.Go.Inside && sc.Name == d.File && sc.Go.Line == d.Target() {
				d.Through = sc.Go.Line + bytes.Count(sc.Text, []byte("\n"))
			}
		}
	}
	return directives
}

// saidOfConnection reports whether a finding says of a service config what a rule for Go
// has said of the connection that is made with it.
func saidOfConnection(f *finding.Finding, dials []callgraph.Posn, said []finding.Finding, env *Env) bool {
	if f.Rule != grpcconfig.RetryNonidempotent {
		return false
	}
	return slices.ContainsFunc(dials, func(at callgraph.Posn) bool {
		file := workspace.Relative(env.Dir, at.File)
		return slices.ContainsFunc(said, func(o finding.Finding) bool {
			return o.Rule == "go/retry-nonidempotent" && o.File == file && o.Line <= at.Line && at.Line <= max(o.Line, o.EndLine)
		})
	})
}
