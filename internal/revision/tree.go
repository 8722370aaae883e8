package revision

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// A Tree is the state of a repository's files at a revision. It may be used by
// several goroutines. Close ends the process that reads objects.
type Tree struct {
	repo *Repository
	ctx  context.Context
	rev  string // as the user wrote it
	id   string // of the tree object

	mu     sync.Mutex
	reader *objectReader // nil until something is read
}

// Tree finds the files of a revision: a branch, a tag, a commit, or an
// expression such as HEAD~1. An unknown one is an error that names what is near.
// The context bounds all that is done with the tree.
func (r *Repository) Tree(ctx context.Context, rev string) (*Tree, error) {
	id, err := r.resolve(ctx, rev)
	if err != nil {
		return nil, err
	}
	return &Tree{repo: r, ctx: ctx, rev: rev, id: id}, nil
}

func (t *Tree) String() string { return t.rev }

// Git's modes of tree entries.
const (
	modeSymlink   = "120000"
	modeSubmodule = "160000"
)

// List returns the regular files. Symbolic links and the content of submodules
// are left out; see Submodules.
func (t *Tree) List(under ...string) ([]Blob, error) {
	var blobs []Blob
	err := t.entries(under, func(mode, id, path string) {
		if mode != modeSymlink && mode != modeSubmodule {
			blobs = append(blobs, Blob{Path: path, ID: id})
		}
	})
	return sortBlobs(blobs), err
}

// Submodules returns the paths of submodules at or below the given paths. Their
// files belong to other repositories, and are not looked at.
func (t *Tree) Submodules(under ...string) ([]string, error) {
	var paths []string
	err := t.entries(under, func(mode, _, path string) {
		if mode == modeSubmodule {
			paths = append(paths, path)
		}
	})
	return paths, err
}

// entries calls yield for every entry that is no folder.
func (t *Tree) entries(under []string, yield func(mode, id, path string)) error {
	specs, some := pathspecs(under)
	if !some {
		return nil
	}
	args := append([]string{"--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", t.id, "--"}, specs...)
	out, err := t.repo.run(t.ctx, args...)
	if err != nil {
		return fmt.Errorf("the files of revision %s cannot be listed: %w", t.rev, err)
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		about, path, ok := strings.Cut(entry, "\t")
		fields := strings.Fields(about) // mode, type, id
		if ok && len(fields) == 3 {
			yield(fields[0], fields[2], path)
		}
	}
	return nil
}

// pathspecs cleans paths for git, for which none means all; some is false if no
// path lies in the tree.
func pathspecs(under []string) (specs []string, some bool) {
	for _, u := range under {
		switch u, ok := inside(u); {
		case ok && u == ".":
			return nil, true
		case ok:
			specs = append(specs, u)
		}
	}
	return specs, len(specs) > 0 || len(under) == 0
}

// lfsPointer is how a file begins whose content git-lfs keeps elsewhere
// (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
var lfsPointer = []byte("version https://git-lfs.github.com/spec/v1\n")

// Read returns the content of a file of the tree.
func (t *Tree) Read(path string) ([]byte, error) {
	clean, ok := inside(path)
	if !ok {
		return nil, fmt.Errorf("%s lies outside the repository, so revision %s does not hold it: %w", path, t.rev, fs.ErrNotExist)
	}
	text, err := t.object(t.id + ":" + clean)
	if err != nil && t.repo.partial(t.ctx) && t.lists(clean) {
		err = errors.New("its content is not in this partial clone; fetch it with: git fetch --refetch --no-filter")
	}
	if err != nil {
		return nil, fmt.Errorf("%s at revision %s: %w", clean, t.rev, err)
	}
	if bytes.HasPrefix(text, lfsPointer) {
		return nil, fmt.Errorf("%s at revision %s: its content is kept by git-lfs, not in the repository; compare with a folder that holds it", clean, t.rev)
	}
	return text, nil
}

func (t *Tree) lists(path string) bool {
	blobs, err := t.List(path)
	return err == nil && len(blobs) == 1 && blobs[0].Path == path
}

// Holds reports, without reading the old file, whether a blob of the tree has
// the given content.
func (t *Tree) Holds(b Blob, content []byte) bool { return b.ID != "" && b.ID == t.BlobID(content) }

// BlobID is the id that the repository gives a file with the content.
func (t *Tree) BlobID(content []byte) string {
	var h hash.Hash
	if t.repo.format == "sha256" {
		h = sha256.New()
	} else {
		h = sha1.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// Close ends the process that reads objects, if one was started.
func (t *Tree) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reader == nil {
		return nil
	}
	reader := t.reader
	t.reader = nil
	if err := reader.close(); err != nil && reader.failed == nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	return nil // a failure was the answer to a Read
}

func (t *Tree) object(name string) ([]byte, error) {
	if strings.Contains(name, "\n") {
		return nil, errors.New("a file name with a line break is not supported")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reader == nil {
		reader, err := t.repo.startReader(t.ctx)
		if err != nil {
			return nil, err
		}
		t.reader = reader
	}
	return t.reader.read(name)
}

// An objectReader is a running git cat-file, which answers one object after the other.
type objectReader struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	failed error // once the stream is out of step, all further answers
}

func (r *Repository) startReader(ctx context.Context) (*objectReader, error) {
	cmd := r.command(ctx, "cat-file", "--batch", "--follow-symlinks")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cannot be started: %w", err)
	}
	return &objectReader{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<16)}, nil
}

func (o *objectReader) close() error {
	o.in.Close()
	return o.cmd.Wait()
}

// read asks for an object. The answer is a line "ID blob SIZE" with the content
// after it, or one that says what is wrong: "NAME missing", or "dangling SIZE",
// "symlink SIZE", "loop SIZE" or "notdir SIZE" with the name after it
// (git-cat-file, "BATCH OUTPUT").
func (o *objectReader) read(name string) ([]byte, error) {
	if o.failed != nil {
		return nil, o.failed
	}
	if _, err := io.WriteString(o.in, name+"\n"); err != nil {
		return nil, o.fail(err)
	}
	header, err := o.out.ReadString('\n')
	if err != nil {
		return nil, o.fail(err)
	}
	header = strings.TrimSuffix(header, "\n")
	if strings.HasSuffix(header, " missing") || strings.HasSuffix(header, " ambiguous") {
		return nil, fmt.Errorf("no such file: %w", fs.ErrNotExist)
	}
	fields := strings.Fields(header)
	size, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil || size < 0 {
		return nil, o.fail(fmt.Errorf("unexpected answer %q", header))
	}
	body := make([]byte, size+1) // with the line break after it
	if _, err := io.ReadFull(o.out, body); err != nil {
		return nil, o.fail(err)
	}
	return content(fields[:len(fields)-1], body[:size])
}

func content(about []string, body []byte) ([]byte, error) {
	switch {
	case len(about) == 2 && about[1] == "blob":
		return body, nil
	case len(about) == 2:
		return nil, fmt.Errorf("it is a %s, not a file", about[1])
	case about[0] == "symlink":
		return nil, fmt.Errorf("a symbolic link out of the repository, to %s: %w", body, fs.ErrNotExist)
	default:
		return nil, fmt.Errorf("a symbolic link that leads nowhere: %w", fs.ErrNotExist)
	}
}

func (o *objectReader) fail(err error) error {
	o.failed = fmt.Errorf("git cat-file ended too early: %w", err)
	return o.failed
}
