package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/envoycfg/haproxy"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/protocheck/grpcconfig"
)

// A Kind says what a file that is no Go code describes, and so which frontend reads it.
type Kind string

// The kinds of documents.
const (
	OpenAPI       Kind = "an OpenAPI document"
	ServiceConfig Kind = "a gRPC service config"
	Envoy         Kind = "a configuration of Envoy"
	Kubernetes    Kind = "a Kubernetes document of a mesh, a gateway or a workload"
	Nginx         Kind = "a configuration of nginx"
	HAProxy       Kind = "a configuration of HAProxy"
)

// templates are extensions of files from which others are made.
var templates = []string{".tmpl", ".tpl", ".gotmpl", ".j2"}

// kinds lists how the kinds are told, by content. A file can be of several: a YAML file holds
// any number of documents.
var kinds = []struct {
	kind Kind
	// extensions are those that files of this kind have.
	extensions []string
	is         func(name string, text []byte) bool
}{
	{OpenAPI, []string{".yaml", ".yml", ".json"}, func(_ string, text []byte) bool { return document.Sniff(text) }},
	{ServiceConfig, []string{".yaml", ".yml", ".json"}, func(name string, text []byte) bool {
		return grpcconfig.IsName(name) || grpcconfig.Sniff(text)
	}},
	{Envoy, append(templates, ".yaml", ".yml", ".json"), func(_ string, text []byte) bool { return xds.Sniff(text) }},
	{Kubernetes, append(templates, ".yaml", ".yml", ".json"), func(_ string, text []byte) bool { return manifest.Sniff(text) }},
	{Nginx, append(templates, ".conf", ".nginx", ".template"), func(_ string, text []byte) bool { return nginx.Sniff(text) }},
	{HAProxy, append(templates, ".cfg", ".conf"), func(_ string, text []byte) bool { return haproxy.Sniff(text) }},
}

// maxDocument is the size from which on a file is taken for data: the largest OpenAPI document that is
// published, that of Microsoft Graph, has 40 MB.
const maxDocument = 256 << 20

// mayBeDocument reports whether a file name is one of a document.
func mayBeDocument(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	for _, k := range kinds {
		if slices.Contains(k.extensions, extension) {
			return true
		}
	}
	return false
}

// kindsOf tells what a file describes: nothing for most files. Parts that documents refer to are
// none themselves.
func kindsOf(path string) []Kind {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxDocument {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	extension := strings.ToLower(filepath.Ext(path))
	var found []Kind
	for _, k := range kinds {
		if slices.Contains(k.extensions, extension) && k.is(path, text) {
			found = append(found, k.kind)
		}
	}
	return found
}

// addDocument notes a file by what it describes, and reports whether that is anything.
func (f *finder) addDocument(path string) bool {
	found := kindsOf(path)
	for _, k := range found {
		f.ws.Documents[k] = append(f.ws.Documents[k], path)
	}
	return len(found) > 0
}

// isThirdParty reports whether a file below base is a copy of somebody else's, which
// is there to be imported.
func isThirdParty(base, path string) bool {
	rel, _ := below(base, path)
	return slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "third_party")
}
