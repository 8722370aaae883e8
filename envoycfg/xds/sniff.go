package xds

import (
	"bytes"
	"slices"
)

// typeURL is what types of Envoy's begin with in an Any.
const typeURL = "type.googleapis.com/envoy."

// markers are words of which a configuration of Envoy in JSON has at least one.
var markers = []string{
	typeURL, "static_resources", "staticResources", "dynamic_resources", "dynamicResources",
	"virtual_hosts", "virtualHosts", "filter_chains", "filterChains", "load_assignment", "loadAssignment",
	"eds_cluster_config", "edsClusterConfig", "layered_runtime", "layeredRuntime", "circuit_breakers", "circuitBreakers",
	"lb_endpoints", "lbEndpoints", "socket_address", "socketAddress", "tls_certificate", "tlsCertificate",
	"validation_context", "validationContext", "common_lb_config", "commonLbConfig", "generic_secret", "genericSecret",
}

// Sniff reports whether a text in YAML or JSON is a configuration of Envoy, without parsing it. It is
// false for manifests of Kubernetes, which other packages read, even where they contain one.
func Sniff(text []byte) bool {
	if first := bytes.TrimLeft(text, " \t\r\n\ufeff"); isJSON(first) {
		return hasMarker(first) && isEnvoys([][][]byte{jsonKeys(first)}, first)
	}
	for len(text) > 0 {
		var document []byte
		document, text = cutDocument(text)
		if isEnvoys(yamlKeys(document), document) {
			return true
		}
	}
	return false
}

// hasMarker keeps JSON that is none of Envoy's from being looked at byte by byte.
func hasMarker(text []byte) bool {
	for _, m := range markers {
		if bytes.Contains(text, []byte(m)) {
			return true
		}
	}
	return false
}

// cutDocument divides a stream of YAML at the next marker between documents.
func cutDocument(text []byte) (document, rest []byte) {
	if i := bytes.Index(text, []byte("\n---")); i >= 0 {
		return text[:i+1], text[i+4:]
	}
	return text, nil
}

// isEnvoys judges a document by the keys of its objects: of one, or of the items of a list.
func isEnvoys(objects [][][]byte, document []byte) bool {
	isManifest := func(keys [][]byte) bool {
		var apiVersion, kind bool
		for _, key := range keys {
			apiVersion = apiVersion || string(key) == "apiVersion"
			kind = kind || string(key) == "kind"
		}
		return apiVersion && kind
	}
	switch {
	case len(objects) == 0 || isManifest(objects[0]):
		return false
	case bytes.Contains(document, []byte(typeURL)):
		return true
	}
	return slices.ContainsFunc(objects, func(keys [][]byte) bool {
		names := make([]string, len(keys))
		for i, key := range keys {
			names[i] = snake(string(key))
		}
		return typeByKeys(names) != ""
	})
}

// isJSON reports whether a text begins as JSON does, and not as a template.
func isJSON(text []byte) bool {
	return len(text) > 1 && (text[0] == '[' || text[0] == '{' && text[1] != '{' && text[1] != '%' && text[1] != '#')
}

// maxItems is how many items of a list are looked at: the first ones may have nothing that tells what they are.
const maxItems = 20

// yamlKeys are the keys in the column in which the text begins, or those of each of the first items of a list
// that stands there.
func yamlKeys(text []byte) [][][]byte {
	var objects [][][]byte
	items, indent := 0, -1
	for len(text) > 0 && items <= maxItems {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		if indent < 0 {
			if indent = indentOf(line); indent < 0 {
				continue
			}
		}
		if len(line) <= indent || line[indent] == ' ' && items == 0 {
			continue
		}
		line = line[indent:]
		switch {
		case bytes.HasPrefix(line, []byte("- ")):
			items++
			line = line[2:]
			objects = append(objects, nil)
		case items > 0 && bytes.HasPrefix(line, []byte("  ")):
			line = line[2:]
		}
		if key, ok := yamlKey(line); ok {
			if len(objects) == 0 {
				objects = append(objects, nil)
			}
			objects[len(objects)-1] = append(objects[len(objects)-1], key)
		}
	}
	return objects
}

// indentOf is how far a line is indented; -1 if it has no content: no more than a comment or a marker.
func indentOf(line []byte) int {
	content := bytes.TrimLeft(line, " ")
	if len(content) == 0 || content[0] == '#' || content[0] == '\r' || content[0] == '%' || content[0] == '{' || bytes.HasPrefix(content, []byte("---")) {
		return -1
	}
	return len(line) - len(content)
}

// yamlKey is the key that a line begins with.
func yamlKey(line []byte) ([]byte, bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i+1 < len(line) && line[i+1] > ' ' || line[0] <= ' ' || line[0] == '#' || line[0] == '-' {
		return nil, false
	}
	return bytes.Trim(line[:i], `"' `), true
}

// jsonKeys are the keys of an object, or of the first object of an array.
func jsonKeys(text []byte) [][]byte {
	var keys [][]byte
	wanted := 1
	if text[0] == '[' {
		wanted = 2
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth < wanted {
				return keys
			}
		case '"':
			end := stringEnd(text, i)
			if rest := bytes.TrimLeft(text[end:min(len(text), end+64)], " \t\r\n"); depth == wanted && len(rest) > 0 && rest[0] == ':' {
				keys = append(keys, text[i+1:max(end-1, i+1)])
			}
			i = end - 1
		}
	}
	return keys
}

// stringEnd is the offset after the string that begins with the quote at start.
func stringEnd(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
