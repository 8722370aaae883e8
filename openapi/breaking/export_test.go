package breaking

import (
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// CompareAll is Compare without leaving out operations that are written alike, so
// that tests see what the comparison itself says of them.
func CompareAll(old, new *document.Document, opt Options) []finding.Finding {
	return compare(old, new, opt, nil)
}
