package callgraph

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// helper is func(attempts int, fn func() error), which repeats fn.
func helper() Value {
	var b builder
	b.repeat(Layer{Kind: LoopLayer, Attempts: Amount{Param: &Param{Index: 0}, N: 1}, Growth: NoWait},
		b.call(Call{Param: &Param{Index: 1}, Name: "fn", Args: []Arg{{To: Param{Index: 0}, From: &Param{Index: 0}}}}))
	return Evaluate(b.e, nil)
}

func TestValueSurvivesEncoding(t *testing.T) {
	var b builder
	b.seq(b.loop(Amount{Var: "len(x)"}, b.bounded("http", "t", time.Second)), b.tries(Unbounded, b.send("grpc", "u")),
		b.call(Call{Param: &Param{Index: 1, Path: "Do"}}))
	for name, v := range map[string]Value{"helper": helper(), "function": Evaluate(b.e, nil)} {
		var buf bytes.Buffer
		if err := gob.NewEncoder(&buf).Encode(v); err != nil {
			t.Fatal(err)
		}
		var fromGob, fromJSON Value
		if err := gob.NewDecoder(&buf).Decode(&fromGob); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &fromJSON); err != nil {
			t.Fatal(err)
		}
		for codec, back := range map[string]Value{"gob": fromGob, "json": fromJSON} {
			if d := cmp.Diff(v, back, cmpopts.IgnoreUnexported(Row{}), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s through %s (-want +got):\n%s", name, codec, d)
			}
		}
	}
}

// What a helper is given decides what is repeated how often, also if it comes
// from a fact.
func TestSubstituteCall(t *testing.T) {
	var lit builder
	lit.repeat(Layer{Attempts: Amount{N: 2}, Modes: Status503}, lit.send("http", "t"))
	literal := Evaluate(lit.e, nil)
	callee := func(c Call) (Value, bool) { return literal, c.Func == "literal" }
	to := func(i int) Param { return Param{Index: i} }
	tests := map[string]struct {
		args   []Arg
		target string
		want   string
	}{
		"number and literal": {[]Arg{{To: to(0), Amount: &Amount{N: 2}}, {To: to(1), Func: "literal"}}, "t", "6"},
		"only the literal":   {[]Arg{{To: to(1), Func: "literal"}}, "t", "2 × argument 1 of Do + 2"},
		"a field of its own parameter": {
			[]Arg{{To: to(0), From: &Param{Index: 3, Path: "Max"}}, {To: to(1), Func: "literal"}}, "t", "2 × Max + 2",
		},
		"the parameter handed on":    {[]Arg{{To: to(0), Amount: &Amount{N: 2}}, {To: to(1), From: &Param{Index: 4}}}, "fn", "3"},
		"a slot":                     {[]Arg{{To: to(0), Amount: &Amount{N: 2}}, {To: to(1), Slot: "shop.next"}}, "shop.next", "3"},
		"no limit":                   {[]Arg{{To: to(0), Amount: &Amount{N: Unbounded}}, {To: to(1), Func: "literal"}}, "t", "unbounded"},
		"nothing is said of either":  {nil, "argument 2 of Do", "argument 1 of Do + 1"},
		"a function that sends not?": {[]Arg{{To: to(0), Amount: &Amount{N: 2}}, {To: to(1), Func: "other"}}, "other", "3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := helper().Substitute(Call{Func: "pkg.Do", Name: "Do", Args: tt.args}, callee)
			r := row(t, v, tt.target)
			want(t, "hard", r.Hard().String(), tt.want)
			for _, c := range r.Cases {
				for _, s := range c.Path {
					if s.Kind == LayerStep && s.Times != s.Factor.String() {
						t.Errorf("step %s says %s and counts %s", s.Name, s.Times, s.Factor)
					}
				}
			}
		})
	}
}

// A helper that has no limit on an attempt repeats hangs of what has one itself.
func TestHangThroughHelper(t *testing.T) {
	for bound, wanted := range map[time.Duration]string{0: "1", time.Second: "3"} {
		var lit builder
		lit.bounded("http", "t", bound)
		literal := Evaluate(lit.e, nil)
		v := helper().Substitute(Call{Name: "Do", Args: []Arg{
			{To: Param{Index: 0}, Amount: &Amount{N: 2}}, {To: Param{Index: 1}, Func: "literal"},
		}}, func(Call) (Value, bool) { return literal, true })
		r := row(t, v, "t")
		want(t, fmt.Sprint("hang where an attempt takes ", bound), r.Hang().String(), wanted)
	}
}

func TestFailuresMatterToLayers(t *testing.T) {
	tests := map[string]struct {
		protocol     string
		inner, outer ModeSet
		opaque       bool
		want, mode   string
	}{
		"both repeat 503":             {"http", Status503, Status503 | Status500, false, "6", "HTTP 503"},
		"each repeats something else": {"http", Status503, Status500, false, "3", "HTTP 500"},
		"the inner hides the status":  {"http", Status503, Status503, true, "2", "HTTP 503"},
		"hidden, and repeated so":     {"http", Status503, OpaqueError, true, "6", "HTTP 503"},
		"everything":                  {"http", 0, 0, true, "6", "any failure"},
		"a mode that it cannot have":  {"sql", GRPCAborted, Status503, false, "1", "any failure"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b builder
			inner := b.repeat(Layer{Attempts: Amount{N: 2}, Modes: tt.inner, Opaque: tt.opaque}, b.bounded(tt.protocol, "t", 1))
			b.repeat(Layer{Attempts: Amount{N: 3}, Modes: tt.outer}, inner)
			p := linked(Function{ID: "f", Body: b.e})
			a := p.Amplification("f", 1)
			want(t, "hard", a[0].Hard.String(), tt.want)
			want(t, "mode", a[0].Mode, tt.mode)
		})
	}
}

func TestSizeIsBounded(t *testing.T) {
	var b builder
	var parts []Ref
	for i := range 100 {
		parts = append(parts, b.tries(i%7+1, b.send("http", fmt.Sprintf("op%03d", i))))
	}
	parts = append(parts, b.call(Call{Param: &Param{Index: 0}, Name: "fn"}))
	ref := b.seq(parts...)
	for range 20 {
		ref = b.tries(2, ref)
	}
	v := Evaluate(b.e, nil)
	if len(v.Rows) != DefaultMaxTargets {
		t.Errorf("got %d targets, want %d", len(v.Rows), DefaultMaxTargets)
	}
	row(t, v, "fn")
	row(t, v, overflowName)
	for _, r := range v.Rows {
		for _, c := range r.Cases {
			if len(c.Path) > maxSteps {
				t.Errorf("%s: a path of %d steps", r.Target.Name, len(c.Path))
			}
		}
	}
}
