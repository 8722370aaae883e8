package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// A progress line shows on a terminal how many packages are done. Its zero
// value shows nothing.
type progress struct {
	w     io.Writer // nil to be silent
	mu    sync.Mutex
	count int
	last  time.Time
}

// interval is how often the line is drawn: often enough to look alive.
const interval = 100 * time.Millisecond

func newProgress(env *Env, mode string) *progress {
	if _, ci := env.Lookup("CI"); mode == "auto" && !ci && isTerminal(env.Stderr) {
		return &progress{w: env.Stderr}
	}
	return new(progress)
}

func (p *progress) step() {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	if now := time.Now(); now.Sub(p.last) >= interval {
		p.last = now
		fmt.Fprintf(p.w, "\r\x1b[K%d packages checked", p.count)
	}
}

func (p *progress) clear() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// useColor decides about colour on standard output: the flag first, then
// NO_COLOR (https://no-color.org), then whether it is a terminal.
func useColor(env *Env, mode string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	if v, _ := env.Lookup("NO_COLOR"); v != "" {
		return false
	}
	if v, _ := env.Lookup("TERM"); v == "dumb" {
		return false
	}
	return isTerminal(env.Stdout)
}

// terminalWidth is the width in columns of the terminal that w is, zero if it is
// none.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}
