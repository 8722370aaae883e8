package breaking_test

import (
	"strings"
	"testing"

	"github.com/commslint/commslint/openapi/breaking"
)

// A change is two states of the part of a document that is not the same in all.
type change struct {
	name     string
	old, new string
	// want are the rules that are broken, sorted by place, each with its level; empty
	// for none.
	want string
	set  func(o *breaking.Options)
}

const head = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"

func get(body string) string {
	return "paths:\n  /a:\n    get:\n" + indent(6, body) + "      responses: {'200': {description: d}}\n"
}

func answers(body string) string {
	return "paths:\n  /a:\n    get:\n      responses:\n" + indent(8, body)
}

func indent(n int, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Repeat(" ", n) + line)
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteByte('\n')
	}
	return b.String()
}

func parameter(text string) string { return get("parameters: [" + text + "]") }

var changes = []change{
	// Paths and operations.
	{"a path variable renamed", "paths: {'/a/{x}': {get: {}}}", "paths: {'/a/{y}': {get: {}}}", "", nil},
	{"a path gone", "paths: {/a: {get: {}}, /b: {get: {}, put: {}}}", "paths: {/a: {get: {}}}", "path-removed error", nil},
	{"an operation gone", "paths: {/a: {get: {}, put: {}}}", "paths: {/a: {get: {}}}", "operation-removed error", nil},
	{"gone after its sunset", "paths: {/a: {get: {}, put: {deprecated: true, x-sunset: '2025-12-31'}}}", "paths: {/a: {get: {}}}", "", nil},
	{"gone before its sunset", "paths: {/a: {get: {}, put: {deprecated: true, x-sunset: '2026-12-31'}}}", "paths: {/a: {get: {}}}", "operation-removed error", nil},
	{"gone while deprecated", "paths: {/a: {get: {}, put: {deprecated: true}}}", "paths: {/a: {get: {}}}", "operation-removed error", nil},
	{"gone while deprecated, which is allowed", "paths: {/a: {get: {}, put: {deprecated: true}}}", "paths: {/a: {get: {}}}", "",
		func(o *breaking.Options) { o.RemovableOperations = "deprecated" }},
	{"gone after its sunset, which is not allowed", "paths: {/b: {put: {deprecated: true, x-sunset: '2025-12-31'}}}", "paths: {}", "path-removed error",
		func(o *breaking.Options) { o.RemovablePaths = "never" }},
	{"an operationId renamed", "paths: {/a: {get: {operationId: x}}}", "paths: {/a: {get: {operationId: y}}}", "", nil},
	{"two paths of one shape", "paths: {'/a/{x}': {get: {}}, '/a/{y}': {get: {}}}", "paths: {'/a/{x}': {get: {}}, '/a/{y}': {get: {}}}", "", nil},
	{"ambiguous paths", "paths: {'/a/{x}': {get: {}}}", "paths: {'/a/{y}': {get: {requestBody: {required: true, content: {a/b: {}}}}}, '/a/{z}': {get: {}}}", "request-narrowed warning", nil},

	// Servers.
	{"another base path", "servers: [{url: 'https://x/v1'}]\npaths: {/a: {get: {}}}", "servers: [{url: 'https://x/v2'}]\npaths: {/a: {get: {}}}", "server-changed error", nil},
	{"a base path moved into the paths", "servers: [{url: 'https://x/v1'}]\npaths: {/a: {get: {}}}", "servers: [{url: 'https://x'}]\npaths: {/v1/a: {get: {}}}", "", nil},
	{"a base path moved out of the paths", "servers: [{url: 'https://x/'}]\npaths: {/v1/a: {get: {}}}", "servers: [{url: 'https://x/v1/'}]\npaths: {/a: {get: {}}}", "", nil},
	{"one server of two gone", "servers: [{url: 'https://x'}, {url: 'https://y'}]\npaths: {/a: {get: {}}}", "servers: [{url: 'https://x'}]\npaths: {/a: {get: {}}}", "server-changed warning", nil},
	{"a server for development gone", "servers: [{url: 'https://x'}, {url: 'http://localhost:80'}]\npaths: {/a: {get: {}}}", "servers: [{url: 'https://x'}]\npaths: {/a: {get: {}}}", "", nil},
	{"servers listed at last", "paths: {/a: {get: {}}}", "servers: [{url: 'https://x/v2'}]\npaths: {/a: {get: {}}}", "", nil},
	{"a value of a server variable gone", "servers: [{url: 'https://{r}.x', variables: {r: {default: eu, enum: [eu, us]}}}]\npaths: {/a: {get: {}}}",
		"servers: [{url: 'https://{r}.x', variables: {r: {default: eu, enum: [eu]}}}]\npaths: {/a: {get: {}}}", "server-changed error", nil},

	{"the default of a server variable written out", "servers: [{url: '{o}/v1', variables: {o: {default: 'https://x'}}}]\npaths: {/a: {get: {}}}", "servers: [{url: 'https://x/v1'}]\npaths: {/a: {get: {}}}", "", nil},
	{"a server variable renamed", "servers: [{url: 'https://{a}.x', variables: {a: {default: b}}}]\npaths: {/a: {get: {}}}", "servers: [{url: 'https://{c}.x', variables: {c: {default: d}}}]\npaths: {/a: {get: {}}}", "", nil},

	// Parameters.
	{"a number became text", parameter("{name: p, in: query, schema: {type: integer}}"), parameter("{name: p, in: query, schema: {type: string}}"), "", nil},
	{"text became a number", parameter("{name: p, in: query, schema: {type: string}}"), parameter("{name: p, in: query, schema: {type: integer}}"), "parameter-narrowed error", nil},
	{"one value became a list", parameter("{name: p, in: query, schema: {type: string}}"), parameter("{name: p, in: query, schema: {type: array, items: {type: string}}}"), "", nil},
	{"a list became one value", parameter("{name: p, in: query, schema: {type: array, items: {type: integer}}}"), parameter("{name: p, in: query, schema: {type: integer}}"), "parameter-narrowed error", nil},
	{"from the operation to the path", parameter("{name: p, in: query, schema: {type: string}}"),
		"paths:\n  /a:\n    parameters: [{name: p, in: query, schema: {type: string}}]\n    get: {responses: {'200': {description: d}}}", "", nil},
	{"required for the path", get(""), "paths:\n  /a:\n    parameters: [{name: p, in: query, required: true, schema: {type: string}}]\n    get: {responses: {'200': {description: d}}}", "parameter-required error", nil},
	{"a header in another case", parameter("{name: X-A, in: header, schema: {type: string}}"), parameter("{name: x-a, in: header, schema: {type: string}}"), "", nil},
	{"a header that says nothing", parameter("{name: Accept, in: header, schema: {type: string}}"), get(""), "", nil},
	{"style of a single value", parameter("{name: p, in: query, style: form, schema: {type: string}}"), parameter("{name: p, in: query, style: pipeDelimited, schema: {type: string}}"), "", nil},
	{"explode of a single value", parameter("{name: p, in: query, explode: true, schema: {type: string}}"), parameter("{name: p, in: query, explode: false, schema: {type: string}}"), "", nil},
	{"explode of a list", parameter("{name: p, in: query, explode: true, schema: {type: array}}"), parameter("{name: p, in: query, explode: false, schema: {type: array}}"), "serialization-changed error", nil},
	{"explode of a list in a header", parameter("{name: p, in: header, explode: true, schema: {type: array}}"), parameter("{name: p, in: header, explode: false, schema: {type: array}}"), "", nil},
	{"the default written out", parameter("{name: p, in: query, schema: {type: array}}"), parameter("{name: p, in: query, style: form, explode: true, schema: {type: array}}"), "", nil},
	{"reserved characters allowed no more", parameter("{name: p, in: query, allowReserved: true, schema: {type: string}}"), parameter("{name: p, in: query, schema: {type: string}}"), "serialization-changed error", nil},
	{"a schema became content of numbers", parameter("{name: p, in: query, schema: {type: integer}}"), parameter("{name: p, in: query, content: {application/json: {schema: {type: integer}}}}"), "", nil},
	{"a schema became content of text", parameter("{name: p, in: query, schema: {type: string}}"), parameter("{name: p, in: query, content: {application/json: {schema: {type: string}}}}"), "serialization-changed error", nil},

	// Bodies.
	{"an optional body became required", get("requestBody: {content: {text/plain: {}}}"), get("requestBody: {required: true, content: {text/plain: {}}}"), "request-narrowed error", nil},
	{"a range that covers", get("requestBody: {content: {application/json: {}}}"), get("requestBody: {content: {application/*: {}}}"), "", nil},
	{"a range that became a type", get("requestBody: {content: {application/*: {}}}"), get("requestBody: {content: {application/json: {}}}"), "media-type-removed error", nil},
	{"a charset", get("requestBody: {content: {application/json: {}}}"), get("requestBody: {content: {application/json; charset=utf-8: {}}}"), "", nil},
	{"an optional body gone", get("requestBody: {content: {text/plain: {}}}"), get(""), "media-type-removed warning", nil},
	{"a part of a form as another type", get("requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {f: {type: string}}}, encoding: {f: {contentType: 'image/png, image/gif'}}}}}"),
		get("requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {f: {type: string}}}, encoding: {f: {contentType: image/png}}}}}"), "serialization-changed error", nil},
	{"a part of a form as more types", get("requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {f: {type: string}}}, encoding: {f: {contentType: image/png}}}}}"),
		get("requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {f: {type: string}}}, encoding: {f: {contentType: image/*}}}}}"), "", nil},

	// Responses.
	{"an error status gone", answers("'200': {description: d}\n'404': {description: d}"), answers("'200': {description: d}"), "", nil},
	{"one success of two gone", answers("'200': {description: d}\n'202': {description: d}"), answers("'200': {description: d}"), "status-removed warning", nil},
	{"a success became a range", answers("'200': {description: d}"), answers("2XX: {description: d}"), "", nil},
	{"a default that covered a status", answers("default: {description: d, content: {text/plain: {}}}"), answers("'200': {description: d}\ndefault: {description: d, content: {text/plain: {}}}"), "media-type-removed error", nil},
	{"an answer as problem details", answers("'400': {description: d, content: {application/json: {}}}"), answers("'400': {description: d, content: {application/problem+json: {}}}"), "media-type-removed warning", nil},
	{"an answer in any of several types", answers("'200': {description: d, content: {application/json: {}}}"), answers("'200': {description: d, content: {application/*: {}}}"), "media-type-removed warning", nil},
	{"an answer in one of several types", answers("'200': {description: d, content: {application/*: {}}}"), answers("'200': {description: d, content: {application/json: {}}}"), "", nil},
	{"an optional header gone", answers("'200': {description: d, headers: {A: {schema: {type: string}}}}"), answers("'200': {description: d}"), "header-removed warning", nil},
	{"a property that the schema did not allow", answers("'200': {description: d, content: {a/b: {schema: {type: object, properties: {x: {}}, additionalProperties: false}}}}"),
		answers("'200': {description: d, content: {a/b: {schema: {type: object, properties: {x: {}, y: {}}, additionalProperties: false}}}}"), "response-widened error", nil},
	{"the same, where clients ignore it", answers("'200': {description: d, content: {a/b: {schema: {type: object, properties: {x: {}}, additionalProperties: false}}}}"),
		answers("'200': {description: d, content: {a/b: {schema: {type: object, properties: {x: {}, y: {}}, additionalProperties: false}}}}"), "", func(o *breaking.Options) { o.TolerateProperties = true }},
	{"a list that may grow", answers("'200': {description: d, content: {a/b: {schema: {type: string, enum: [x], x-extensible-enum: true}}}}"),
		answers("'200': {description: d, content: {a/b: {schema: {type: string, enum: [x, y], x-extensible-enum: true}}}}"), "", nil},
	{"the same, read strictly", answers("'200': {description: d, content: {a/b: {schema: {type: string, enum: [x], x-extensible-enum: true}}}}"),
		answers("'200': {description: d, content: {a/b: {schema: {type: string, enum: [x, y], x-extensible-enum: true}}}}"), "response-widened error", func(o *breaking.Options) { o.ExtensibleEnums = false }},
	{"a discriminator by another property", answers("'200': {description: d, content: {a/b: {schema: {type: object, discriminator: {propertyName: x}}}}}"),
		answers("'200': {description: d, content: {a/b: {schema: {type: object, discriminator: {propertyName: y}}}}}"), "serialization-changed error", nil},
	{"a string that is encoded", answers("'200': {description: d, content: {a/b: {schema: {type: string, contentEncoding: base64}}}}"),
		answers("'200': {description: d, content: {a/b: {schema: {type: string}}}}"), "serialization-changed error", nil},

	// Webhooks: the server sends.
	{"a webhook's payload promises more", "webhooks: {w: {post: {requestBody: {content: {a/b: {schema: {type: object}}}}}}}", "webhooks: {w: {post: {requestBody: {content: {a/b: {schema: {type: object, required: [x]}}}}}}}", "", nil},
	{"a webhook's payload promises less", "webhooks: {w: {post: {requestBody: {content: {a/b: {schema: {type: object, required: [x]}}}}}}}", "webhooks: {w: {post: {requestBody: {content: {a/b: {schema: {type: object}}}}}}}", "response-widened error", nil},
	{"a webhook gone", "webhooks: {w: {post: {}}}", "webhooks: {}", "operation-removed warning", nil},

	// Security.
	{"a scheme renamed", secured("k: {type: apiKey, in: header, name: X}", "{k: []}"), secured("j: {type: apiKey, in: header, name: x}", "{j: []}"), "", nil},
	{"another alternative", secured("k: {type: apiKey, in: header, name: X}\nb: {type: http, scheme: basic}", "{k: []}"), secured("k: {type: apiKey, in: header, name: X}\nb: {type: http, scheme: basic}", "{k: []}, {b: []}"), "", nil},
	{"an alternative gone", secured("k: {type: apiKey, in: header, name: X}\nb: {type: http, scheme: basic}", "{k: []}, {b: []}"), secured("k: {type: apiKey, in: header, name: X}\nb: {type: http, scheme: basic}", "{k: []}"), "security-tightened error", nil},
	{"anonymous no more", secured("k: {type: apiKey, in: header, name: X}", "{}, {k: []}"), secured("k: {type: apiKey, in: header, name: X}", "{k: []}"), "security-tightened error", nil},
	{"anonymous at last", secured("k: {type: apiKey, in: header, name: X}", "{k: []}"), secured("k: {type: apiKey, in: header, name: X}", "{k: []}, {}"), "", nil},
	{"both at once", secured("k: {type: apiKey, in: header, name: X}\nb: {type: http, scheme: basic}", "{k: []}"), secured("k: {type: apiKey, in: header, name: X}\nb: {type: http, scheme: basic}", "{k: [], b: []}"), "security-tightened error", nil},
	{"a token of which nothing is known", secured("k: {type: http, scheme: bearer}", "{k: []}"), secured("k: {type: openIdConnect, openIdConnectUrl: 'https://x'}", "{k: []}"), "security-tightened warning", nil},

	// Idempotency.
	{"the contract says it in another way", "paths: {/a: {post: {parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]}}}", "paths: {/a: {post: {x-idempotent: true}}}", "parameter-removed warning", nil},
	{"idempotent no more", "paths: {/a: {patch: {x-idempotent: true}}}", "paths: {/a: {patch: {}}}", "idempotency-dropped error", nil},
	{"a method that is idempotent anyway", "paths: {/a: {put: {x-idempotent: true}}}", "paths: {/a: {put: {}}}", "", nil},
}

func secured(schemes, alternatives string) string {
	return "components:\n  securitySchemes:\n" + indent(4, schemes) + "security: [" + alternatives + "]\npaths: {/a: {get: {}}}"
}

func TestChanges(t *testing.T) {
	for _, c := range changes {
		opt := options()
		if c.set != nil {
			c.set(&opt)
		}
		findings := breaking.Compare(parse(t, "old.yaml", []byte(head+c.old)), parse(t, "new.yaml", []byte(head+c.new)), opt)
		var got []string
		for _, f := range findings {
			got = append(got, strings.TrimPrefix(f.Rule, "openapi/")+" "+string(level(f)))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q\n%s", c.name, strings.Join(got, ", "), c.want, show(findings))
		}
	}
}
