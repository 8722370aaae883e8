package bodyleak

import (
	"cmp"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// maxSteps bounds the blocks visited from one source. Functions with so many
// paths that it does not suffice are generated or hopeless; nothing is reported.
const maxSteps = 4000

// A manner is the way in which a body is left open.
type manner uint8

const (
	returned manner = iota
	overwritten
	discarded
)

func (m manner) String() string {
	switch m {
	case overwritten:
		return "the next response takes its place here while the body is open"
	case discarded:
		return "the response is discarded here"
	}
	return "returns here with the body open"
}

// A leak is the end of a path on which the body stays open.
type leak struct {
	how manner
	pos token.Pos
	err kind // of the error returned: null, nonNull or unknown
}

// An outcome is what became of a body on the paths that were followed.
type outcome struct {
	leaks     []leak // in source order
	results   []int  // results of the function in which the body is returned
	handled   bool   // closed or handed on by some path
	handedErr []kind // errors returned on those paths
	read      bool   // read by some path
	undrained token.Pos
	gaveUp    bool
}

// fate sums up an outcome for the callers of the function.
func (o *outcome) fate() Fate {
	switch {
	case o.gaveUp || len(o.results) > 0:
		return Consumed
	case !o.handled:
		return Untouched
	case len(o.leaks) == 0:
		return Consumed
	}
	open := o.leaks[0].err
	for _, l := range o.leaks {
		if l.err != open {
			return Consumed
		}
	}
	if slices.Contains(o.handedErr, open) || slices.Contains(o.handedErr, unknown) {
		return Consumed
	}
	switch open {
	case null:
		return OpenIfNil
	case nonNull:
		return OpenIfError
	}
	return Consumed
}

// A path is a state on the way through a function.
type path struct {
	block, from *ssa.BasicBlock
	vals        map[ssa.Value]kind // for variables in memory: of their content
	conds       map[string]bool    // conditions decided so far that are asked again
	closed      bool               // or handed on
	read        bool
}

func (p *path) fork(to *ssa.BasicBlock) *path {
	return &path{
		block: to, from: p.block,
		vals: maps.Clone(p.vals), conds: maps.Clone(p.conds),
		closed: p.closed, read: p.read,
	}
}

func (p *path) key() string {
	parts := make([]string, 0, len(p.vals)+len(p.conds))
	for v, k := range p.vals {
		parts = append(parts, v.Name()+"="+strconv.Itoa(int(k)))
	}
	for c, v := range p.conds {
		parts = append(parts, c+"="+strconv.FormatBool(v))
	}
	slices.Sort(parts)
	from := -1
	if p.from != nil && hasPhi(p.block) {
		from = p.from.Index
	}
	return strconv.Itoa(p.block.Index) + "<" + strconv.Itoa(from) + ":" +
		strconv.FormatBool(p.closed) + strconv.FormatBool(p.read) + strings.Join(parts, ",")
}

func hasPhi(b *ssa.BasicBlock) bool {
	if len(b.Instrs) == 0 {
		return false
	}
	_, ok := b.Instrs[0].(*ssa.Phi)
	return ok
}

// A walker follows one body through one function.
type walker struct {
	pk    *pkg
	fn    *ssa.Function
	src   *source // nil if the body arrives from outside
	conds *conditions
	out   *outcome
	seen  map[string]bool
	todo  []*path
}

func (pk *pkg) newWalker(fn *ssa.Function, src *source) *walker {
	return &walker{
		pk: pk, fn: fn, src: src,
		conds: newConditions(fn),
		out:   &outcome{undrained: token.NoPos},
		seen:  make(map[string]bool),
	}
}

// follow finds out what becomes of the body that a call returns.
func (pk *pkg) follow(src source) *outcome {
	fn := src.call.Parent()
	w := pk.newWalker(fn, &src)
	if isDiscarded(src) {
		w.leak(discarded, src.call.Common().Pos(), unknown)
		return w.out
	}
	block := src.call.Block()
	p := &path{block: block, vals: make(map[ssa.Value]kind), conds: w.conds.before(block)}
	w.open(p)
	start := slices.Index(block.Instrs, src.call.(ssa.Instruction)) + 1
	w.through(p, block.Instrs[start:])
	w.run()
	return w.out
}

// walk finds out what becomes of a body that a function gets in a value.
func (pk *pkg) walk(fn *ssa.Function, v ssa.Value, k kind) *outcome {
	w := pk.newWalker(fn, nil)
	w.todo = append(w.todo, &path{
		block: fn.Blocks[0],
		vals:  map[ssa.Value]kind{v: k},
		conds: make(map[string]bool),
	})
	w.run()
	return w.out
}

// isDiscarded reports whether nothing uses the result that holds the body.
func isDiscarded(src source) bool {
	v := src.call.Value()
	if v == nil {
		return true // go or defer
	}
	if src.call.Common().Signature().Results().Len() == 1 {
		return len(*v.Referrers()) == 0
	}
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Extract:
			if ref.Index == src.result {
				return len(*ref.Referrers()) == 0
			}
		default:
			return false // all results are returned or passed on at once
		}
	}
	return true
}

// open notes that the source has returned: without an error, for otherwise
// there is no body to close.
func (w *walker) open(p *path) {
	v := w.src.call.Value()
	if w.src.call.Common().Signature().Results().Len() == 1 {
		p.vals[v] = kindOf(v.Type())
	} else {
		p.vals[v] = results
	}
}

func (w *walker) run() {
	for steps := 0; len(w.todo) > 0; steps++ {
		if steps > maxSteps {
			w.out.gaveUp = true
			return
		}
		p := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if key := p.key(); w.seen[key] {
			continue
		} else {
			w.seen[key] = true
		}
		w.enter(p)
		w.through(p, p.block.Instrs)
	}
	slices.SortStableFunc(w.out.leaks, func(a, b leak) int { return cmp.Compare(a.pos, b.pos) })
	slices.Sort(w.out.results)
	w.out.results = slices.Compact(w.out.results)
}

// enter gives the phis of a block their values.
func (w *walker) enter(p *path) {
	edge := slices.Index(p.block.Preds, p.from)
	if edge < 0 {
		return
	}
	old := maps.Clone(p.vals)
	for _, instr := range p.block.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		w.conds.forget(p, phi)
		set(p.vals, phi, lookup(old, phi.Edges[edge]))
	}
}

// through follows a path to the end of its block.
func (w *walker) through(p *path, instrs []ssa.Instruction) {
	for _, instr := range instrs {
		if v, ok := instr.(ssa.Value); ok {
			w.conds.forget(p, v)
		}
		switch instr := instr.(type) {
		case *ssa.Phi:
			continue
		case *ssa.If:
			w.branch(p, instr)
			return
		case *ssa.Jump:
			w.todo = append(w.todo, p.fork(p.block.Succs[0]))
			return
		case *ssa.Return:
			w.leave(p, instr)
			return
		case *ssa.Panic:
			return
		}
		if !w.step(p, instr) {
			return
		}
	}
}

func (w *walker) branch(p *path, instr *ssa.If) {
	key, negated, asked := w.conds.of(instr)
	switch lookup(p.vals, instr.Cond) {
	case yes:
		w.todo = append(w.todo, p.fork(p.block.Succs[0]))
		return
	case no:
		w.todo = append(w.todo, p.fork(p.block.Succs[1]))
		return
	}
	known, decided := p.conds[key]
	for i, succ := range p.block.Succs {
		truth := (i == 0) != negated
		if asked && decided && known != truth {
			continue
		}
		next := p.fork(succ)
		if asked {
			next.conds[key] = truth
		}
		w.todo = append(w.todo, next)
	}
}

// leave ends a path at a return.
func (w *walker) leave(p *path, ret *ssa.Return) {
	err := unknown
	held := false
	for i, v := range ret.Results {
		k := lookup(p.vals, v)
		if typequery.IsError(v.Type()) {
			err = errorKind(v, k)
		}
		if p.closed {
			continue
		}
		switch {
		case k == results:
			held = true
			w.out.results = append(w.out.results, w.src.result)
		case k.held() && holdsBody(v.Type()):
			held = true
			w.out.results = append(w.out.results, i)
		case k.held() || k == reader:
			held = true
		}
	}
	switch {
	case held:
		w.out.handled = true
		w.out.handedErr = append(w.out.handedErr, err)
	case p.closed:
		w.out.handedErr = append(w.out.handedErr, err)
		if !p.read && w.out.undrained == token.NoPos {
			w.out.undrained = exitPos(ret)
		}
	default:
		w.leak(returned, exitPos(ret), err)
	}
}

// errorKind says whether an error that is returned is nil. What a call just
// made or a package variable holds is taken for an error only by constructors.
func errorKind(v ssa.Value, k kind) kind {
	if k == null {
		return null
	}
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return nonNull
	case *ssa.UnOp:
		if _, ok := v.X.(*ssa.Global); ok && v.Op == token.MUL {
			return nonNull
		}
	case *ssa.Call:
		if fn := v.Call.StaticCallee(); fn != nil {
			switch fn.String() {
			case "errors.New", "fmt.Errorf":
				return nonNull
			}
		}
	}
	return k
}

// exitPos returns where a function returns: its closing brace if it does so
// without a statement.
func exitPos(ret *ssa.Return) token.Pos {
	if ret.Pos().IsValid() {
		return ret.Pos()
	}
	if syntax := ret.Parent().Syntax(); syntax != nil {
		return syntax.End() - 1
	}
	return token.NoPos
}

func (w *walker) leak(how manner, pos token.Pos, err kind) {
	w.out.leaks = append(w.out.leaks, leak{how, pos, err})
}

func lookup(vals map[ssa.Value]kind, v ssa.Value) kind {
	if c, ok := v.(*ssa.Const); ok {
		return constKind(c)
	}
	return vals[v]
}

func set(vals map[ssa.Value]kind, v ssa.Value, k kind) {
	if k == unknown {
		delete(vals, v)
		return
	}
	vals[v] = k
}
