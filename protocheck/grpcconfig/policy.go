package grpcconfig

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// attempts reads maxAttempts of a policy: the most times that a call is sent, the
// first included.
func (l *loader) attempts(policy *tree.Node, what string) int {
	value := get(policy, "maxAttempts")
	if value == nil {
		l.refused(maxAttempts, l.location(startOf(policy)), "%s has no maxAttempts: clients refuse the whole config; gRFC A6 wants 2 or more", what)
		return 0
	}
	n, ok := l.integer(value, what+".maxAttempts")
	if ok && n < 2 {
		l.refused(maxAttempts, l.locate(value), "%s.maxAttempts is %d: clients refuse the whole config; gRFC A6 wants 2 or more, the first attempt included", what, n)
	}
	return n
}

// startOf is the place of the key under which an object stands, or of the bracket that
// opens it where it has none.
func startOf(n *tree.Node) finding.Location {
	if m := n.Parent.Member(n.Key()); m != nil {
		return n.File.Location(m.KeyStart, m.KeyEnd)
	}
	return n.File.Location(n.Start, min(n.Start+1, n.End))
}

// wait reads initialBackoff or maxBackoff.
func (l *loader) wait(policy *tree.Node, what, field string) (d time.Duration, ok bool) {
	value := get(policy, field)
	if value == nil {
		l.refused(backoff, l.location(startOf(policy)), "%s has no %s: clients refuse the whole config", what, field)
		return 0, false
	}
	d, ok = l.duration(value, what+"."+field)
	if ok && d <= 0 {
		l.refused(backoff, l.locate(value), "%s.%s is %s: clients refuse the whole config; expected more than 0s", what, field, value.Text)
	}
	return d, ok
}

func (l *loader) multiplier(policy *tree.Node, what string) float64 {
	value := get(policy, "backoffMultiplier")
	if value == nil {
		l.refused(backoff, l.location(startOf(policy)), "%s has no backoffMultiplier: clients refuse the whole config", what)
		return 0
	}
	n, ok := l.number(value, what+".backoffMultiplier")
	if ok && n <= 0 {
		l.refused(backoff, l.locate(value), "%s.backoffMultiplier is %s: clients refuse the whole config; expected more than 0", what, value.Text)
	}
	return n
}

// codeList reads status codes.
func (l *loader) codeList(list *tree.Node, what string) (codes []Code) {
	for _, n := range l.array(list, what) {
		if n.Kind == tree.Null {
			continue
		}
		if n.Kind != tree.String && n.Kind != tree.Number {
			l.wrongType(n, what, "the name of a status code")
			continue
		}
		number, ok := codeNumber(n.Text)
		if !ok || n.Kind == tree.String && isDigits(n.Text) {
			if number, ok = l.oddCode(n, what); !ok {
				continue
			}
		}
		codes = append(codes, Code{Number: number, node: n})
	}
	return codes
}

// oddCode reports what is not the name of a code in capitals. Names in small letters
// are codes to all clients but grpc-go, which refuses them.
func (l *loader) oddCode(n *tree.Node, what string) (number int, ok bool) {
	f := finding.Finding{Rule: retryCode, Location: l.locate(n)}
	upper := strings.ToUpper(n.Text)
	if i := slices.Index(codeNames, upper); i >= 0 {
		f.Message = fmt.Sprintf("grpc-go refuses the whole config because of %q in %s: it wants capitals, which every client takes", n.Text, what)
		f.Fixes = replaceText(n, upper)
		if l.source.Go == nil && !l.source.ByGo {
			f.AtMost = finding.Warning
		}
		l.add(problem{Finding: f, refused: !l.unread})
		return i, true
	}
	f.Message = fmt.Sprintf("%q in %s is no status code: clients refuse the whole config", n.Text, what)
	if near, ok := nearest(n.Text, codeNames); ok {
		f.Message += fmt.Sprintf("; did you mean %q?", near)
		f.Fixes = replaceText(n, near)
	}
	l.add(problem{Finding: f, refused: !l.unread})
	return 0, false
}

// replaceText mends a string in the quotes that it has.
func replaceText(n *tree.Node, text string) []finding.Fix {
	edit := finding.Edit{File: n.File.Name, Start: int(n.Start), End: int(n.End), New: text}
	if quote := n.File.Text[n.Start]; quote == '"' || quote == '\'' {
		edit.New = string(quote) + text + string(quote)
	}
	return []finding.Fix{{Message: "write " + text, Edits: []finding.Edit{edit}}}
}

// maxTokens is the most that retryThrottling.maxTokens may be (gRFC A6, validation of
// retryThrottling).
const maxTokens = 1000

// throttling reads retryThrottling.
func (l *loader) throttling() {
	if !l.object(l.throttle, "retryThrottling", throttlingFields) {
		return
	}
	l.Throttled = true
	for _, field := range throttlingFields {
		value := get(l.throttle, field)
		n, ok := l.number(value, "retryThrottling."+field)
		switch {
		case value == nil:
			l.refused(retryThrottling, l.location(startOf(l.throttle)), "retryThrottling has no %s: clients refuse the whole config", field)
		case ok && n <= 0:
			l.refused(retryThrottling, l.locate(value), "retryThrottling.%s is %s: clients refuse the whole config; expected more than 0", field, value.Text)
		case ok && field == "maxTokens" && n > maxTokens:
			l.refused(retryThrottling, l.locate(value), "retryThrottling.maxTokens is %s: clients refuse the whole config; expected at most %d", value.Text, maxTokens)
		default:
			l.Throttled = l.Throttled && ok
			continue
		}
		l.Throttled = false
	}
}

// policies reads loadBalancingConfig, of which each entry has one key.
func (l *loader) policies() {
	if l.balancers != nil && l.balancers.Kind == tree.Array && len(l.balancers.Items) == 0 {
		l.refused(loadBalancing, l.locate(l.balancers), "loadBalancingConfig is empty: clients refuse the whole config")
	}
	for i, n := range l.array(l.balancers, "loadBalancingConfig") {
		if n.Kind != tree.Object {
			l.wrongType(n, fmt.Sprintf("loadBalancingConfig[%d]", i), "an object with the name of one policy")
			continue
		}
		if len(n.Members) != 1 {
			l.refused(loadBalancing, l.location(startOf(n)), "loadBalancingConfig[%d] names %d policies: clients refuse the whole config; write one object for each, the best first", i, len(n.Members))
		}
	}
}
