package lint

import (
	"fmt"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/tree"
)

// addHeader is the fix that describes a header of a response.
func (c *checker) addHeader(r *document.Response, header, description, kind string) finding.Fix {
	schema := fmt.Sprintf("schema: {type: %s}", kind)
	quoted := fmt.Sprintf(`"schema": {"type": %q}`, kind)
	if c.doc.Version == document.Swagger20 {
		schema, quoted = "type: "+kind, fmt.Sprintf(`"type": %q`, kind)
	}
	fix := finding.Fix{Message: "describe the header " + header}
	if headers := r.Node.Get("headers"); headers != nil && headers.Kind == tree.Object && len(headers.Members) > 0 {
		fix.Edits = []finding.Edit{headers.InsertMember(
			[]string{header + ":", "  description: " + description, "  " + schema},
			fmt.Sprintf(`%q: {"description": %q, %s}`, header, description, quoted))}
		return fix
	}
	if r.Node.Get("headers") == nil && len(r.Node.Members) > 0 {
		fix.Edits = []finding.Edit{r.Node.InsertMember(
			[]string{"headers:", "  " + header + ":", "    description: " + description, "    " + schema},
			fmt.Sprintf(`"headers": {%q: {"description": %q, %s}}`, header, description, quoted))}
	}
	return fix
}
