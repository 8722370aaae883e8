package lint

// maxRelated is how many further places a finding names.
const maxRelated = 10

// OfWholeDocument reports whether many findings of a rule in one document are a decision about the
// whole API, which is told once. See finding.Condense.
func OfWholeDocument(rule string) bool {
	return Implements(rule) && rule != danglingRef && rule != invalid
}
