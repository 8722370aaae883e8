package lint

// OfWholeDocument reports whether many findings of a rule in one file are one decision about all
// clusters or routes of it, which is told once. See finding.Condense.
func OfWholeDocument(rule string) bool {
	switch rule {
	case plaintextUpstream, defaultTimeout, defaultConnect, noBreaker, noOutlier, noHealthCheck:
		return true
	}
	return false
}
