// Package proxyconfig reads what the files of a workspace tell proxies: the configurations
// of Envoy, nginx and HAProxy, and the Kubernetes documents of meshes and gateways. Commands
// that report findings and those that draw the call graph read it alike.
package proxyconfig

import (
	"os"
	"path/filepath"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/lint"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/mesh"
	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
)

// The rules of files that cannot be read.
const (
	InputEnvoy    = "input/envoy"
	InputManifest = "input/kubernetes"
	InputNginx    = "input/nginx"
	InputHAProxy  = "input/haproxy"
)

// Options say what is read, and how.
type Options struct {
	Dir string // absolute: the working directory
	// Excluded reports whether the configuration leaves a file out, which is named relative to
	// Dir, of a rule input/…; nil leaves out none.
	Excluded func(inputRule, name string) bool
	// Param gives the parameters of rules in flag syntax; nil gives them their defaults.
	Param func(rule, name string) string
}

// A Result is what the files say.
type Result struct {
	Findings []finding.Finding
	// Failures are the files, or documents in them, that cannot be read.
	Failures  []finding.Finding
	Files     []File
	Routes    []callgraph.Route
	Workloads []callgraph.Workload
}

// A File is one that says something about proxies or services.
type File struct {
	Name string // as findings name it
	Text []byte
}

// Load reads the files of a workspace.
func Load(ws *workspace.Workspace, opt Options) *Result {
	r := &reader{options: opt, policy: policy.DefaultOptions(), envoy: lint.DefaultOptions(), result: &Result{}}
	if opt.Param != nil {
		r.policy, r.envoy = policy.NewOptions(opt.Param), lint.NewOptions(opt.Param)
	}
	r.readManifests(r.texts(ws, workspace.Kubernetes, InputManifest))
	r.readEnvoy(r.texts(ws, workspace.Envoy, InputEnvoy))
	r.readNginx(r.texts(ws, workspace.Nginx, InputNginx))
	r.readHAProxy(r.texts(ws, workspace.HAProxy, InputHAProxy))
	finding.Sort(r.result.Failures)
	return r.result
}

type reader struct {
	options Options
	policy  policy.Options
	envoy   lint.Options
	result  *Result
	// embedded are the configurations of Envoy that Kubernetes documents hold.
	embedded []*xds.File
	// configMaps are other configurations that ConfigMaps hold.
	configMaps []manifest.Embedded
}

// texts reads the files of a kind.
func (r *reader) texts(ws *workspace.Workspace, kind workspace.Kind, inputRule string) []File {
	var files []File
	for _, path := range ws.Documents[kind] {
		name := workspace.Relative(r.options.Dir, path)
		if r.options.Excluded != nil && r.options.Excluded(inputRule, name) {
			continue
		}
		text, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			r.fail(inputRule, finding.Location{File: name}, "the file cannot be read: "+err.Error())
			continue
		}
		files = append(files, File{name, text})
	}
	return files
}

func (r *reader) fail(rule string, at finding.Location, message string) {
	r.result.Failures = append(r.result.Failures, finding.Finding{
		Rule: rule, Level: finding.Error, Strength: finding.Proven, Message: message, Location: at,
	})
}

func (r *reader) add(findings []finding.Finding, routes []callgraph.Route) {
	r.result.Findings = append(r.result.Findings, findings...)
	r.result.Routes = append(r.result.Routes, routes...)
}

// readManifests reads Kubernetes documents. What cannot be read of a template, such as one
// of a Helm chart, may be fine once it is filled in.
func (r *reader) readManifests(files []File) {
	var read []*manifest.File
	for _, f := range files {
		m := manifest.Read(f.Name, f.Text)
		for _, e := range m.Errors {
			if !m.Template {
				r.fail(InputManifest, e.Location, e.Message)
			}
		}
		for _, o := range m.Objects {
			r.embedded = append(r.embedded, xds.Kubernetes(o.Root)...)
		}
		r.configMaps = append(r.configMaps, manifest.EmbeddedTexts(m.Objects)...)
		if len(m.Objects) > 0 || len(m.Errors) > 0 {
			read = append(read, m)
			r.result.Files = append(r.result.Files, f)
		}
	}
	if len(read) > 0 {
		res := mesh.Check(read, r.policy)
		r.add(res.Findings, res.Routes)
		r.result.Workloads = append(r.result.Workloads, res.Workloads...)
	}
}

// readEnvoy reads configurations of Envoy, together: one names what another defines.
func (r *reader) readEnvoy(files []File) {
	loaded := r.embedded
	for _, f := range files {
		loaded = append(loaded, xds.Load(f.Name, f.Text))
	}
	if len(loaded) == 0 {
		return
	}
	r.result.Files = append(r.result.Files, files...)
	res := lint.CheckLoaded(loaded, r.envoy)
	r.add(nil, res.Routes)
	for _, f := range res.Findings {
		if f.Rule == InputEnvoy {
			r.result.Failures = append(r.result.Failures, f)
			continue
		}
		r.result.Findings = append(r.result.Findings, f)
	}
}

// readHAProxy reads configurations of HAProxy, each for itself.
func (r *reader) readHAProxy(files []File) {
	r.result.Files = append(r.result.Files, files...)
	for _, e := range r.configMaps {
		if haproxy.Sniff(e.Text) {
			files = append(files, File{e.File, e.Text})
		}
	}
	for _, f := range files {
		res := haproxy.Check(f.Name, f.Text, r.policy)
		r.add(res.Findings, res.Routes)
	}
}

// readNginx reads configurations of nginx, together: one includes another. A template
// that cannot be read may be fine once it is filled in, and so may what a ConfigMap holds.
func (r *reader) readNginx(files []File) {
	var texts []nginx.File
	own := map[string]bool{}
	for _, f := range files {
		texts = append(texts, nginx.File{Name: f.Name, Text: f.Text})
		own[f.Name] = true
	}
	for _, e := range r.configMaps {
		if nginx.Sniff(e.Text) {
			texts = append(texts, nginx.File{Name: e.File, Text: e.Text})
		}
	}
	if len(texts) == 0 {
		return
	}
	r.result.Files = append(r.result.Files, files...)
	res := nginx.Check(texts, r.policy)
	r.add(res.Findings, res.Routes)
	for _, f := range res.Failures {
		if own[f.File] && !f.Template {
			r.fail(InputNginx, f.Location, f.Message)
		}
	}
}
