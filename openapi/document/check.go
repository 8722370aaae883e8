package document

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// document checks what stands at the top level.
func (b *builder) document(root *tree.Node) {
	b.checkKeys(root, rootKeys)
	if n := b.object(root.Get("info"), "info"); n != nil {
		b.doc.Info = Info{Node: n, Title: b.text(n, "title"), Version: b.text(n, "version")}
		for _, key := range []string{"title", "version"} {
			if n.Get(key) == nil {
				b.flaw(n.Location(), "info has no %s: expected one", key)
			}
		}
	} else if root.Get("info") == nil {
		b.flaw(keyPlace(&root.Members[0]), "the document has no info: expected info: {title: …, version: …}")
	}
	has := func(key string) bool { return root.Get(key) != nil }
	if !has("paths") && (b.doc.Version < OpenAPI31 || !has("webhooks") && !has("components")) {
		b.flaw(keyPlace(&root.Members[0]), "the document has no paths")
	}
}

var parameterPlaces = []string{"path", "query", "header", "cookie"}

func (b *builder) checkParameter(p *Parameter) {
	n := p.Node
	if p.Name == "" {
		b.invalid(n, "the parameter has no name")
	}
	places := parameterPlaces
	switch b.doc.Version {
	case Swagger20:
		places = []string{"path", "query", "header", "body", "formData"}
	case OpenAPI32:
		places = append(slices.Clone(places), "querystring")
	}
	if !slices.Contains(places, p.In) {
		at := n
		if in := n.Get("in"); in != nil {
			at = in
		}
		b.invalid(at, "a parameter cannot be in %q: expected in: to be one of %s", p.In, strings.Join(places, ", "))
	}
	if p.In == "path" && !p.Required {
		edit := requireParameter(n)
		b.group("path parameter", groupedFlaw{
			at: n.Location(), message: "a path parameter is always required: write required: true", again: "another path parameter without it",
			fix: "write required: true", edit: &edit,
		})
	}
	hasSchema, hasContent := n.Get("schema") != nil, n.Get("content") != nil
	switch {
	case b.doc.Version == Swagger20:
	case hasSchema && hasContent:
		b.invalid(n, "the parameter has both a schema and content: keep one of them")
	case !hasSchema && !hasContent:
		b.group("parameter schema", groupedFlaw{
			at: n.Location(), message: "the parameter has neither schema nor content: anything may be sent", again: "another one",
		})
	}
}

func requireParameter(n *tree.Node) finding.Edit {
	if required := n.Get("required"); required != nil {
		return finding.Edit{File: n.File.Name, Start: int(required.Start), End: int(required.End), New: "true"}
	}
	return n.InsertMember([]string{"required: true"}, `"required": true`)
}

// checkDescription expects the description that each response has before 3.2.
func (b *builder) checkDescription(n *tree.Node) {
	if n.Get("description") == nil && b.doc.Version != OpenAPI32 {
		b.group("response description", groupedFlaw{
			at: n.Location(), message: "a response needs a description before OpenAPI 3.2", again: "another one without it",
		})
	}
}

// checkSecurityScheme expects what the type of the scheme needs.
func (b *builder) checkSecurityScheme(s *SecurityScheme) {
	at := s.Node
	if n := s.Node.Get("type"); n != nil {
		at = n
	}
	switch s.Type {
	case "apiKey":
		if s.ParameterName == "" || !slices.Contains([]string{"query", "header", "cookie"}, s.In) {
			b.invalid(at, "an API key needs the name of its parameter and in: header, query or cookie")
		}
	case "http":
		if s.Scheme == "" {
			b.invalid(at, "a security scheme of type http needs a scheme, such as bearer")
		}
	case "oauth2":
		if len(s.Flows) == 0 {
			b.invalid(at, "a security scheme of type oauth2 needs flows")
		}
	case "openIdConnect":
		if s.OpenIDConnectURL == "" {
			b.invalid(at, "a security scheme of type openIdConnect needs its openIdConnectUrl")
		}
	case "mutualTLS":
	default:
		b.invalid(at, "unknown type of security scheme %q: expected apiKey, http, oauth2, openIdConnect or mutualTLS", s.Type)
	}
}

// checkServer expects each variable of the URL to be declared, with a default.
func (b *builder) checkServer(s *Server) {
	if s.URL == "" {
		b.invalid(s.Node, "the server has no url")
		return
	}
	declared := map[string]*tree.Node{}
	for _, v := range s.Variables {
		declared[v.Name] = v.Node
	}
	for _, name := range templateNames(s.URL) {
		switch v := declared[name]; {
		case v == nil:
			b.invalid(s.Node.Get("url"), "the variable {%s} is not declared: give it a default in variables", name)
		case v.Get("default") == nil:
			b.invalid(v, "the variable %s has no default: expected one", name)
		}
	}
}

// templateNames are the names in braces of a path or URL.
func templateNames(template string) []string {
	var names []string
	for {
		start := strings.IndexByte(template, '{')
		if start < 0 {
			return names
		}
		length := strings.IndexByte(template[start:], '}')
		if length < 0 {
			return names
		}
		names = append(names, template[start+1:start+length])
		template = template[start+length+1:]
	}
}

// parameterName is the name in a template without what gateways and RFC 6570 write beside it:
// {id:[0-9]+}, {proxy+}, {.format}, {;id*}.
func parameterName(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return strings.Trim(name, "+*.;?&#/")
}

// checkPaths checks the templates of the paths: against each other, and against the parameters.
func (b *builder) checkPaths() {
	seen := map[string]*PathItem{}
	for _, item := range b.doc.Paths {
		if !strings.HasPrefix(item.Name, "/") {
			b.invalidAt(item.At, "the path %s does not begin with a slash", item.Name)
		}
		template := withoutNames(item.Name)
		if first := seen[template]; first != nil {
			b.note(Problem{
				Rule: RuleInvalid, AtMost: finding.Warning, Location: item.At,
				Message: "the path " + item.ShortName() + " matches the same requests as " + first.ShortName() + ": merge the two",
				Related: []finding.Related{{Location: first.At, Message: "the other path"}},
			})
		} else {
			seen[template] = item
		}
		for _, op := range item.Operations {
			b.checkPathParameters(op)
		}
	}
}

// withoutNames is a path template that is equal to those that match the same requests.
func withoutNames(template string) string {
	var b strings.Builder
	for {
		start := strings.IndexByte(template, '{')
		length := strings.IndexByte(template[max(start, 0):], '}')
		if start < 0 || length < 0 {
			b.WriteString(template)
			return b.String()
		}
		b.WriteString(template[:start])
		b.WriteString("{}")
		template = template[start+length+1:]
	}
}

func (b *builder) checkPathParameters(op *Operation) {
	if b.hasLostParameters(op.Node) || b.hasLostParameters(op.Item.Node) {
		return
	}
	names, declared := map[string]bool{}, map[string]bool{}
	for _, p := range op.Parameters {
		if p.In == "path" {
			declared[p.Name] = true
		}
	}
	path := op.Item.ShortName()
	for _, name := range templateNames(op.Item.Name) {
		if names[name] {
			continue
		}
		names[name], names[parameterName(name)] = true, true
		if name != parameterName(name) {
			continue
		}
		if !declared[name] {
			b.invalidAt(op.At, "%s %s does not declare its path parameter {%s}: add it to parameters", op.Method, path, name)
		}
	}
	for _, p := range op.Parameters {
		if p.In == "path" && p.Name != "" && !names[p.Name] && !names[parameterName(p.Name)] {
			b.flaw(p.At, "the path %s has no {%s} for this parameter", path, p.Name)
		}
	}
}

// hasLostParameters reports whether some parameter of an object could not be read, which is
// another problem.
func (b *builder) hasLostParameters(n *tree.Node) bool {
	parameters := n.Get("parameters")
	if parameters == nil {
		return false
	}
	list := b.follow(parameters)
	if list == nil || list.Kind != tree.Array {
		return true
	}
	return slices.ContainsFunc(list.Items, func(item *tree.Node) bool { return b.follow(item) == nil })
}

// checkOperationIDs expects that no two operations have the same.
func (b *builder) checkOperationIDs() {
	seen := map[string]*Operation{}
	for _, items := range [][]*PathItem{b.doc.Paths, b.doc.Webhooks} {
		for _, item := range items {
			for _, op := range item.Operations {
				first := seen[op.ID]
				if op.ID == "" || first != nil && first.Node == op.Node {
					continue
				}
				if first == nil {
					seen[op.ID] = op
					continue
				}
				taken := "the operationId " + op.ID + " is taken by " + first.Method + " " + first.Item.ShortName()
				b.group("operationId", groupedFlaw{
					at: op.Node.Get("operationId").Location(), message: taken + ": each operation needs its own", again: taken,
				})
			}
		}
	}
}
