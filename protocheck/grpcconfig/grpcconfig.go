// Package grpcconfig checks gRPC service configs: which calls a client repeats, how
// long it waits, and for which methods, joined with the .proto files that define
// those. A config is a file of its own, or a string constant of Go code:
//
//	if grpcconfig.IsName(path) || grpcconfig.Sniff(text) {
//		services := grpcconfig.NewServices(snapshot.Files, rename, options)
//		cfg, findings := grpcconfig.Inspect(grpcconfig.Source{Name: name, Text: text}, services, options)
//		if cfg != nil { // nil if it cannot be read
//			layers := cfg.Connection(0)
//		}
//	}
//
// What a config means is said by gRFC A6 (https://github.com/grpc/proposal/blob/master/A6-client-retries.md)
// and by the comments of service_config.proto (https://github.com/grpc/grpc-proto);
// where grpc-go differs, it is that of v1.85.0.
package grpcconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// Ids of the rules, which rules/catalogue/grpc.cue describes.
const (
	backoff               = "grpc/backoff"
	backoffExceedsTimeout = "grpc/backoff-exceeds-timeout"
	duplicateName         = "grpc/duplicate-name"
	emptyName             = "grpc/empty-name"
	hedgingIgnored        = "grpc/hedging-ignored"
	hedgingNonidempotent  = "grpc/hedging-nonidempotent"
	invalid               = "grpc/invalid"
	loadBalancing         = "grpc/load-balancing"
	maxAttempts           = "grpc/max-attempts"
	methodWithoutService  = "grpc/method-without-service"
	noDeadline            = "grpc/no-deadline"
	retryAndHedging       = "grpc/retry-and-hedging"
	retryCode             = "grpc/retry-code"
	retryNonidempotent    = "grpc/retry-nonidempotent"
	retryStreaming        = "grpc/retry-streaming"
	retryThrottling       = "grpc/retry-throttling"
	noRetryThrottling     = "grpc/retry-throttling-missing"
	timeoutRule           = "grpc/timeout"
	unknownField          = "grpc/unknown-field"
	unknownMethod         = "grpc/unknown-method"
	waitForReady          = "grpc/wait-for-ready"
)

// RetryNonidempotent is the rule about methods that are not safe to repeat and are
// repeated.
const RetryNonidempotent = retryNonidempotent

// InputConfig is the rule of service configs that cannot be read.
const InputConfig = "input/grpc-config"

var ids = []string{
	backoff, backoffExceedsTimeout, duplicateName, emptyName, hedgingIgnored, hedgingNonidempotent, invalid, loadBalancing,
	maxAttempts, methodWithoutService, noDeadline, retryAndHedging, retryCode, retryNonidempotent, retryStreaming,
	retryThrottling, noRetryThrottling, timeoutRule, unknownField, unknownMethod, waitForReady,
}

// Implements reports whether a rule is about one state of a service config.
func Implements(rule string) bool { return slices.Contains(ids, rule) }

// Options are the parameters of the rules. DefaultOptions has those of the catalogue.
type Options struct {
	// MaxAttempts is the most attempts that clients make, whatever a config says.
	MaxAttempts int
	// Keys are the names of fields that carry an idempotency key.
	Keys []string
	// Idempotent are methods that the user says are safe to repeat, as
	// "shop.v1.Orders/Create", or "shop.v1.Orders" for all of a service.
	Idempotent []string
	// PermanentCodes are the status codes that a repetition cannot cure.
	PermanentCodes []string
	// Policies are load balancing policies besides those that gRPC has.
	Policies []string
}

// Inspect loads and checks a config. If it cannot be read the config is nil, and the
// one finding says why: of the rule InputConfig for a file, and else of one that says
// that clients refuse it.
func Inspect(src Source, services *Services, opt Options) (*Config, []finding.Finding) {
	cfg, err := Load(src)
	if err == nil {
		return cfg, Check(cfg, services, opt)
	}
	f := finding.Finding{Rule: InputConfig, Level: finding.Error, Strength: finding.Proven, Message: err.Error()}
	if parse, ok := errors.AsType[*tree.Error](err); ok {
		f.Message, f.Location = parse.Message, parse.Location
	}
	if src.Go != nil {
		f.Rule, f.Message = invalid, "grpc-go makes no connection with this service config: "+f.Message
	}
	return nil, []finding.Finding{f}
}

// Check reports what is wrong with a config, sorted. Services may be nil if no
// .proto files are in sight.
func Check(cfg *Config, services *Services, opt Options) []finding.Finding {
	if cfg.source.MaxAttempts > 0 {
		opt.MaxAttempts = cfg.source.MaxAttempts
	}
	c := &checker{Config: cfg, services: services, opt: opt}
	for _, p := range cfg.problems {
		c.report(p.Finding)
	}
	c.throttling()
	c.balancing()
	c.uncovered()
	for _, m := range cfg.Methods {
		c.policy(m)
		c.deadline(m)
		c.repeated(m)
	}
	c.names()
	finding.Sort(c.findings)
	return c.findings
}

// declares reports whether the user says that a method is safe to repeat.
func (o *Options) declares(service, method string) bool {
	return oneOf(o.Idempotent, service) || oneOf(o.Idempotent, service+"/"+method)
}

// A checker is one run of Check.
type checker struct {
	*Config
	services *Services
	opt      Options
	findings []finding.Finding
}

func (c *checker) report(f finding.Finding) {
	if f.Strength == "" {
		f.Strength = finding.Proven
	}
	f.Level = finding.Error
	if c.source.Go != nil {
		f.Fixes = nil // offsets are those of the text, not of the file
	}
	c.findings = append(c.findings, f)
}

// at reports what is so at a place, at most at a level; "" leaves that to the rule.
func (c *checker) at(rule string, at finding.Location, atMost finding.Level, format string, args ...any) {
	c.report(finding.Finding{Rule: rule, Location: at, AtMost: atMost, Message: fmt.Sprintf(format, args...)})
}

// list writes the first few of some names, and how many there are besides.
func list(names []string) string {
	const most = 3
	if len(names) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// keyOf is the place of a member's key; that of the object if it has none such.
func (c *Config) keyOf(object *tree.Node, key string) finding.Location {
	if m := memberOf(object, key); m != nil {
		return c.location(object.File.Location(m.KeyStart, m.KeyEnd))
	}
	return c.locate(object)
}
