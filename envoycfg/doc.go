// Package envoycfg is the room of proxies: what their configurations say, what is dangerous in it, and what it
// does to the requests that pass. It has no code of its own.
//
//	descriptor   the types of Envoy's API, embedded and read when they are first asked for
//	xds          configurations of Envoy in any shape, as messages whose fields know where they stand
//	effective    what these come to: routes, timeouts, retries, limits, and who chose them; routes for the call graph
//	lint         the rules envoy/…
//	manifest     documents of Kubernetes, and the workloads in them
//	mesh         Istio, Gateway API, Contour, Kuma, Linkerd and others that are told in such documents
//	nginx        configurations of nginx
//	haproxy      configurations of HAProxy
//	policy       what a proxy does with a request, whatever syntax says so; the rules mesh/…
//
// A file passes through them like this:
//
//	if xds.Sniff(text) {
//		files = append(files, xds.Load(name, text))
//	}
//	…
//	config := effective.Resolve(files)
//	for _, route := range config.Routes() {
//		if route.Retry.Active() {
//			fmt.Println(route.Title(), route.Retry.Retries, route.Timeout) // "route /v1 of shop 3 15s (Envoy's default, nobody chose it)"
//		}
//	}
//	graph := config.Graph() // for callgraph.LinkSystem
package envoycfg
