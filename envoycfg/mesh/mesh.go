// Package mesh reads what meshes and gateways are told in Kubernetes documents, and how
// the services behind them are reached.
//
//	var files []*manifest.File
//	for each file with manifest.Sniff(text) {
//		files = append(files, manifest.Read(name, text))
//	}
//	result := mesh.Check(files, policy.NewOptions(param))
//
// All files of a workspace belong in one call, because documents speak of each other: a
// DestinationRule in one file limits the retries that a VirtualService in another asks for.
package mesh

import (
	"cmp"
	"slices"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// A Result is what the documents show.
type Result struct {
	Findings  []finding.Finding
	Routes    []callgraph.Route
	Workloads []callgraph.Workload
	// Documents is how many documents there are that say something about routes.
	Documents int
}

// Check reads the documents of a workspace and asks the rules mesh/… of them.
func Check(files []*manifest.File, opt policy.Options) *Result {
	d := newDocuments(files, opt)
	for _, read := range []func(){
		d.istio, d.gatewayAPI, d.contour, d.kuma, d.linkerd, d.appMesh, d.ingressNginx, d.traefik, d.emissary, d.consul,
	} {
		read()
	}
	d.report.Check(d.routes)
	result := &Result{
		Findings:  d.report.Findings(),
		Workloads: manifest.Workloads(d.objects),
		Documents: d.count,
	}
	for i := range d.routes {
		result.Routes = append(result.Routes, d.routes[i].Graph()...)
	}
	slices.SortStableFunc(result.Routes, func(a, b callgraph.Route) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.ID, b.ID))
	})
	return result
}

// documents are those of a workspace, by what they are.
type documents struct {
	objects  []*manifest.Object
	byKind   map[string][]*manifest.Object
	indexes  map[indexed]map[string]*manifest.Index // by name, filled on first use
	configs  *manifest.Index                        // that hold a MeshConfig
	sidecars *manifest.Index                        // of what asks for sidecars
	timeouts map[string]*manifest.Index             // MeshTimeouts, by what they are for
	wide     *manifest.Index                        // the DestinationRules that are for many hosts
	report   *policy.Report
	routes   []policy.Route
	count    int
	// included is how many HTTPProxies were read, each as often as it is included.
	included int
}

func newDocuments(files []*manifest.File, opt policy.Options) *documents {
	d := &documents{byKind: map[string][]*manifest.Object{}, indexes: map[indexed]map[string]*manifest.Index{}, report: policy.NewReport(opt)}
	for _, f := range files {
		d.objects = append(d.objects, f.Objects...)
	}
	for _, o := range d.objects {
		d.byKind[o.Group+"/"+o.Kind] = append(d.byKind[o.Group+"/"+o.Kind], o)
	}
	return d
}

// of lists the documents of a kind, and counts them as read.
func (d *documents) of(group, kind string) []*manifest.Object {
	found := d.byKind[group+"/"+kind]
	d.count += len(found)
	return found
}

// nearest picks, of the documents of a kind ("group/kind") that fit, those that are nearest to a file.
func (d *documents) nearest(kind, file string, fits func(*manifest.Object) bool) []*manifest.Object {
	return d.index(kind, "", func(*manifest.Object) string { return "" }).Nearest(file, fits)
}

// nearestNamed does so among the documents of a name. The name is that in their metadata.
func (d *documents) nearestNamed(kind, name, file string, fits func(*manifest.Object) bool) []*manifest.Object {
	if name == "" {
		return nil
	}
	return d.index(kind, name, func(o *manifest.Object) string { return o.Name }).Nearest(file, fits)
}

// index finds the documents of a kind that have a name; what that is, nameOf tells.
func (d *documents) index(kind, name string, nameOf func(*manifest.Object) string) *manifest.Index {
	named := name != ""
	names, ok := d.indexes[indexed{kind, named}]
	if !ok {
		by := map[string][]*manifest.Object{}
		for _, o := range d.byKind[kind] {
			by[nameOf(o)] = append(by[nameOf(o)], o)
		}
		names = map[string]*manifest.Index{}
		for n, objects := range by {
			names[n] = manifest.NewIndex(objects)
		}
		d.indexes[indexed{kind, named}] = names
	}
	return names[name]
}

// An indexed is a kind whose documents are looked for, by name or not.
type indexed struct {
	kind  string
	named bool
}

// ownerOf is a document as messages call it.
func ownerOf(o *manifest.Object) *policy.Owner {
	name := o.Name
	if n := o.NameNode(); name == "" && n != o.Root {
		name = string(n.File.Text[n.Start:n.End])
	}
	if name == "" {
		return &policy.Owner{Name: "the " + o.Kind, At: policy.At(o.Root)}
	}
	return &policy.Owner{Name: o.Kind + " " + name, At: policy.At(o.NameNode())}
}
