package subschema

import (
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/subschema/regular"
)

// maxWitnessSize bounds the nodes of a witness.
const maxWitnessSize = 5000

// maxExport bounds the schemas of an export: the validator compiles them in quadratic time.
const maxExport = 4000

// confirm asks an independent validator whether the witness is an instance of a and none of b.
// It is empty if so, and else why not.
func (c *Checker) confirm(witness any, a, b *schema.Schema, dir Direction) string {
	if size(witness, maxWitnessSize) > maxWitnessSize {
		return "the witness is too large"
	}
	validA, problem := c.validate(witness, a, dir, sender)
	if problem != "" {
		return problem
	}
	validB, problem := c.validate(witness, b, dir, receiver)
	switch {
	case problem != "":
		return problem
	case !validA:
		c.Unconfirmed++
		return "the witness is not valid against the first schema"
	case validB:
		c.Unconfirmed++
		return "the witness is valid against the second schema"
	}
	return ""
}

func (c *Checker) validate(witness any, s *schema.Schema, dir Direction, r role) (valid bool, problem string) {
	document, ok := c.document(s, dir, r, witness)
	if !ok {
		return false, "a schema that is not resolved, or too many of them, would be needed to confirm the witness"
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(ecmaEngine)
	compiler.DefaultDraft(jsonschema.Draft2020)
	if c.options.Formats {
		compiler.AssertFormat()
		compiler.RegisterFormat(byteFormat)
	}
	if err := compiler.AddResource(exportURL, document); err != nil {
		return false, "the schema could not be exported: " + err.Error()
	}
	compiled, err := compiler.Compile(exportURL)
	if err != nil {
		return false, "the exported schema could not be compiled: " + err.Error()
	}
	return compiled.Validate(witness) == nil, ""
}

// exportURL lies where the validator expects metaschemas, which it takes as they are: an export is
// a valid schema by construction, and checking that is half of the cost of a confirmation.
const exportURL = "https://json-schema.org/exported/by/commslint"

// ecmaEngine lets the validator read patterns as ECMA-262 does.
func ecmaEngine(source string) (jsonschema.Regexp, error) {
	p, err := regular.Compile(source)
	if err != nil {
		return nil, err
	}
	return ecmaPattern{p}, nil
}

type ecmaPattern struct{ *regular.Pattern }

func (p ecmaPattern) String() string { return p.Source }
