package finding

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Directive is a comment that silences rules:
//
//	//commslint:ignore RULE[,RULE] [until=2027-01-31] reason
//	//commslint:file-ignore RULE[,RULE] [until=2027-01-31] reason
//	//nolint:commslint // reason
//
// A rule is an id, a domain wildcard such as go/*, or * for every rule, which
// is what nolint stands for.
type Directive struct {
	Rules    []string
	Reason   string
	FileWide bool
	// Until is the last day on which the directive holds, as 2027-01-31;
	// empty for one that does not expire.
	Until string
	// Malformed says what is wrong and how to mend it. A malformed directive
	// suppresses nothing; it has no Reason if that is what it lacks.
	Malformed string
}

const (
	ignoreVerb     = "ignore"
	fileIgnoreVerb = "file-ignore"
	directiveName  = "commslint:"
	nolintName     = "nolint:"
	anyRule        = "*"
)

// ParseDirective reads the text of one comment, its marker (//, # or /* */)
// included or not. It reports false for a comment that is not addressed to
// commslint, and is cheap for those, as it is asked about every comment.
func ParseDirective(comment string) (Directive, bool) {
	body := commentBody(comment)
	if rest, ok := strings.CutPrefix(body, directiveName); ok {
		return parseIgnore(rest)
	}
	if rest, ok := strings.CutPrefix(body, nolintName); ok {
		return parseNolint(rest)
	}
	return Directive{}, false
}

// commentBody strips the comment's marker and the blanks around what is left.
func commentBody(comment string) string {
	switch {
	case strings.HasPrefix(comment, "//"):
		comment = comment[2:]
	case strings.HasPrefix(comment, "#"):
		comment = comment[1:]
	case strings.HasPrefix(comment, "/*"):
		comment = strings.TrimSuffix(comment[2:], "*/")
	}
	return strings.TrimSpace(comment)
}

// parseIgnore reads what follows "commslint:".
func parseIgnore(s string) (Directive, bool) {
	verb, rest := cutWord(s)
	var d Directive
	switch {
	case verb == ignoreVerb:
	case verb == fileIgnoreVerb:
		d.FileWide = true
	case strings.Contains(verb, ignoreVerb):
		// A near miss. Other verbs are left alone: they may be another
		// marker of ours, or prose.
		d.Malformed = fmt.Sprintf("unknown directive commslint:%s: expected commslint:ignore or commslint:file-ignore", verb)
		d.Reason = collapse(rest)
		return d, true
	default:
		return Directive{}, false
	}
	list, rest := cutList(rest)
	d.Rules = strings.Split(list, ",")
	word, after := cutWord(rest)
	if day, ok := strings.CutPrefix(word, "until="); ok {
		d.Until, rest = day, after
	}
	d.Reason = reasonText(rest)
	d.Malformed = d.fault(verb, list)
	return d, true
}

// fault says what is wrong with a directive written as verb list …, or nothing.
func (d *Directive) fault(verb, list string) string {
	if list == "" {
		return fmt.Sprintf("it names no rule and no reason: write commslint:%s RULE reason", verb)
	}
	for _, id := range d.Rules {
		if !isRulePattern(id) {
			return fmt.Sprintf("%q is not a rule: expected an id such as go/no-timeout, ids separated by commas, or go/* for a whole domain", id)
		}
	}
	if d.Until != "" {
		if _, err := time.Parse(time.DateOnly, d.Until); err != nil {
			return fmt.Sprintf("until=%s is not a day: expected the form until=2027-01-31", d.Until)
		}
	}
	if d.Reason == "" {
		return fmt.Sprintf("it gives no reason: write why after the rule, as in commslint:%s %s reason", verb, list)
	}
	return ""
}

// parseNolint reads what follows "nolint:". Linters are separated by commas, and
// what follows the next // is the reason, as golangci-lint has it.
func parseNolint(s string) (Directive, bool) {
	list, reason, _ := strings.Cut(s, "//")
	ours := slices.ContainsFunc(strings.Split(list, ","), func(name string) bool {
		name, _ = cutWord(strings.TrimSpace(name))
		return strings.EqualFold(name, "commslint")
	})
	if !ours {
		return Directive{}, false
	}
	d := Directive{Rules: []string{anyRule}, Reason: reasonText(reason)}
	if d.Reason == "" {
		d.Malformed = "it gives no reason: write why, as in //nolint:commslint // reason"
	}
	return d, true
}

// cutWord splits s after its first word.
func cutWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// cutList splits s after its first list; a blank may follow each comma.
func cutList(s string) (list, rest string) {
	list, rest = cutWord(s)
	for strings.HasSuffix(list, ",") {
		word, after := cutWord(rest)
		if word == "" {
			break
		}
		list, rest = list+word, after
	}
	return list, rest
}

// reasonText strips the separator that some write before a reason.
func reasonText(s string) string {
	s = collapse(s)
	for _, sep := range []string{"--", "//", "—", ":"} {
		if rest, ok := strings.CutPrefix(s, sep); ok {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

// collapse makes one line of s, with single blanks.
func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// isRulePattern reports whether id has the form of a rule id, an alias or a
// domain wildcard.
func isRulePattern(id string) bool {
	name := strings.TrimSuffix(id, "/*")
	if name == "" {
		return false
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '-' || c == '_' || c == '/'):
		default:
			return false
		}
	}
	return true
}

// matchRule reports whether the rule is one that the pattern of a directive
// names. Wildcards leave out two domains that must be named to be silenced, and
// of which input/ cannot be silenced at all (see Apply).
func matchRule(pattern, rule string) bool {
	if pattern == anyRule {
		return !strings.HasPrefix(rule, suppressDomain) && !strings.HasPrefix(rule, inputDomain)
	}
	if domain, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(rule, domain)
	}
	return pattern == rule
}
