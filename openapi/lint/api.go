package lint

import (
	"net/netip"
	"regexp"
	"strings"
	"sync"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// document runs the rules about the API as a whole.
func (c *checker) document() {
	if len(c.doc.Paths) == 0 {
		return
	}
	if !c.hasVersion() {
		c.reportf(noVersion, c.start(), "no version of the API is in its servers, paths, parameters or media types: an incompatible change will have nowhere to go")
	}
	if !c.carriesTrace() {
		c.reportf(noTraceHeader, c.start(), "no operation takes or returns a header such as traceparent: requests cannot be followed from one service to the next")
	}
}

// start is the place that stands for the document: the title, or whatever it says first.
func (c *checker) start() finding.Location {
	if n := c.doc.Info.Node.Get("title"); n != nil {
		return n.Location()
	}
	m := c.doc.Root.Members[0]
	return c.doc.Root.File.Location(m.KeyStart, m.KeyEnd)
}

// versionParameter matches parameters that choose a version, and vendorVersion media types of one.
var (
	versionParameter = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^(.*[-_])?(api)?[-_]?version$|^accept-version$`)
	})
	vendorVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[.;+-]\s*(v|version=)\d`) })
	serverVersion = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)[/.-]v\d|[/.]\d{4}-\d\d-\d\d|/\d+(\.\d+)*(/|$)|version`)
	})
)

// hasVersion reports whether requests say which version of the API they mean.
func (c *checker) hasVersion() bool {
	for _, s := range c.doc.Servers {
		if serverVersion().MatchString(s.URL) {
			return true
		}
		for _, v := range s.Variables {
			if serverVersion().MatchString("/" + v.Default) {
				return true
			}
		}
	}
	for _, item := range c.doc.Paths {
		for segment := range strings.SplitSeq(item.Name, "/") {
			if isVersion(segment) || strings.Contains(strings.ToLower(segment), "{version") || strings.Contains(strings.ToLower(segment), "version}") {
				return true
			}
		}
		for _, op := range item.Operations {
			if operationHasVersion(op) {
				return true
			}
		}
	}
	return false
}

func operationHasVersion(op *document.Operation) bool {
	for _, p := range op.Parameters {
		if p.In != "path" && versionParameter().MatchString(p.Name) {
			return true
		}
	}
	for _, r := range op.Responses {
		for _, m := range r.Content {
			if vendorVersion().MatchString(m.Range) {
				return true
			}
		}
	}
	return false
}

// carriesTrace reports whether any operation takes or returns a header that identifies the request.
func (c *checker) carriesTrace() bool {
	for _, item := range c.doc.Paths {
		for _, op := range item.Operations {
			if hasHeader(op.Parameters, c.opt.TraceHeaders) {
				return true
			}
			for _, r := range op.Responses {
				if sends(r, c.opt.TraceHeaders) {
					return true
				}
			}
		}
	}
	return false
}

// servers wants requests encrypted on their way.
func (c *checker) servers() {
	check := func(servers []*document.Server) {
		for _, s := range servers {
			if s.Node == nil || !isClearText(s) {
				continue
			}
			at := s.Node
			if n := at.Get("url"); n != nil {
				at = n
			}
			c.reportf(plaintextServer, at.Location(), "requests to %s travel in clear text: serve it over https", s.URL)
		}
	}
	check(c.doc.Servers)
	for _, item := range c.doc.Paths {
		check(item.Servers)
		for _, op := range item.Operations {
			check(op.Servers)
		}
	}
}

// isClearText reports whether a server is another machine that is called without TLS.
func isClearText(s *document.Server) bool {
	url := s.URL
	for _, v := range s.Variables {
		url = strings.ReplaceAll(url, "{"+v.Name+"}", v.Default)
	}
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || scheme != "http" && scheme != "ws" {
		return false
	}
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return !isNear(strings.Trim(host, "[]"))
}

// isNear reports whether a host is this machine, one of the development network, or a placeholder.
func isNear(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback() || address.IsUnspecified() || address.IsPrivate() || address.IsLinkLocalUnicast()
	}
	if strings.ContainsAny(host, "{}") || !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".test", ".internal", ".svc", ".invalid", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return strings.Contains(host, ".svc.")
}
