//go:build unix

package cli

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A report that goes to a pipe, or to a device such as /dev/null, does not take
// its place.
func TestWriteFileToPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		f, err := os.OpenFile(pipe, os.O_RDWR, 0)
		if err != nil {
			got <- err.Error()
			return
		}
		defer f.Close()
		b := make([]byte, 6)
		io.ReadFull(f, b)
		got <- string(b)
	}()
	if err := replace(pipe, 0o600, []byte("report")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe became %v, %v", info.Mode(), err)
	}
	if s := <-got; s != "report" {
		t.Errorf("read %q", s)
	}
}
