package breaking

import (
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/document"
)

// losesIdempotency reports whether the operation was safe to repeat, and is not any
// more. Methods that are idempotent need nothing for it (RFC 9110, section 9.2.2).
func (x *exchange) losesIdempotency() bool {
	if x.reversed || x.old.Method != "POST" && x.old.Method != "PATCH" {
		return false
	}
	safe := func(op *document.Operation) bool { return x.idempotencyKey(op) != nil || declaredIdempotent(op) }
	return safe(x.old) && !safe(x.new)
}

// compareIdempotency reports what made a request safe to repeat, if it is gone.
func (x *exchange) compareIdempotency() {
	if !x.losesIdempotency() {
		return
	}
	key := x.idempotencyKey(x.old)
	detail, at := "x-idempotent is gone", keyPlace(x.old.Node, "x-idempotent", x.old.At)
	if key != nil {
		detail, at = fmt.Sprintf("the header %s is not part of it any more", key.Name), key.At
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
		if c.isIdempotencyKey(p) {
			return p
		}
	}
	return nil
}

func (c *comparison) isIdempotencyKey(p *document.Parameter) bool {
	return p.In == "header" && slices.ContainsFunc(c.opt.IdempotencyHeaders, func(name string) bool {
		return strings.EqualFold(strings.TrimSpace(name), p.Name)
	})
}

func declaredIdempotent(op *document.Operation) bool {
	n := document.Extension(op.Node, "x-idempotent")
	return n != nil && n.Text == "true"
}
