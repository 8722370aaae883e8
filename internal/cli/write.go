package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A staged file is written in full beside the file whose place it will take.
type staged struct {
	tmp, path string
}

// stage writes what will become a file to a temporary file in the same folder.
func stage(path string, mode fs.FileMode, write func(io.Writer) error) (s staged, err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return staged{}, err
	}
	s = staged{tmp: tmp.Name(), path: path}
	err = write(tmp)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		s.discard()
		return staged{}, err
	}
	return s, nil
}

func (s staged) commit() error { return os.Rename(s.tmp, s.path) }

func (s staged) discard() { os.Remove(s.tmp) }

// writeFile writes a whole file or nothing. A symbolic link stays one, and what
// is no file, such as a pipe, is written to as it is.
func writeFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeDevice(path, write)
	}
	s, err := stage(path, mode, write)
	if err != nil {
		return err
	}
	if err := s.commit(); err != nil {
		s.discard()
		return err
	}
	return nil
}

func writeDevice(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// replaceAll replaces all files or none.
func replaceAll(files []fixedFile) (err error) {
	var all []staged
	done := 0
	defer func() {
		if err == nil {
			return
		}
		for _, s := range all[done:] {
			s.discard()
		}
		for _, f := range files[:done] {
			if undo := replace(f.path, f.mode, f.old); undo != nil {
				err = fmt.Errorf("%w; and %s stays changed: %w", err, f.name, undo)
			}
		}
	}()
	for _, f := range files {
		s, err := stage(f.path, f.mode, contents(f.fixed))
		if err != nil {
			return err
		}
		all = append(all, s)
	}
	for ; done < len(all); done++ {
		if err := all[done].commit(); err != nil {
			return err
		}
	}
	return nil
}

func replace(path string, mode fs.FileMode, content []byte) error {
	return writeFile(path, mode, contents(content))
}

func contents(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}
