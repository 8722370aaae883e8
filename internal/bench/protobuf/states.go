//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// config makes the root of the repository the folder to import from.
const config = "version: v2\nmodules:\n  - path: .\n"

// prepare makes a repository of two commits, old and new, with the .proto files of the
// states and of what they import, and checks the new one out. The objects stay where they are.
func (b *bench) prepare(s scenario) (dir string, err error) {
	dir = filepath.Join(b.work, strings.NewReplacer(" ", "-", ",", "").Replace(s.name))
	if _, err := os.Stat(filepath.Join(dir, "buf.yaml")); err == nil {
		return dir, nil
	}
	r := repository(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if _, err := r.git(nil, "init", "-q"); err != nil {
		return "", err
	}
	var alternates strings.Builder
	for _, repo := range s.repos() {
		objects, err := b.objects(repo)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&alternates, objects)
	}
	if err := os.WriteFile(filepath.Join(dir, ".git", "objects", "info", "alternates"), []byte(alternates.String()), 0o644); err != nil {
		return "", err
	}
	if err := r.commits(b, s); err != nil {
		return "", err
	}
	_, err = r.git(nil, "checkout", "-q", "-f", "new")
	return dir, err
}

// objects is the folder of a mirror's objects.
func (b *bench) objects(repo string) (string, error) {
	mirror := b.mirror(repo)
	for _, below := range []string{"objects", ".git/objects", "repo/objects", "repo/.git/objects"} {
		if info, err := os.Stat(filepath.Join(mirror, below)); err == nil && info.IsDir() {
			return filepath.Abs(filepath.Join(mirror, below))
		}
	}
	return "", fmt.Errorf("%s is no git repository", mirror)
}

type repository string

func (r repository) git(input []byte, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = string(r), bytes.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@example.com", "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@example.com", "GIT_NO_LAZY_FETCH=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// An entry is a file of a state.
type entry struct{ id, path string }

// commits makes the two commits. A file of which a mirror lacks the content in one state
// is left out of both.
func (r repository) commits(b *bench, s scenario) error {
	configID, err := r.git([]byte(config), "hash-object", "-w", "--stdin")
	if err != nil {
		return err
	}
	states := map[string][]entry{}
	lost := map[string]bool{}
	for name, commit := range map[string]string{"old": s.old, "new": s.new} {
		entries, err := r.state(b, s, commit)
		if err != nil {
			return err
		}
		if err := r.addLost(entries, lost); err != nil {
			return err
		}
		states[name] = append(entries, entry{configID, "buf.yaml"})
	}
	for _, name := range []string{"old", "new"} {
		var index bytes.Buffer
		for _, e := range states[name] {
			if !lost[e.path] {
				fmt.Fprintf(&index, "100644 %s\t%s\n", e.id, e.path)
			}
		}
		if _, err := r.git(nil, "read-tree", "--empty"); err != nil {
			return err
		}
		if _, err := r.git(index.Bytes(), "update-index", "--index-info"); err != nil {
			return err
		}
		tree, err := r.git(nil, "write-tree")
		if err != nil {
			return err
		}
		commit, err := r.git(nil, "commit-tree", tree, "-m", name)
		if err != nil {
			return err
		}
		if _, err := r.git(nil, "tag", name, commit); err != nil {
			return err
		}
	}
	return nil
}

// state lists the .proto files of a commit, and of what it imports.
func (r repository) state(b *bench, s scenario, commit string) ([]entry, error) {
	entries, err := r.list(commit, dependency{}, s.drop)
	if err != nil {
		return nil, err
	}
	for _, d := range s.deps {
		at := d.commit
		if at == "HEAD" {
			objects, err := b.objects(d.repo)
			if err != nil {
				return nil, err
			}
			if at, err = repository(filepath.Dir(objects)).git(nil, "rev-parse", "HEAD"); err != nil {
				return nil, err
			}
		}
		more, err := r.list(at, d, nil)
		if err != nil {
			return nil, err
		}
		entries = append(entries, more...)
	}
	return entries, nil
}

// list lists the .proto files of a commit: those of the dependency by the paths that they
// are imported by.
func (r repository) list(commit string, d dependency, drop []string) ([]entry, error) {
	args := []string{"ls-tree", "-r", "-z", commit}
	if d.path != "" {
		args = append(args, "--", d.path)
	}
	out, err := r.git(nil, args...)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for line := range strings.SplitSeq(out, "\x00") {
		about, path, ok := strings.Cut(line, "\t")
		fields := strings.Fields(about)
		if !ok || !strings.HasSuffix(path, ".proto") || len(fields) != 3 || fields[1] != "blob" || hasAnyPrefix(path, drop) {
			continue
		}
		entries = append(entries, entry{fields[2], d.as + strings.TrimPrefix(path, d.path)})
	}
	return entries, nil
}

func hasAnyPrefix(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// addLost notes the files whose content is not there: mirrors may lack large ones.
func (r repository) addLost(entries []entry, lost map[string]bool) error {
	var ids bytes.Buffer
	for _, e := range entries {
		fmt.Fprintln(&ids, e.id)
	}
	out, err := r.git(ids.Bytes(), "cat-file", "--batch-check")
	if err != nil {
		return err
	}
	lines := strings.Split(out, "\n")
	if len(lines) != len(entries) {
		return fmt.Errorf("git told of %d files of %d", len(lines), len(entries))
	}
	for i, line := range lines {
		if strings.HasSuffix(line, " missing") {
			lost[entries[i].path] = true
		}
	}
	return nil
}
