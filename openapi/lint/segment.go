package lint

import (
	"slices"
	"strings"
	"unicode"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// path runs the rules about what paths look like.
func (c *checker) path(item *document.PathItem) {
	segments := strings.Split(strings.Trim(item.Name, "/"), "/")
	c.nesting(item, segments)
	for _, segment := range segments {
		if verb := verbOf(segment); verb != "" {
			c.reportf(verbInPath, item.At, "%s names what is done (%s): the method says that; name the thing", item.ShortName(), verb)
			break
		}
	}
}

// collections wants a plural where a path has both a list and, one level below, its entries.
func (c *checker) collections() {
	hasEntries := map[string]bool{}
	for _, item := range c.doc.Paths {
		path := strings.TrimSuffix(item.Name, "/")
		if i := strings.LastIndexByte(path, '/'); i > 0 && isVariable(path[i+1:]) {
			hasEntries[path[:i]] = true
		}
	}
	for _, item := range c.doc.Paths {
		path := strings.TrimSuffix(item.Name, "/")
		segment := path[strings.LastIndexByte(path, '/')+1:]
		if hasEntries[path] && isSingular(segment) && slices.ContainsFunc(item.Operations, listsOrAdds) {
			c.reportf(pluralNouns, item.At, "%s holds many of them: call the collection by its plural", segment)
		}
	}
}

// listsOrAdds reports whether an operation is one on a collection.
func listsOrAdds(op *document.Operation) bool {
	if op.Method == "POST" {
		return true
	}
	return op.Method == "GET" && slices.ContainsFunc(op.Responses, func(r *document.Response) bool {
		return r.Status == "200" && slices.ContainsFunc(r.Content, func(m *document.MediaType) bool {
			return isWholeList(m.Schema(), op.Item.Name)
		})
	})
}

// isVariable reports whether a segment is one variable.
func isVariable(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") && strings.Count(segment, "{") == 1
}

// nesting counts how many resources lie in the first one of a path: each name after a variable begins
// one. The last name may be that of an action, if it is no plural.
func (c *checker) nesting(item *document.PathItem, segments []string) {
	levels := 0
	for i := 1; i < len(segments); i++ {
		if strings.Contains(segments[i-1], "{") && !strings.Contains(segments[i], "{") {
			levels++
		}
	}
	if last := segments[len(segments)-1]; !strings.HasSuffix(last, "s") && !strings.Contains(last, "{") {
		levels--
	}
	if levels > c.opt.MaxNesting {
		c.reportf(deepNesting, item.At, "%s nests %d levels deep, more than %d: clients must know the whole ancestry of a thing to reach it", item.ShortName(), levels, c.opt.MaxNesting)
	}
}

// pathVerbs are what the methods of HTTP say.
var pathVerbs = []string{"get", "create", "update", "delete", "fetch", "retrieve", "modify"}

// nounsOfWork make a thing of a verb: a delete request can be listed and read.
var nounsOfWork = []string{
	"request", "requests", "job", "jobs", "task", "tasks", "event", "events", "operation", "operations", "result", "results", "log",
	"logs", "history", "permission", "permissions", "token", "tokens", "policy", "policies",
}

// verbOf is the verb that a segment begins with; "" if it begins with none. The custom methods of
// Google's guide (/things/1:cancel) are another thing.
func verbOf(segment string) string {
	segment, _, _ = strings.Cut(segment, ":")
	if strings.Contains(segment, "{") || strings.HasPrefix(segment, ".") {
		return ""
	}
	list := words(segment)
	if len(list) > 0 && slices.Contains(pathVerbs, list[0]) && !slices.Contains(nounsOfWork, list[len(list)-1]) {
		return list[0]
	}
	return ""
}

// isSingular reports whether a name is that of one thing, as far as English shows it.
func isSingular(segment string) bool {
	if strings.ContainsAny(segment, "{}:.") || isVersion(segment) {
		return false
	}
	list := words(segment)
	if i := slices.IndexFunc(list, func(word string) bool { return slices.Contains(prepositions, word) }); i >= 0 {
		list = list[:i] // codes of conduct
	}
	if len(list) == 0 {
		return false
	}
	last := list[len(list)-1]
	if strings.HasSuffix(last, "s") || strings.HasSuffix(last, "ing") || len(last) < 3 || !isLetters(last) {
		return false
	}
	return !slices.Contains(uncountable, last)
}

// uncountable are words whose plural does not end with s, and words that are no things: what follows them
// selects, and does not belong to a collection.
var uncountable = []string{
	"people", "children", "men", "women", "data", "media", "metadata", "info", "information", "feedback", "equipment", "software",
	"hardware", "content", "history", "config", "configuration", "staff", "stuff", "music", "news", "criteria", "indices", "vertices",
	"matrices", "axes", "mice", "geese", "feet", "teeth", "series", "species", "sheep", "fish", "evidence", "research", "traffic", "mail",
	"email", "code", "storage", "security", "billing", "inventory", "api", "rest", "public", "private", "internal", "admin", "search",
	"lookup", "query", "status", "type", "me", "self", "current",
	"latest", "default", "all", "id", "name", "key", "date", "version", "download", "upload", "export", "import", "archive", "proxy",
	"callback", "webhook", "oauth", "auth", "login", "cache", "health", "static", "raw", "blob", "tree", "compare", "watch", "portscan",
}

var prepositions = []string{"by", "for", "with", "from", "to", "in", "of", "on", "at"}

func isLetters(word string) bool {
	return !strings.ContainsFunc(word, func(c rune) bool { return c < 'a' || c > 'z' })
}

// isVersion reports whether a segment is a version of the API: v1, v2.1, v1beta1, 2010-04-01.
func isVersion(segment string) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(segment), "v"); ok && rest != "" && unicode.IsDigit(rune(rest[0])) {
		return true
	}
	digits := 0
	for _, c := range segment {
		if c >= '0' && c <= '9' {
			digits++
		} else if c != '-' && c != '.' {
			return false
		}
	}
	return digits > 0
}

// A wordCase is how the words of a name are joined; "" if it has only one word.
func wordCase(segment string) string {
	lower := strings.ToLower(segment) == segment
	dash, underscore := strings.Contains(segment, "-"), strings.Contains(segment, "_")
	switch {
	case dash && underscore:
		return "mixed"
	case dash && lower:
		return "kebab"
	case underscore && lower:
		return "snake"
	case dash || underscore:
		return "mixed"
	case lower:
		return ""
	case unicode.IsUpper(rune(segment[0])):
		return "Pascal"
	}
	return "camel"
}

// pathCases wants the words of all paths joined in one way.
func (c *checker) pathCases() {
	uses := map[string][]*document.PathItem{} // by segment
	var order []string
	byCase := map[string]int{}
	for _, item := range c.doc.Paths {
		for segment := range strings.SplitSeq(item.Name, "/") {
			segment, _, _ = strings.Cut(strings.TrimSuffix(segment, ".json"), ":")
			if segment == "" || strings.ContainsAny(segment, "{}.?#=&()") || isVersion(segment) || wordCase(segment) == "" {
				continue
			}
			if uses[segment] == nil {
				order = append(order, segment)
				byCase[wordCase(segment)]++
			}
			uses[segment] = append(uses[segment], item)
		}
	}
	want, ok := c.wantedCase(byCase, len(order))
	if !ok {
		return
	}
	for _, segment := range order {
		if wordCase(segment) == want {
			continue
		}
		c.reportCase(segment, want, uses[segment])
	}
}

// clearMajority is the share of the names that must agree before the others are called different.
const clearMajority = 0.75

// wantedCase is the case that the paths are held to; false if there is none.
func (c *checker) wantedCase(byCase map[string]int, total int) (string, bool) {
	if c.opt.PathCase != "consistent" {
		return c.opt.PathCase, true
	}
	for name, count := range byCase {
		if name != "mixed" && count < total && float64(count) >= clearMajority*float64(total) {
			return name, true
		}
	}
	return "", false
}

func (c *checker) reportCase(segment, want string, items []*document.PathItem) {
	f := finding.Finding{Rule: pathCase, Location: items[0].At}
	f.Message = segment + " is not in " + want + " case as it should be"
	if c.opt.PathCase == "consistent" {
		f.Message = segment + " is not in " + want + " case, in which the other paths are written"
	}
	for _, item := range items[1:min(len(items), 1+maxRelated)] {
		f.Related = append(f.Related, finding.Related{Location: item.At, Message: "here too"})
	}
	c.report(f)
}
