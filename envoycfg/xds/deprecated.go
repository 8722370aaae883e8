package xds

import (
	"fmt"
	"strings"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// deprecated reports a field that the protos advise against. It works, unless the runtime of Envoy
// disallows it, which is what makes it more than a note.
func (d *decoder) deprecated(f *descriptor.Field, t *descriptor.Message, at finding.Location) {
	if d.dump {
		return
	}
	message := fmt.Sprintf("%s.%s is deprecated", t.ShortName(), f.Name)
	if f.Since != "" && f.Since != "3.0" {
		message += " since Envoy " + asRelease(f.Since)
	}
	atMost := finding.Note
	if f.Disallowed {
		message += ", and Envoy refuses it unless its runtime allows deprecated features"
		atMost = finding.Warning
	}
	d.report(finding.Finding{Rule: RuleDeprecated, Location: at, Message: message, AtMost: atMost})
}

// asRelease writes the version of an annotation as that of a release: 3.N was published with 1.N.
func asRelease(version string) string {
	if minor, ok := strings.CutPrefix(version, "3."); ok {
		return "1." + minor
	}
	return version
}

func (d *decoder) deprecatedValue(v Value, value *descriptor.EnumValue) {
	if d.dump {
		return
	}
	message := fmt.Sprintf("%s: the value %s is deprecated", v.Field.Name, value.Name)
	atMost := finding.Note
	if value.Disallowed {
		message += ", and Envoy refuses it unless its runtime allows deprecated features"
		atMost = finding.Warning
	}
	d.report(finding.Finding{Rule: RuleDeprecated, Location: v.Node.Location(), Message: message, AtMost: atMost})
}

// removed are the fields of version 2 that version 3 has no more, and what took their place. They are
// what tells a configuration of version 2 that names no types.
var removed = []struct{ message, field, instead string }{
	{"Cluster", "hosts", "load_assignment"},
	{"Cluster", "tls_context", "a transport_socket of type envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"},
	{"Cluster", "extension_protocol_options", "typed_extension_protocol_options"},
	{"FilterChain", "tls_context", "a transport_socket of type envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"},
	{"Bootstrap", "runtime", "layered_runtime"},
	{"HttpConnectionManager", "idle_timeout", "common_http_protocol_options.idle_timeout"},
	{"RouteMatch", "regex", "safe_regex"},
	{"HeaderMatcher", "regex_match", "string_match.safe_regex"},
	{"QueryParameterMatcher", "value", "string_match"},
	{"RouteAction", "request_mirror_policy", "request_mirror_policies"},
	{"VirtualHost", "per_filter_config", "typed_per_filter_config"},
	{"Route", "per_filter_config", "typed_per_filter_config"},
	{"WeightedCluster.ClusterWeight", "per_filter_config", "typed_per_filter_config"},
	{"LbEndpoint", "config", "typed_config"},
	{"", "config", "typed_config"},
}

// removedField reports a field of version 2, if the key is one.
func (d *decoder) removedField(m *Message, member *tree.Member) bool {
	key := snake(member.Key)
	for _, r := range removed {
		if r.field != key || r.message != "" && !strings.HasSuffix(m.Type.Name, "."+r.message) {
			continue
		}
		if r.message == "" && m.Type.Field("typed_config") == nil {
			continue
		}
		d.report(finding.Finding{
			Rule: RuleDeprecated, Location: keyAt(member),
			Message: fmt.Sprintf("%s of %s belongs to version 2 of Envoy's API, which Envoy has not read since 1.18: use %s",
				key, m.Type.ShortName(), r.instead),
		})
		return true
	}
	return false
}

// isVersion2 reports whether a full name is of the packages that version 3 has replaced.
func isVersion2(name string) bool {
	if !strings.HasPrefix(name, "envoy.") {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "v2" || part == "v2alpha" || part == "v2alpha1" {
			return true
		}
	}
	return false
}
