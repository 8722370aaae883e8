package vettool

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
)

var errNoBuildID = errors.New("no usable Go build id")

// contentID returns the part of the running binary's Go build id that is a hash
// of its content. It fails if the binary was linked with a build id of somebody
// else's making, as -ldflags=-buildid= does; such an id may stay the same when
// the binary changes.
//
// Reading it takes a fraction of a millisecond, where hashing a binary of 20 MB
// takes 25, and the go command asks once per run.
func contentID() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	id, err := buildID(f)
	if err != nil {
		return "", err
	}
	// actionID(binary)/actionID(main.a)/contentID(main.a)/contentID(binary),
	// as cmd/go/internal/work/buildid.go says.
	parts := strings.Split(id, "/")
	if len(parts) != 4 || parts[3] == "" {
		return "", errNoBuildID
	}
	return parts[3], nil
}

// buildID reads the Go build id of a binary: an ELF note, or a quoted string
// near the start of the text segment in every other format.
func buildID(f io.ReaderAt) (string, error) {
	if file, err := elf.NewFile(f); err == nil {
		return elfBuildID(file)
	}
	head := make([]byte, 64<<10)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	const prefix, suffix = "\xff Go build ID: ", "\n \xff"
	_, rest, found := bytes.Cut(head[:n], []byte(prefix))
	quoted, _, ended := bytes.Cut(rest, []byte(suffix))
	if !found || !ended {
		return "", errNoBuildID
	}
	return strconv.Unquote(string(quoted))
}

func elfBuildID(file *elf.File) (string, error) {
	const noteType = 4 // ELF_NOTE_GOBUILDID_TAG of cmd/link
	section := file.Section(".note.go.buildid")
	if section == nil {
		return "", errNoBuildID
	}
	data, err := section.Data()
	if err != nil {
		return "", err
	}
	if len(data) < 16 || string(data[12:16]) != "Go\x00\x00" || file.ByteOrder.Uint32(data[8:]) != noteType {
		return "", errNoBuildID
	}
	size := file.ByteOrder.Uint32(data[4:])
	if uint64(size) > uint64(len(data)-16) {
		return "", errNoBuildID
	}
	return string(data[16 : 16+size]), nil
}
