package grpcconfig

import (
	"bytes"
	"strings"

	"github.com/commslint/commslint/tree"
)

// nameSuffix is how files are called that hold a service config
// (https://google.aip.dev/client-libraries/4221).
const nameSuffix = "_grpc_service_config.json"

// IsName reports whether a path is one that service configs have.
func IsName(path string) bool { return strings.HasSuffix(path, nameSuffix) }

// sniffed are the keys of which a service config has at least one.
var sniffed = []string{"methodConfig", "loadBalancingConfig", "retryThrottling"}

// Sniff reports whether a text, JSON or YAML, is a service config: not only by the
// keys that it has, but also by the form of what they hold. A text without such keys
// is not parsed.
func Sniff(text []byte) bool {
	promising := false
	for _, key := range sniffed {
		promising = promising || hasKey(text, key)
	}
	if !promising {
		return false
	}
	file, err := tree.Parse("", text)
	return err == nil && looksLikeConfig(file.Root)
}

// hasKey reports whether a text holds a word as the key of an object.
func hasKey(text []byte, key string) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(key))
		if i < 0 {
			return false
		}
		at += i + len(key)
		rest := bytes.TrimLeft(text[at:], "\"' \t\r\n")
		if bytes.HasPrefix(rest, []byte(":")) {
			return true
		}
	}
}

func looksLikeConfig(root *tree.Node) bool {
	if root == nil || root.Kind != tree.Object {
		return false
	}
	if methods := root.Get("methodConfig"); methods != nil {
		return isMethodList(methods)
	}
	for _, m := range root.Members {
		if !oneOf(configFields, m.Key) {
			return false
		}
	}
	if t := root.Get("retryThrottling"); t != nil {
		return t.Get("maxTokens") != nil && t.Get("tokenRatio") != nil
	}
	return isPolicyList(root.Get("loadBalancingConfig"))
}

// isMethodList wants each entry to have names, or at least a field that nothing else
// has.
func isMethodList(n *tree.Node) bool {
	if n.Kind != tree.Array || len(n.Items) == 0 {
		return false
	}
	for _, entry := range n.Items {
		names := entry.Get("name")
		if names == nil {
			if entry.Get("retryPolicy") == nil && entry.Get("hedgingPolicy") == nil && entry.Get("waitForReady") == nil {
				return false
			}
			continue
		}
		if names.Kind != tree.Array {
			return false
		}
		for _, name := range names.Items {
			if name.Kind != tree.Object || len(name.Members) > 0 && name.Get("service") == nil && name.Get("method") == nil {
				return false
			}
		}
	}
	return true
}

func isPolicyList(n *tree.Node) bool {
	if n == nil || n.Kind != tree.Array || len(n.Items) == 0 {
		return false
	}
	for _, entry := range n.Items {
		if entry.Kind != tree.Object || len(entry.Members) != 1 || entry.Members[0].Value.Kind != tree.Object {
			return false
		}
	}
	return true
}
