package grpcconfig_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/protocheck/grpcconfig"
)

// judge is a program that tells which service configs grpc-go makes a connection with.
const judge = `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/grpclog"
	"io"
)

func main() {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			panic(err)
		}
		_, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(text))
		verdict, _ := json.Marshal(fmt.Sprint(err))
		fmt.Println(string(verdict))
	}
}
`

// verdicts asks grpc-go: the error of grpc.NewClient for each config, "<nil>" for none.
// It is the version that testdata/amplification requires.
func verdicts(t *testing.T, configs []string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs a program")
	}
	dir := t.TempDir()
	const module = "../../testdata/amplification"
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for line := range strings.Lines(string(text)) {
			if !strings.Contains(line, "example.com/shop") {
				kept = append(kept, line)
			}
		}
		write(name, strings.Join(kept, ""))
	}
	write("main.go", judge)
	build := exec.Command("go", "build", "-o", "judge", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	var in strings.Builder
	for _, config := range configs {
		text, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&in, "%s\n", text)
	}
	run := exec.Command(filepath.Join(dir, "judge"))
	run.Stdin = strings.NewReader(in.String())
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var verdict string
		if err := json.Unmarshal(lines.Bytes(), &verdict); err != nil {
			t.Fatal(err)
		}
		all = append(all, verdict)
	}
	if len(all) != len(configs) {
		t.Fatalf("%d verdicts of %d configs", len(all), len(configs))
	}
	return all
}

// TestAsGRPCGo compares which configs are refused with grpc-go's own verdict: of the
// examples, of what is near the limits, and of a few thousand configs put together from
// values that are right, wrong or strange.
func TestAsGRPCGo(t *testing.T) {
	var configs []string
	for _, texts := range refused {
		configs = append(configs, texts)
	}
	configs = append(configs, accepted...)
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		configs = append(configs, randomConfig(random))
	}
	refusals := 0
	for i, verdict := range verdicts(t, configs) {
		want := verdict != "<nil>"
		got := refusal(configs[i])
		if want != (got != "") {
			t.Errorf("%s\ngrpc-go says %s\nwe say     %q", configs[i], verdict, got)
		}
		if want {
			refusals++
		}
	}
	t.Logf("grpc-go refuses %d of %d configs", refusals, len(configs))
	if refusals < 1000 || len(configs)-refusals < 1000 {
		t.Error("one verdict is hardly ever given: the configs do not tell")
	}
}

// refusal is why a config that stands in Go code is refused; empty if it is not.
func refusal(text string) string {
	cfg, err := grpcconfig.Load(grpcconfig.Source{Name: "dial.go", Text: []byte(text), Go: &grpcconfig.Literal{Line: 1, Column: 1, Inside: true}})
	if err != nil {
		return err.Error()
	}
	return cfg.Refused()
}

// refused are configs that grpc-go makes no connection with, by what is wrong.
var refused = map[string]string{
	"nothing":             ``,
	"no object":           `[]`,
	"no JSON":             `{"methodConfig": [],}`,
	"a comment":           "{} // none",
	"two values":          "{} {}",
	"a duration in ms":    entry(`"timeout": "100ms"`),
	"a number":            entry(`"timeout": 2`),
	"no number":           entry(`"timeout": "s"`),
	"a long duration":     entry(`"timeout": "315576000001s"`),
	"ten decimals":        entry(`"timeout": "0.1234567891s"`),
	"two points":          entry(`"timeout": "1.2.3s"`),
	"one attempt":         policy(`"maxAttempts": 1`),
	"attempts in quotes":  policy(`"maxAttempts": "3"`),
	"half an attempt":     policy(`"maxAttempts": 2.5`),
	"a float":             policy(`"maxAttempts": 3.0`),
	"many attempts":       policy(`"maxAttempts": 99999999999999999999`),
	"no wait":             policy(`"initialBackoff": "0s"`),
	"a negative wait":     policy(`"maxBackoff": "-1s"`),
	"a multiplier of 0":   policy(`"backoffMultiplier": 0`),
	"a huge multiplier":   policy(`"backoffMultiplier": 1e400`),
	"no codes":            policy(`"retryableStatusCodes": []`),
	"a code in lowercase": policy(`"retryableStatusCodes": ["unavailable"]`),
	"a code that is none": policy(`"retryableStatusCodes": ["UNAVAILABEL"]`),
	"a code too many":     policy(`"retryableStatusCodes": [17]`),
	"a code in a number":  policy(`"retryableStatusCodes": ["14"]`),
	"a list in a list":    policy(`"retryableStatusCodes": [["UNAVAILABLE"]]`),
	"names":               `{"methodConfig": [{"name": [{}, {}]}]}`,
	"a method alone":      `{"methodConfig": [{"name": [{"method": "a"}]}]}`,
	"a name as a string":  `{"methodConfig": [{"name": ["a"]}]}`,
	"no list":             `{"methodConfig": {}}`,
	"tokens":              `{"methodConfig": [], "retryThrottling": {"maxTokens": 1001, "tokenRatio": 0.1}}`,
	"no ratio":            `{"methodConfig": [], "retryThrottling": {"maxTokens": 10}}`,
	"two policies":        `{"loadBalancingConfig": [{"round_robin": {}, "pick_first": {}}]}`,
	"no policies":         `{"loadBalancingConfig": []}`,
	"policies":            `{"loadBalancingConfig": {}}`,
	"policy":              `{"loadBalancingPolicy": 1}`,
}

// accepted are configs that grpc-go makes a connection with, some without doing what
// they say.
var accepted = []string{
	`{}`,
	` {"methodConfig": null} `,
	`{"METHODCONFIG": [{"Name": [{"SERVICE": "a"}], "RetryPolicy": null}]}`,
	`{"methodConfig": [{}]}`,
	`{"methodConfig": [{"retryPolicy": {}}]}`,
	`{"methodConfig": [{"name": []}, {"name": []}]}`,
	`{"retryThrottling": {}}`,
	`{"loadBalancingPolicy": "nowhere"}`,
	`{"loadBalancingConfig": [{"no_such": {}}, {"round_robin": {}}]}`,
	entry(`"timeout": ".5s"`),
	entry(`"timeout": "1.s"`),
	entry(`"timeout": "0s"`),
	entry(`"timeout": "-5s"`),
	entry(`"timeout": "315576000000s"`),
	entry(`"hedgingPolicy": {"maxAttempts": "x"}`),
	entry(`"retryPolcy": {}`),
	policy(`"maxAttempts": 100`),
	policy(`"backoffMultiplier": 0.1`),
	policy(`"retryableStatusCodes": ["OK"]`),
	policy(`"retryableStatusCodes": [14, null]`),
}

func entry(fields string) string {
	return `{"methodConfig": [{"name": [{"service": "a.A"}], ` + fields + `}]}`
}

// policy is a config whose retry policy is right but for one field.
func policy(field string) string {
	fields := []string{`"maxAttempts": 3`, `"initialBackoff": "0.1s"`, `"maxBackoff": "1s"`, `"backoffMultiplier": 2`, `"retryableStatusCodes": ["UNAVAILABLE"]`}
	key, _, _ := strings.Cut(field, ":")
	for i, f := range fields {
		if strings.HasPrefix(f, key+":") {
			fields[i] = field
		}
	}
	return entry(`"retryPolicy": {` + strings.Join(fields, ", ") + `}`)
}

// randomConfig puts a config together. Most fields of it are right.
func randomConfig(r *rand.Rand) string {
	pick := func(right []string, wrong ...string) string {
		if r.IntN(30) == 0 && len(wrong) > 0 {
			return wrong[r.IntN(len(wrong))]
		}
		return right[r.IntN(len(right))]
	}
	strange := []string{"null", "true", `"x"`, "7", "{}", "[]", "-1", "0", `""`}
	object := func(fields ...string) string {
		var kept []string
		for _, f := range fields {
			if r.IntN(60) > 0 {
				kept = append(kept, f)
			}
		}
		return "{" + strings.Join(kept, ", ") + "}"
	}
	duration := func() string {
		return pick([]string{`"0.1s"`, `"1s"`, `"2.50s"`, `"60s"`}, append(strange, `"0s"`, `"-1s"`, `"5"`, `"1m"`, `"1e3s"`, `".s"`, `"0.000000001s"`)...)
	}
	codes := func() string {
		return pick([]string{`["UNAVAILABLE"]`, `["UNAVAILABLE", "ABORTED"]`, `[14, 4]`}, append(strange, `["unavailable"]`, `[99]`, `[-1]`, `[1.5]`, `["UNKNOWN", "X"]`)...)
	}
	name := func() string {
		return object(`"service": `+pick([]string{`"a.A"`, `"a.B"`, `"a.C"`, `"a.D"`}, strange...), `"method": `+pick([]string{`"M"`, `"N"`, `""`, `"O"`}, strange...))
	}
	method := func() string {
		return object(
			`"name": `+pick([]string{"[" + name() + "]", "[" + name() + ", " + name() + "]"}, strange...),
			`"timeout": `+duration(),
			`"waitForReady": `+pick([]string{"true", "false"}, strange...),
			`"maxRequestMessageBytes": `+pick([]string{"1024"}, strange...),
			`"retryPolicy": `+pick([]string{object(
				`"maxAttempts": `+pick([]string{"2", "5", "9"}, append(strange, "1", "2.0")...),
				`"initialBackoff": `+duration(), `"maxBackoff": `+duration(),
				`"backoffMultiplier": `+pick([]string{"1.3", "2"}, strange...),
				`"retryableStatusCodes": `+codes())}, strange...),
			`"hedgingPolicy": `+pick([]string{"null"}, strange...))
	}
	return object(
		`"methodConfig": `+pick([]string{"[" + method() + "]", "[" + method() + ", " + method() + "]"}, strange...),
		`"retryThrottling": `+pick([]string{object(`"maxTokens": `+pick([]string{"10", "1000", "0.5"}, append(strange, "2000")...), `"tokenRatio": `+pick([]string{"0.1", "1"}, strange...))}, strange...),
		`"healthCheckConfig": `+pick([]string{"null", `{"serviceName": "a"}`}, `{"serviceName": 1}`, "7"))
}
