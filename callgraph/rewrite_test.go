package callgraph

import "testing"

func TestRewrite(t *testing.T) {
	for _, tt := range []struct {
		rewrite    Rewrite
		path, want string
	}{
		{Rewrite{}, "/a", "/a"},
		{Rewrite{Prefix: "/api", To: "/"}, "/api/x", "//x"},
		{Rewrite{Prefix: "/api/", To: "/"}, "/api/x", "/x"},
		{Rewrite{Prefix: "/api/", To: "/"}, "/other", "/other"},
		{Rewrite{Pattern: `^/v(\d)/(.*)$`, To: `/\2/$\1`}, "/v1/a/b", "/a/b/$1"},
		{Rewrite{Pattern: `(`, To: "x"}, "/a", "/a"},
	} {
		want(t, tt.path, tt.rewrite.path(tt.path), tt.want)
	}
}

func TestBeforeRewrite(t *testing.T) {
	for _, tt := range []struct {
		rewrite    Rewrite
		path, want string
	}{
		{Rewrite{}, "/a", "/a"},
		{Rewrite{Prefix: "/api/", To: "/"}, "/x", "/api/x"},
		{Rewrite{Prefix: "/api", To: "/v2"}, "/x", ""},
		{Rewrite{Pattern: "a", To: "b"}, "/b", ""},
	} {
		got, ok := tt.rewrite.before(tt.path)
		if !ok {
			got = ""
		}
		want(t, tt.path, got, tt.want)
	}
}

// What is sent on, and to mirrors, has the path that the route writes; so have the handlers that it reaches.
func TestRoutesRewritePaths(t *testing.T) {
	sys := gateway(Route{
		RouteMatch: RouteMatch{Path: PathMatch{PrefixPath, "/api/"}}, Rewrite: Rewrite{Prefix: "/api/", To: "/"}, Layers: retries(3),
		Mirrors: []Mirror{{Upstream: Upstream{Name: "s"}, Fraction: 1}},
	})
	p := LinkSystem(client("GET edge:80/api/x", 1), sys)
	want(t, "app", hardOf(t, p, "c.main", "GET app:8080/x"), "4")
	want(t, "mirror", hardOf(t, p, "c.main", "GET s/x"), "1")
}
