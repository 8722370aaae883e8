package lint

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
)

// pagination wants lists to come in pages, and says which pages shift while they are read.
func (c *checker) pagination(op *document.Operation) {
	if op.Method != "GET" {
		return
	}
	switch {
	case slices.ContainsFunc(op.Parameters, isCursor):
	case slices.ContainsFunc(op.Parameters, isOffset):
		i := slices.IndexFunc(op.Parameters, isOffset)
		c.reportf(offsetPagination, op.Parameters[i].At,
			"%s pages by %s: entries that come or go between two pages are missed or seen twice, and late pages are slow; a cursor has neither fault",
			name(op), op.Parameters[i].Name)
	case slices.ContainsFunc(op.Parameters, limits):
	default:
		c.unboundedList(op)
	}
}

// unboundedList reports an operation that returns all entries of a collection at once.
func (c *checker) unboundedList(op *document.Operation) {
	if endsWithParameter(op.Item.Name) || !c.grows(op.Item) {
		return // one thing, whatever lists it has; or a list that is as long as the provider makes it
	}
	for _, r := range op.Responses {
		if r.Status != "200" && r.Status != "2XX" || sends(r, pageHeaders) {
			continue
		}
		for _, m := range r.Content {
			if isJSON(m.Range) && isWholeList(m.Schema(), op.Item.Name) {
				c.reportf(noPagination, op.At, "%s returns the whole collection at once: as it grows, responses become slow, then fail; take a limit and a cursor", name(op))
				return
			}
		}
	}
}

// grows reports whether clients add to, or remove from, the collection that a path stands for.
func (c *checker) grows(item *document.PathItem) bool {
	if hasMethod(item, "POST") {
		return true
	}
	if c.entries == nil {
		c.entries = map[string]*document.PathItem{}
		for _, other := range c.doc.Paths {
			path := strings.TrimSuffix(other.Name, "/")
			if i := strings.LastIndexByte(path, '/'); i > 0 && isVariable(path[i+1:]) {
				c.entries[path[:i]] = other
			}
		}
	}
	entry := c.entries[strings.TrimSuffix(item.Name, "/")]
	return entry != nil && (hasMethod(entry, "PUT") || hasMethod(entry, "POST") || hasMethod(entry, "DELETE"))
}

func hasMethod(item *document.PathItem, method string) bool {
	return slices.ContainsFunc(item.Operations, func(op *document.Operation) bool { return op.Method == method })
}

// pageHeaders tell that there are more pages.
var pageHeaders = []string{"Link", "X-Total-Count", "X-Total", "X-Next-Page", "X-Next-Cursor", "Content-Range", "X-Page", "X-Pagination", "Pagination"}

func isJSON(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	return media == "application/json" || strings.HasSuffix(media, "+json") || media == "*/*"
}

// isWholeList reports whether a schema is that of a list of objects without a bound, alone or as the
// one list in an envelope that says nothing of further pages.
func isWholeList(s *schema.Schema, path string) bool {
	if s == nil {
		return false
	}
	if items := arrayItems(s); items != nil {
		return isObject(items)
	}
	lists, paged := 0, false
	properties(s, func(p schema.Property) {
		if items := arrayItems(p.Schema); items != nil && isObject(items) && holdsList(p.Name, path) {
			lists++
		}
		paged = paged || tellsPages(p.Name)
	})
	return lists == 1 && !paged
}

// holdsList reports whether a property of that name is what the path asks for, and not some list
// among other things.
func holdsList(property, path string) bool {
	name := plainName(property)
	if slices.Contains([]string{"data", "items", "results", "values", "entries", "records", "list", "elements", "rows"}, name) {
		return true
	}
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	return name == plainName(strings.TrimSuffix(segments[len(segments)-1], ".json"))
}

// tellsPages reports whether a property of an envelope tells of other pages.
func tellsPages(property string) bool {
	name := plainName(property)
	for _, part := range []string{"next", "page", "paging", "pagination", "cursor", "hasmore", "more", "total", "offset", "limit", "continu", "marker", "links", "truncated", "meta", "resultinfo", "count", "scroll", "startkey", "endkey"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

func endsWithParameter(path string) bool {
	return strings.HasSuffix(strings.TrimSuffix(path, "/"), "}")
}

// isCursor reports whether a parameter says after which entry the page begins.
func isCursor(p *document.Parameter) bool {
	name := plainName(p.Name)
	if slices.Contains([]string{"after", "before", "next", "since", "sinceid", "maxid", "startingafter", "endingbefore", "startafter", "lastid", "fromid"}, name) {
		return true
	}
	for _, part := range []string{"cursor", "pagetoken", "nexttoken", "continu", "marker", "bookmark", "scrollid", "startkey", "lastevaluated"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// isOffset reports whether a parameter says how many entries, or pages, to skip.
func isOffset(p *document.Parameter) bool {
	if p.In != "query" {
		return false
	}
	switch plainName(p.Name) {
	case "offset", "skip", "page", "pagenumber", "pagenum", "pageno", "pageindex", "startindex", "currentpage", "pageoffset":
		return true
	}
	return false
}

// limits reports whether a parameter bounds what is returned.
func limits(p *document.Parameter) bool {
	name := plainName(p.Name)
	for _, part := range []string{"limit", "page", "perpage", "size", "maxresults", "count", "top", "first", "last", "rows", "offset", "start", "end", "take", "max", "from", "range", "cursor", "until", "date"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
