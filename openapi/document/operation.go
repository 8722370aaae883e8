package document

import (
	"strings"

	"github.com/commslint/commslint/tree"
)

// isMethod reports whether a key of a path item is an operation.
func (b *builder) isMethod(key string) bool {
	switch key {
	case "get", "put", "post", "delete", "options", "head", "patch":
		return true
	case "trace":
		return b.doc.Version != Swagger20
	case "query":
		return b.doc.Version == OpenAPI32
	}
	return false
}

// pathItems reads paths, webhooks, or the expressions of a callback.
func (b *builder) pathItems(n *tree.Node, what string) []*PathItem {
	var items []*PathItem
	b.members(b.object(n, what), func(m *tree.Member) {
		if item := b.pathItem(m); item != nil {
			items = append(items, item)
		}
	})
	return items
}

func (b *builder) pathItem(m *tree.Member) *PathItem {
	parts := b.pathItemParts(m.Value)
	if len(parts) == 0 {
		return nil
	}
	key := itemKey{m.Value, m.Key}
	if item := b.items[key]; item != nil {
		return item
	}
	item := &PathItem{Name: m.Key, Node: parts[len(parts)-1], At: keyPlace(m)}
	b.items[key] = item
	// What stands beside a $ref comes first; before 3.1 it is undefined, and done so nevertheless.
	for _, part := range parts {
		b.checkKeys(part, pathItemKeys)
		item.Parameters = b.merge(item.Parameters, b.parameters(part))
		if item.Servers == nil {
			item.Servers = b.servers(part)
		}
	}
	seen := map[string]bool{}
	for _, part := range parts {
		b.operations(item, part, seen)
	}
	return item
}

// pathItemParts are the objects that make a path item: it, and what its $ref leads to.
func (b *builder) pathItemParts(n *tree.Node) []*tree.Node {
	var parts []*tree.Node
	for hops := 0; n != nil && hops <= maxHops; hops++ {
		if n = b.pathItemPart(n); n == nil {
			break
		}
		ref := refOf(n)
		if ref == "" || len(n.Members) > 1 {
			parts = append(parts, n)
		}
		if ref == "" {
			break
		}
		next, err := b.loader.Resolve(n, ref)
		if hops == maxHops {
			err = errCircle
		}
		if err != nil {
			b.danglingRef(n, err)
			break
		}
		n = next
	}
	return parts
}

func (b *builder) pathItemPart(n *tree.Node) *tree.Node {
	if n.Kind == tree.Object {
		return n
	}
	if n.Kind != tree.Null {
		b.invalid(n, "expected a path item, which is an object, and found %s", kindNames[n.Kind])
	}
	return nil
}

// operations adds those of a part of a path item.
func (b *builder) operations(item *PathItem, part *tree.Node, seen map[string]bool) {
	add := func(m *tree.Member, method string) {
		if seen[method] {
			return
		}
		seen[method] = true
		if op := b.operation(item, m, method); op != nil {
			item.Operations = append(item.Operations, op)
		}
	}
	b.members(part, func(m *tree.Member) {
		switch {
		case b.isMethod(m.Key):
			add(m, strings.ToUpper(m.Key))
		case m.Key == "additionalOperations" && b.doc.Version == OpenAPI32:
			b.entries(b.object(m.Value, "additionalOperations"), func(m *tree.Member) { add(m, m.Key) })
		}
	})
}

func (b *builder) operation(item *PathItem, m *tree.Member, method string) *Operation {
	n := b.object(m.Value, "an operation")
	if n == nil {
		return nil
	}
	if n != m.Value && refOf(m.Value) != "" {
		b.operationRef(m)
	}
	lost := b.lost
	b.checkKeys(n, operationKeys)
	op := &Operation{
		Method: method, Item: item, Node: n, At: keyPlace(m),
		ID:         b.text(n, "operationId"),
		Tags:       b.texts(n.Get("tags"), "tags"),
		Deprecated: b.flag(n, "deprecated", false),
		Parameters: b.merge(b.parameters(n), item.Parameters),
		Security:   b.security(n),
		Servers:    b.servers(n),
	}
	if op.Security == nil {
		op.Security = b.doc.Security
	}
	if b.doc.Version == Swagger20 {
		b.swaggerOperation(op)
	} else {
		b.restOfOperation(op)
	}
	op.Incomplete = b.lost > lost || b.hasLostParameters(n) || b.hasLostParameters(item.Node)
	return op
}

// restOfOperation reads what 3.x says in another way than 2.0.
func (b *builder) restOfOperation(op *Operation) {
	n, item := op.Node, op.Item
	for _, servers := range [][]*Server{item.Servers, b.doc.Servers} {
		if op.Servers == nil {
			op.Servers = servers
		}
	}
	op.RequestBody = b.body(n.Member("requestBody"))
	op.Responses = b.responses(n, b.response)
	b.entries(b.object(n.Get("callbacks"), "callbacks"), func(m *tree.Member) {
		if c := b.callback(m); c != nil {
			op.Callbacks = append(op.Callbacks, c)
		}
	})
}

func (b *builder) callback(m *tree.Member) *Callback {
	n := b.object(m.Value, "a callback")
	if n == nil {
		return nil
	}
	return &Callback{Name: m.Key, Node: n, At: keyPlace(m), Items: b.pathItems(n, "a callback")}
}

// responses reads the responses of an operation, each with read.
func (b *builder) responses(n *tree.Node, read func(*Response)) []*Response {
	holder := b.object(n.Get("responses"), "responses")
	if holder == nil && n.Get("responses") == nil && b.doc.Version < OpenAPI31 {
		b.flaw(n.Location(), "the operation has no responses: expected at least one, such as default")
	}
	var responses []*Response
	b.members(holder, func(m *tree.Member) {
		status, ok := parseStatus(m.Key)
		if !ok {
			b.invalidAt(keyPlace(m), "%q is no status: expected three digits, a class such as 4XX, or default", m.Key)
			return
		}
		node := b.object(m.Value, "a response")
		if node == nil {
			return
		}
		response := &Response{Status: status, Node: node, At: keyPlace(m)}
		read(response)
		responses = append(responses, response)
	})
	return responses
}

// parseStatus reads the key of a response.
func parseStatus(key string) (string, bool) {
	if key == "default" {
		return key, true
	}
	if len(key) != 3 || key[0] < '1' || key[0] > '5' {
		return "", false
	}
	if rest := strings.ToUpper(key[1:]); rest == "XX" {
		return key[:1] + rest, true
	}
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	return key, digit(key[1]) && digit(key[2])
}
