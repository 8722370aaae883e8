package retrynonidempotent

import (
	"go/constant"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// A Purpose is what is known of a POST that makes its repetition less of a
// danger than its method says.
type Purpose uint8

const (
	AnyPurpose Purpose = iota
	// Ingests appends telemetry, of which receivers drop or overwrite what they have:
	// entries and samples carry their time.
	Ingests
	// Carries takes remote procedure calls of any kind, reads among them.
	Carries
)

// ingestion are paths and headers of protocols for telemetry, which tell senders to
// repeat: Loki's push, Prometheus remote write, OTLP over HTTP, InfluxDB's write.
var ingestion = []string{
	"/loki/api/v1/push", "/api/prom/push", "x-prometheus-remote-write-version", "/v1/traces", "/v1/metrics", "/v1/logs", "/api/v2/write",
}

// carriers are the media types of remote procedure calls over POST.
var carriers = []string{"application/grpc"}

// purposeOf says what a function's requests are for, by the constants that it uses,
// or, for telemetry, its package: the path is often set where a client is made.
func (c *checker) purposeOf(fn *ssa.Function) Purpose {
	if uses(fn, carriers) {
		return Carries
	}
	if c.ingests == nil {
		found := slices.ContainsFunc(c.net.Funcs, func(fn *ssa.Function) bool { return uses(fn, ingestion) })
		c.ingests = &found
	}
	if *c.ingests {
		return Ingests
	}
	return AnyPurpose
}

// uses reports whether a string constant of a function contains one of some texts,
// in whatever case.
func uses(fn *ssa.Function, texts []string) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			for _, op := range instr.Operands(nil) {
				k, ok := (*op).(*ssa.Const)
				if !ok || k.Value == nil || k.Value.Kind() != constant.String {
					continue
				}
				text := strings.ToLower(constant.StringVal(k.Value))
				if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(text, t) }) {
					return true
				}
			}
		}
	}
	return false
}
