package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/tree"
)

func (b *builder) securitySchemes() {
	b.schemes = map[string]*SecurityScheme{}
	holder := b.doc.Root.Get("components").Get("securitySchemes")
	if b.doc.Version == Swagger20 {
		holder = b.doc.Root.Get("securityDefinitions")
	}
	b.entries(b.object(holder, "security schemes"), func(m *tree.Member) {
		if s := b.securityScheme(m); s != nil {
			b.doc.SecuritySchemes = append(b.doc.SecuritySchemes, s)
			b.schemes[s.Name] = s
		}
	})
}

func (b *builder) securityScheme(m *tree.Member) *SecurityScheme {
	n := b.object(m.Value, "a security scheme")
	if n == nil {
		return nil
	}
	s := &SecurityScheme{
		Name: m.Key, Node: n, At: keyPlace(m),
		Type:             b.text(n, "type"),
		In:               b.text(n, "in"),
		ParameterName:    b.text(n, "name"),
		Scheme:           strings.ToLower(b.text(n, "scheme")),
		BearerFormat:     b.text(n, "bearerFormat"),
		OpenIDConnectURL: b.text(n, "openIdConnectUrl"),
	}
	switch {
	case b.doc.Version != Swagger20:
		b.members(b.object(n.Get("flows"), "flows"), func(m *tree.Member) {
			b.flow(s, m.Key, m.Value)
		})
	case s.Type == "basic":
		s.Type, s.Scheme = "http", "basic"
	case s.Type == "oauth2":
		b.flow(s, swaggerFlow(b.text(n, "flow")), n)
	}
	b.checkSecurityScheme(s)
	return s
}

func (b *builder) flow(s *SecurityScheme, kind string, use *tree.Node) {
	n := b.object(use, "a flow")
	if n == nil {
		return
	}
	flow := Flow{
		Kind: kind, Node: n,
		AuthorizationURL:       b.text(n, "authorizationUrl"),
		TokenURL:               b.text(n, "tokenUrl"),
		RefreshURL:             b.text(n, "refreshUrl"),
		DeviceAuthorizationURL: b.text(n, "deviceAuthorizationUrl"),
	}
	b.entries(b.object(n.Get("scopes"), "scopes"), func(m *tree.Member) {
		flow.Scopes = append(flow.Scopes, m.Key)
	})
	slices.Sort(flow.Scopes)
	s.Flows = append(s.Flows, flow)
}

// security reads the security of the document or of an operation; nil if it says nothing.
func (b *builder) security(n *tree.Node) *Security {
	list := b.array(n.Get("security"), "security")
	if list == nil {
		return nil
	}
	security := &Security{Node: list}
	for _, item := range list.Items {
		node := b.object(item, "a security requirement")
		if node == nil {
			continue
		}
		requirement := Requirement{Node: node}
		b.entries(node, func(m *tree.Member) {
			use := SchemeUse{Name: m.Key, Scheme: b.schemeNamed(m), Scopes: b.texts(m.Value, "scopes"), At: keyPlace(m)}
			requirement.Uses = append(requirement.Uses, use)
		})
		security.Requirements = append(security.Requirements, requirement)
	}
	return security
}

// schemeNamed finds the security scheme that a requirement names, by its component's name or,
// since 3.2, by a reference.
func (b *builder) schemeNamed(m *tree.Member) *SecurityScheme {
	if s := b.schemes[m.Key]; s != nil {
		return s
	}
	if b.doc.Version == OpenAPI32 && strings.ContainsAny(m.Key, "#/") {
		if n, err := b.loader.Resolve(m.Value, m.Key); err == nil {
			for _, s := range b.doc.SecuritySchemes {
				if s.Node == n {
					return s
				}
			}
			s := b.securityScheme(&tree.Member{Key: m.Key, KeyStart: m.KeyStart, KeyEnd: m.KeyEnd, Value: n})
			b.schemes[m.Key] = s
			return s
		}
	}
	names := make([]string, 0, len(b.schemes))
	for _, s := range b.doc.SecuritySchemes {
		names = append(names, s.Name)
	}
	holder := "components.securitySchemes"
	if b.doc.Version == Swagger20 {
		holder = "securityDefinitions"
	}
	flaw := groupedFlaw{at: keyPlace(m), again: "here too"}
	close := b.loader.speller.name(m.Key, names)
	flaw.message = fmt.Sprintf("no security scheme is called %q%s", m.Key, didYouMean(close, "declare it in "+holder))
	b.groupProblem("scheme "+m.Key, Problem{Rule: RuleInvalid}, flaw)
	return nil
}

// didYouMean ends a message with the name that was meant, or with what to do if none is near.
func didYouMean(name, otherwise string) string {
	if name == "" {
		return ": " + otherwise
	}
	return ": did you mean " + name + "?"
}

// servers reads the servers of an object; nil if it says nothing of them. An empty list
// means the same as none (OpenAPI 3.1.1, 4.8.1.1).
func (b *builder) servers(n *tree.Node) []*Server {
	if b.doc.Version == Swagger20 {
		return nil
	}
	list := b.array(n.Get("servers"), "servers")
	if list == nil {
		return nil
	}
	var servers []*Server
	for _, item := range list.Items {
		node := b.object(item, "a server")
		if node == nil {
			continue
		}
		s := &Server{Node: node, URL: b.text(node, "url")}
		b.entries(b.object(node.Get("variables"), "variables"), func(m *tree.Member) {
			v := b.object(m.Value, "a variable")
			if v == nil {
				return
			}
			s.Variables = append(s.Variables, Variable{
				Name: m.Key, Node: v, Default: b.text(v, "default"), Enum: b.texts(v.Get("enum"), "enum"),
			})
		})
		b.checkServer(s)
		servers = append(servers, s)
	}
	return servers
}
