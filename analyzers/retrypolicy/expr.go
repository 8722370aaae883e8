package retrypolicy

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// A site is where the expressions of a policy are worked out: a call, or the
// assignment of a value to a field.
type site struct {
	call  ssa.CallInstruction
	value ssa.Value       // "value"
	at    ssa.Instruction // that uses value
}

// operand returns the value that an operand names, nil if there is none.
func (s site) operand(op clients.Operand) ssa.Value {
	if op == "value" {
		return s.value
	}
	if s.call == nil {
		return nil
	}
	return netcall.Operand(s.call, op)
}

// constants returns what can reach an operand.
func (r *Reader) constants(s site, v ssa.Value) constflow.Set {
	at := s.at
	if s.call != nil {
		at = s.call
	}
	v = pointed(v)
	if at == nil {
		return r.within(r.tracer.Values(v))
	}
	return r.within(r.tracer.ValuesAt(v, at))
}

// pointed returns what a pointer to a number points to, if that is a variable
// that is set once or the argument of a function such as aws.Int; else v.
func pointed(v ssa.Value) ssa.Value {
	ptr, ok := v.Type().Underlying().(*types.Pointer)
	if !ok {
		return v
	}
	switch w := v.(type) {
	case *ssa.Call:
		if args := w.Call.Args; len(args) == 1 && types.Identical(args[0].Type(), ptr.Elem()) {
			return args[0]
		}
	case *ssa.Alloc:
		var stored ssa.Value
		for _, use := range *w.Referrers() {
			if st, ok := use.(*ssa.Store); ok && st.Addr == w {
				if stored != nil {
					return v
				}
				stored = st.Val
			}
		}
		if stored != nil {
			return stored
		}
	}
	return v
}

// within leaves out what other packages may have put in fields that they cannot
// see, if the package itself puts something there: of a receiver that others
// pass, its constructors are what counts.
func (r *Reader) within(set constflow.Set) constflow.Set {
	own := slices.DeleteFunc(slices.Clone(set), func(v constflow.Value) bool {
		return v.Source == constflow.Field && r.hidden()[v.Pos]
	})
	if len(own) == 0 {
		return set
	}
	return own
}

// hiddenFields returns the positions of the fields of the package that are not
// exported.
func hiddenFields(pass *analysis.Pass) map[token.Pos]bool {
	found := make(map[token.Pos]bool)
	for id, obj := range pass.TypesInfo.Defs {
		if v, ok := obj.(*types.Var); ok && v.IsField() && !v.Exported() {
			found[id.Pos()] = true
		}
	}
	return found
}

// evalPart works out the expression of a part.
func (r *Reader) evalPart(s site, part clients.Part, expr string) fact {
	switch part {
	case clients.Attempts:
		return r.evalCount(s, expr)
	case clients.Growth:
		return r.evalGrowth(s, expr)
	case clients.Overall, clients.PerTry, clients.First, clients.Cap:
		return r.evalLength(s, expr)
	case clients.Factor, clients.Spread:
		return r.evalNumber(s, expr)
	case clients.Modes, clients.Methods:
		if expr == "unknown" {
			return unknownFact
		}
		return fact{text: expr}
	}
	return r.evalTruth(s, expr)
}

// An exception is what a number is instead where the operand has some value.
type exception struct {
	when string // "0", "-1", "<0"
	then string
}

func parseExceptions(expr string) (main string, exceptions []exception) {
	terms := strings.Split(expr, ", ")
	for _, term := range terms[1:] {
		when, then, _ := strings.Cut(term, ": ")
		exceptions = append(exceptions, exception{when, then})
	}
	return terms[0], exceptions
}

func (e exception) applies(n int64) bool {
	if e.when == "<0" {
		return n < 0
	}
	return e.when == strconv.FormatInt(n, 10)
}

func (r *Reader) evalCount(s site, expr string) fact {
	main, exceptions := parseExceptions(expr)
	if f, ok := fixedCount(main); ok {
		return f
	}
	operand, plus, _ := strings.Cut(main, "+")
	add, _ := strconv.Atoi(plus)
	if inner, ok := strings.CutPrefix(operand, "len("); ok {
		return r.evalLen(s, strings.TrimSuffix(inner, ")"), add)
	}
	v := s.operand(clients.Operand(operand))
	if v == nil {
		return unknownFact
	}
	v = pointed(v)
	var f fact
	for _, val := range r.constants(s, v) {
		n, known := intOf(val)
		if !known {
			base, more := offset(v)
			f.counts = append(f.counts, count{n: add + more, v: base})
			continue
		}
		alt := fact{counts: []count{{n: int(n) + add}}}
		if i := slices.IndexFunc(exceptions, func(e exception) bool { return e.applies(n) }); i >= 0 {
			alt, _ = fixedCount(exceptions[i].then)
		}
		if alt.unknown {
			return unknownFact
		}
		f.counts = append(f.counts, alt.counts...)
	}
	if len(f.counts) == 0 {
		return unknownFact
	}
	return f
}

// fixedCount reads a number that does not depend on an operand.
func fixedCount(expr string) (fact, bool) {
	switch expr {
	case "unbounded":
		return fact{counts: []count{endless}}, true
	case "unknown":
		return unknownFact, true
	}
	n, err := strconv.Atoi(expr)
	return fact{counts: []count{{n: n}}}, err == nil
}

// evalLen counts the elements of a slice that is built in the package, or the
// policy's own number if a modelled function made it.
func (r *Reader) evalLen(s site, operand string, add int) fact {
	v := s.operand(clients.Operand(operand))
	if v == nil {
		return unknownFact
	}
	if tries := r.policyOf(v).facts[clients.Attempts]; len(tries.counts) > 0 {
		return tries
	}
	if elems, complete := r.tracer.Elements(v); complete {
		return fact{counts: []count{{n: len(elems) + add}}}
	}
	return fact{counts: []count{{n: add, v: &length{v}}}}
}

// A length stands for the number of elements of a slice.
type length struct{ ssa.Value }

func intOf(v constflow.Value) (int64, bool) {
	if !v.Known() {
		return 0, false
	}
	return constant.Int64Val(constant.ToInt(v.Const))
}

// offset strips conversions and the adding of constants.
func offset(v ssa.Value) (base ssa.Value, add int) {
	for {
		switch w := v.(type) {
		case *ssa.Convert:
			v = w.X
		case *ssa.ChangeType:
			v = w.X
		case *ssa.BinOp:
			c, ok := w.Y.(*ssa.Const)
			if !ok || c.Value == nil || c.Value.Kind() != constant.Int || w.Op != token.ADD && w.Op != token.SUB {
				return v, add
			}
			n := int(c.Int64())
			if w.Op == token.SUB {
				n = -n
			}
			v, add = w.X, add+n
		default:
			return v, add
		}
	}
}

func (r *Reader) evalLength(s site, expr string) fact {
	main, exceptions := parseExceptions(expr)
	if f, ok := fixedLength(main); ok {
		return f
	}
	v := s.operand(clients.Operand(main))
	if v == nil {
		return unknownFact
	}
	var f fact
	for _, val := range r.constants(s, v) {
		n, known := intOf(val)
		if !known {
			return unknownFact
		}
		d := time.Duration(n)
		for _, e := range exceptions {
			if e.applies(n) {
				alt, _ := fixedLength(e.then)
				d = alt.dur
			}
		}
		f.dur = max(f.dur, d)
	}
	return f
}

func fixedLength(expr string) (fact, bool) {
	switch expr {
	case "none":
		return fact{}, true
	case "unknown":
		return unknownFact, true
	}
	d, err := time.ParseDuration(expr)
	return fact{dur: d}, err == nil
}

func (r *Reader) evalNumber(s site, expr string) fact {
	main, exceptions := parseExceptions(expr)
	switch main {
	case "unknown":
		return unknownFact
	case "linear", "square":
		return fact{text: main}
	}
	if n, err := strconv.ParseFloat(main, 64); err == nil {
		return fact{number: n}
	}
	x, known := r.float(s, main)
	if !known {
		return unknownFact
	}
	for _, e := range exceptions {
		if e.when == "0" && x == 0 {
			x, _ = strconv.ParseFloat(e.then, 64)
		}
	}
	return fact{number: x}
}

// float returns the one number that an operand can be.
func (r *Reader) float(s site, operand string) (x float64, known bool) {
	v := s.operand(clients.Operand(operand))
	if v == nil {
		return 0, false
	}
	set := r.constants(s, v)
	if len(set) != 1 || !set[0].Known() {
		return 0, false
	}
	x, _ = constant.Float64Val(constant.ToFloat(set[0].Const))
	return x, true
}

func (r *Reader) evalGrowth(s site, expr string) fact {
	switch expr {
	case "none":
		return fact{growth: callgraph.NoWait}
	case "constant":
		return fact{growth: callgraph.Constant}
	case "growing":
		return fact{growth: callgraph.Growing}
	case "unknown":
		return unknownFact
	}
	kind, operand, _ := strings.Cut(strings.TrimSuffix(expr, ")"), "(")
	x, known := r.float(s, operand)
	switch {
	case kind == "factor" && !known:
		return unknownFact
	case kind == "factor" && x > 1, kind == "growing" && (!known || x != 0):
		return fact{growth: callgraph.Growing}
	case kind == "factor", kind == "constant" && (!known || x != 0):
		return fact{growth: callgraph.Constant}
	}
	return fact{growth: callgraph.NoWait}
}

func (r *Reader) evalTruth(s site, expr string) fact {
	operand, negated := strings.CutPrefix(expr, "not ")
	var tri callgraph.Tri
	switch operand {
	case "yes":
		tri = callgraph.Yes
	case "no":
		tri = callgraph.No
	case "unknown":
		return unknownFact
	default:
		v := s.operand(clients.Operand(operand))
		if v == nil {
			return unknownFact
		}
		tri = r.truth(s, v)
	}
	switch {
	case tri == callgraph.Unknown:
		return unknownFact
	case negated && tri == callgraph.Yes:
		tri = callgraph.No
	case negated:
		tri = callgraph.Yes
	}
	return fact{tri: tri}
}

// truth says whether a value is true: not false, zero or nil.
func (r *Reader) truth(s site, v ssa.Value) callgraph.Tri {
	var yes, no bool
	if _, basic := v.Type().Underlying().(*types.Basic); basic {
		set := r.constants(s, v)
		for _, val := range set {
			switch {
			case !val.Known():
				return callgraph.Unknown
			case val.Const.Kind() == constant.Bool && !constant.BoolVal(val.Const),
				val.Const.Kind() != constant.Bool && constant.Sign(val.Const) == 0:
				no = true
			default:
				yes = true
			}
		}
	} else {
		origins, complete := r.tracer.AllOrigins(v)
		if !complete {
			return callgraph.Unknown
		}
		for _, o := range origins {
			switch o := o.(type) {
			case *ssa.Const:
				no = no || o.Value == nil
			case *ssa.Parameter, *ssa.UnOp:
				return callgraph.Unknown
			default:
				yes = true
			}
		}
	}
	switch {
	case yes == no:
		return callgraph.Unknown
	case yes:
		return callgraph.Yes
	}
	return callgraph.No
}
