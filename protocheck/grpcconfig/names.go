package grpcconfig

import (
	"fmt"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// names reports names that lead to no method.
func (c *checker) names() {
	type missing struct {
		nodes []*tree.Node
		names []string
	}
	gone := map[string]*missing{} // methods by service
	var order []string
	note := func(service string, n *tree.Node, name string) {
		if gone[service] == nil {
			gone[service] = &missing{}
			order = append(order, service)
		}
		gone[service].nodes = append(gone[service].nodes, n)
		gone[service].names = append(gone[service].names, name)
	}
	for _, m := range c.Methods {
		for _, n := range m.Names {
			service := c.services.Lookup(n.Service)
			switch {
			case n.Service == "":
			case service == nil && c.isMissing(n.Service):
				note(n.Service, n.serviceNode, "")
			case service != nil && n.Method != "" && service.Method(n.Method) == nil:
				note(n.Service, n.methodNode, n.Method)
			}
		}
	}
	for _, name := range order {
		g := gone[name]
		f := finding.Finding{Rule: unknownMethod, Location: c.locate(g.nodes[0])}
		if service := c.services.Lookup(name); service != nil {
			f.Message = noSuchMethods(service, g.names)
			f.Related = append(f.Related, finding.Related{Location: service.At, Message: "service " + name})
		} else {
			f.Message = fmt.Sprintf("no .proto file here defines the service %q: what the config says of it holds for no call%s", name, c.suggestion(name))
		}
		for _, n := range g.nodes[1:min(len(g.nodes), maxRelated)] {
			f.Related = append(f.Related, finding.Related{Location: c.locate(n), Message: "and here"})
		}
		c.report(f)
	}
}

func noSuchMethods(service *Service, names []string) string {
	var methods []string
	for _, m := range service.Methods {
		methods = append(methods, m.Name)
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	text := fmt.Sprintf("the service %s has no method %s: what the config says of it holds for no call", service.Name, list(quoted))
	if near := slip(names[0], methods); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return text
}

// isMissing reports whether a service is known not to be: all of its package is in
// sight, or its name is that of another one but for a slip.
func (c *checker) isMissing(name string) bool {
	if c.services == nil {
		return false
	}
	pkg := ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		pkg = name[:i]
	}
	return pkg != "" && c.services.defines(pkg) || c.misspelt(name) != ""
}

// misspelt finds the service that a name stands for but for blanks, dots or a slash,
// or the name of a Java package.
func (c *checker) misspelt(name string) string {
	if s := c.services.byLetters(name); s != "" {
		return s
	}
	return c.services.byLetters(strings.TrimPrefix(name, "com."))
}

func (c *checker) suggestion(name string) string {
	near := c.misspelt(name)
	if near == "" {
		pkg := name[:strings.LastIndexByte(name, '.')+1]
		if near = slip(strings.TrimPrefix(name, pkg), c.inPackage(pkg)); near == "" {
			return ""
		}
		near = pkg + near
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// inPackage lists the services of a package, which ends with a dot, without it.
func (c *checker) inPackage(pkg string) (found []string) {
	for _, s := range c.services.all() {
		if rest, ok := strings.CutPrefix(s, pkg); ok && !strings.Contains(rest, ".") {
			found = append(found, rest)
		}
	}
	return found
}

// slip finds the word that another is but for blanks, the word Service at its end, or
// two letters in a row; empty if there is none.
func slip(word string, words []string) string {
	word = strings.TrimSpace(word)
	for _, w := range words {
		if strings.TrimSuffix(w, "Service") == strings.TrimSuffix(word, "Service") || differByTwo(w, word) {
			return w
		}
	}
	return ""
}

// differByTwo reports whether two words are equal but for at most two letters in a row.
func differByTwo(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 2 && len(b) <= 2
}
