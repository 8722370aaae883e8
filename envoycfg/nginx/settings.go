package nginx

import (
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
)

// nginx's defaults (ngx_http_proxy_module): 60 seconds for each step, of which that of reading is the time between two reads;
// passed on after error and timeout, to all servers, without a limit in time.
const (
	nginxDefault = "nginx's default"
	readTimeout  = 60 * time.Second
)

// settings are the directives in effect at a place, by name: those of inner blocks come before those of outer ones.
type settings struct {
	outer *settings
	set   map[string]*directive
}

func (s *settings) inner(block []*directive) *settings {
	in := &settings{outer: s, set: map[string]*directive{}}
	for _, d := range block {
		if d.block == nil {
			in.set[d.name] = d
		}
	}
	return in
}

func (s *settings) get(name string) *directive {
	for ; s != nil; s = s.outer {
		if d := s.set[name]; d != nil {
			return d
		}
	}
	return nil
}

// duration is the time of a directive.
func (w *workspace) duration(d *directive, ifAbsent policy.Time) policy.Time {
	if d == nil || d.arg() == "" {
		return ifAbsent
	}
	at := d.argAt(0)
	if strings.ContainsAny(d.arg(), "${") {
		return policy.Time{At: at}
	}
	value, ok := parseTime(d.arg())
	if !ok {
		w.report.Addf(policy.Invalid, at, "", "%q is no time: expected one such as 500ms, 5s or 1m 30s", d.arg())
		return policy.Time{At: at}
	}
	return policy.Time{Value: value, Known: true, At: at}
}

var timeUnits = []struct {
	suffix string
	unit   time.Duration
}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}, {"w", 7 * 24 * time.Hour}}

// parseTime reads times as nginx writes them: seconds where no unit is given, units one after the other.
func parseTime(text string) (time.Duration, bool) {
	var sum time.Duration
	text = strings.ReplaceAll(text, " ", "")
	for text != "" {
		digits := 0
		for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
			digits++
		}
		n, err := strconv.Atoi(text[:digits])
		if err != nil {
			return 0, false
		}
		text = text[digits:]
		if text == "" {
			return sum + time.Duration(n)*time.Second, true
		}
		known := false
		for _, u := range timeUnits {
			if rest, ok := strings.CutPrefix(text, u.suffix); ok {
				sum, text, known = sum+time.Duration(n)*u.unit, rest, true
				break
			}
		}
		if !known {
			return 0, false
		}
	}
	return sum, true
}

// NextUpstream reads the words of proxy_next_upstream: what a request is passed on after, and where it says that requests
// are which are not idempotent. What is passed on without that is safe.
func NextUpstream(words []string, at func(i int) policy.Place) (on []policy.Condition, always policy.Place) {
	for i, word := range words {
		c := policy.Condition{Word: word, At: at(i)}
		switch word {
		case "off":
			return nil, policy.Place{}
		case "non_idempotent":
			always = at(i)
			continue
		case "error":
			c.Modes = callgraph.Refused | callgraph.Reset
		case "timeout":
			c.Modes = callgraph.Hang
		case "invalid_header": // an answer that is none: the call graph has no such failure, and a reset is an error
		case "http_403", "http_404", "http_429", "http_500", "http_502", "http_503", "http_504":
			code, _ := strconv.Atoi(strings.TrimPrefix(word, "http_"))
			c.Modes = policy.StatusCondition(code, c.At).Modes
		default:
			c.Unknown = !strings.ContainsAny(word, "${")
		}
		on = append(on, c)
	}
	if always.Written() {
		for i := range on {
			if on[i].Modes&^(callgraph.Refused|callgraph.Status429) != 0 {
				on[i].Danger, on[i].At, on[i].Word = policy.Proven, always, on[i].Word+" with non_idempotent"
			}
		}
	}
	return on, always
}

// DefaultNextUpstream is what a request is passed on after where nobody says anything.
func DefaultNextUpstream() []policy.Condition {
	on, _ := NextUpstream([]string{"error", "timeout"}, func(int) policy.Place { return policy.Place{} })
	return on
}

func conditions(d *directive) (on []policy.Condition, always policy.Place) {
	if d == nil {
		return DefaultNextUpstream(), always
	}
	return NextUpstream(d.args, d.argAt)
}
