package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/rules"
)

// A Repository is a git repository on this machine: a clone, shallow or not, one
// of its additional working trees, or a bare one.
type Repository struct {
	dir     string // where git runs
	root    string // absolute: the folder that paths of a tree are relative to
	git     string // path of the program
	environ []string
	shallow bool
	bare    bool
	format  string // of object ids: sha1 or sha256
}

// Open finds the repository that a folder lies in. It fails if there is none, or
// no git.
func Open(ctx context.Context, dir string, environ []string) (*Repository, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not installed, or not on PATH: it is needed to read a revision; install it, or compare with a folder or file")
	}
	r := &Repository{dir: dir, git: git, environ: readOnly(environ)}
	// --show-toplevel fails in a bare repository, so it is asked for by itself.
	out, err := r.run(ctx, "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-object-format", "--absolute-git-dir")
	if err != nil {
		return nil, r.notRepository(err)
	}
	answers := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(answers) < 4 {
		return nil, fmt.Errorf("git answers %q; git 2.25 or later is needed", out)
	}
	r.shallow, r.format, r.root = answers[1] == "true", answers[2], answers[3]
	if r.bare = answers[0] == "true"; r.bare {
		return r, nil
	}
	if out, err = r.run(ctx, "rev-parse", "--show-toplevel"); err != nil {
		return nil, r.notRepository(err)
	}
	r.root = filepath.FromSlash(strings.TrimRight(string(out), "\n"))
	return r, nil
}

// readOnly keeps git from writing, asking, fetching, and speaking another
// language than the one that its messages are recognised in.
func readOnly(environ []string) []string {
	return append(slices.Clone(environ),
		"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		// A partial clone would fetch what it lacks. The first is known since git
		// 2.44, the second forbids every transport to those before.
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
		"GIT_DIFF_OPTS=", // outranks flags
	)
}

// Root is the absolute folder that paths of the repository's trees are relative to.
func (r *Repository) Root() string { return r.root }

// notRepository explains why git does not look at the folder.
func (r *Repository) notRepository(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "not a git repository"):
		return fmt.Errorf("%s is not in a git repository, so it has no revisions; run in a clone, or compare with a folder or file", r.dir)
	case strings.Contains(text, "dubious ownership"):
		return fmt.Errorf("git refuses this repository, as another user owns it; run: git config --global --add safe.directory %s", r.dir)
	default:
		return fmt.Errorf("git cannot read the repository of %s: %w", r.dir, err)
	}
}

// run runs git and returns what it prints; its complaint is the error.
func (r *Repository) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if complaint := firstLine(stderr.String()); complaint != "" {
		return nil, errors.New(complaint)
	}
	return nil, fmt.Errorf("git %s: %w", args[0], err)
}

func (r *Repository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.git, args...)
	cmd.Dir, cmd.Env = r.dir, r.environ
	return cmd
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimPrefix(s, "fatal: ")
}

// resolve finds the id of the tree that a revision stands for.
func (r *Repository) resolve(ctx context.Context, rev string) (tree string, err error) {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsAny(rev, "\x00\n") {
		return "", fmt.Errorf("%q is no revision; expected a branch, a tag, a commit or an expression such as HEAD~1", rev)
	}
	if out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", rev); err == nil {
		id := strings.TrimSpace(string(out))
		out, err = r.run(ctx, "rev-parse", "--verify", "--quiet", id+"^{tree}")
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
		return "", r.noTree(ctx, rev, id)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", r.unknown(ctx, rev)
}

// noTree explains why an id that is written well leads to no files.
func (r *Repository) noTree(ctx context.Context, rev, id string) error {
	kind, err := r.run(ctx, "cat-file", "-t", id)
	if err == nil {
		return fmt.Errorf("revision %s is a %s, not a commit", rev, strings.TrimSpace(string(kind)))
	}
	return fmt.Errorf("revision %s is not in this clone%s", rev, r.deepen())
}

// unknown explains a revision that git does not know, by the names near to it.
func (r *Repository) unknown(ctx context.Context, rev string) error {
	if _, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return fmt.Errorf("unknown revision %s: the repository has no commit yet", rev)
	}
	hint := ""
	if near, ok := rules.Nearest(rev, r.names(ctx)); ok {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	if remote, branch, ok := strings.Cut(rev, "/"); ok && hint == "" && r.hasRemote(ctx, remote) {
		hint = fmt.Sprintf("; if the branch exists there, run: git fetch %s %s:refs/remotes/%s", remote, branch, rev)
	}
	if hint == "" {
		hint = r.deepen()
	}
	return fmt.Errorf("unknown revision %s%s", rev, hint)
}

func (r *Repository) deepen() string {
	if !r.shallow {
		return ""
	}
	return ", which is shallow; run git fetch --unshallow, or let CI fetch the whole history (fetch-depth: 0)"
}

// names lists branches and tags by the short names that users write.
func (r *Repository) names(ctx context.Context) []string {
	out, err := r.run(ctx, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
	if err != nil {
		return nil
	}
	return append(strings.Fields(string(out)), "HEAD")
}

func (r *Repository) hasRemote(ctx context.Context, name string) bool {
	out, err := r.run(ctx, "remote")
	return err == nil && slices.Contains(strings.Fields(string(out)), name)
}

// partial reports whether the clone lacks objects on purpose.
func (r *Repository) partial(ctx context.Context) bool {
	_, err := r.run(ctx, "config", "--get-regexp", `^(extensions\.partialclone|remote\..*\.promisor)$`)
	return err == nil
}
