package breaking

import "strings"

// A mediaRange is a media type or a range of them, such as application/* or */*
// (RFC 9110, section 12.5.1).
type mediaRange struct {
	kind, subtype string // "*" for any
	params        string // sorted, without charset; empty if none
}

// parseMedia reads a key of content. What is no media type is kept as it stands,
// and covers itself alone.
func parseMedia(key string) mediaRange {
	head, rest, _ := strings.Cut(key, ";")
	kind, subtype, ok := strings.Cut(strings.ToLower(strings.TrimSpace(head)), "/")
	if !ok {
		return mediaRange{kind: strings.ToLower(strings.TrimSpace(key))}
	}
	return mediaRange{kind, subtype, mediaParams(rest)}
}

// mediaParams brings parameters into one form. The charset is left out: it says
// how text is encoded and not what it means, and JSON has one only (RFC 8259,
// section 8.1).
func mediaParams(s string) string {
	var params []string
	for p := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" || name == "charset" || name == "q" {
			continue
		}
		params = append(params, name+"="+strings.Trim(strings.TrimSpace(value), `"`))
	}
	return joinSorted(params)
}

// covers reports whether every media type in o is in m.
func (m mediaRange) covers(o mediaRange) bool {
	return (m.kind == "*" || m.kind == o.kind) &&
		(m.subtype == "*" || m.subtype == o.subtype) &&
		(m.params == "" || m.params == o.params)
}

// precision orders ranges: the higher one says more of a type that both cover.
func (m mediaRange) precision() int {
	n := 0
	if m.kind != "*" {
		n += 4
	}
	if m.subtype != "*" {
		n += 2
	}
	if m.params != "" {
		n++
	}
	return n
}

// isRange reports whether m stands for more than one type.
func (m mediaRange) isRange() bool { return m.kind == "*" || m.subtype == "*" }

// syntax is the structured syntax of the type: json of application/json and of
// application/problem+json; empty if it names none.
func (m mediaRange) syntax() string {
	if i := strings.LastIndexByte(m.subtype, '+'); i >= 0 {
		return m.subtype[i+1:]
	}
	if m.subtype == "json" || m.subtype == "xml" || m.subtype == "yaml" {
		return m.subtype
	}
	return ""
}

// isForm reports whether the properties of a body of the type are parts of their own.
func (m mediaRange) isForm() bool {
	return m.kind == "application" && m.subtype == "x-www-form-urlencoded" || m.kind == "multipart"
}
