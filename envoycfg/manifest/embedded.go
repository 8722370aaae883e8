package manifest

import (
	"path"
	"slices"

	"github.com/commslint/commslint/tree"
)

// An Embedded is a text that a ConfigMap holds: a configuration of nginx, for example. All around it is blank, so
// that what it says stands where it stands in the file.
type Embedded struct {
	File string // in which the ConfigMap is
	Key  string // under which the ConfigMap holds the text: "nginx.conf"
	Text []byte
}

// configurations are the ends of keys under which ConfigMaps hold configurations that are no YAML.
var configurations = []string{".conf", ".cfg", ".template", ".nginx"}

// EmbeddedTexts lists the texts of ConfigMaps that may be configurations of nginx or HAProxy, as far as they are written as literal
// blocks (|): of others the places are not known.
func EmbeddedTexts(objects []*Object) []Embedded {
	var all []Embedded
	for _, o := range objects {
		data := o.Root.Get("data")
		if !o.Is("", "ConfigMap") || data == nil || data.Kind != tree.Object {
			continue
		}
		for _, m := range data.Members {
			if m.Value.Kind == tree.String && slices.Contains(configurations, path.Ext(m.Key)) {
				if text := m.Value.Alone(); text != nil {
					all = append(all, Embedded{File: o.File(), Key: m.Key, Text: text})
				}
			}
		}
	}
	return all
}
