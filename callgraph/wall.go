package callgraph

import "time"

// A Wall is the longest time that goes by on behalf of a target. While part of
// it lies in a function out of sight, it is a function of the time x that this
// one takes: min(Times · x + Plus, Cap). The zero Wall takes no time.
type Wall struct {
	Times int           `json:"times,omitempty"`
	Plus  time.Duration `json:"plus,omitempty"`
	Cap   time.Duration `json:"cap,omitempty"` // 0 for none
	// Unknown says that Plus is not known, or that nothing bounds it.
	Unknown bool `json:"unknown,omitempty"`
}

// longest bounds the times that are added up: about 146 years.
const longest = time.Duration(1 << 62)

func wallOf(bound time.Duration) Wall {
	if bound <= 0 {
		return Wall{Unknown: true}
	}
	return Wall{Plus: bound}
}

// Known gives the time, if it is known and bounded.
func (w Wall) Known() (time.Duration, bool) {
	switch {
	case !w.Unknown && w.Times == 0 && (w.Cap == 0 || w.Plus <= w.Cap):
		return w.Plus, true
	case w.Cap > 0:
		return w.Cap, true
	}
	return 0, false
}

func (w Wall) plus(v Wall) Wall {
	sum := Wall{Times: w.Times + v.Times, Plus: w.Plus + v.Plus, Unknown: w.Unknown || v.Unknown}
	wt, wok := w.Known()
	vt, vok := v.Known()
	if wok && vok {
		sum.Cap = wt + vt
	}
	return sum.bounded()
}

func (w Wall) max(v Wall) Wall {
	m := Wall{Times: max(w.Times, v.Times), Plus: max(w.Plus, v.Plus), Unknown: w.Unknown || v.Unknown}
	wt, wok := w.Known()
	vt, vok := v.Known()
	if wok && vok {
		m.Cap = max(wt, vt)
	}
	return m.bounded()
}

// repeated is the time of n runs and the waits between them.
func (w Wall) repeated(n Count, waits time.Duration) Wall {
	if n.IsInfinite() || n > 1<<20 || w.Plus > longest/time.Duration(max(n, 1)) {
		return Wall{Unknown: true}
	}
	r := Wall{Times: w.Times * int(n), Plus: w.Plus*time.Duration(n) + waits, Unknown: w.Unknown}
	if w.Cap > 0 && w.Cap <= longest/time.Duration(max(n, 1)) {
		r.Cap = w.Cap*time.Duration(n) + waits
	}
	return r.bounded()
}

// capped is the time if something ends it after d; 0 is no limit.
func (w Wall) capped(d time.Duration) Wall {
	if d > 0 && (w.Cap == 0 || d < w.Cap) {
		w.Cap = d
	}
	return w
}

// around is the time if the function out of sight takes v.
func (w Wall) around(v Wall) Wall {
	if w.Times == 0 {
		return w
	}
	inner := v.repeated(Count(w.Times), w.Plus)
	inner.Unknown = inner.Unknown || w.Unknown
	if w.Unknown {
		inner.Cap = 0
	}
	return inner.capped(w.Cap)
}

func (w Wall) bounded() Wall {
	if w.Plus < 0 || w.Plus > longest || w.Cap < 0 || w.Times > 1<<20 {
		return Wall{Unknown: true}
	}
	return w
}
