package netcall

import (
	"fmt"
	"strings"
	"testing"
)

// TestWork analyses programs whose shape has made, or could make, the work
// grow faster than the program: what a value is depends on many others, and
// they on each other. The work is counted, not timed.
func TestWork(t *testing.T) {
	for _, shape := range []struct {
		name       string
		source     string
		violations int
	}{
		{"few phis", mutualPhis(15), 0},
		{"many phis", mutualPhis(60), 0},
		{"package variable", busyVariable(400), 400},
		{"wrappers", wrappers(300), 1},
		{"forked wrappers", forkedWrappers(200), 0},
		{"fields", mutualFields(120), 0},
		{"recursion", mutualRecursion(120), 0},
		{"literals", nestedLiterals(40), 0},
		{"builder", builder(200), 0},
		{"options", options(200), 0},
	} {
		t.Run(shape.name, func(t *testing.T) {
			res := analyzeSource(t, shape.source)
			if got := len(res.Violations); got != shape.violations {
				t.Errorf("%d violations found, want %d", got, shape.violations)
			}
			// One value may use up its allowance; what is learnt from it must
			// spare the others the same work.
			instrs := instructions(res)
			if limit := maxSteps + 3*instrs; res.pkg.total > limit {
				t.Errorf("%d steps for %d instructions, want at most %d", res.pkg.total, instrs, limit)
			}
			for v, val := range res.pkg.values {
				if n := size(val); n > maxSize {
					t.Fatalf("what is known of %s has %d parts, want at most %d", v.Name(), n, maxSize)
				}
			}
			if got, limit := factSize(res.pkg), 2*instrs; got > limit {
				t.Errorf("the facts have %d parts for %d instructions, want at most %d", got, instrs, limit)
			}
		})
	}
}

// maxSize is the most values that one value may consist of in these programs.
const maxSize = 32

func instructions(res *Result) int {
	n := 0
	for _, fn := range res.Funcs {
		for _, b := range fn.Blocks {
			n += len(b.Instrs)
		}
	}
	return n
}

// factSize counts the values in the facts about functions.
func factSize(prog *program) int {
	n := 0
	for fn, sum := range prog.summaries {
		fact := sum.pruned(fn)
		if fact == nil {
			continue
		}
		for _, v := range fact.Results {
			n += size(v)
		}
		for _, need := range fact.Needs {
			for _, v := range need.AnyOf {
				n += size(v)
			}
		}
		for _, set := range fact.Sets {
			n += size(set.Value)
		}
	}
	return n
}

func size(v Value) int {
	n := 0
	walk(v, 0, func(Value, int) { n++ })
	return n
}

const imports = "package shop\n\nimport (\n\t\"context\"\n\t\"net/http\"\n\t\"time\"\n)\n\nvar _ = time.Second\nvar _ context.Context\nvar _ http.Client\n\n"

// repeat writes format for each i below n; verbs take i, i+1 and i+2, the
// latter modulo n.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i, (i+1)%n, (i+2)%n)
	}
	return b.String()
}

// mutualPhis is a loop at whose head each of n clients may be any other.
func mutualPhis(n int) string {
	return imports + "func pick() int\nfunc fetch(url string) {\n" +
		repeat(n, "\tc%[1]d := &http.Client{}\n") +
		"\tfor {\n\t\tswitch pick() {\n" +
		repeat(n, "\t\tcase %[1]d:\n\t\t\tc%[1]d, c%[2]d, c%[3]d = c%[2]d, c%[3]d, c%[1]d\n") +
		"\t\t}\n" + repeat(n, "\t\tc%[1]d.Get(url)\n") + "\t}\n}\n"
}

// busyVariable has a package variable whose methods n functions call, as
// pflag.CommandLine.
func busyVariable(n int) string {
	return imports + `type set struct { client *http.Client; name string; timeout time.Duration; next *set }
func newSet() *set { return &set{client: &http.Client{}} }
func (s *set) put(name string, timeout time.Duration) *set { s.name = name; s.timeout = timeout; return s }
func (s *set) link(next *set) { s.next = next; next.put(s.name, s.timeout) }
func (s *set) fetch(url string) { s.client.Timeout = s.timeout; s.client.Get(url) }
var line = newSet()
` + repeat(n, `
func Put%[1]d(name string) *set { return line.put(name, %[1]d) }
func Fetch%[1]d(url string) { line.link(line); Put%[1]d(url).fetch(url); line.fetch(url); http.DefaultClient.Get(url) }
`)
}

// wrappers is a chain of n calls to the one that sends.
func wrappers(n int) string {
	return imports + "type client struct { http *http.Client }\n" + chain(n, "func (c *client) fetch%d(ctx context.Context, url string) error { return c.fetch%d(ctx, url) }\n") +
		fmt.Sprintf("func (c *client) fetch%d(ctx context.Context, url string) error { req, _ := http.NewRequestWithContext(ctx, \"GET\", url, nil); _, err := c.http.Do(req); return err }\n", n) +
		"func Run() { (&client{&http.Client{}}).fetch0(context.Background(), \"\") }\n"
}

// forkedWrappers is a chain in which each function calls the next two with
// contexts of their own.
func forkedWrappers(n int) string {
	return imports + "type client struct { http *http.Client }\n" + repeat(n, `
func (c *client) fetch%[1]d(ctx context.Context, url string) (context.Context, error) {
	left, _ := c.fetch%[2]d(context.WithValue(ctx, 1, 1), url)
	right, err := c.fetch%[3]d(left, url)
	if err == nil {
		right, err = c.fetch%[2]d(right, url)
	}
	req, _ := http.NewRequestWithContext(right, "GET", url, nil)
	c.http.Do(req)
	return right, err
}
`)
}

// mutualFields is a struct whose fields are stored into one another.
func mutualFields(n int) string {
	return imports + "type all struct {\n" + repeat(n, "\tc%[1]d *http.Client\n") + "}\n" + repeat(n, `
func set%[1]d(a, b *all) { a.c%[1]d = b.c%[2]d; b.c%[1]d = a.c%[3]d; a.c%[3]d.Timeout = b.c%[1]d.Timeout; a.c%[2]d.Get("") }
`) + "func Run() { a := &all{c0: &http.Client{}}\n" + repeat(n, "\tset%[1]d(a, a)\n") + "}\n"
}

// mutualRecursion is functions that build what they return of one another's.
func mutualRecursion(n int) string {
	return imports + "type node struct { left, right *node; client *http.Client; timeout time.Duration }\n" + repeat(n, `
func make%[1]d(depth int, n *node) *node {
	if depth == 0 { return n }
	m := &node{left: make%[2]d(depth-1, n), right: make%[3]d(depth-1, n.left), client: n.client}
	m.left.right = m.right
	m.right.left = make%[2]d(depth-1, m)
	m.client.Get("")
	return m
}
`)
}

// nestedLiterals is literals within literals that share their variables.
func nestedLiterals(n int) string {
	return imports + "func Run(ctx context.Context, client *http.Client) {\n" +
		repeat(n, "\tctx%[1]d := ctx\n\tclient%[1]d := client\n\t_, _ = ctx%[1]d, client%[1]d\n") +
		repeat(n, "\tfunc() {\n\tctx%[1]d, client%[1]d = ctx%[2]d, client%[2]d\n\tctx%[2]d = context.WithValue(ctx%[3]d, 1, 1)\n\tclient%[3]d.Timeout = client%[1]d.Timeout\n") +
		"\treq, _ := http.NewRequestWithContext(ctx1, \"GET\", \"\", nil)\n\tclient1.Do(req)\n" +
		strings.Repeat("\t}()\n", n) + "}\n"
}

// builder is a chain of n calls on the result of the one before.
func builder(n int) string {
	return imports + `type request struct { client *http.Client; timeout time.Duration; inner *request }
func (r *request) with(timeout time.Duration) *request { r.timeout = timeout; r.inner = &request{client: r.client, inner: r.inner}; return r }
func Run(url string) {
	c := &http.Client{}
	r := (&request{client: c})` + repeat(n, ".with(%[1]d)") + "\n" + repeat(n, "\tif r.timeout > %[1]d { r = r.with(%[1]d); r.inner.client.Timeout = r.timeout }\n") + `
	r.client.Get(url)
	c.Get(url)
}
`
}

// options is functional options that apply others.
func options(n int) string {
	return imports + `type option func(*http.Client)
func New(opts ...option) *http.Client { c := &http.Client{}; for _, o := range opts { o(c) }; return c }
` + repeat(n, `
func with%[1]d(opts ...option) option { return func(c *http.Client) { for _, o := range opts { o(c) }; with%[2]d(opts...)(c); with%[3]d(opts...)(c) } }
func New%[1]d(opts ...option) *http.Client {
	if len(opts) > %[1]d { return New%[2]d(append(opts, with%[1]d(opts...))...) }
	c := New%[3]d(opts...)
	with%[1]d(opts...)(c)
	c.Get("")
	return c
}
`)
}

// chain writes format for each i below n with i and i+1.
func chain(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i, i+1)
	}
	return b.String()
}
