package mesh

import (
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var linkerdSystem = policy.System{ID: "linkerd", Name: "Linkerd"}

const linkerdDefault = "Linkerd's default"

// linkerd reads the annotations of Services and routes (retry.linkerd.io/…, timeout.linkerd.io/…), and ServiceProfiles.
func (d *documents) linkerd() {
	for _, o := range d.byKind["/Service"] {
		d.linkerdService(o)
	}
	for _, o := range d.of("linkerd.io", "ServiceProfile") {
		d.serviceProfile(o)
	}
}

// linkerdService adds the route of a Service whose annotations speak of it.
func (d *documents) linkerdService(o *manifest.Object) {
	r := policy.Route{
		At: policy.At(o.NameNode()), Name: ownerOf(o).Name, Owner: ownerOf(o),
		Matches: []callgraph.RouteMatch{{Sidecar: true, Hosts: manifest.HostNames(o.Name, o.Namespace)}},
		To:      []callgraph.Upstream{{Name: o.Name, At: manifest.At(o.NameNode())}},
	}
	if d.annotated(&r, o) {
		d.count++
		d.routes = append(d.routes, r)
	}
}

// annotated adds what the annotations of a Service or of a route tell Linkerd; it reports whether they do.
func (d *documents) annotated(r *policy.Route, o *manifest.Object) bool {
	annotations := o.Root.Get("metadata").Get("annotations")
	http, grpc := o.Annotation("retry.linkerd.io/http"), o.Annotation("retry.linkerd.io/grpc")
	request := o.Annotation("timeout.linkerd.io/request")
	if http == nil && grpc == nil && request == nil {
		return false
	}
	r.System, r.GRPC = linkerdSystem, r.GRPC || http == nil && grpc != nil
	r.Timeout = d.duration(request, policy.DefaultTime(0, linkerdDefault))
	if http == nil && grpc == nil {
		return true
	}
	key := "retry.linkerd.io/http"
	if http == nil {
		key = "retry.linkerd.io/grpc"
	}
	r.Retry = &policy.Retry{
		At: policy.AtKey(annotations, key), Where: o.Name, OnAt: policy.At(annotations.Get(key)),
		Retries: d.retries(o.Annotation("retry.linkerd.io/limit"), policy.DefaultCount(1, linkerdDefault)),
		PerTry:  d.duration(o.Annotation("retry.linkerd.io/timeout"), policy.DefaultTime(0, linkerdDefault)),
		On:      append(linkerdStatuses(http), linkerdCodes(grpc)...),
	}
	return true
}

// linkerdStatuses reads "5xx", "gateway-error" and statuses or ranges of them, between commas.
func linkerdStatuses(n *tree.Node) []policy.Condition {
	var all []policy.Condition
	at := policy.At(n)
	for word := range strings.SplitSeq(manifest.Text(n), ",") {
		word = strings.TrimSpace(word)
		from, to, isRange := strings.Cut(word, "-")
		low, lowErr := strconv.Atoi(from)
		high, highErr := strconv.Atoi(to)
		switch {
		case word == "":
		case word == "5xx":
			low, high = 500, 599
		case word == "gateway-error":
			low, high = 502, 504
		case isRange && lowErr == nil && highErr == nil:
		case lowErr == nil && !isRange:
			high = low
		default:
			all = append(all, policy.Condition{Word: word, At: at, Unknown: true})
			continue
		}
		if word == "" {
			continue
		}
		c := policy.Condition{Word: word, At: at}
		for code := low; code <= high && code < 600; code++ {
			s := policy.StatusCondition(code, at)
			c.Modes |= s.Modes
			c.Danger = max(c.Danger, s.Danger)
		}
		// A limit on each attempt ends it with 504.
		if low <= 504 && 504 <= high {
			c.Modes |= callgraph.Hang
		}
		all = append(all, c)
	}
	return all
}

func linkerdCodes(n *tree.Node) []policy.Condition {
	var all []policy.Condition
	for word := range strings.SplitSeq(manifest.Text(n), ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, policy.EnvoyCondition(word, policy.At(n)))
		}
	}
	return all
}

// serviceProfile reads the routes of a service: those that may be retried are, without a limit on their number, as long as
// the budget lasts (20 % and 10 per second by default, linkerd.io/2/tasks/configuring-retries).
func (d *documents) serviceProfile(o *manifest.Object) {
	owner := ownerOf(o)
	host := strings.TrimSuffix(o.Name, ".")
	routes := items(o.Spec().Get("routes"))
	for i, n := range routes {
		r := policy.Route{
			System: linkerdSystem, At: policy.At(n), Owner: owner, Name: routeName(n, i, len(routes)) + " of " + owner.Name,
			Timeout: d.duration(n.Get("timeout"), policy.Time{}), // 10 s by default, as is remembered and not verified
			To:      []callgraph.Upstream{{Name: host, At: manifest.At(n)}},
		}
		condition := n.Get("condition")
		match := callgraph.RouteMatch{Sidecar: true, Hosts: hostNames(host, ""), Order: i, Methods: texts1(condition.Get("method"))}
		if path := manifest.Text(condition.Get("pathRegex")); path != "" {
			match.Path = callgraph.PathMatch{Kind: callgraph.RegexPath, Text: path}
		}
		match.Conditional = condition.Get("all") != nil || condition.Get("any") != nil || condition.Get("not") != nil
		r.Matches = []callgraph.RouteMatch{match}
		if n.Get("isRetryable") != nil && manifest.Text(n.Get("isRetryable")) == "true" {
			r.Retry = &policy.Retry{
				At: policy.AtKey(n, "isRetryable"), Where: host, Retries: policy.Count{Known: true, Unbounded: true},
				On:       []policy.Condition{policyStatus5xx()},
				OnOrigin: linkerdDefault, Budget: d.profileBudget(o.Spec().Get("retryBudget")),
			}
		}
		d.routes = append(d.routes, r)
	}
}

func policyStatus5xx() policy.Condition {
	c := policy.EnvoyCondition("5xx", policy.Place{})
	c.Modes &^= callgraph.Hang | callgraph.Refused | callgraph.Reset // statuses alone
	return c
}

func (d *documents) profileBudget(n *tree.Node) *policy.Budget {
	b := &policy.Budget{Ratio: 0.2, At: policy.At(n)}
	if value, ok := percent(n.Get("retryRatio")); ok {
		b.Ratio = value
	}
	b.Rate = 10
	if value, ok := percent(n.Get("minRetriesPerSecond")); ok {
		b.Rate = value
	}
	return b
}
