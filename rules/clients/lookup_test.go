package clients

import "testing"

func TestLookupFunc(t *testing.T) {
	tests := []struct{ pkg, recv, name, want string }{
		{"net/http", "", "Get", "Get"},
		{"net/http", "Client", "Get", "(*Client).Get"},
		{"net/http", "RoundTripper", "RoundTrip", "(RoundTripper).RoundTrip"},
		{"net", "Resolver", "LookupMX", "(*Resolver).Lookup*"},
		{"net", "", "LookupMX", "LookupMX"},
		{"example.com/a/vendor/golang.org/x/sync/errgroup", "", "WithContext", "WithContext"},
		{"vendor/golang.org/x/sync/errgroup", "", "WithContext", "WithContext"},
		{"net/http", "", "Do", ""},
		{"net/http", "Client", "CloseIdleConnections", ""},
		{"net/http/fake", "", "Get", ""},
		{"", "", "", ""},
	}
	for _, tt := range tests {
		got := ""
		if f := LookupFunc(tt.pkg, tt.recv, tt.name); f != nil {
			got = f.Name
		}
		if got != tt.want {
			t.Errorf("LookupFunc(%q, %q, %q) = %q, want %q", tt.pkg, tt.recv, tt.name, got, tt.want)
		}
	}
}

func TestFuncPrefersTheClosestEntry(t *testing.T) {
	lib := &Library{Funcs: []Func{
		{Name: "(*Client).*"},
		{Name: "(*Client).Close"},
		{Name: "(*Client).Get*"},
		{Name: "(**Cmdable).*"},
		{Name: "With*"},
	}}
	tests := []struct{ recv, name, want string }{
		{"Client", "Close", "(*Client).Close"},
		{"Client", "GetRange", "(*Client).Get*"},
		{"Client", "Set", "(*Client).*"},
		{"StringCmdable", "Set", "(**Cmdable).*"},
		{"Cmdable", "Set", "(**Cmdable).*"},
		{"", "WithBlock", "With*"},
		{"", "Block", ""},
		{"", "Client", ""},
	}
	for _, tt := range tests {
		got := ""
		if f := lib.Func(tt.recv, tt.name); f != nil {
			got = f.Name
		}
		if got != tt.want {
			t.Errorf("Func(%q, %q) = %q, want %q", tt.recv, tt.name, got, tt.want)
		}
	}
}

func TestLookupType(t *testing.T) {
	if typ := LookupType("net/http", "Client"); typ == nil || typ.Default != "none" {
		t.Errorf("LookupType(net/http, Client) = %v, want one whose default is none", typ)
	}
	if typ := LookupType("net/http", "Cookie"); typ != nil {
		t.Errorf("LookupType(net/http, Cookie) = %v, want nil", typ)
	}
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"a*c", "abbc", true},
		{"a*c", "abb", false}, {"*b*", "abc", true}, {"a*b*c", "acbc", true}, {"a*b", "a", false},
	}
	for _, tt := range tests {
		if got := glob(tt.pattern, tt.s); got != tt.want {
			t.Errorf("glob(%q, %q) = %v, want %v", tt.pattern, tt.s, got, tt.want)
		}
	}
}

func TestLookupRetry(t *testing.T) {
	tests := []struct {
		pkg, recv, name string
		want            string // the name of the entry; empty for none
	}{
		{"github.com/cenkalti/backoff/v4", "", "Retry", "Retry"},
		{"a/vendor/github.com/cenkalti/backoff/v4", "", "Retry", "Retry"},
		{"github.com/cenkalti/backoff/v4", "", "Retryy", ""},
		{"github.com/go-resty/resty/v2", "Client", "SetRetryCount", "(*Client).SetRetryCount"},
		{"github.com/go-resty/resty/v2", "Client", "SetHeader", "(*Client).Set*"},
		{"github.com/aws/aws-sdk-go-v2/service/s3", "Client", "PutObject", "(*Client).*"},
		{"github.com/aws/aws-sdk-go-v2/feature/s3", "Client", "PutObject", ""},
		{"example.com/shop", "", "Retry", ""},
	}
	for _, tt := range tests {
		got := ""
		if f := LookupRetry(tt.pkg, tt.recv, tt.name); f != nil {
			got = f.Name
		}
		if got != tt.want {
			t.Errorf("LookupRetry(%q, %q, %q) = %q, want %q", tt.pkg, tt.recv, tt.name, got, tt.want)
		}
	}
}
