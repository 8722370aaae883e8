package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/commslint/commslint/internal/govet"
)

// timings are how long the steps of a run took, for --timings.
type timings struct {
	last  time.Time
	steps []timing
	mu    sync.Mutex
	units []govet.Timing
}

type timing struct {
	name    string
	elapsed time.Duration
}

func (t *timings) start() { t.last = time.Now() }

// step ends a step that began with the end of the one before it.
func (t *timings) step(name string) {
	now := time.Now()
	t.steps = append(t.steps, timing{name, now.Sub(t.last)})
	t.last = now
}

func (t *timings) unit(u govet.Timing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.units = append(t.units, u)
}

func (t *timings) print(w io.Writer) {
	slices.SortFunc(t.units, func(a, b govet.Timing) int { return strings.Compare(a.Dir, b.Dir) })
	for _, s := range t.steps {
		fmt.Fprintf(w, "%8.3f s  %s\n", s.elapsed.Seconds(), s.name)
		if s.name != "go vet" {
			continue
		}
		for _, u := range t.units {
			fmt.Fprintf(w, "%8.3f s    %s (%d packages)\n", u.Elapsed.Seconds(), u.Dir, u.Packages)
		}
	}
}
