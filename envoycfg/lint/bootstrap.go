package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/tree"
)

// admin wants the administration interface to be reached from this machine only.
func (c *checker) admin(bootstrap *xds.Message) {
	at := bootstrap.Get("admin.address")
	if !at.Set() {
		return
	}
	a := addressOf(at.Message())
	if a.reach != everybody && a.reach != remote {
		return
	}
	f := finding.Finding{
		Rule: adminExposed, Location: a.at.At(),
		Message: fmt.Sprintf("the administration interface listens on %s and asks nobody who they are: whoever reaches it can stop Envoy and read its configuration", a.text),
	}
	if paths := bootstrap.Get("admin.allow_paths"); paths.Set() {
		f.AtMost = finding.Note
		f.Related = []finding.Related{{Location: paths.KeyAt(), Message: "what it offers is limited to these paths"}}
	}
	c.report(f)
}

// overload notes an exposed Envoy that nothing keeps from taking more than it can hold.
func (c *checker) overload(b *effective.Bootstrap) {
	if b.Has("overload_manager") || mayGain(b.Message) {
		return
	}
	for _, l := range c.byFile[b.File].listeners {
		if e := exposureOf(l); e.exposed {
			c.report(finding.Finding{
				Rule: noOverload, Location: b.At(), Related: []finding.Related{e.related()},
				Message: "without an overload_manager Envoy takes connections and requests until its memory is full",
			})
			return
		}
	}
}

// dynamic notes which resources come from elsewhere.
func (c *checker) dynamic(bootstrap *xds.Message) {
	var missing []string
	from := "a control plane"
	for _, source := range []struct{ field, what string }{{"lds_config", "listeners"}, {"cds_config", "clusters"}} {
		v := bootstrap.Get("dynamic_resources").Get(source.field)
		if !v.Set() {
			continue
		}
		file := v.Get("path_config_source.path")
		if !file.Set() {
			file = v.Get("path")
		}
		if file.Set() {
			if c.given(file.String()) {
				continue
			}
			from = file.String()
		}
		missing = append(missing, source.what)
	}
	if len(missing) == 0 {
		return
	}
	c.reportf(dynamicResources, bootstrap.Get("dynamic_resources").KeyAt(), "%s come from %s and were not analysed: nothing is known of them",
		strings.Join(missing, " and "), from)
}

// given reports whether a file of the name was given; the path is one in the container of Envoy.
func (c *checker) given(name string) bool {
	return c.named[path.Base(name)]
}

// unknownClusters finds routes to clusters that a bootstrap does not have, if nothing can add them.
func (c *checker) unknownClusters(b *effective.Bootstrap) {
	if b.Has("dynamic_resources.cds_config") || b.File.Template || len(b.File.Unknown) > 0 {
		return
	}
	var names []string
	for _, cluster := range b.Get("static_resources.clusters").Messages() {
		names = append(names, cluster.Get("name").String())
	}
	for _, rc := range c.byFile[b.File].routeConfigs {
		if validate, known := rc.Get("validate_clusters").Bool(); known && !validate {
			continue
		}
		for _, vh := range rc.VirtualHosts {
			for _, r := range vh.Routes {
				c.unknownTargets(r, names)
			}
		}
	}
}

func (c *checker) unknownTargets(r *effective.Route, names []string) {
	for _, t := range r.Targets {
		if t.Cluster != nil || slices.Contains(names, t.Name) {
			continue
		}
		message := fmt.Sprintf("there is no cluster %q: Envoy refuses it", t.Name)
		if near, ok := rules.Nearest(t.Name, names); ok {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
		c.reportf(xds.RuleInvalid, t.At, "%s", message)
	}
}

// limitPath leads to the limits of single listeners in a layer of the runtime.
var limitPath = []string{"envoy", "resource_limits", "listener"}

// runtimeLimits finds limits for listeners that do not exist.
func (c *checker) runtimeLimits(bootstrap *xds.Message) {
	if bootstrap.Has("dynamic_resources.lds_config") {
		return // listeners come from elsewhere, too
	}
	names := map[string]bool{}
	for _, l := range bootstrap.Get("static_resources.listeners").Messages() {
		if l.Get("name").Set() && !l.Get("name").Known() {
			return
		}
		names[l.Get("name").String()] = true
	}
	for _, layer := range bootstrap.Get("layered_runtime.layers").Messages() {
		for _, limit := range listenerLimits(layer.Get("static_layer").Node) {
			if names[limit.name] {
				continue
			}
			c.report(finding.Finding{
				Rule: deadRuntimeLimit, Location: limit.at,
				Message: fmt.Sprintf("there is no listener %q for this limit, which limits nothing", limit.name),
			})
		}
	}
}

// A namedLimit is a limit in the runtime for the listener of a name.
type namedLimit struct {
	name string
	at   finding.Location
}

// listenerLimits looks for limits, whose path may be written as nested objects or with dots.
func listenerLimits(n *tree.Node) []namedLimit {
	for _, key := range limitPath {
		inner := n.Get(key)
		if inner == nil {
			return dottedLimits(n)
		}
		n = inner
	}
	var limits []namedLimit
	for i := range n.Members {
		m := &n.Members[i]
		if !m.KeyTemplated() && m.Value.Get("connection_limit") != nil {
			limits = append(limits, namedLimit{m.Key, m.Value.File.Location(m.KeyStart, m.KeyEnd)})
		}
	}
	return limits
}

func dottedLimits(n *tree.Node) []namedLimit {
	if n == nil {
		return nil
	}
	var limits []namedLimit
	for i := range n.Members {
		m := &n.Members[i]
		name, ok := strings.CutPrefix(m.Key, strings.Join(limitPath, ".")+".")
		if !ok || m.KeyTemplated() {
			continue
		}
		if name, ok = strings.CutSuffix(name, ".connection_limit"); ok {
			limits = append(limits, namedLimit{name, m.Value.File.Location(m.KeyStart, m.KeyEnd)})
		}
	}
	return limits
}
