package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/document"
)

// maxDocument is the size from which on a file is taken for data: the largest OpenAPI document that is
// published, that of Microsoft Graph, has 40 MB.
const maxDocument = 256 << 20

// mayBeDocument reports whether a file name is one of a document.
func mayBeDocument(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name)))
}

// isDocument reports whether a file is an OpenAPI document. Files that documents refer to are
// none themselves: they lack the version.
func isDocument(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxDocument {
		return false
	}
	text, err := os.ReadFile(path)
	return err == nil && document.Sniff(text)
}

// isThirdParty reports whether a file below base is a copy of somebody else's, which
// is there to be imported.
func isThirdParty(base, path string) bool {
	rel, _ := below(base, path)
	return slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "third_party")
}
