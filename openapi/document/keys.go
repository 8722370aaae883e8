package document

import (
	"slices"

	"github.com/commslint/commslint/tree"
)

// An objectKeys lists the keys that an object of OpenAPI 3.x may have beside extensions, with the
// first version that has them.
type objectKeys struct {
	what string
	keys []versionKeys
}

type versionKeys struct {
	since Version
	keys  []string
}

var (
	rootKeys = &objectKeys{"an OpenAPI document", []versionKeys{
		{OpenAPI30, []string{"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"}},
		{OpenAPI31, []string{"webhooks", "jsonSchemaDialect"}},
		{OpenAPI32, []string{"$self"}},
	}}
	componentsKeys = &objectKeys{"components", []versionKeys{
		{OpenAPI30, []string{"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links", "callbacks"}},
		{OpenAPI31, []string{"pathItems"}},
		{OpenAPI32, []string{"mediaTypes"}},
	}}
	pathItemKeys = &objectKeys{"a path item", []versionKeys{
		{OpenAPI30, []string{"$ref", "summary", "description", "get", "put", "post", "delete", "options", "head", "patch", "trace", "servers", "parameters"}},
		{OpenAPI32, []string{"query", "additionalOperations"}},
	}}
	operationKeys = &objectKeys{"an operation", []versionKeys{
		{OpenAPI30, []string{"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses", "callbacks", "deprecated", "security", "servers"}},
	}}
	parameterKeys = &objectKeys{"a parameter", []versionKeys{
		{OpenAPI30, []string{"name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode", "allowReserved", "schema", "example", "examples", "content"}},
	}}
	requestBodyKeys = &objectKeys{"a request body", []versionKeys{
		{OpenAPI30, []string{"description", "content", "required"}},
	}}
	mediaTypeKeys = &objectKeys{"a media type", []versionKeys{
		{OpenAPI30, []string{"schema", "example", "examples", "encoding"}},
		{OpenAPI32, []string{"itemSchema", "prefixEncoding", "itemEncoding"}},
	}}
	responseKeys = &objectKeys{"a response", []versionKeys{
		{OpenAPI30, []string{"description", "headers", "content", "links"}},
		{OpenAPI32, []string{"summary"}},
	}}
	headerKeys = &objectKeys{"a header", []versionKeys{
		{OpenAPI30, []string{"description", "required", "deprecated", "allowEmptyValue", "style", "explode", "allowReserved", "schema", "example", "examples", "content"}},
	}}
)

// checkKeys finds the keys that an object cannot have: they say nothing, whatever was meant.
func (b *builder) checkKeys(n *tree.Node, allowed *objectKeys) {
	if n.Kind != tree.Object || b.doc.Version == Swagger20 {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if isExtension(m.Key) || allowed.has(m.Key, b.doc.Version) {
			continue
		}
		if refOf(n) != "" {
			continue // what stands beside a reference is the reference's matter
		}
		close := b.loader.speller.name(m.Key, allowed.all(b.doc.Version))
		flaw := groupedFlaw{
			at: keyPlace(m), again: "here too",
			message: allowed.what + " has no key " + m.Key + didYouMean(close, "remove it, or call it x-"+m.Key),
		}
		if close != "" && n.Get(close) == nil {
			edit := m.Rename(close)
			flaw.fix, flaw.edit = "call it "+close, &edit
		}
		b.group("key "+allowed.what+" "+m.Key, flaw)
	}
}

func (k *objectKeys) has(key string, version Version) bool {
	for _, v := range k.keys {
		if v.since <= version && slices.Contains(v.keys, key) {
			return true
		}
	}
	return false
}

func (k *objectKeys) all(version Version) []string {
	var keys []string
	for _, v := range k.keys {
		if v.since <= version {
			keys = append(keys, v.keys...)
		}
	}
	return keys
}
