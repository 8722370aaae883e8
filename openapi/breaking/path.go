package breaking

import (
	"fmt"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
)

// An endpoint is an operation with its path.
type endpoint struct {
	op    *document.Operation
	path  template
	full  []string // shapes of the whole path, from the root of each server
	taken bool
}

func endpoints(d *document.Document) []*endpoint {
	var all []*endpoint
	for _, item := range d.Paths {
		path := parseTemplate(item.Name)
		for _, op := range item.Operations {
			e := &endpoint{op: op, path: path}
			for _, a := range serverAddresses(op.Servers) {
				e.full = append(e.full, parseTemplate(a.base+path.text).shape)
			}
			all = append(all, e)
		}
	}
	return all
}

// comparePaths pairs the operations of both documents: by their path as written,
// then by its shape without the names of variables, then by the whole path with
// what servers put before it.
func (c *comparison) comparePaths() {
	older, newer := endpoints(c.old), endpoints(c.new)
	c.pairBy(older, newer, func(e *endpoint) []string { return []string{e.path.text} })
	c.pairBy(older, newer, func(e *endpoint) []string { return []string{e.path.shape} })
	c.pairBy(older, newer, func(e *endpoint) []string { return e.full })
	c.reportRemoved(older, newer)
	for _, e := range newer {
		if !e.taken {
			x := &exchange{comparison: c, name: operationName(e.op)}
			x.note(cause{new: e.op}, "a new operation", e.op.At)
		}
	}
}

// pairBy pairs and compares endpoints that have a key in common.
func (c *comparison) pairBy(older, newer []*endpoint, keys func(*endpoint) []string) {
	index := map[string][]*endpoint{}
	for _, e := range newer {
		for _, k := range keys(e) {
			if !e.taken {
				index[e.op.Method+" "+k] = append(index[e.op.Method+" "+k], e)
			}
		}
	}
	for _, o := range older {
		if o.taken {
			continue
		}
		n, others := firstFree(index, o.op.Method, keys(o))
		if n == nil {
			continue
		}
		o.taken, n.taken = true, true
		if o.path.text == n.path.text && c.same.operation(o.op, n.op) {
			continue
		}
		x := &exchange{
			comparison: c, old: o.op, new: n.op, name: operationName(n.op),
			// Two paths of one shape match the same requests, and nothing tells
			// which of them took the place of the old one.
			unsure:  others && o.path.text != n.path.text,
			oldPath: o.path, newPath: n.path,
		}
		x.compare()
	}
}

// firstFree finds the first endpoint under any of the keys that is not paired yet,
// and reports whether there are others.
func firstFree(index map[string][]*endpoint, method string, keys []string) (found *endpoint, others bool) {
	for _, k := range keys {
		for _, e := range index[method+" "+k] {
			switch {
			case e.taken:
			case found == nil:
				found = e
			case e != found:
				return found, true
			}
		}
	}
	return found, false
}

func operationName(op *document.Operation) string { return op.Method + " " + op.Item.Name }

// reportRemoved reports old operations without a successor; those of a path that
// has none left at all, and no successor itself, together.
func (c *comparison) reportRemoved(older, newer []*endpoint) {
	surviving, gone := map[*document.PathItem]bool{}, map[*document.PathItem][]*document.Operation{}
	for _, e := range older {
		if e.taken {
			surviving[e.op.Item] = true
		} else {
			gone[e.op.Item] = append(gone[e.op.Item], e.op)
		}
	}
	successor := map[string]*document.PathItem{}
	for _, e := range newer {
		successor[e.path.shape] = e.op.Item
	}
	for _, item := range c.old.Paths {
		removed := gone[item]
		now := successor[parseTemplate(item.Name).shape]
		switch {
		case len(removed) == 0:
		case now == nil && !surviving[item]:
			c.reportPath(item, removed)
		default:
			c.reportOperations(item, removed, now)
		}
	}
}

func (c *comparison) reportPath(item *document.PathItem, removed []*document.Operation) {
	place := c.nearest(item)
	for _, op := range removed {
		id := cause{rule: pathRemoved, old: item}
		if why, ok := c.mayGo(op, c.opt.RemovablePaths); ok {
			x := &exchange{comparison: c, name: operationName(op)}
			x.note(id, fmt.Sprintf("the path %s is gone, %s", item.Name, why), place)
			continue
		}
		c.changes.add(id, operationName(op), func() *change {
			return &change{
				message: fmt.Sprintf("the path %s is gone", item.Name),
				place:   place,
				related: c.before(item.At, "it was here"),
			}
		})
	}
}

func (c *comparison) reportOperations(item *document.PathItem, removed []*document.Operation, now *document.PathItem) {
	place := c.nearest(item)
	if now != nil {
		place = now.At
	}
	for _, op := range removed {
		id := cause{rule: operationRemoved, old: op}
		if why, ok := c.mayGo(op, c.opt.RemovableOperations); ok {
			x := &exchange{comparison: c, name: operationName(op)}
			x.note(id, fmt.Sprintf("the operation %s is gone, %s", operationName(op), why), place)
			continue
		}
		c.changes.add(id, operationName(op), func() *change {
			return &change{
				message: fmt.Sprintf("the operation %s is gone", operationName(op)),
				place:   place,
				related: c.before(op.At, "it was here"),
			}
		})
	}
}

// mayGo reports whether an operation may be removed, and why.
func (c *comparison) mayGo(op *document.Operation, policy string) (why string, ok bool) {
	if !op.Deprecated {
		return "", false
	}
	sunset := sunsetOf(op)
	switch {
	case policy == "deprecated":
		return "which was deprecated", true
	case policy == "sunset" && sunset != "" && sunset < c.opt.Today:
		return "after its sunset on " + sunset, true
	}
	return "", false
}

// sunsetOf is the day of x-sunset, as 2027-01-31; empty if there is none.
func sunsetOf(op *document.Operation) string {
	n := document.Extension(op.Node, "x-sunset")
	if n == nil || len(n.Text) < len("2006-01-02") {
		return ""
	}
	day := n.Text[:len("2006-01-02")] // a time may follow
	if strings.Count(day, "-") != 2 {
		return ""
	}
	return day
}

// nearest is the place in the new document that is nearest to where a path was: the
// path before it that is still there, or else the list of paths.
func (c *comparison) nearest(gone *document.PathItem) finding.Location {
	places := map[string]finding.Location{}
	for _, item := range c.new.Paths {
		places[item.Name] = item.At
	}
	at := c.new.Root.Location()
	if m := c.new.Root.Member("paths"); m != nil {
		at = c.new.Root.File.Location(m.KeyStart, m.KeyEnd)
	}
	for _, item := range c.old.Paths {
		if item == gone {
			break
		}
		if place, ok := places[item.Name]; ok {
			at = place
		}
	}
	return at
}

// compareWebhooks compares what the server sends to clients that subscribed.
func (c *comparison) compareWebhooks() {
	newer := map[string]*document.PathItem{}
	for _, item := range c.new.Webhooks {
		newer[item.Name] = item
	}
	for _, item := range c.old.Webhooks {
		if now := newer[item.Name]; now != nil {
			c.compareReversed(item, now, "webhook "+item.Name)
			continue
		}
		at := c.new.Root.Location()
		if m := c.new.Root.Member("webhooks"); m != nil {
			at = c.new.Root.File.Location(m.KeyStart, m.KeyEnd)
		}
		c.reportSilence(item, "webhook "+item.Name, at)
	}
}

// compareReversed compares requests that the server sends.
func (c *comparison) compareReversed(older, newer *document.PathItem, name string) {
	for _, o := range older.Operations {
		for _, n := range newer.Operations {
			if o.Method == n.Method {
				x := &exchange{
					comparison: c, old: o, new: n, name: name, reversed: true,
					oldPath: parseTemplate(older.Name), newPath: parseTemplate(newer.Name),
				}
				x.compare()
			}
		}
	}
}

// reportSilence reports messages that the server sends no more. Nothing that clients
// do fails by that, so it is a warning.
func (c *comparison) reportSilence(item *document.PathItem, name string, at finding.Location) {
	c.changes.add(cause{rule: operationRemoved, old: item}, name, func() *change {
		return &change{
			message: fmt.Sprintf("the %s is not sent any more", name),
			place:   at,
			atMost:  finding.Warning,
			related: c.before(item.At, "it was here"),
		}
	})
}

// compareCallbacks compares what the server sends because of the operation.
func (x *exchange) compareCallbacks() {
	newer := map[string]*document.Callback{}
	for _, cb := range x.new.Callbacks {
		newer[cb.Name] = cb
	}
	for _, o := range x.old.Callbacks {
		n := newer[o.Name]
		for i, item := range o.Items {
			name := x.name + " callback " + o.Name
			if now := callbackItem(n, item.Name, i, len(o.Items)); now != nil {
				x.compareReversed(item, now, name)
				continue
			}
			x.reportSilence(item, name, x.new.At)
		}
	}
}

// callbackItem finds the requests of a callback: by the expression of their address,
// which may be written anew if there is only one.
func callbackItem(cb *document.Callback, expression string, i, count int) *document.PathItem {
	if cb == nil {
		return nil
	}
	for _, item := range cb.Items {
		if item.Name == expression {
			return item
		}
	}
	if len(cb.Items) == count && count == 1 {
		return cb.Items[i]
	}
	return nil
}
