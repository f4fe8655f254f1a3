package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// canvas is a file that a picture is drawn into. It stands under another name until it is complete, so that nobody ever finds half
// of it, and what was there before stays if the run fails.
type canvas struct {
	file string // where it will be
	part *os.File
}

// newCanvas prepares to write a file that the user named with a flag: one that cannot be written is known before the run. A file takes the
// place of one that is there, and a link goes on to lead to it. sources are files that it must not take the place of.
func newCanvas(flag, file string, sources ...string) (*canvas, error) {
	if file == "-" {
		return nil, fmt.Errorf("--%s writes a page for a browser, not to stdout; name a file, or ./- if it is to be called that", flag)
	}
	if is, err := os.Stat(file); err == nil {
		if !is.Mode().IsRegular() {
			return nil, fmt.Errorf("--%s writes a file, and %s is something else; name another", flag, harmless(file))
		}
		if out, err := os.Stdout.Stat(); err == nil && os.SameFile(is, out) {
			return nil, fmt.Errorf("--%s would take the place of %s, which stdout goes to; name another file", flag, harmless(file))
		}
		if err := spare(flag, file, sources); err != nil {
			return nil, err
		}
	}
	if _, name := filepath.Split(file); name == "" {
		return nil, fmt.Errorf("--%s takes the name of a file, not %q", flag, file)
	}
	place := placeOf(file)
	dir, name := filepath.Split(place)
	part, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.%d.part", name, os.Getpid())), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--%s cannot write %s: %w", flag, harmless(file), errors.Unwrap(err))
	}
	return &canvas{place, part}, nil
}

// spare finds out whether a file to write is one that the run reads.
func spare(flag, file string, sources []string) error {
	is, err := os.Stat(file)
	if err != nil {
		return nil // there is none yet
	}
	for _, source := range sources {
		if read, err := os.Stat(source); err == nil && os.SameFile(is, read) {
			return fmt.Errorf("--%s would write over %s, which the run reads; name another file", flag, harmless(file))
		}
	}
	return nil
}

// placeOf is where a file is, or will be, however it was named: links are followed.
func placeOf(file string) string {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	} else if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	if whole, err := filepath.Abs(file); err == nil {
		return whole
	}
	return file
}

// finish lets draw fill the file, and gives it its name.
func (c *canvas) finish(draw func(io.Writer) error) error {
	out := bufio.NewWriter(c.part)
	err := draw(out)
	if err == nil {
		err = out.Flush()
	}
	err = cmp.Or(err, c.part.Close())
	if err == nil {
		err = os.Rename(c.part.Name(), c.file)
	}
	if err != nil {
		os.Remove(c.part.Name())
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err // the name that the file had so far says nothing to anybody
	}
	return err
}

// discard leaves nothing behind. After finish, or without a canvas, it does nothing.
func (c *canvas) discard() {
	if c != nil && c.part.Close() == nil {
		os.Remove(c.part.Name())
	}
}
