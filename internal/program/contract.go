package program

import (
	"net/url"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/lint"
	"github.com/commslint/commslint/tree"
)

// Contracts lists what an OpenAPI document promises of its operations. Those of which
// a part is missing promise nothing for sure and are left out.
func Contracts(doc *document.Document, opt lint.Options) []callgraph.Contract {
	var all []callgraph.Contract
	for _, item := range doc.Paths {
		for _, op := range item.Operations {
			if op.Incomplete {
				continue
			}
			base, hosts := "", []string(nil)
			for _, s := range op.Servers {
				if u, err := url.Parse(s.URL); err == nil {
					base = strings.TrimSuffix(u.Path, "/")
					if u.Host != "" {
						hosts = append(hosts, u.Host)
					}
				}
			}
			all = append(all, callgraph.Contract{
				Operation: op.Method + " " + base + item.Name, Hosts: hosts, Repeatable: repeatable(op, opt),
				At: callgraph.Posn{File: op.At.File, Line: op.At.Line, Col: op.At.Column},
			})
		}
	}
	return all
}

// repeatable reports whether a contract lets callers send an operation again.
func repeatable(op *document.Operation, opt lint.Options) bool {
	if op.Method != "POST" && op.Method != "PATCH" {
		return true // RFC 9110, section 9.2.2
	}
	if value := op.Node.Get("x-idempotent"); value != nil {
		return value.Kind == tree.Bool && value.Text == "true"
	}
	return slices.ContainsFunc(op.Parameters, func(p *document.Parameter) bool {
		return p.In == "header" && slices.ContainsFunc(opt.IdempotencyHeaders, func(h string) bool { return strings.EqualFold(h, p.Name) })
	})
}
