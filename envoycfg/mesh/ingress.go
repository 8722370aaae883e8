package mesh

import (
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/nginx"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var (
	ingressSystem      = policy.System{ID: "ingress", Name: "the ingress controller", Open: true}
	ingressNginxSystem = policy.System{ID: "ingress-nginx", Name: "ingress-nginx"}
	kongSystem         = policy.System{ID: "kong", Name: "Kong"}
)

// Defaults of ingress-nginx (docs/user-guide/nginx-configuration/configmap.md: proxy-next-upstream-tries 3, proxy-read-timeout 60)
// and of Kong's services (Admin API: retries 5, read_timeout 60000).
const (
	ingressNginxPrefix  = "nginx.ingress.kubernetes.io/"
	ingressNginxDefault = "ingress-nginx's default"
	ingressNginxTries   = 3
	kongDefault         = "Kong's default"
	kongRetries         = 5
	ingressReadTimeout  = 60 * time.Second
)

// ingressNginx reads Ingresses, with what annotations tell nginx and Kong.
func (d *documents) ingressNginx() {
	for _, o := range d.of("networking.k8s.io", "Ingress") {
		system := ingressOf(o)
		owner := ownerOf(o)
		for _, rule := range items(o.Spec().Get("rules")) {
			for i, path := range items(rule.Get("http").Get("paths")) {
				r := policy.Route{System: system, At: policy.At(path), Owner: owner, Name: "path " + manifest.Text(path.Get("path")) + " of " + owner.Name}
				match := callgraph.RouteMatch{Hosts: texts1(rule.Get("host")), Order: i, Path: ingressPath(path)}
				r.Matches = []callgraph.RouteMatch{match}
				service := path.Get("backend").Get("service")
				name := manifest.Text(service.Get("name"))
				if name == "" {
					continue
				}
				to := callgraph.Upstream{Name: name, At: manifest.At(service)}
				if port := manifest.Text(service.Get("port").Get("number")); port != "" {
					to.Addresses = []string{name + ":" + port}
				}
				r.To = []callgraph.Upstream{to}
				d.ingressRoute(r, o, name)
			}
		}
	}
	for _, o := range d.byKind["/ConfigMap"] {
		d.ingressConfig(o)
	}
}

func ingressPath(path *tree.Node) callgraph.PathMatch {
	text := manifest.Text(path.Get("path"))
	switch manifest.Text(path.Get("pathType")) {
	case "Exact":
		return callgraph.PathMatch{Kind: callgraph.ExactPath, Text: text}
	case "ImplementationSpecific":
		if strings.ContainsAny(text, "(*") {
			return callgraph.PathMatch{Kind: callgraph.RegexPath, Text: text}
		}
	}
	if text == "" || text == "/" {
		return callgraph.PathMatch{}
	}
	return callgraph.PathMatch{Kind: callgraph.SegmentsPath, Text: strings.TrimSuffix(text, "/")}
}

// ingressOf tells which controller serves an Ingress.
func ingressOf(o *manifest.Object) policy.System {
	class := manifest.Text(o.Spec().Get("ingressClassName"))
	if class == "" {
		class = manifest.Text(o.Annotation("kubernetes.io/ingress.class"))
	}
	if annotations := o.Root.Get("metadata").Get("annotations"); annotations != nil && annotations.Kind == tree.Object {
		for _, m := range annotations.Members {
			if strings.HasPrefix(m.Key, ingressNginxPrefix) && class == "" {
				class = "nginx"
			}
		}
	}
	switch {
	case class == "nginx" || strings.HasPrefix(class, "nginx-") || strings.HasSuffix(class, "-nginx"):
		return ingressNginxSystem
	case class == "kong":
		return kongSystem
	}
	return ingressSystem
}

// ingressRoute adds the routes of a path. Neither controller sends POST again once it was sent, unless it is told to.
func (d *documents) ingressRoute(r policy.Route, o *manifest.Object, service string) {
	var always policy.Place
	switch r.System.ID {
	case ingressNginxSystem.ID:
		if target := manifest.Text(o.Annotation(ingressNginxPrefix + "rewrite-target")); target != "" {
			// Whole paths become the target, with $1 for what the first group of the path matched.
			path := r.Matches[0].Path.Text
			if path == "" {
				path = "/"
			}
			r.Rewrite = policy.Rewrite{Fixed: callgraph.Rewrite{Pattern: "(?i)^" + path + ".*$", To: strings.ReplaceAll(target, "$", "\\")}}
		}
		always = d.ingressNginxRetry(&r, o)
	case kongSystem.ID:
		d.kongRetry(&r, o, service)
	}
	if r.Retry == nil || always.Written() {
		d.routes = append(d.routes, r)
		return
	}
	d.routes = append(d.routes, r.Spare()...)
}

func (d *documents) ingressNginxRetry(r *policy.Route, o *manifest.Object) policy.Place {
	retry := &policy.Retry{
		Origin: ingressNginxDefault, OnOrigin: ingressNginxDefault, On: nginx.DefaultNextUpstream(), Growth: callgraph.NoWait, Jitter: callgraph.No, Where: r.To[0].Name,
	}
	var always policy.Place
	if next := d.ingressSetting(o, "proxy-next-upstream"); next != nil && !next.Templated() {
		retry.At, retry.OnAt, retry.Origin, retry.OnOrigin = policy.At(next), policy.At(next), "", ""
		retry.On, always = nginx.NextUpstream(strings.Fields(next.Text), wordsOf(next))
	}
	tries := d.number(d.ingressSetting(o, "proxy-next-upstream-tries"), policy.DefaultCount(ingressNginxTries, ingressNginxDefault))
	tries.N = max(tries.N, 1) - 1
	if tries.Known && tries.At.Written() && tries.N == 0 && manifest.Text(d.ingressSetting(o, "proxy-next-upstream-tries")) == "0" {
		tries = policy.Count{Var: "endpoints of " + r.To[0].Name, At: tries.At} // 0 is as many as there are
	}
	retry.Retries = tries
	retry.PerTry = d.seconds(d.ingressSetting(o, "proxy-read-timeout"), policy.DefaultTime(ingressReadTimeout, ingressNginxDefault))
	d.together(r, retry)
	r.Window = d.seconds(d.ingressSetting(o, "proxy-next-upstream-timeout"), policy.Time{})
	return always
}

// ingressSetting is what an annotation of an Ingress says, or else the configuration of all of ingress-nginx, if it is in sight.
func (d *documents) ingressSetting(o *manifest.Object, key string) *tree.Node {
	if n := o.Annotation(ingressNginxPrefix + key); n != nil {
		return n
	}
	for _, config := range d.nearest("/ConfigMap", o.File(), func(c *manifest.Object) bool { return strings.Contains(c.Name, "ingress-nginx") }) {
		if n := config.Root.Get("data").Get(key); n != nil {
			return n
		}
	}
	return nil
}

// together sets the time that all attempts may take.
func (d *documents) together(r *policy.Route, retry *policy.Retry) {
	r.Retry, r.Timeout = retry, retry.PerTry
	if retry.Repeats(callgraph.Hang) {
		r.Timeout.Value *= time.Duration(1 + retry.Retries.N)
		r.Timeout.Known = r.Timeout.Known && retry.Retries.Known
	} else {
		retry.PerTry = policy.Time{}
	}
}

// kongRetry reads what annotations of the Ingress and of its Service tell Kong, whose rules are nginx's.
func (d *documents) kongRetry(r *policy.Route, o *manifest.Object, service string) {
	retries, read := o.Annotation("konghq.com/retries"), o.Annotation("konghq.com/read-timeout")
	for _, s := range d.nearestNamed("/Service", service, o.File(), func(*manifest.Object) bool { return true }) {
		if n := s.Annotation("konghq.com/retries"); n != nil {
			retries = n
		}
		if n := s.Annotation("konghq.com/read-timeout"); n != nil {
			read = n
		}
	}
	retry := &policy.Retry{
		Origin: kongDefault, OnOrigin: kongDefault, On: nginx.DefaultNextUpstream(), Growth: callgraph.NoWait, Jitter: callgraph.No, Where: r.To[0].Name,
		Retries: d.retries(retries, policy.DefaultCount(kongRetries, kongDefault)),
		PerTry:  policy.DefaultTime(ingressReadTimeout, kongDefault),
	}
	if ms := d.number(read, policy.Count{}); ms.Known {
		retry.PerTry = policy.Time{Value: time.Duration(ms.N) * time.Millisecond, Known: true, At: ms.At}
	}
	if retry.Retries.At.Written() {
		retry.At = retry.Retries.At
	}
	d.together(r, retry)
}

// seconds reads a number of seconds, with or without their unit.
func (d *documents) seconds(n *tree.Node, ifAbsent policy.Time) policy.Time {
	if n == nil {
		return ifAbsent
	}
	if value, err := strconv.Atoi(strings.TrimSuffix(manifest.Text(n), "s")); err == nil && value >= 0 {
		return policy.Time{Value: time.Duration(value) * time.Second, Known: true, At: policy.At(n)}
	}
	return policy.Time{At: policy.At(n)}
}

// wordsOf gives each word of a text its place.
func wordsOf(n *tree.Node) func(i int) policy.Place {
	raw := string(n.File.Text[n.Start:n.End])
	words := strings.Fields(n.Text)
	return func(i int) policy.Place {
		from := 0
		for j := 0; j <= i && j < len(words); j++ {
			at := strings.Index(raw[from:], words[j])
			if at < 0 {
				return policy.At(n)
			}
			if from += at; j < i {
				from += len(words[j])
			}
		}
		start := n.Start + int32(from)
		end := start + int32(len(words[min(i, len(words)-1)]))
		return policy.Place{Location: n.File.Location(start, end), Start: int(start), End: int(end)}
	}
}

// ingressConfig finds what the configuration of all of ingress-nginx says of requests that are not idempotent.
func (d *documents) ingressConfig(o *manifest.Object) {
	data := o.Root.Get("data")
	if n := data.Get("retry-non-idempotent"); manifest.Text(n) == "true" {
		d.report.Addf(policy.RetryNonIdempotent, policy.At(n), "", "POST and PATCH requests to every upstream are sent again after an error or a timeout, when the upstream may have done the work")
	}
	if n := data.Get("proxy-next-upstream"); n != nil && strings.Contains(manifest.Text(n), "non_idempotent") {
		_, always := nginx.NextUpstream(strings.Fields(n.Text), wordsOf(n))
		d.report.Addf(policy.RetryNonIdempotent, always, "", "POST and PATCH requests to every upstream are sent again, when the upstream may have done the work")
	}
}
