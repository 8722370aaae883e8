package regular

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// An automaton reads a string rune by rune. States are numbered from 0, the start; they are
// found as they are reached.
type automaton interface {
	step(state int, r rune, class int) int
	accepts(state int) bool
	boundaries(add func(rune))
	// effort is what the automaton has cost so far, in instructions of a pattern.
	effort() int
}

// machine is the deterministic automaton of a pattern searched for anywhere in a string, by
// lazy subset construction over the instructions of its program. A set holds the instructions
// that wait for the next rune before empty-width assertions are resolved, because those depend
// on it; previous says what stood before: the beginning, a word character, or another.
type machine struct {
	program *syntax.Prog
	states  []subset
	ids     map[string]int
	next    []map[int]int // by state: class of rune to state

	visited []uint32 // by instruction: the closure that saw it last
	closure uint32
	work    int // instructions looked at
}

type subset struct {
	waiting  []uint32
	previous rune // -1 at the beginning, 'a' for a word character, ' ' for others
	matched  bool // a match lies behind: everything is accepted
}

func newMachine(p *Pattern) *machine {
	m := &machine{program: p.program, ids: map[string]int{}, visited: make([]uint32, len(p.program.Inst))}
	m.intern(subset{waiting: []uint32{uint32(p.program.Start)}, previous: -1})
	return m
}

func (m *machine) intern(s subset) int {
	key := make([]byte, 0, 4*len(s.waiting)+8)
	if s.matched {
		s = subset{matched: true}
		key = append(key, 'M')
	} else {
		slices.Sort(s.waiting)
		s.waiting = slices.Compact(s.waiting)
		key = binary.AppendVarint(key, int64(s.previous))
		for _, pc := range s.waiting {
			key = binary.LittleEndian.AppendUint32(key, pc)
		}
	}
	if id, ok := m.ids[string(key)]; ok {
		return id
	}
	id := len(m.states)
	m.ids[string(key)] = id
	m.states = append(m.states, s)
	m.next = append(m.next, nil)
	return id
}

// resolve follows the instructions that consume nothing, given the runes on both sides (-1 is
// the end of the text), and calls consume for those that wait for a rune; true if a match ends
// here.
func (m *machine) resolve(s subset, following rune, consume func(pc uint32)) bool {
	flags := syntax.EmptyOpContext(s.previous, following)
	m.closure++
	stack := slices.Clone(s.waiting)
	matched := false
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if m.visited[pc] == m.closure {
			continue
		}
		m.visited[pc] = m.closure
		m.work++
		switch inst := &m.program.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, inst.Arg, inst.Out)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^flags == 0 {
				stack = append(stack, inst.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		default:
			consume(pc)
		}
	}
	return matched
}

func (m *machine) step(state int, r rune, class int) int {
	if to, ok := m.next[state][class]; ok {
		return to
	}
	to := m.advance(m.states[state], r)
	if m.next[state] == nil {
		m.next[state] = map[int]int{}
	}
	m.next[state][class] = to
	return to
}

func (m *machine) advance(s subset, r rune) int {
	if s.matched {
		return m.intern(s)
	}
	after := subset{previous: ' '}
	if isWord(r) {
		after.previous = 'a'
	}
	after.waiting = append(after.waiting, uint32(m.program.Start)) // a match may begin anywhere
	after.matched = m.resolve(s, r, func(pc uint32) {
		if inst := &m.program.Inst[pc]; inst.MatchRune(r) {
			after.waiting = append(after.waiting, inst.Out)
		}
	})
	return m.intern(after)
}

func (m *machine) accepts(state int) bool {
	s := m.states[state]
	return s.matched || m.resolve(s, -1, func(uint32) {})
}

// boundaries names the runes at which the behaviour may change: each starts a class of runes
// that no instruction tells apart.
func (m *machine) boundaries(add func(rune)) {
	for i := range m.program.Inst {
		inst := &m.program.Inst[i]
		switch inst.Op {
		case syntax.InstRune1, syntax.InstRune:
			if len(inst.Rune) == 1 {
				add(inst.Rune[0])
				add(inst.Rune[0] + 1)
				continue
			}
			for i := 0; i+1 < len(inst.Rune); i += 2 {
				add(inst.Rune[i])
				add(inst.Rune[i+1] + 1)
			}
		case syntax.InstRuneAnyNotNL:
			add('\n')
			add('\n' + 1)
		case syntax.InstEmptyWidth:
			for _, r := range [...]rune{'0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1} {
				add(r)
			}
		}
	}
}

// words is the automaton of a finite set of strings: a trie, whose state 0 is the root and
// whose state 1 is left for good.
type words struct {
	children []map[rune]int
	final    []bool
}

func newWords(list []string) *words {
	w := &words{children: make([]map[rune]int, 2), final: make([]bool, 2)}
	for _, word := range list {
		state := 0
		for _, r := range word {
			child, ok := w.children[state][r]
			if !ok {
				child = len(w.children)
				if w.children[state] == nil {
					w.children[state] = map[rune]int{}
				}
				w.children[state][r] = child
				w.children = append(w.children, nil)
				w.final = append(w.final, false)
			}
			state = child
		}
		w.final[state] = true
	}
	return w
}

func (w *words) step(state int, r rune, _ int) int {
	if child, ok := w.children[state][r]; ok {
		return child
	}
	return 1
}

func (w *words) effort() int { return 0 }

func (m *machine) effort() int { return m.work }

func (w *words) accepts(state int) bool { return w.final[state] }

func (w *words) boundaries(add func(rune)) {
	for _, children := range w.children {
		for r := range children {
			add(r)
			add(r + 1)
		}
	}
}
