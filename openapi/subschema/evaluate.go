package subschema

import (
	"encoding/json"
	"math/big"
	"unicode/utf8"

	"github.com/commslint/commslint/openapi/schema"
)

// maxEvaluation bounds the schemas that one evaluation applies: branches that share their
// parts can make a small schema exponential.
const maxEvaluation = 200_000

// An evaluation decides whether instances are valid.
type evaluation struct {
	c     *Checker
	dir   Direction
	steps int
}

// A scope is what the schemas of one place have in common: whose they are, and the properties
// that do not exist there.
type scope struct {
	role   role
	hidden []string
}

func (c *Checker) evaluate(v any, s *schema.Schema, dir Direction, r role) truth {
	t, _ := c.evaluateWithin(v, s, dir, r, maxEvaluation)
	return t
}

// evaluateWithin also returns how many schemas were applied.
func (c *Checker) evaluateWithin(v any, s *schema.Schema, dir Direction, r role, steps int) (truth, int) {
	e := &evaluation{c: c, dir: dir, steps: steps}
	t := e.valid(v, s, r)
	return t, steps - e.steps
}

// valid evaluates a schema at a place of its own.
func (e *evaluation) valid(v any, s *schema.Schema, r role) truth {
	sc := scope{role: r}
	if _, isObject := v.(map[string]any); isObject && e.dir != Plain && r != neutral {
		sc.hidden = e.c.surfaceOf(s).hidden[e.dir]
	}
	return e.apply(v, s, sc)
}

// apply evaluates a schema in the scope of another at the same place.
func (e *evaluation) apply(v any, s *schema.Schema, sc scope) truth {
	e.steps--
	if e.steps < 0 {
		return maybe
	}
	result := yes
	if s.Always != nil && !*s.Always {
		return no
	}
	if s.Unresolved != "" {
		result = maybe
	}
	if s.Types != 0 && !hasType(v, s.Types) {
		return no
	}
	if s.Enum != nil || s.Const != nil {
		if !e.isListed(v, s) {
			return no
		}
	}
	switch v := v.(type) {
	case json.Number:
		result = result.and(e.number(v, s))
	case string:
		result = result.and(e.text(v, s))
	case []any:
		result = result.and(e.array(v, s, sc))
	case map[string]any:
		result = result.and(e.object(v, s, sc))
	}
	if result == no {
		return no
	}
	return result.and(e.logic(v, s, sc))
}

func hasType(v any, types schema.Types) bool {
	if n, isNumber := v.(json.Number); isNumber {
		if types&schema.Number != 0 {
			return true
		}
		d, ok := schema.ParseDecimal(string(n))
		return types&schema.Integer != 0 && ok && d.IsInteger()
	}
	return types&kindOf(v).types() != 0
}

func (e *evaluation) isListed(v any, s *schema.Schema) bool {
	text := canonical(v)
	if s.Const != nil && canonical(s.Const.V) != text {
		return false
	}
	return s.Enum == nil || e.c.enumTexts(s)[text]
}

func (e *evaluation) number(v json.Number, s *schema.Schema) truth {
	low, high, ranged := e.c.formatRange(s.Format)
	if s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil &&
		s.MultipleOf == nil && !ranged {
		return yes
	}
	r, ok := schema.ParseRat(string(v))
	if !ok {
		return maybe
	}
	fine := (s.Minimum == nil || r.Cmp(s.Minimum) >= 0) &&
		(s.Maximum == nil || r.Cmp(s.Maximum) <= 0) &&
		(s.ExclusiveMinimum == nil || r.Cmp(s.ExclusiveMinimum) > 0) &&
		(s.ExclusiveMaximum == nil || r.Cmp(s.ExclusiveMaximum) < 0) &&
		(s.MultipleOf == nil || isMultiple(r, s.MultipleOf)) &&
		(!ranged || r.Cmp(low) >= 0 && r.Cmp(high) <= 0)
	return truthOf(fine)
}

func isMultiple(r, of *big.Rat) bool {
	return of.Sign() != 0 && new(big.Rat).Quo(r, of).IsInt()
}

func (e *evaluation) text(v string, s *schema.Schema) truth {
	if s.MinLength != nil || s.MaxLength != nil {
		n := utf8.RuneCountInString(v)
		if s.MinLength != nil && n < *s.MinLength || s.MaxLength != nil && n > *s.MaxLength {
			return no
		}
	}
	result := yes
	if s.Pattern != nil {
		result = e.c.matches(*s.Pattern, v)
	}
	if format := e.c.stringFormat(s.Format); format != "" && result != no {
		result = result.and(e.c.formatHolds(format, v))
	}
	return result
}

func (e *evaluation) logic(v any, s *schema.Schema, sc scope) truth {
	result := yes
	if s.Ref != nil {
		result = e.apply(v, s.Ref, sc)
	}
	for _, part := range s.AllOf {
		if result == no {
			return no
		}
		result = result.and(e.apply(v, part, sc))
	}
	if len(s.AnyOf) > 0 && result != no {
		result = result.and(e.anyOf(v, s.AnyOf, sc))
	}
	if len(s.OneOf) > 0 && result != no {
		result = result.and(e.oneOf(v, s.OneOf, sc))
	}
	if s.Not != nil && result != no {
		result = result.and(e.apply(v, s.Not, sc).not())
	}
	if s.If != nil && (s.Then != nil || s.Else != nil) && result != no {
		result = result.and(e.conditional(v, s, sc))
	}
	return result
}

func (e *evaluation) anyOf(v any, branches []*schema.Schema, sc scope) truth {
	result := no
	for _, branch := range branches {
		if result = result.or(e.apply(v, branch, sc)); result == yes {
			break
		}
	}
	return result
}

func (e *evaluation) oneOf(v any, branches []*schema.Schema, sc scope) truth {
	sure, unsure := 0, 0
	for _, branch := range branches {
		switch e.apply(v, branch, sc) {
		case yes:
			sure++
		case maybe:
			unsure++
		}
	}
	switch {
	case sure > 1 || sure+unsure == 0:
		return no
	case unsure > 0:
		return maybe
	}
	return yes
}

func (e *evaluation) conditional(v any, s *schema.Schema, sc scope) truth {
	branch := func(b *schema.Schema) truth {
		if b == nil {
			return yes
		}
		return e.apply(v, b, sc)
	}
	switch e.apply(v, s.If, sc) {
	case yes:
		return branch(s.Then)
	case no:
		return branch(s.Else)
	}
	if both := branch(s.Then); both == branch(s.Else) {
		return both
	}
	return maybe
}
