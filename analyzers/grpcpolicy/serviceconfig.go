package grpcpolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// DefaultMaxAttempts is the most attempts that grpc-go makes of one call
// whatever the service config says, unless grpc.WithMaxCallAttempts says
// otherwise (google.golang.org/grpc@v1.85.0/dialoptions.go:43).
const DefaultMaxAttempts = 5

// A ServiceConfig is a gRPC service config as grpc-go understands it.
type ServiceConfig struct {
	Methods []MethodConfig
	// Throttled says that retryThrottling is set.
	Throttled bool
	// Problems lists what grpc-go accepts without a word though it hardly does
	// what was meant.
	Problems []Problem
}

// A MethodConfig is one entry of methodConfig.
type MethodConfig struct {
	Names   []MethodName
	Timeout *time.Duration // nil if none
	Retry   *RetryPolicy   // nil if none
	// Offset is where the entry, or its retryPolicy if it has one, begins, in
	// bytes.
	Offset int
}

// A MethodName tells which methods an entry is for: all if Service is empty,
// all of the service if Method is.
type MethodName struct {
	Service string `json:"service"`
	Method  string `json:"method"`
}

// A RetryPolicy says when grpc-go repeats a call.
type RetryPolicy struct {
	MaxAttempts    int // after the cap
	InitialBackoff time.Duration
	MaxBackoff     time.Duration
	Multiplier     float64
	Codes          []Code
}

// A ProblemKind tells problems of service configs apart.
type ProblemKind string

const (
	Rejected      ProblemKind = "rejected"        // grpc.NewClient returns an error
	Ignored       ProblemKind = "ignored"         // a key that grpc-go does not know
	NoHedging     ProblemKind = "no-hedging"      // hedgingPolicy: grpc-go has no hedging
	Capped        ProblemKind = "capped"          // maxAttempts above what the client allows
	Nameless      ProblemKind = "nameless"        // an entry for no method
	NoTime        ProblemKind = "no-time"         // a timeout of nothing or less: every call fails
	RetriesOK     ProblemKind = "retries-ok"      // OK among the codes to retry
	ShrinkingWait ProblemKind = "shrinking-waits" // waits between attempts do not grow
)

// A Problem is something in a service config that does not do what was meant.
type Problem struct {
	Kind ProblemKind
	Text string
	At   callgraph.Posn // where it is if known, else where the option is given
	// offset is where it is in the JSON text, in bytes.
	offset int
}

// The keys that grpc-go decodes (service_config.go:83, 142 and 152). It compares
// them as encoding/json does, without regard to case.
var (
	configKeys = []string{"loadBalancingPolicy", "loadBalancingConfig", "methodConfig", "retryThrottling", "healthCheckConfig"}
	methodKeys = []string{"name", "waitForReady", "timeout", "maxRequestMessageBytes", "maxResponseMessageBytes", "retryPolicy"}
	retryKeys  = []string{"maxAttempts", "initialBackoff", "maxBackoff", "backoffMultiplier", "retryableStatusCodes"}
)

// The tags are for error messages.
type jsonConfig struct {
	LoadBalancingPolicy *string                       `json:"loadBalancingPolicy"`
	LoadBalancingConfig *[]map[string]json.RawMessage `json:"loadBalancingConfig"`
	MethodConfig        *[]jsonMethod                 `json:"methodConfig"`
	RetryThrottling     *jsonThrottling               `json:"retryThrottling"`
	HealthCheckConfig   *jsonHealthCheck              `json:"healthCheckConfig"`
}

type jsonThrottling struct {
	MaxTokens  float64 `json:"maxTokens"`
	TokenRatio float64 `json:"tokenRatio"`
}

type jsonHealthCheck struct {
	ServiceName string `json:"serviceName"`
}

type jsonMethod struct {
	Name                    *[]MethodName `json:"name"`
	WaitForReady            *bool         `json:"waitForReady"`
	Timeout                 *jsonDuration `json:"timeout"`
	MaxRequestMessageBytes  *int64        `json:"maxRequestMessageBytes"`
	MaxResponseMessageBytes *int64        `json:"maxResponseMessageBytes"`
	RetryPolicy             *jsonRetry    `json:"retryPolicy"`
}

type jsonRetry struct {
	MaxAttempts          int          `json:"maxAttempts"`
	InitialBackoff       jsonDuration `json:"initialBackoff"`
	MaxBackoff           jsonDuration `json:"maxBackoff"`
	BackoffMultiplier    float64      `json:"backoffMultiplier"`
	RetryableStatusCodes []Code       `json:"retryableStatusCodes"`
}

// ParseServiceConfig reads a service config as grpc-go v1.85.0 does
// (service_config.go:171). The error says why grpc.NewClient refuses it.
// maxAttempts is the cap of the client: DefaultMaxAttempts, or what
// grpc.WithMaxCallAttempts set.
func ParseServiceConfig(text string, maxAttempts int) (*ServiceConfig, error) {
	if text == "" {
		return nil, errors.New("the service config is empty")
	}
	var raw jsonConfig
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, explain(text, err)
	}
	if raw.LoadBalancingConfig != nil {
		for i, entry := range *raw.LoadBalancingConfig {
			if len(entry) != 1 {
				return nil, fmt.Errorf("loadBalancingConfig[%d]: %d policies in one object: write one object for each", i, len(entry))
			}
		}
	}
	sc := &ServiceConfig{Throttled: raw.RetryThrottling != nil, Problems: suspicions(text)}
	if raw.MethodConfig == nil {
		return sc, nil
	}
	marks := marksOf(text)
	if err := sc.addMethods(*raw.MethodConfig, marks, maxAttempts); err != nil {
		return nil, err
	}
	if t := raw.RetryThrottling; t != nil {
		if t.MaxTokens <= 0 || t.MaxTokens > 1000 {
			return nil, fmt.Errorf("retryThrottling: maxTokens is %v: want more than 0 and at most 1000", t.MaxTokens)
		}
		if t.TokenRatio <= 0 {
			return nil, fmt.Errorf("retryThrottling: tokenRatio is %v: want more than 0", t.TokenRatio)
		}
	}
	return sc, nil
}

func (sc *ServiceConfig) addMethods(entries []jsonMethod, marks []int, maxAttempts int) error {
	seen := make(map[MethodName]bool)
	for i, entry := range entries {
		offset := 0
		if i < len(marks) {
			offset = marks[i]
		}
		if entry.Name == nil || len(*entry.Name) == 0 {
			sc.problem(Nameless, offset, "methodConfig[%d] names no method, so it holds for none: give it a name, [{}] for every method", i)
			if entry.Name == nil {
				continue // not even checked
			}
		}
		mc := MethodConfig{Names: *entry.Name, Timeout: (*time.Duration)(entry.Timeout), Offset: offset}
		var err error
		if mc.Retry, err = sc.retryPolicy(entry.RetryPolicy, i, offset, maxAttempts); err != nil {
			return err
		}
		for _, n := range mc.Names {
			if n.Service == "" && n.Method != "" {
				return fmt.Errorf("methodConfig[%d]: method %q without a service", i, n.Method)
			}
			if seen[n] {
				return fmt.Errorf("methodConfig[%d]: %s is named twice", i, n)
			}
			seen[n] = true
		}
		if mc.Timeout != nil && *mc.Timeout <= 0 {
			sc.problem(NoTime, offset, "methodConfig[%d]: timeout is %v, so every call fails at once", i, *mc.Timeout)
		}
		sc.Methods = append(sc.Methods, mc)
	}
	return nil
}

func (n MethodName) String() string {
	switch {
	case n.Service == "":
		return "every method"
	case n.Method == "":
		return "service " + n.Service
	}
	return n.Service + "/" + n.Method
}

func (sc *ServiceConfig) problem(kind ProblemKind, offset int, format string, args ...any) {
	sc.Problems = append(sc.Problems, Problem{Kind: kind, Text: fmt.Sprintf(format, args...), offset: offset})
}

// retryPolicy checks a policy as grpc-go does (service_config.go:271).
func (sc *ServiceConfig) retryPolicy(p *jsonRetry, entry, offset, maxAttempts int) (*RetryPolicy, error) {
	if p == nil {
		return nil, nil
	}
	invalid := func(format string, args ...any) error {
		return fmt.Errorf("methodConfig[%d].retryPolicy: %s", entry, fmt.Sprintf(format, args...))
	}
	switch {
	case p.MaxAttempts <= 1:
		return nil, invalid("maxAttempts is %d: want 2 or more, the first attempt included", p.MaxAttempts)
	case p.InitialBackoff <= 0:
		return nil, invalid("initialBackoff is missing or not positive")
	case p.MaxBackoff <= 0:
		return nil, invalid("maxBackoff is missing or not positive")
	case p.BackoffMultiplier <= 0:
		return nil, invalid("backoffMultiplier is missing or not positive")
	case len(p.RetryableStatusCodes) == 0:
		return nil, invalid("retryableStatusCodes is missing or empty")
	}
	if p.MaxAttempts > maxAttempts {
		sc.problem(Capped, offset, "methodConfig[%d]: maxAttempts is %d, but the client makes at most %d attempts", entry, p.MaxAttempts, maxAttempts)
	}
	if p.BackoffMultiplier <= 1 || p.MaxBackoff <= p.InitialBackoff {
		sc.problem(ShrinkingWait, offset, "methodConfig[%d]: the waits between attempts do not grow", entry)
	}
	if slices.Contains(p.RetryableStatusCodes, codeOK) {
		sc.problem(RetriesOK, offset, "methodConfig[%d]: OK among the codes to retry has no effect", entry)
	}
	return &RetryPolicy{
		MaxAttempts:    min(p.MaxAttempts, maxAttempts),
		InitialBackoff: time.Duration(p.InitialBackoff),
		MaxBackoff:     time.Duration(p.MaxBackoff),
		Multiplier:     p.BackoffMultiplier,
		Codes:          p.RetryableStatusCodes,
	}, nil
}

// Layer returns the retry layer that a policy is; nil if it never repeats
// anything. Overall and Throttled are for the caller to add.
func (p *RetryPolicy) Layer() *callgraph.Layer {
	if p == nil {
		return nil
	}
	b := callgraph.BackoffPolicy{
		Attempts: p.MaxAttempts, InitialBackoff: p.InitialBackoff, MaxBackoff: p.MaxBackoff,
		Multiplier: p.Multiplier, Codes: numbersOf(p.Codes),
	}
	return b.Layer()
}

// addTime adds to a duration what may be more than one can hold.
func addTime(d time.Duration, more float64) time.Duration {
	if sum := float64(d) + more; sum < math.MaxInt64 {
		return time.Duration(math.Round(sum))
	}
	return math.MaxInt64
}

// A jsonDuration is a duration as protobuf writes it in JSON: seconds with up to
// nine decimals and an s.
type jsonDuration time.Duration

// maxSeconds is the most that protobuf lets a duration be.
const maxSeconds = 315_576_000_000

// UnmarshalJSON implements json.Unmarshaler as grpc-go does
// (internal/serviceconfig/duration.go).
func (d *jsonDuration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%s is no duration: write seconds in quotes, such as \"0.1s\"", b)
	}
	malformed := fmt.Errorf("%q is no duration: write seconds with an s, such as \"0.1s\"", s)
	number, ok := strings.CutSuffix(s, "s")
	if !ok {
		return malformed
	}
	number, negative := strings.CutPrefix(number, "-")
	whole, fraction, _ := strings.Cut(number, ".")
	if whole == "" && fraction == "" || len(fraction) > 9 {
		return malformed
	}
	sec, err := parseDigits(whole)
	if err != nil {
		return malformed
	}
	ns, err := parseDigits(fraction)
	if err != nil {
		return malformed
	}
	for range 9 - len(fraction) {
		ns *= 10
	}
	if sec > maxSeconds {
		return fmt.Errorf("%q is more than a duration can be", s)
	}
	if sec > math.MaxInt64/int64(time.Second)-1 {
		sec, ns = math.MaxInt64/int64(time.Second)-1, 0
	}
	*d = jsonDuration(sec*int64(time.Second) + ns)
	if negative {
		*d = -*d
	}
	return nil
}

func parseDigits(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.ParseInt(s, 10, 64)
}
