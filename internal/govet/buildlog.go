package govet

import (
	"regexp"
	"strings"
	"sync"
)

// A message is one error of the go command or the compiler.
type message struct {
	position string // file:line:column, file:line, or empty
	text     string
}

// A buildLog is what go vet printed on standard error.
type buildLog struct {
	packages []failedPackage // under a "# import/path" heading
	other    []message       // before any heading
	// ended says how the vet tool ended, for packages on which it failed.
	ended map[string]string
}

type failedPackage struct {
	path     string
	messages []message
}

// positioned matches "file:line:column: text" and "file:line: text". A drive
// letter is part of the file.
var positioned = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((?:[A-Za-z]:)?[^:]+:\d+(?::\d+)?): (.*)$`)
})

// parseBuildLog reads the output of a build. Lines that begin with white space
// continue the message before them; "go: downloading …" and warnings say
// nothing about the result.
// tool is the vet tool's path.
func parseBuildLog(stderr, tool string) buildLog {
	log := buildLog{ended: make(map[string]string)}
	into := &log.other
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "", isProgress(line):
		case strings.Contains(line, ": "+tool+": "):
			path, how, _ := strings.Cut(line, ": "+tool+": ")
			log.ended[path] = how
		case strings.HasPrefix(line, "# ["):
			// The same package again, as the vet tool's output is headed.
		case strings.HasPrefix(line, "# "):
			path, _, _ := strings.Cut(line[2:], " ")
			log.packages = append(log.packages, failedPackage{path: path})
			into = &log.packages[len(log.packages)-1].messages
		case isContinuation(line) && len(*into) > 0:
			last := &(*into)[len(*into)-1]
			last.text += " " + strings.TrimSpace(line)
		default:
			*into = append(*into, parseMessage(line))
		}
	}
	return log
}

func isProgress(line string) bool {
	for _, p := range []string{"go: downloading ", "go: finding ", "go: extracting ", "go: warning: ", "too many errors"} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return strings.HasSuffix(line, ": too many errors")
}

func isContinuation(line string) bool {
	return strings.HasPrefix(line, "\t") || strings.HasPrefix(line, " ")
}

func parseMessage(line string) message {
	line = strings.TrimPrefix(line, "vet: ")
	if m := positioned().FindStringSubmatch(line); m != nil {
		return message{position: m[1], text: m[2]}
	}
	return message{text: strings.TrimPrefix(line, "go: ")}
}

// isCrash reports whether a message begins a Go stack trace.
func (m message) isCrash() bool {
	return m.position == "" && (strings.HasPrefix(m.text, "panic: ") ||
		strings.HasPrefix(m.text, "fatal error: ") || strings.HasPrefix(m.text, "runtime: "))
}

// isConsequence reports whether a message only says that the vet tool failed on
// a package that this one imports.
func (m message) isConsequence() bool { return strings.Contains(m.text, "(no package vetx file for ") }
