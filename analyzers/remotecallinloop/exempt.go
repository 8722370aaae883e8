package remotecallinloop

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
)

// oneShot are the first words of names of functions that do a thing once: at
// start-up, in a migration, or at the end.
var oneShot = []string{
	"main", "init", "initialize", "migrate", "seed", "setup", "bootstrap", "start", "install", "populate", "provision", "backfill",
	"deploy", "teardown", "shutdown", "stop", "warm", "warmup", "preload", "restore", "dump",
}

// mayBeOneShot are words of functions that do a thing once if no request or
// context is given to them.
var mayBeOneShot = []string{"new", "run", "must", "register", "load", "close", "prepare", "open", "make", "cleanup", "upgrade"}

// atStart reports whether a function belongs to start-up, a migration or a
// command rather than to the work of a service.
func (f *finder) atStart(fn *ssa.Function) bool {
	words := wordsOf(fn.Name())
	if len(words) > 0 && (slices.Contains(oneShot, words[0]) || slices.Contains(mayBeOneShot, words[0]) && !takesContext(fn)) {
		return true
	}
	if slices.ContainsFunc(words, func(w string) bool { return w == "migration" || w == "migrations" || w == "migrate" || w == "startup" }) {
		return true
	}
	return retryreport.IsCommand(fn) || f.isCommand()
}

// isCommand reports whether the package is a command that serves nobody, or a part
// of one.
func (f *finder) isCommand() bool {
	for elem := range strings.SplitSeq(f.pass.Pkg.Path(), "/") {
		switch elem {
		case "cli", "command", "commands", "migrations", "migrate", "migration", "tools", "hack", "scripts", "dev", "loadtest", "benchmark", "bench", "seed":
			return true
		}
	}
	if f.pass.Pkg.Name() != "main" {
		return false
	}
	for _, fn := range f.net.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					if callee := netcall.Callee(call); callee != nil && isServing(callee.Name()) {
						return false
					}
				}
			}
		}
	}
	return true
}

func isServing(name string) bool {
	return name == "Serve" || name == "ServeTLS" || name == "Listen" || name == "NewServer" || name == "Run" || strings.HasPrefix(name, "ListenAndServe")
}

// peers are words for what one asks rather than asks for.
var peers = []string{
	"addr", "addrs", "address", "addresses", "host", "hosts", "hostname", "endpoint", "endpoints", "peer", "peers", "node", "nodes", "server", "servers",
	"target", "targets", "region", "regions", "shard", "shards", "cluster", "clusters", "replica", "replicas", "backend", "backends", "upstream", "upstreams",
	"broker", "brokers", "url", "urls", "uri", "uris", "member", "members", "client", "clients", "zone", "zones", "provider", "providers", "mirror", "mirrors",
	"database", "databases", "db", "dbs", "schema", "schemas", "table", "tables", "keyspace", "namespace", "namespaces", "webhook", "webhooks", "datacenter", "datacenters",
	"chunk", "chunks", "batch", "batches", "page", "pages", "bulk", "instance", "instances", "connection", "connections", "conn", "conns", "ip", "ips", "tenant", "tenants",
}

// namesPeer reports whether the collection, its elements or their type are named
// like those who are asked, or like batches.
func namesPeer(it *items, stmt ast.Stmt) bool {
	names := []string{retry.TextOf(it.over)}
	if r, ok := stmt.(*ast.RangeStmt); ok {
		names = append(names, exprName(r.X), exprName(r.Key), exprName(r.Value))
	}
	if elem := elementOf(it.over.Type()); elem != nil {
		if p, ok := elem.Underlying().(*types.Pointer); ok {
			elem = p.Elem()
		}
		if n, ok := types.Unalias(elem).(*types.Named); ok {
			names = append(names, n.Obj().Name())
		}
	}
	return slices.ContainsFunc(names, func(name string) bool {
		words := wordsOf(name[strings.LastIndexByte(name, '.')+1:])
		return len(words) > 0 && slices.Contains(peers, words[len(words)-1])
	})
}

func exprName(e ast.Expr) string {
	if e == nil {
		return ""
	}
	return strings.TrimSuffix(types.ExprString(e), "()")
}

// isSetting reports whether a collection comes from a configuration, which lists
// few things.
func isSetting(over ssa.Value) bool {
	for part := range strings.SplitSeq(retry.TextOf(over), ".") {
		for _, w := range wordsOf(part) {
			switch w {
			case "cfg", "config", "conf", "configuration", "opts", "options", "opt", "settings", "flags", "args", "env":
				return true
			}
		}
	}
	return false
}

// wordsOf splits a name in mixed caps into lower-case words.
func wordsOf(name string) []string {
	var words []string
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) || !unicode.IsLetter(runes[i]) {
			word := strings.ToLower(strings.TrimFunc(string(runes[start:i]), func(r rune) bool { return !unicode.IsLetter(r) }))
			if word != "" {
				words = append(words, word)
			}
			start = i
		}
	}
	return words
}
