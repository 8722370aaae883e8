package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// A resolver gives the compiler the files of a group. The compiler calls it from
// several goroutines.
type resolver struct {
	*group
	wanted  map[string]bool // by import path
	partial map[string]bool // see isPartial; by import path
	log     *errorLog

	mu          sync.Mutex
	edition2024 map[string]*rewritten
}

// FindFileByPath reads a file. Of files that are only imported nothing but the
// descriptor is needed: without positions, they take a third of the memory.
func (r *resolver) FindFileByPath(imported string) (protocompile.SearchResult, error) {
	if imported == unknownFile {
		return protocompile.SearchResult{Source: strings.NewReader(unknownText)}, nil
	}
	partial := r.partial[imported]
	if file := r.compiled[imported]; file != nil {
		if partial {
			r.mu.Lock()
			defer r.mu.Unlock()
			file = proto.CloneOf(file)
			r.fillIn(imported, file)
		}
		return protocompile.SearchResult{Proto: file}, nil
	}
	name, ok := r.at[imported]
	if !ok {
		return protocompile.SearchResult{}, protoregistry.NotFound
	}
	text, err := r.read(name)
	if err != nil {
		r.log.add(Problem{Path: name, Message: fmt.Sprintf("the file cannot be read: %v", err)})
		return protocompile.SearchResult{}, err
	}
	if lowered, ok := lowerEdition2024(text); ok {
		r.mu.Lock()
		r.edition2024[imported] = lowered
		r.mu.Unlock()
		text = lowered.text
	}
	placed := !r.opt.ServicesOnly || r.header(name).services
	if r.wanted[imported] && placed && !partial {
		return protocompile.SearchResult{Source: bytes.NewReader(text)}, nil
	}
	handler := reporter.NewHandler(r.log)
	file, err := parser.Parse(imported, bytes.NewReader(text), handler)
	if err != nil {
		return protocompile.SearchResult{}, err
	}
	parsed, err := parser.ResultFromAST(file, true, handler)
	if err != nil {
		return protocompile.SearchResult{}, err
	}
	if partial {
		r.mu.Lock()
		r.fillIn(imported, parsed.FileDescriptorProto())
		r.mu.Unlock()
	}
	switch {
	case !r.wanted[imported]:
		return protocompile.SearchResult{Proto: parsed.FileDescriptorProto()}, nil
	case !placed:
		// Positions that are there, though there are none of them, are not made anew.
		parsed.FileDescriptorProto().SourceCodeInfo = &descriptorpb.SourceCodeInfo{}
	}
	return protocompile.SearchResult{ParseResult: parsed}, nil
}

// An errorLog turns what the compiler complains of into problems.
type errorLog struct {
	*group
	mu     sync.Mutex
	errors []Problem
}

// Error notes an error and lets the compiler go on.
func (e *errorLog) Error(err reporter.ErrorWithPos) error {
	pos := err.GetPosition()
	end := err.End()
	p := Problem{Path: e.pathOf(pos.Filename), Line: pos.Line, Column: pos.Col, Message: plain(err.Unwrap())}
	if end.Line == pos.Line && end.Col > pos.Col {
		p.EndColumn = end.Col
	}
	e.add(p)
	return nil
}

// Warning drops what does not keep a file from being compiled.
func (e *errorLog) Warning(reporter.ErrorWithPos) {}

func (e *errorLog) add(p Problem) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.errors = append(e.errors, p)
}

// pathOf is the path in the tree of a file that the compiler knows by its import path.
func (g *group) pathOf(imported string) string {
	if name, ok := g.at[imported]; ok {
		return name
	}
	return imported
}

// finish adds the problems of the compilation, and takes out of its result what
// depends on a file with a problem. A file that was not compiled though nothing was
// said about it needs one of those.
func (e *errorLog) finish(err error, wanted []string, compiled linker.Files) {
	failed := map[string]bool{}
	for _, p := range e.firstCollisions() {
		p, other := orderCollision(p, e.pathOf)
		if p.Line > 0 {
			p.Column = e.byteColumn(p.Path, p.Line, p.Column)
		}
		if p.EndColumn > 0 {
			p.EndColumn = e.byteColumn(p.Path, p.Line, p.EndColumn)
		}
		failed[p.Path], failed[other] = true, true
		e.problem(p)
		if other != "" {
			e.blocked(other, p.Path)
		}
	}
	if panicked, ok := errors.AsType[protocompile.PanicError](err); ok {
		e.problem(Problem{Path: e.pathOf(panicked.File), Message: fmt.Sprintf("the compiler fails on this file: %v", panicked.Value)})
		failed[e.pathOf(panicked.File)] = true
	}
	for i, imported := range wanted {
		name := e.at[imported]
		if i < len(compiled) && compiled[i] != nil && len(failed) == 0 {
			continue
		}
		if failed[name] {
			compiled[i] = nil
			continue
		}
		if cause := e.causeOf(imported, failed, map[string]bool{}); cause != "" {
			compiled[i] = nil
			e.blocked(name, cause)
			continue
		}
		if compiled[i] != nil {
			continue
		}
		message := "the file cannot be compiled"
		if err != nil {
			message += ": " + err.Error()
		}
		e.problem(Problem{Path: name, Message: message})
	}
}

// apart divides files of which some define the same names in different folders, where
// nothing says that they belong together: those that need the later ones by path, and
// the others.
func (g *group) apart(wanted []string, errs []Problem) (first, second []string) {
	later := map[string]bool{}
	for _, p := range errs {
		ordered, other := orderCollision(p, g.pathOf)
		if _, declared := g.declaredRoot(ordered.Path); other != "" && !declared && path.Dir(other) != path.Dir(ordered.Path) {
			later[ordered.Path] = true
		}
	}
	if len(later) == 0 {
		return nil, nil
	}
	for _, imported := range wanted {
		if later[g.at[imported]] || g.causeOf(imported, later, map[string]bool{}) != "" {
			second = append(second, imported)
		} else {
			first = append(first, imported)
		}
	}
	return first, second
}

// alreadyDefined matches what the linker says of a name that two files define. Which
// of them it says it of depends on the order in which they happen to be linked.
var alreadyDefined = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(.* already defined) at ([^:]+):(\d+):(\d+)(.*)$`)
})

// orderCollision reports a name that two files define at the second by path, and
// returns the path of the first; it returns other problems as they are.
func orderCollision(p Problem, pathOf func(string) string) (ordered Problem, other string) {
	m := alreadyDefined().FindStringSubmatch(p.Message)
	if m == nil {
		return p, ""
	}
	other = pathOf(m[2])
	if other == p.Path {
		return p, ""
	}
	line, _ := strconv.Atoi(m[3])
	column, _ := strconv.Atoi(m[4])
	if other > p.Path {
		width := max(p.EndColumn-p.Column, 0)
		p.Path, other = other, p.Path
		p.Line, line = line, p.Line
		p.Column, column = column, p.Column
		if p.EndColumn > 0 {
			p.EndColumn = p.Column + width
		}
	}
	p.Message = fmt.Sprintf("%s at %s:%d:%d%s", m[1], other, line, column, m[5])
	return p, other
}

// firstCollisions leaves one of the names that two files have in common: a message brings
// its fields, and a copy of a file all that is in it.
func (e *errorLog) firstCollisions() []Problem {
	type pair struct{ one, other string }
	at := map[pair]int{} // places in kept
	more := map[pair]int{}
	var kept []Problem
	for _, p := range e.errors {
		ordered, other := orderCollision(p, e.pathOf)
		files := pair{ordered.Path, other}
		i, known := at[files]
		switch {
		case other == "":
			kept = append(kept, p)
		case !known:
			at[files] = len(kept)
			kept = append(kept, ordered)
		default:
			more[files]++
			if earlier(ordered, kept[i]) {
				kept[i] = ordered
			}
		}
	}
	for files, n := range more {
		kept[at[files]].Message += fmt.Sprintf(", and %d more of its names", n)
	}
	return kept
}

// earlier orders the problems of one file; the linker gives no line for some.
func earlier(a, b Problem) bool {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message)) < 0
}

// causeOf finds the failed file that a file imports, at any depth.
func (g *group) causeOf(imported string, failed, seen map[string]bool) string {
	for _, imp := range g.header(g.at[imported]).imports {
		name, ok := g.at[imp.path]
		if !ok || seen[imp.path] {
			continue
		}
		seen[imp.path] = true
		if failed[name] {
			return name
		}
		if cause := g.causeOf(imp.path, failed, seen); cause != "" {
			return cause
		}
	}
	return ""
}

// plain shortens what the parser says.
func plain(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(text, "syntax error: ")
}
