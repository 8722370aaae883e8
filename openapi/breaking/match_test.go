package breaking

import (
	"slices"
	"testing"
)

func TestMediaRanges(t *testing.T) {
	for _, tt := range []struct {
		outer, inner string
		covers       bool
	}{
		{"application/json", "application/json", true},
		{"application/*", "application/json", true},
		{"*/*", "text/plain", true},
		{"application/json", "application/*", false},
		{"application/json", "application/problem+json", false},
		{"Application/JSON", "application/json; charset=utf-8", true},
		{"application/json; charset=utf-8", "application/json", true},
		{"application/json", "application/json; version=1", true},
		{"application/json; version=1", "application/json; version=2", false},
		{"application/json;a=1;b=2", `application/json; b="2"; a=1`, true},
		{"nonsense", "nonsense", true},
		{"nonsense", "application/json", false},
	} {
		if got := parseMedia(tt.outer).covers(parseMedia(tt.inner)); got != tt.covers {
			t.Errorf("%q covers %q: %v, want %v", tt.outer, tt.inner, got, tt.covers)
		}
	}
}

func TestClosestStatus(t *testing.T) {
	for _, tt := range []struct {
		keys  []string
		other string
		want  string
	}{
		{[]string{"default", "4XX", "404"}, "404", "404"},
		{[]string{"default", "4xx"}, "404", "4xx"},
		{[]string{"default", "5XX"}, "404", "default"},
		{[]string{"200", "5XX"}, "404", ""},
		{[]string{"404"}, "4XX", ""},
		{[]string{"4XX"}, "4xx", "4XX"},
		{[]string{"default"}, "default", "default"},
		{nil, "200", ""},
	} {
		got, ok := closestStatus(tt.keys, tt.other)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("closest of %v to %s: %q, want %q", tt.keys, tt.other, got, tt.want)
		}
	}
}

func TestTemplates(t *testing.T) {
	for _, tt := range []struct {
		path, shape string
		names       []string
	}{
		{"/", "/", nil},
		{"/users", "/users", nil},
		{"/users/", "/users", nil},
		{"/users/{id}", "/users/{}", []string{"id"}},
		{"/{a}-{b}.{c}/x", "/{}-{}.{}/x", []string{"a", "b", "c"}},
		{"/users/{id", "/users/{id", nil},
		{"/users}/{}", "/users}/{}", []string{""}},
	} {
		got := parseTemplate(tt.path)
		if got.shape != tt.shape || !slices.Equal(got.names, tt.names) {
			t.Errorf("%s: %s with %q, want %s with %q", tt.path, got.shape, got.names, tt.shape, tt.names)
		}
	}
}

func TestAddresses(t *testing.T) {
	enums := map[string][]string{"region": {"eu", "us"}}
	for _, tt := range []struct {
		url  string
		want []address
	}{
		{"/", []address{{}}},
		{"", []address{{}}},
		{"/v1/", []address{{base: "/v1"}}},
		{"https://API.example.com", []address{{authority: "https://api.example.com"}}},
		{"https://{region}.example.com/v1", []address{{"https://eu.example.com", "/v1"}, {"https://us.example.com", "/v1"}}},
		{"https://{tenant}.example.com/{base}", []address{{"https://{}.example.com", "/{}"}}},
	} {
		if got := addresses(tt.url, enums); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.url, got, tt.want)
		}
	}
}

func TestAddressesAreBounded(t *testing.T) {
	many := make([]string, 1000)
	for i := range many {
		many[i] = string(rune('a' + i%26))
	}
	enums := map[string][]string{"a": many, "b": many[:8], "c": many[:8], "d": many[:8]}
	if n := len(addresses("https://{a}{b}{c}{d}", enums)); n != 64 {
		t.Errorf("%d addresses, want 64", n)
	}
}

func TestLocalServers(t *testing.T) {
	for url, want := range map[string]bool{
		"http://localhost:8080/v1": true, "http://127.0.0.1": true, "http://[::1]:80": true,
		"https://localhost.example.com": false, "/v1": false, "https://{}": false,
	} {
		if got := parseAddress(url).isLocal(); got != want {
			t.Errorf("%s is local: %v, want %v", url, got, want)
		}
	}
}
