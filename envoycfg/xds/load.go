package xds

import (
	"strings"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// Rules that reading reports.
const (
	RuleInvalid    = "envoy/invalid"
	RuleDeprecated = "envoy/deprecated-api"
	RuleInput      = "input/envoy" // the file cannot be read
)

// A File is one file with configuration of Envoy.
type File struct {
	Name string
	Tree *tree.File
	// Resources are all messages at the top, in the order of the file: bootstraps, listeners, clusters,
	// route configurations, secrets and whatever else was named or told by its fields.
	Resources []*Resource
	// Template says that something is filled in before Envoy reads the file.
	Template bool
	// Findings are what is wrong with the file: of the rules above, and no others.
	Findings []finding.Finding
	// Unknown are the types that the protos do not have: extensions of somebody's own.
	Unknown []UnknownType
	// Ignored are the places of fields in a dump that were skipped, as the protos do not have them.
	Ignored []finding.Location
}

// A Resource is a message that stands at the top of a document, or in the shape of one.
type Resource struct {
	*Message
	Shape Shape
	// Name is what the shape around the resource calls it; empty if it has no name there. The resource
	// may have a name of its own.
	Name string
}

// A Shape is a way in which resources are written.
type Shape string

const (
	Bootstrap Shape = "bootstrap"
	Discovery Shape = "discovery response" // resources: [{@type}]
	Delta     Shape = "delta response"     // resources: [{name, resource: {@type}}]
	Dump      Shape = "config dump"        // of the admin interface
	List      Shape = "list"               // of resources without types, as istioctl prints them
	Single    Shape = "resource"           // one resource, with or without a type
	Patch     Shape = "patch"              // a part that an EnvoyFilter adds to something or merges into it
)

// Redacted stands in dumps that were cleaned for what was there, whatever type that has to be of.
const Redacted = "REDACTED"

// An UnknownType is a use of a type that the protos do not have.
type UnknownType struct {
	Name string
	At   finding.Location
}

// All returns the messages of a type that stand at the top of the file, or where a bootstrap or dump
// lists its static or dynamic resources.
func (f *File) All(typeName string) []*Message {
	var all []*Message
	for _, r := range f.Resources {
		all = r.collect(all, typeName)
	}
	return all
}

// collect looks for messages of a type where bootstraps and dumps hold them.
func (r *Resource) collect(all []*Message, typeName string) []*Message {
	if r.Is(typeName) {
		return append(all, r.Message)
	}
	if r.Is(TypeBootstrap) {
		for _, list := range []string{"listeners", "clusters", "secrets"} {
			for _, m := range r.Get("static_resources").Get(list).Messages() {
				if m.Is(typeName) {
					all = append(all, m)
				}
			}
		}
	}
	return all
}

// Full names of the types that are asked for most.
const (
	TypeBootstrap   = "envoy.config.bootstrap.v3.Bootstrap"
	TypeListener    = "envoy.config.listener.v3.Listener"
	TypeCluster     = "envoy.config.cluster.v3.Cluster"
	TypeRoutes      = "envoy.config.route.v3.RouteConfiguration"
	TypeVirtualHost = "envoy.config.route.v3.VirtualHost"
	TypeEndpoints   = "envoy.config.endpoint.v3.ClusterLoadAssignment"
	TypeSecret      = "envoy.extensions.transport_sockets.tls.v3.Secret"
	TypeHTTPManager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
	TypeTCPProxy    = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
)

// Load reads a file of which Sniff says that it is Envoy's. It always returns a File; what could not be
// read is a finding of RuleInput in it.
func Load(name string, text []byte) *File {
	t, errs := tree.ParseTemplate(name, text)
	return FromTree(t, errs)
}

// FromTree reads the documents of a file that was parsed already, such as [tree.Embedded] finds in a
// ConfigMap. The errors are those that parsing it gave.
func FromTree(t *tree.File, errs []*tree.Error) *File {
	f := &File{Name: t.Name, Tree: t, Template: t.IsTemplate()}
	d := newDecoder(f, t.Text)
	for _, e := range errs {
		message := e.Message
		if f.Template {
			message = "this is a template that is no YAML before it is filled in (" + e.Message + "): check the rendered file instead"
		}
		d.report(finding.Finding{Rule: RuleInput, Location: e.Location, Message: message})
	}
	for _, root := range t.Documents {
		d.document(root)
	}
	return f
}

// resource adds a message of a type, given by its name.
func (d *decoder) resource(shape Shape, name, typeName string, n *tree.Node) {
	t := descriptor.Find(typeName)
	if t == nil {
		return
	}
	if m := d.message(t, n, nil); m != nil {
		d.file.Resources = append(d.file.Resources, &Resource{Message: m, Shape: shape, Name: name})
	}
}

// packed adds the message that an object with a @type holds.
func (d *decoder) packed(shape Shape, name string, n *tree.Node) {
	url := n.Get(typeKey)
	if url == nil || url.Kind != tree.String || url.Templated() {
		return
	}
	switch TypeName(url.Text) {
	case "envoy.service.discovery.v3.DiscoveryResponse", "envoy.service.discovery.v3.DeltaDiscoveryResponse":
		d.list(Discovery, n.Get("resources"))
		return
	case "envoy.service.discovery.v3.Resource":
		if inner := n.Get("resource"); inner != nil {
			d.packed(Delta, textOf(n.Get("name")), inner)
		}
		return
	}
	if m := d.unpack(n, url, nil); m != nil {
		d.file.Resources = append(d.file.Resources, &Resource{Message: m, Shape: shape, Name: name})
	}
}

// typeOfKey is the type of the resources that a key such as
// "type.googleapis.com/envoy.config.cluster.v3.Cluster" lists by their names.
func typeOfKey(key string) string {
	if name, ok := strings.CutPrefix(key, "type.googleapis.com/"); ok && strings.HasPrefix(name, "envoy.") {
		return name
	}
	return ""
}
