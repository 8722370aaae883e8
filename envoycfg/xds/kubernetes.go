package xds

import (
	"strings"

	"github.com/commslint/commslint/tree"
)

// Kubernetes reads what a Kubernetes document holds of Envoy's, each part as a file of its own whose places
// are those in the document: the configurations in a ConfigMap, or in a Secret that is written as text, and
// the patches of an EnvoyFilter. It returns nil for any other document.
//
// The patches are resources of Shape Patch: parts of what Istio configures, and nothing that stands for
// itself.
func Kubernetes(document *tree.Node) []*File {
	switch textOf(document.Get("kind")) {
	case "ConfigMap":
		return embedded(document.Get("data"))
	case "Secret":
		return embedded(document.Get("stringData"))
	case "EnvoyFilter":
		if f := patches(document); f != nil {
			return []*File{f}
		}
	}
	return nil
}

// embedded reads the strings of an object that are configurations of Envoy.
func embedded(data *tree.Node) []*File {
	var files []*File
	if data == nil {
		return nil
	}
	for i := range data.Members {
		n := data.Members[i].Value
		if n.Kind == tree.String && Sniff([]byte(n.Text)) {
			files = append(files, FromTree(tree.Embedded(n)))
		}
	}
	return files
}

// patched are the types of what an EnvoyFilter patches, by its applyTo.
var patched = []struct{ applyTo, typeName string }{
	{"LISTENER", TypeListener},
	{"FILTER_CHAIN", "envoy.config.listener.v3.FilterChain"},
	{"NETWORK_FILTER", "envoy.config.listener.v3.Filter"},
	{"LISTENER_FILTER", "envoy.config.listener.v3.ListenerFilter"},
	{"HTTP_FILTER", "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter"},
	{"ROUTE_CONFIGURATION", TypeRoutes},
	{"VIRTUAL_HOST", TypeVirtualHost},
	{"HTTP_ROUTE", "envoy.config.route.v3.Route"},
	{"CLUSTER", TypeCluster},
	{"EXTENSION_CONFIG", "envoy.config.core.v3.TypedExtensionConfig"},
	{"BOOTSTRAP", TypeBootstrap},
}

func patches(document *tree.Node) *File {
	list := document.Get("spec").Get("configPatches")
	if list == nil {
		return nil
	}
	f := &File{Name: document.File.Name, Tree: document.File, Template: document.Templated()}
	d := newDecoder(f, document.File.Text)
	d.goDurations = true
	for _, item := range list.Items {
		value := item.Get("patch").Get("value")
		if value == nil || value.Kind != tree.Object {
			continue
		}
		// What is merged into something else need not be whole.
		operation := textOf(item.Get("patch").Get("operation"))
		d.patch = strings.HasPrefix(operation, "MERGE") || operation == "" || value.Templated()
		for _, p := range patched {
			if strings.EqualFold(p.applyTo, textOf(item.Get("applyTo"))) {
				d.resource(Patch, "", p.typeName, value)
			}
		}
	}
	if len(f.Resources) == 0 && len(f.Findings) == 0 {
		return nil
	}
	return f
}
