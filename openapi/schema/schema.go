// Package schema represents the schemas of OpenAPI documents, from Swagger 2.0 to 3.2, and of
// plain JSON Schema 2020-12, in one form: exact numbers, what is present told apart from what is
// absent, references followed, and a place for every keyword.
package schema

import (
	"math/big"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// Types is a set of JSON types.
type Types uint8

const (
	Null Types = 1 << iota
	Boolean
	Object
	Array
	Number  // any number
	Integer // numbers without fraction, 1.0 among them
	String

	AnyType = Null | Boolean | Object | Array | Number | Integer | String
)

// A Schema is one schema. Keywords that are absent have the zero value of their field, which is
// never a value that the keyword can be given: numbers and schemas are nil, Types is 0.
// Schemas are shared: the target of two references is one *Schema, and cycles are cycles of pointers.
type Schema struct {
	Node *tree.Node // where it stands; nil for a schema that was made, not read
	// Name is the component name ("Pet") if it is one, for messages.
	Name string

	// Always is set for the schemas true and false (and nil otherwise).
	Always *bool

	// Ref is the target of $ref; in 3.0 and 2.0 the reader drops what stands beside it.
	// Unresolved is why a reference leads nowhere (such a schema says nothing about its
	// instances: the answer about it is unknown), or names a keyword that is not understood
	// ($dynamicRef into another scope).
	Ref        *Schema
	Unresolved string

	Types Types // of the keyword type, with 3.0's nullable folded in; 0 if absent
	Enum  []any // values as tree.Node.Value gives them; nil if absent, empty if present and empty
	Const *Value

	MultipleOf                         *big.Rat
	Minimum, Maximum                   *big.Rat
	ExclusiveMinimum, ExclusiveMaximum *big.Rat // 3.0's boolean form is converted

	MinLength, MaxLength *int // saturated at math.MaxInt
	Pattern              *string
	Format               string
	ContentMediaType     string
	ContentEncoding      string

	Items            *Schema // for 2019-09 and before: the single-schema form
	PrefixItems      []*Schema
	Contains         *Schema
	MinContains      *int
	MaxContains      *int
	MinItems         *int
	MaxItems         *int
	UniqueItems      bool
	UnevaluatedItems *Schema

	Properties            []Property // in the order of the document
	PatternProperties     []Property // Name is the pattern
	AdditionalProperties  *Schema
	UnevaluatedProperties *Schema
	PropertyNames         *Schema
	Required              []string
	DependentRequired     []Dependency
	DependentSchemas      []Property
	MinProperties         *int
	MaxProperties         *int

	AllOf, AnyOf, OneOf []*Schema
	Not                 *Schema
	If, Then, Else      *Schema

	ReadOnly, WriteOnly, Deprecated bool
	Discriminator                   *Discriminator
	Default                         *Value
}

// A Value holds a JSON value that is present; it may be null.
type Value struct{ V any }

// A Property is a named schema.
type Property struct {
	Name   string
	Schema *Schema
}

// A Dependency says that an object which has Name needs Required as well.
type Dependency struct {
	Name     string
	Required []string
}

// A Discriminator names the property whose value tells which branch of oneOf or anyOf is meant.
type Discriminator struct {
	PropertyName string
	Mapping      map[string]*Schema // nil if absent
}

// Location is the place of a keyword of the schema, or of the schema itself if keyword is empty
// or absent.
func (s *Schema) Location(keyword string) finding.Location {
	if m := s.Node.Member(keyword); m != nil {
		return m.Value.File.Location(m.KeyStart, m.Value.End)
	}
	return s.Node.Location()
}

// Property returns the schema of a property by name; nil if properties does not list it.
func (s *Schema) Property(name string) *Schema {
	for _, p := range s.Properties {
		if p.Name == name {
			return p.Schema
		}
	}
	return nil
}
