package breaking

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// compareIdempotency reports what made a request safe to repeat, if it is gone.
// Methods that are idempotent need nothing (RFC 9110, section 9.2.2).
func (x *exchange) compareIdempotency() {
	if x.old.Method != "POST" && x.old.Method != "PATCH" {
		return
	}
	if x.idempotencyKey(x.new) != nil || declaredIdempotent(x.new) {
		return
	}
	key := x.idempotencyKey(x.old)
	var detail string
	var at finding.Location
	switch {
	case key != nil:
		detail, at = fmt.Sprintf("the header %s is not part of it any more", key.Name), key.At
	case declaredIdempotent(x.old):
		detail, at = "x-idempotent is gone", keyPlace(x.old.Node, "x-idempotent", x.old.At)
	default:
		return
	}
	id := cause{rule: idempotencyDropped, old: x.old, detail: detail}
	if key != nil {
		id.old = key.Node // a component that several operations used
	}
	x.report(id, func() *change {
		return &change{
			message: "clients that repeat this request after a failure may have its effect twice: " + detail,
			place:   x.new.At,
			related: x.before(at, "it was safe to repeat because of this"),
		}
	})
}

// idempotencyKey finds the header parameter that carries an idempotency key.
func (c *comparison) idempotencyKey(op *document.Operation) *document.Parameter {
	for _, p := range op.Parameters {
		if p.In == "header" && slices.ContainsFunc(c.opt.IdempotencyHeaders, func(name string) bool {
			return strings.EqualFold(strings.TrimSpace(name), p.Name)
		}) {
			return p
		}
	}
	return nil
}

func declaredIdempotent(op *document.Operation) bool {
	n := document.Extension(op.Node, "x-idempotent")
	return n != nil && n.Text == "true"
}
