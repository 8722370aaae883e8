package manifest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/tree"
)

// Workloads joins services with the containers behind them, of Kubernetes and of Compose files: one workload for each Service, and
// one for each controller (Deployment, Job …) that no Service leads to. What stands in the same
// folder belongs together before what stands elsewhere, because repositories hold several
// variants of the same cluster.
func Workloads(objects []*Object) []callgraph.Workload {
	c := &cluster{pods: map[*Object]*pod{}}
	for _, o := range objects {
		c.add(o)
	}
	c.index()
	var all []callgraph.Workload
	served := map[*pod]bool{}
	for _, s := range c.services {
		w := callgraph.Workload{Name: s.Name, Hosts: HostNames(s.Name, s.Namespace), Ports: servicePorts(s), At: At(s.NameNode())}
		for _, p := range c.behind(s) {
			served[p] = true
			c.describe(&w, p)
		}
		all = append(all, w)
	}
	for _, o := range c.podObjects {
		p := c.pods[o]
		if served[p] {
			continue
		}
		w := callgraph.Workload{Name: p.object.Name, At: At(p.object.NameNode())}
		c.describe(&w, p)
		all = append(all, w)
	}
	for _, o := range objects {
		if o.Is(composeGroup, composeKind) {
			all = append(all, composeServices(o)...)
		}
	}
	slices.SortStableFunc(all, func(a, b callgraph.Workload) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// At is the position of a node.
func At(n *tree.Node) callgraph.Posn {
	l := n.Location()
	return callgraph.Posn{File: l.File, Line: l.Line, Col: l.Column}
}

// HostNames are the names that a service is reached by from its own namespace and from others.
func HostNames(name, namespace string) []string {
	if name == "" {
		return nil
	}
	hosts := []string{name}
	if namespace != "" {
		name += "." + namespace
		hosts = append(hosts, name, name+".svc", name+".svc.cluster.local")
	}
	return hosts
}

// A cluster is what the manifests of a workspace describe.
type cluster struct {
	services    []*Object
	podObjects  []*Object
	pods        map[*Object]*pod
	configs     []*Object
	byLabel     map[string]*Index // pods, by each of their labels
	configIndex *Index
}

func (c *cluster) index() {
	by := map[string][]*Object{}
	for _, o := range c.podObjects {
		if labels := c.pods[o].labels; labels != nil {
			for _, m := range labels.Members {
				by[m.Key+"="+m.Value.Text] = append(by[m.Key+"="+m.Value.Text], o)
			}
		}
	}
	c.byLabel = map[string]*Index{}
	for label, objects := range by {
		c.byLabel[label] = NewIndex(objects)
	}
	c.configIndex = NewIndex(c.configs)
}

// A pod is a template of pods, or a pod.
type pod struct {
	object *Object
	labels *tree.Node
	spec   *tree.Node
}

func (c *cluster) add(o *Object) {
	switch {
	case o.Name == "":
	case o.Is("", "Service") || o.Is("serving.knative.dev", "Service") && o.Spec().Get("selector") != nil:
		c.services = append(c.services, o)
	case o.Is("", "ConfigMap"):
		c.configs = append(c.configs, o)
	case o.Is("", "Pod"):
		c.podObjects = append(c.podObjects, o)
		c.pods[o] = &pod{o, o.Root.Get("metadata").Get("labels"), o.Spec()}
	case isController(o):
		template := podTemplate(o)
		c.podObjects = append(c.podObjects, o)
		c.pods[o] = &pod{o, template.Get("metadata").Get("labels"), template.Get("spec")}
	}
}

func isController(o *Object) bool {
	switch o.Group {
	case "apps", "extensions", "batch", "argoproj.io":
		return slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout"}, o.Kind)
	}
	return false
}

// behind lists the pods that a service selects, of the nearest folder that has some.
func (c *cluster) behind(service *Object) []*pod {
	selector := service.Spec().Get("selector")
	if selector == nil || len(selector.Members) == 0 {
		return nil
	}
	var found []*pod
	first := selector.Members[0]
	for _, o := range c.byLabel[first.Key+"="+first.Value.Text].Nearest(service.File(), func(o *Object) bool {
		return SameNamespace(o, service) && selects(selector, c.pods[o].labels)
	}) {
		found = append(found, c.pods[o])
	}
	return found
}

// SameNamespace reports whether two objects may be in one namespace. One that is not said may be any.
func SameNamespace(a, b *Object) bool {
	return a.Namespace == b.Namespace || a.Namespace == "" || b.Namespace == ""
}

func selects(selector, labels *tree.Node) bool {
	for _, m := range selector.Members {
		if value := labels.Get(m.Key); value == nil || value.Text != m.Value.Text || Text(value) == "" && !value.Templated() {
			return false
		}
	}
	return true
}

func servicePorts(service *Object) []int {
	var ports []int
	if list := service.Spec().Get("ports"); list != nil {
		for _, p := range list.Items {
			if n, err := strconv.Atoi(Text(p.Get("port"))); err == nil && !slices.Contains(ports, n) {
				ports = append(ports, n)
			}
		}
	}
	return ports
}

// describe adds what the containers of a pod tell.
func (c *cluster) describe(w *callgraph.Workload, p *pod) {
	for _, list := range []string{"containers", "initContainers"} {
		containers := p.spec.Get(list)
		if containers == nil {
			continue
		}
		for _, container := range containers.Items {
			if image := Text(container.Get("image")); image != "" && !slices.Contains(w.Images, image) {
				w.Images = append(w.Images, image)
			}
			c.environment(w, p, container)
		}
	}
}

// environment adds the variables of a container whose value can be known.
func (c *cluster) environment(w *callgraph.Workload, p *pod, container *tree.Node) {
	set := func(name string, value *tree.Node) {
		if name == "" || value == nil || value.Templated() || value.Kind == tree.Object || value.Kind == tree.Array {
			return
		}
		v := callgraph.EnvValue{Name: name, Value: value.Text, At: At(value)}
		i := slices.IndexFunc(w.Env, func(e callgraph.EnvValue) bool { return e.Name == name })
		if i < 0 {
			w.Env = append(w.Env, v)
		}
	}
	if env := container.Get("env"); env != nil {
		for _, e := range env.Items {
			name := Text(e.Get("name"))
			set(name, e.Get("value"))
			if ref := e.Get("valueFrom").Get("configMapKeyRef"); ref != nil {
				set(name, c.config(p.object, Text(ref.Get("name"))).Get(Text(ref.Get("key"))))
			}
		}
	}
	if from := container.Get("envFrom"); from != nil {
		for _, e := range from.Items {
			prefix := Text(e.Get("prefix"))
			if data := c.config(p.object, Text(e.Get("configMapRef").Get("name"))); data != nil {
				for _, m := range data.Members {
					set(prefix+m.Key, m.Value)
				}
			}
		}
	}
}

// config is the data of the ConfigMap of a name that is nearest to an object; nil if none is known.
func (c *cluster) config(user *Object, name string) *tree.Node {
	found := c.configIndex.Nearest(user.File(), func(o *Object) bool { return name != "" && o.Name == name && SameNamespace(o, user) })
	if len(found) == 0 {
		return nil
	}
	return found[0].Root.Get("data")
}

// Selects reports whether the pods of a controller, or a pod, are behind a service.
func Selects(service, o *Object) bool {
	selector := service.Spec().Get("selector")
	return selector != nil && len(selector.Members) > 0 && SameNamespace(service, o) && selects(selector, PodLabels(o))
}

// PodLabels are the labels of the pods that an object makes, or of the pod that it is; nil for others.
func PodLabels(o *Object) *tree.Node {
	if o.Is("", "Pod") {
		return o.Root.Get("metadata").Get("labels")
	}
	return podTemplate(o).Get("metadata").Get("labels")
}

func podTemplate(o *Object) *tree.Node {
	if o.Kind == "CronJob" {
		return o.Spec().Get("jobTemplate").Get("spec").Get("template")
	}
	return o.Spec().Get("template")
}
