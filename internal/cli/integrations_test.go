package cli

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/commslint/commslint/tree"
)

// accepts reports why the command line does not take arguments: commands and flags that it
// does not have. Nothing is run.
func accepts(args []string) error {
	root := newRoot(&Env{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd == root {
		return fmt.Errorf("there is no command %v", args)
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

func TestAccepts(t *testing.T) {
	for args, want := range map[string]bool{
		"check ./... -f sarif=x": true, "check --new-from-rev": false, "check --nwe-from-rev HEAD": false,
		"config verify": true, "chekc": false, "config verify a b": false, "completion bash": true,
	} {
		if err := accepts(strings.Fields(args)); (err == nil) != want {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// A hook that does not start would stop every commit of those who use it.
func TestPreCommitHooks(t *testing.T) {
	const name = "../../.pre-commit-hooks.yaml"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := tree.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Root.Items) < 4 {
		t.Fatalf("%d hooks", len(file.Root.Items))
	}
	ids := map[string]bool{}
	for _, hook := range file.Root.Items {
		id := hook.Get("id")
		for _, key := range []string{"id", "name", "description", "entry", "language"} {
			if n := hook.Get(key); n == nil || n.Kind != tree.String || n.Text == "" {
				t.Fatalf("%v: a hook without %s", hook.Location(), key)
			}
		}
		if ids[id.Text] {
			t.Errorf("two hooks are called %s", id.Text)
		}
		ids[id.Text] = true
		if n := hook.Get("pass_filenames"); n == nil || n.Text != "false" {
			t.Errorf("%s gets file names, and so looks at parts of the tree only", id.Text)
		}
		program, args, _ := strings.Cut(hook.Get("entry").Text, " ")
		if program != "commslint" {
			t.Errorf("%s starts %s", id.Text, program)
		} else if err := accepts(strings.Fields(args)); err != nil {
			t.Errorf("%s: %v", id.Text, err)
		}
	}
}

// A hook runs when a file changes that check reads, and not for other files.
func TestPreCommitFiles(t *testing.T) {
	const name = "../../.pre-commit-hooks.yaml"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := tree.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	for _, hook := range file.Root.Items {
		if strings.HasPrefix(hook.Get("entry").Text, "commslint config") {
			continue
		}
		files, err := regexp.Compile(hook.Get("files").Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{
			"a.go", "go.mod", "go.work", "api/a.proto", "a.yaml", "a.yml", "a.json", "nginx.conf", "haproxy.cfg", "site.nginx",
			"default.conf.template", "envoy.yaml.tmpl", "a.tpl", "a.gotmpl", "envoy.yaml.j2", "commslint.cue",
		} {
			if !files.MatchString(path) {
				t.Errorf("%s does not run when %s changes", hook.Get("id").Text, path)
			}
		}
		for _, path := range []string{"README.md", "a.py", "go.sum", "a.protoc", "mod"} {
			if files.MatchString(path) {
				t.Errorf("%s runs when %s changes", hook.Get("id").Text, path)
			}
		}
	}
}

// Commands that the documentation shows exist, with their flags.
func TestDocumentedCommands(t *testing.T) {
	shown := 0
	for _, name := range []string{"../../docs/integrations.md", "../../README.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fenced := false
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			args, ok := commandIn(line)
			if !ok || !fenced && !strings.HasPrefix(line, "    ") {
				continue
			}
			shown++
			if err := accepts(args); err != nil {
				t.Errorf("%s:%d: commslint %s: %v", name, i+1, strings.Join(args, " "), err)
			}
		}
	}
	if shown < 15 {
		t.Errorf("only %d commands found", shown)
	}
}

// What is shown in YAML can be copied as it stands.
func TestDocumentedYAML(t *testing.T) {
	const name = "../../docs/integrations.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	if len(blocks) < 6 {
		t.Fatalf("only %d blocks", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if file, err := tree.Parse(name, []byte(block)); err != nil || len(file.Warnings) > 0 || file.Root.Kind != tree.Object {
			t.Errorf("%v in\n%s", err, block)
		}
	}
}

// commandIn finds the call of commslint in a line of code: behind what CI systems write
// before commands, up to a comment, a pipe or the next command.
func commandIn(line string) (args []string, ok bool) {
	line = strings.TrimSpace(line)
	for _, before := range []string{"- run: ", "run: ", "- ", "$ ", "entry: "} {
		line = strings.TrimPrefix(line, before)
	}
	rest, ok := strings.CutPrefix(line, "commslint ")
	if !ok {
		return nil, false
	}
	for _, end := range []string{" # ", " | ", " || ", " && ", " > "} {
		rest, _, _ = strings.Cut(rest, end)
	}
	for _, arg := range strings.Fields(rest) {
		args = append(args, strings.Trim(arg, `"'`))
	}
	return args, true
}
