package manifest

import (
	"bytes"
	"slices"
)

// kinds are those that anything is read from. Documents of other kinds are skipped unread.
var kinds = []string{
	"BackendTLSPolicy", "BackendTrafficPolicy", "ConfigMap", "CronJob", "DaemonSet", "Deployment", "DestinationRule",
	"EnvoyFilter", "GRPCRoute", "Gateway", "GatewayClass", "HTTPProxy", "HTTPRoute", "Ingress", "IngressRoute", "IstioOperator", "Job",
	"KongIngress", "List", "Mapping", "Mesh", "MeshCircuitBreaker", "MeshHTTPRoute", "MeshRetry", "MeshTimeout", "Middleware",
	"Namespace", "Pod", "ReplicaSet", "Rollout", "Service", "ServiceProfile", "ServiceRouter", "StatefulSet", "TraefikService",
	"VirtualRouter", "VirtualService", "XBackendTrafficPolicy",
}

// Sniff reports whether a text may hold a document that Read takes something from. It looks at
// lines and not at syntax, and may err on the side of true.
func Sniff(text []byte) bool {
	if isJSON(text) {
		return sniffJSON(text)
	}
	if !bytes.Contains(text, []byte("apiVersion")) && !bytes.Contains(text, []byte("type: Mesh")) && !bytes.Contains(text, []byte("services:")) {
		return false
	}
	for start := 0; start < len(text); {
		end := documentEnd(text, start)
		if isKnown(text[start:end]) {
			return true
		}
		start = end
	}
	return false
}

func isJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n\ufeff")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[') && !bytes.HasPrefix(text, []byte("{{"))
}

func sniffJSON(text []byte) bool {
	if bytes.Contains(text, []byte(`"virtualRouterName"`)) && bytes.Contains(text, []byte(`"spec"`)) {
		return true
	}
	return hasKind(text, kinds)
}

// hasKind reports whether an object in JSON is of one of the kinds.
func hasKind(text []byte, kinds []string) bool {
	if !bytes.Contains(text, []byte(`"apiVersion"`)) {
		return false
	}
	for rest := text; ; {
		i := bytes.Index(rest, []byte(`"kind"`))
		if i < 0 {
			return false
		}
		rest = rest[i+len(`"kind"`):]
		value := bytes.TrimLeft(rest[:min(len(rest), 100)], " \t\r\n:")
		if slices.Contains(kinds, word(value)) {
			return true
		}
	}
}

// keepKnown returns the text with blanks in the place of documents that nothing is read from, so
// that what is read stands where it stood. It returns nil if nothing is left, and the text itself
// if all of it is.
func keepKnown(text []byte) []byte {
	if isJSON(text) {
		return text
	}
	kept, left := text, false
	for start := 0; start < len(text); {
		end := documentEnd(text, start)
		if isKnown(text[start:end]) {
			left = true
		} else {
			if &kept[0] == &text[0] {
				kept = bytes.Clone(text)
			}
			blank(kept[start:end])
		}
		start = end
	}
	if !left {
		return nil
	}
	return kept
}

func blank(text []byte) {
	marker := bytes.HasPrefix(text, []byte("---"))
	for i, c := range text {
		if c != '\n' && c != '\r' && (!marker || i >= 3) {
			text[i] = ' '
		}
	}
}

// documentEnd is where the YAML document that begins at start ends: before the next line that
// begins with the marker.
func documentEnd(text []byte, start int) int {
	for at := start; ; {
		i := bytes.Index(text[at:], []byte("\n---"))
		if i < 0 {
			return len(text)
		}
		at += i + 1
		if rest := text[at+3:]; len(rest) == 0 || rest[0] <= ' ' {
			return at
		}
	}
}

// isKnown reports whether a document in YAML is of a known kind, or is a list that holds one.
func isKnown(document []byte) bool {
	if kind, ok := topLevel(document, "kind"); ok {
		return slices.Contains(kinds, kind) && (kind != "List" || holdsKnown(document))
	}
	if kind, ok := topLevel(document, "type"); ok && isKumaKind(kind) {
		return true
	}
	return isCompose(document) || holdsKnown(document)
}

// topLevel is the value of a key in the first column.
func topLevel(document []byte, key string) (string, bool) {
	for rest := document; ; {
		i := bytes.Index(rest, []byte(key))
		if i < 0 {
			return "", false
		}
		before := len(document) - len(rest) + i
		rest = rest[i+len(key):]
		if (before == 0 || document[before-1] == '\n') && len(rest) > 0 && rest[0] == ':' {
			return word(bytes.TrimLeft(rest[1:], " \t")), true
		}
	}
}

// holdsKnown reports whether an indented object of a known kind is part of the document.
func holdsKnown(document []byte) bool {
	if !bytes.Contains(document, []byte("apiVersion:")) {
		return false
	}
	for rest := document; ; {
		i := bytes.Index(rest, []byte("kind:"))
		if i < 0 {
			return false
		}
		rest = rest[i+len("kind:"):]
		if kind := word(bytes.TrimLeft(rest[:min(len(rest), 100)], " \t")); kind != "List" && slices.Contains(kinds, kind) {
			return true
		}
	}
}

// word is the word that a text begins with, in quotes or not.
func word(text []byte) string {
	text = bytes.TrimLeft(text, `"'`)
	end := 0
	for end < len(text) && end < 64 && (text[end] >= 'A' && text[end] <= 'Z' || text[end] >= 'a' && text[end] <= 'z' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	return string(text[:end])
}

// routeKinds are those that are about routes.
func routeKinds() []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return slices.Contains(plain, kind) })
}

// plain are the kinds that are no routes but what routes lead to.
var plain = []string{
	"ConfigMap", "CronJob", "DaemonSet", "Deployment", "Job", "List", "Namespace", "Pod", "ReplicaSet", "Rollout", "Service", "StatefulSet",
}

// isAboutRoutes reports whether the document around a line says something about routes.
func isAboutRoutes(text []byte, line int) bool {
	if isJSON(text) {
		return hasKind(text, routeKinds())
	}
	lines := 1
	for start := 0; start < len(text); {
		end := documentEnd(text, start)
		document := text[start:end]
		if lines += bytes.Count(document, []byte("\n")); lines >= line || end == len(text) {
			kind, ok := topLevel(document, "kind")
			return ok && slices.Contains(kinds, kind) && !slices.Contains(plain, kind)
		}
		start = end
	}
	return false
}
