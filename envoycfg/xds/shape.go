package xds

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/tree"
)

// maxWrappers is how deep resources are looked for in a document that is none of Envoy's own shapes.
const maxWrappers = 4

// document reads the resources of one document, whatever its shape.
func (d *decoder) document(root *tree.Node) {
	switch root.Kind {
	case tree.Array:
		d.list(List, root)
	case tree.Object:
		d.object(root)
	}
}

func (d *decoder) object(root *tree.Node) {
	if isKubernetes(root) {
		return
	}
	configs, resources := root.Get("configs"), root.Get("resources")
	switch {
	case configs != nil && configs.Kind == tree.Array:
		d.dumps(configs)
	case resources != nil && resources.Kind == tree.Array:
		d.list(Discovery, resources)
	case root.Get(typeKey) != nil:
		d.packed(Single, "", root)
	default:
		if typeName := typeByKeys(keysOf(root)); typeName != "" {
			shape := Single
			if typeName == TypeBootstrap {
				shape = Bootstrap
			}
			d.resource(shape, "", typeName, root)
			return
		}
		d.wrapped(root, maxWrappers)
	}
}

// isKubernetes reports whether a document is a manifest, which other packages read.
func isKubernetes(root *tree.Node) bool {
	return root.Get("apiVersion") != nil && root.Get("kind") != nil
}

// list reads resources that stand in a list, with types or without.
func (d *decoder) list(shape Shape, list *tree.Node) {
	if list == nil {
		return
	}
	for _, item := range list.Items {
		if item.Kind != tree.Object {
			continue
		}
		inner := item.Get("resource")
		switch {
		case item.Get(typeKey) != nil:
			d.packed(shape, "", item)
		case inner != nil && inner.Get(typeKey) != nil:
			d.packed(Delta, textOf(item.Get("name")), inner)
		default:
			if typeName := typeByKeys(keysOf(item)); typeName != "" {
				d.resource(List, "", typeName, item)
				continue
			}
			d.listed(item, maxWrappers)
		}
	}
}

// listed reads the resources in an item that is none itself. Those that stand beside a version or a time are
// from a dump: Envoy has them from itself.
func (d *decoder) listed(item *tree.Node, depth int) {
	keys := keysOf(item)
	before := d.dump
	d.dump = d.dump || slices.Contains(keys, "version_info") || slices.Contains(keys, "last_updated")
	d.wrapped(item, depth)
	d.dump = before
}

// dumps reads what the admin interface prints under /config_dump.
func (d *decoder) dumps(configs *tree.Node) {
	d.dump = true
	defer func() { d.dump = false }()
	for _, config := range configs.Items {
		url := config.Get(typeKey)
		if url == nil || url.Kind != tree.String {
			continue
		}
		if m := d.unpack(config, url, nil); m != nil {
			d.dumped(m, 3)
		}
	}
}

// dumped adds the resources that a message of the admin interface holds.
func (d *decoder) dumped(m *Message, depth int) {
	if !strings.HasPrefix(m.Type.Name, "envoy.admin.") {
		shape := Dump
		d.file.Resources = append(d.file.Resources, &Resource{Message: m, Shape: shape})
		return
	}
	if depth == 0 {
		return
	}
	for _, v := range m.Fields() {
		for _, inner := range append(v.Messages(), v.Message()) {
			if inner != nil && (inner.extension || inner.Is(TypeBootstrap) || strings.HasPrefix(inner.Type.Name, "envoy.admin.")) {
				d.dumped(inner, depth-1)
			}
		}
	}
}

// wrapped looks for resources in a document of some program's own: those with a type of Envoy's, and
// those that stand, by their names, under a key that is a type.
func (d *decoder) wrapped(n *tree.Node, depth int) {
	if depth <= 0 || !d.spend(n) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if typeName := typeOfKey(m.Key); typeName != "" {
			for _, named := range m.Value.Members {
				d.resource(List, named.Key, typeName, named.Value)
			}
			continue
		}
		switch {
		case m.Key == "diff": // of the resources beside it, in what tests of control planes expect
		case m.Value.Kind == tree.Array && slices.Contains(listNames, snake(m.Key)):
			d.list(List, m.Value)
		default:
			d.wrappedValue(m.Value, depth-1)
		}
	}
	for _, item := range n.Items {
		if item.Kind == tree.Object && item.Get(typeKey) == nil {
			d.listed(item, depth-1)
			continue
		}
		d.wrappedValue(item, depth-1)
	}
}

// listNames are keys under which programs list resources.
var listNames = []string{"listeners", "clusters", "routes", "route_configs", "endpoints", "secrets"}

func (d *decoder) wrappedValue(n *tree.Node, depth int) {
	url := n.Get(typeKey)
	switch {
	case n.Kind != tree.Object && n.Kind != tree.Array:
	case url == nil:
		d.wrapped(n, depth)
	case strings.HasPrefix(TypeName(url.Text), "envoy.admin."):
		d.dump = true
		if m := d.unpack(n, url, nil); m != nil {
			d.dumped(m, 3)
		}
		d.dump = false
	case strings.HasPrefix(TypeName(url.Text), "envoy."):
		d.packed(Single, n.Key(), n)
	}
}

func textOf(n *tree.Node) string {
	if n == nil {
		return ""
	}
	return n.Text
}

// keysOf are the keys of an object in snake_case.
func keysOf(n *tree.Node) []string {
	keys := make([]string, 0, len(n.Members))
	for i := range n.Members {
		if !n.Members[i].KeyTemplated() {
			keys = append(keys, snake(n.Members[i].Key))
		}
	}
	return keys
}

// signs are the fields by which resources without a type are told. A type fits if one of its signs is
// there, and with it all that it needs. Where the signs are words that others use too, no key may be
// strange to the type.
var signs = []struct {
	typeName string
	signs    []string
	needs    []string
	weak     bool
}{
	{TypeBootstrap, []string{
		"static_resources", "dynamic_resources", "layered_runtime", "bootstrap_extensions", "default_regex_engine",
		"overload_manager", "stats_sinks", "cluster_manager", "typed_dns_resolver_config", "application_log_config", "hds_config",
	}, nil, false},
	{TypeHTTPManager, []string{"http_filters", "route_config", "rds", "codec_type", "scoped_routes"}, []string{"stat_prefix"}, false},
	{TypeRoutes, []string{"virtual_hosts"}, nil, false},
	{TypeVirtualHost, []string{"routes"}, []string{"domains"}, false},
	{"envoy.config.route.v3.Route", []string{"route", "redirect", "direct_response"}, []string{"match"}, true},
	{TypeListener, []string{"filter_chains", "default_filter_chain", "api_listener"}, nil, false},
	{TypeListener, []string{"listener_filters", "per_connection_buffer_limit_bytes", "traffic_direction"}, []string{"address"}, false},
	{TypeEndpoints, []string{"endpoints"}, []string{"cluster_name"}, false},
	{TypeCluster, []string{
		"load_assignment", "eds_cluster_config", "cluster_type", "lb_policy", "circuit_breakers", "outlier_detection",
		"dns_lookup_family", "common_lb_config", "typed_extension_protocol_options", "transport_socket_matches",
	}, []string{"name"}, false},
	{TypeCluster, []string{"connect_timeout"}, []string{"name"}, true},
	{TypeSecret, []string{"tls_certificate", "validation_context", "generic_secret", "session_ticket_keys"}, []string{"name"}, false},
	{"envoy.config.listener.v3.FilterChain", []string{"filters"}, nil, true},
	{"envoy.config.listener.v3.Filter", []string{"typed_config"}, []string{"name"}, true},
}

// typeByKeys tells the type of a resource by its keys; it is empty if they are not Envoy's.
func typeByKeys(keys []string) string {
	for _, s := range signs {
		if !slices.ContainsFunc(s.signs, func(sign string) bool { return slices.Contains(keys, sign) }) {
			continue
		}
		if slices.ContainsFunc(s.needs, func(need string) bool { return !slices.Contains(keys, need) }) {
			continue
		}
		if fits(s.typeName, keys, s.weak) {
			return s.typeName
		}
	}
	return ""
}

// fits reports whether the keys are fields of a type: most of them, unless the signs are weak. Some may be
// misspelt, or the next release's.
func fits(typeName string, keys []string, weak bool) bool {
	t := descriptor.Find(typeName)
	strange := 0
	for _, key := range keys {
		if t.Field(key) == nil {
			strange++
		}
	}
	if weak {
		return strange == 0
	}
	return strange*4 <= len(keys) || strange == 1 && len(keys) >= 3
}
