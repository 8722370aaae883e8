package breaking

import (
	"net/url"
	"slices"
	"strings"
)

// An address is where a server serves: an authority and a base path, with every
// variable written as {}.
type address struct {
	authority string // with the scheme, as https://api.example.com; empty if the URL is relative
	base      string // "" or /v1
}

// maxExpansions bounds the addresses that one server with enumerated variables
// stands for.
const maxExpansions = 64

// addresses lists what a server URL stands for: one address for each combination of
// the values of enumerated variables. Other variables may have any value.
func addresses(serverURL string, enums map[string][]string) []address {
	urls := []string{serverURL}
	for _, name := range parseTemplate(serverURL).names {
		values := enums[name]
		if len(values) == 0 || len(values)*len(urls) > maxExpansions {
			values = []string{"{}"}
		}
		var expanded []string
		for _, u := range urls {
			for _, v := range values {
				expanded = append(expanded, strings.Replace(u, "{"+name+"}", v, 1))
			}
		}
		urls = expanded
	}
	var list []address
	for _, u := range urls {
		list = append(list, parseAddress(u))
	}
	return list
}

func parseAddress(serverURL string) address {
	scheme, rest, ok := strings.Cut(serverURL, "://")
	if !ok {
		return address{base: trimBase(serverURL)}
	}
	host, path, _ := strings.Cut(rest, "/")
	return address{authority: strings.ToLower(scheme + "://" + host), base: trimBase("/" + path)}
}

// trimBase cleans a base path: no query, no slash at its end, one at its start.
func trimBase(base string) string {
	base, _, _ = strings.Cut(base, "?")
	base = strings.Trim(base, "/")
	if base == "" || base == "." {
		return ""
	}
	return "/" + base
}

// serves reports whether calls to old reach a. An address without an authority
// leaves it open, so that it says nothing about the other's.
func (a address) serves(old address) bool {
	return a.base == old.base && (a.authority == "" || old.authority == "" || a.authority == old.authority)
}

// isLocal reports whether only the machine itself can call the address: such
// servers are for development.
func (a address) isLocal() bool {
	u, err := url.Parse(a.authority)
	if err != nil || a.authority == "" {
		return false
	}
	return slices.Contains([]string{"localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0"}, u.Hostname())
}
