// Package xds reads configurations of Envoy in every shape that they are written in, as messages whose
// fields know where they stand.
//
//	if !xds.Sniff(text) {
//		return // none of Envoy's
//	}
//	f := xds.Load("front/envoy.yaml", text)
//	for _, c := range f.All("envoy.config.cluster.v3.Cluster") {
//		name := c.Get("name").String()
//		if d, ok := c.Get("connect_timeout").Duration(); ok && d > time.Minute {
//			report(c.Get("connect_timeout").At(), name)
//		}
//		for _, t := range c.Get("circuit_breakers.thresholds").Messages() {
//			retries, known := t.Get("max_retries").UintOr(3)
//			…
//		}
//	}
//
// What a template fills in later is set but not known: Set reports true, and the typed accessors false.
// What is wrong with the configuration is in File.Findings, and what could not be read because its
// type is not known in File.Unknown.
//
// It reads as Envoy does, which is more lenient than the mapping of protobuf to JSON: a single value
// where a list is expected, names of enums in any case, durations as objects with seconds and nanos,
// numbers in quotes.
package xds
