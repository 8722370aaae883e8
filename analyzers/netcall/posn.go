package netcall

import (
	"go/token"
	"strconv"
)

func (p Posn) String() string {
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// IsValid reports whether the position is known.
func (p Posn) IsValid() bool { return p.Line > 0 }

// posn is the position that facts carry for pos.
func posn(fset *token.FileSet, pos token.Pos) Posn {
	if !pos.IsValid() {
		return Posn{}
	}
	p := fset.Position(pos)
	return Posn{File: p.Filename, Line: p.Line, Col: p.Column}
}

// Posn returns the position that facts carry for pos.
func (res *Result) Posn(pos token.Pos) Posn { return posn(res.pkg.pass.Fset, pos) }

// Pos returns a position of the file set that prints as p, for the related
// information of a diagnostic. Positions in other packages get a file of their
// own in the file set, since their sources were not parsed.
func (res *Result) Pos(p Posn) token.Pos {
	if !p.IsValid() {
		return token.NoPos
	}
	return res.pkg.pos(p)
}

func (prog *program) pos(p Posn) token.Pos {
	if pos, ok := prog.positions[p]; ok {
		return pos
	}
	pos := token.NoPos
	for _, file := range prog.pass.Files {
		f := prog.pass.Fset.File(file.FileStart)
		if f.Name() == p.File && p.Line <= f.LineCount() {
			pos = min(f.LineStart(p.Line)+token.Pos(p.Col-1), file.FileEnd)
		}
	}
	if !pos.IsValid() {
		const size = 16 // the position itself and room for its end
		f := prog.pass.Fset.AddFile(p.File, -1, size)
		f.AddLineColumnInfo(0, p.File, p.Line, p.Col)
		// AddLineColumnInfo is relative to line 1 of the file, which begins at
		// offset 0, so the first offset has exactly this line and column.
		pos = f.Pos(0)
	}
	prog.positions[p] = pos
	return pos
}
