package callgraph

import (
	"slices"
	"strings"
)

// addressSuffixes are what names of variables end with that hold addresses.
var addressSuffixes = []string{"_BASE_URL", "_URL", "_URI", "_ADDRESS", "_ADDR", "_ENDPOINT", "_TARGET", "_HOST"}

// anyNames are what commands are called that say nothing of which service they are: API_URL
// is as often that of somebody else.
var anyNames = []string{"api", "app", "backend", "base", "client", "gateway", "host", "main", "proxy", "server", "service", "target", "upstream", "web"}

// called is the one service that an environment variable is named after, as
// SHIPPING_ADDR and CART_SERVICE_ADDR are; nil if there is none, or several.
func (s *services) called(variable string) *service {
	for _, suffix := range addressSuffixes {
		name, ok := strings.CutSuffix(variable, suffix)
		if !ok || name == "" || slices.Contains(anyNames, plainName(name)) {
			continue
		}
		if found := s.byPlain[plainName(name)]; len(found) == 1 {
			return found[0]
		}
		return nil
	}
	return nil
}
