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

// conditions reads what a request is passed on after, and whether requests that are not idempotent are, too.
func conditions(d *directive) (on []policy.Condition, always policy.Place) {
	if d == nil {
		return []policy.Condition{{Word: "error", Modes: callgraph.Refused | callgraph.Reset}, {Word: "timeout", Modes: callgraph.Hang}}, always
	}
	for i, word := range d.args {
		at := d.argAt(i)
		switch word {
		case "off":
			return nil, always
		case "error":
			on = append(on, policy.Condition{Word: word, At: at, Modes: callgraph.Refused | callgraph.Reset})
		case "timeout":
			on = append(on, policy.Condition{Word: word, At: at, Modes: callgraph.Hang})
		case "invalid_header":
			on = append(on, policy.Condition{Word: word, At: at, Modes: callgraph.Reset})
		case "updating", "http_403", "http_404", "http_429", "http_500", "http_502", "http_503", "http_504":
			code, _ := strconv.Atoi(strings.TrimPrefix(word, "http_"))
			c := policy.StatusCondition(code, at)
			c.Word, c.Danger, c.Unknown = word, policy.Safe, false
			on = append(on, c)
		case "non_idempotent":
			always = at
		default:
			on = append(on, policy.Condition{Word: word, At: at, Unknown: !strings.ContainsAny(word, "${")})
		}
	}
	return on, always
}
