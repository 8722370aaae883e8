package descriptor

import (
	"strings"
	"testing"
)

func TestSetIsWhole(t *testing.T) {
	s := embedded()
	if len(s.files) < 500 {
		t.Fatalf("the embedded set has %d files, want more than 500", len(s.files))
	}
	for name := range s.fileOf {
		if Find(name) == nil && FindEnum(name) == nil {
			t.Errorf("%s is indexed but cannot be read", name)
		}
	}
	for _, m := range s.messages {
		for _, f := range m.Fields {
			if f.Kind == kindMessage && !f.Map && f.Message() == nil && !strings.HasPrefix(f.typeName, "google.api.") {
				t.Errorf("%s.%s: its type %s is not in the set", m.Name, f.Name, f.typeName)
			}
			if f.Kind == kindEnum && f.Enum() == nil {
				t.Errorf("%s.%s: its enum %s is not in the set", m.Name, f.Name, f.typeName)
			}
		}
	}
}

func TestFind(t *testing.T) {
	cluster := Find("envoy.config.cluster.v3.Cluster")
	if cluster == nil {
		t.Fatal("no Cluster")
	}
	if f := cluster.Field("connectTimeout"); f == nil || f != cluster.Field("connect_timeout") || f.Message().Form != Duration {
		t.Errorf("connect_timeout is %+v", f)
	} else if f.Rules == nil || f.Rules.Number == nil || f.Rules.Number.More == nil || *f.Rules.Number.More != 0 {
		t.Errorf("connect_timeout has rules %+v, want more than 0s", f.Rules)
	}
	if f := cluster.Field("typed_extension_protocol_options"); !f.Map || f.MapValue.Message().Form != Any {
		t.Error("typed_extension_protocol_options is no map of Any")
	}
	if v := cluster.Field("lb_policy").Enum().Value("least_request"); v == nil || v.Name != "LEAST_REQUEST" {
		t.Errorf("least_request is %v", v)
	}
	if f := cluster.Field("type"); f.Oneof == nil || f.Oneof.Name != "cluster_discovery_type" || len(f.Oneof.Fields) != 2 {
		t.Errorf("type is in the oneof %v", f.Oneof)
	}
	if Find("envoy.config.cluster.v3.Cluster.OutlierDetection") != nil || Find("x") != nil {
		t.Error("a type is found that is not there")
	}
	if f := Find("envoy.config.route.v3.RouteAction").Field("max_grpc_timeout"); !f.Deprecated || f.Since != "3.0" {
		t.Errorf("max_grpc_timeout: deprecated is %v since %q", f.Deprecated, f.Since)
	}
	action := Find("envoy.config.route.v3.RouteAction")
	for _, o := range action.Oneofs {
		if o.Name == "cluster_specifier" && !o.Required {
			t.Error("cluster_specifier is not required")
		}
	}
	if f := Find("envoy.extensions.transport_sockets.tls.v3.TlsCertificate").Field("private_key"); !f.Sensitive {
		t.Error("private_key is not sensitive")
	}
}

// The first use of the set is what a run pays that meets one file of Envoy's.
func BenchmarkFirstUse(b *testing.B) {
	for b.Loop() {
		s := readSet()
		s.load("envoy.config.bootstrap.v3.Bootstrap")
	}
}
