package breaking_test

import (
	"fmt"
	"slices"
	"strings"
)

// A spot is a schema that requests or responses reach on a way where every value
// counts: through properties and items, and not through alternatives, of which
// another may take what one refuses.
type spot struct {
	schema map[string]any
	where  string
}

// spots finds the schemas that JSON bodies reach: those of requests, or of
// successful responses.
func spots(doc map[string]any, responses bool) []spot {
	s := &spotter{doc: doc, seen: map[string]bool{}, skip: "readOnly"}
	if responses {
		s.skip = "writeOnly"
	}
	for _, path := range sorted(object(doc["paths"])) {
		item := object(object(doc["paths"])[path])
		for _, method := range []string{"get", "put", "post", "delete", "patch"} {
			op := object(item[method])
			where := method + " " + path
			if !responses {
				s.body(object(op["requestBody"]), where)
				continue
			}
			for _, status := range sorted(object(op["responses"])) {
				if strings.HasPrefix(status, "2") {
					s.body(object(object(op["responses"])[status]), where+" "+status)
				}
			}
		}
	}
	return s.found
}

type spotter struct {
	doc   map[string]any
	seen  map[string]bool // references that were followed
	skip  string          // properties that do not travel this way
	found []spot
}

func (s *spotter) body(b map[string]any, where string) {
	if ref, ok := b["$ref"].(string); ok {
		b = object(resolve(s.doc, ref))
	}
	media := object(object(b["content"])["application/json"])
	s.schema(object(media["schema"]), where, 0)
}

func (s *spotter) schema(m map[string]any, where string, depth int) {
	if m == nil || depth > 12 {
		return
	}
	if ref, ok := m["$ref"].(string); ok {
		if s.seen[ref] || len(m) > 1 {
			return
		}
		s.seen[ref] = true
		s.schema(object(resolve(s.doc, ref)), where+" "+ref, depth+1)
		return
	}
	if m["anyOf"] != nil || m["oneOf"] != nil || m["not"] != nil || m["allOf"] != nil || m["enum"] != nil ||
		m["discriminator"] != nil || m["maxProperties"] != nil || m["maxItems"] != nil || m[s.skip] == true {
		return
	}
	s.found = append(s.found, spot{m, where})
	for _, name := range sorted(object(m["properties"])) {
		p := object(object(m["properties"])[name])
		if p[s.skip] != true {
			s.schema(p, where+"/"+name, depth+1)
		}
	}
	s.schema(object(m["items"]), where+"/[]", depth+1)
}

// A narrowing makes a schema accept less, and reports whether it could.
type narrowing struct {
	name string
	make func(s map[string]any) bool
}

func ofType(s map[string]any, name string) bool { return s["type"] == name && s["format"] == nil }

var narrowings = []narrowing{
	{"a required property more", func(s map[string]any) bool {
		if !ofType(s, "object") || s["additionalProperties"] == false {
			return false
		}
		names := list(s["required"])
		if slices.Contains(names, any("narrowed")) {
			return false
		}
		s["required"] = append(slices.Clone(names), "narrowed")
		return true
	}},
	{"a shorter string", func(s map[string]any) bool {
		if !ofType(s, "string") || s["maxLength"] != nil || s["pattern"] != nil {
			return false
		}
		s["maxLength"] = 40
		return true
	}},
	{"a smaller number", func(s map[string]any) bool {
		if !ofType(s, "integer") || s["maximum"] != nil {
			return false
		}
		s["maximum"] = 1_000_000
		return true
	}},
	{"a boolean that must be true", func(s map[string]any) bool {
		if !ofType(s, "boolean") {
			return false
		}
		s["enum"] = []any{true}
		return true
	}},
	{"fewer items", func(s map[string]any) bool {
		if !ofType(s, "array") || s["maxItems"] != nil {
			return false
		}
		s["maxItems"] = 1
		return true
	}},
	{"another type", func(s map[string]any) bool {
		if !ofType(s, "string") || s["nullable"] == true {
			return false
		}
		s["type"] = "integer"
		delete(s, "pattern")
		delete(s, "maxLength")
		delete(s, "minLength")
		return true
	}},
}

func (s spot) String() string { return fmt.Sprintf("%.200s", s.where) }
