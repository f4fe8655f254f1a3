package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// canvas is a file that a picture is drawn into. It stands under another name until it is complete, so that nobody ever finds half
// of it, and what was there before stays if the run fails.
type canvas struct {
	file string // as the user named it
	part *os.File
}

// newCanvas prepares to write a file that the user named with a flag: one that cannot be written is known before the run. sources are
// files that it must not take the place of.
func newCanvas(flag, file string, sources ...string) (*canvas, error) {
	if is, err := os.Stat(file); err == nil {
		if !is.Mode().IsRegular() {
			return nil, fmt.Errorf("--%s writes a file, and %s is something else; name another", flag, harmless(file))
		}
		for _, source := range sources {
			if read, err := os.Stat(source); err == nil && os.SameFile(is, read) {
				return nil, fmt.Errorf("--%s would write over %s, which the run reads; name another file", flag, harmless(file))
			}
		}
	}
	dir, name := filepath.Split(file)
	if name == "" {
		return nil, fmt.Errorf("--%s takes the name of a file, not %q", flag, file)
	}
	part, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.%d.part", name, os.Getpid())), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, fmt.Errorf("--%s cannot write %s: %w", flag, harmless(file), errors.Unwrap(err))
	}
	return &canvas{file, part}, nil
}

// finish lets draw fill the file, and gives it its name.
func (c *canvas) finish(draw func(io.Writer) error) error {
	out := bufio.NewWriter(c.part)
	err := errors.Join(draw(out), out.Flush(), c.part.Close())
	if err == nil {
		err = os.Rename(c.part.Name(), c.file)
	}
	if err != nil {
		os.Remove(c.part.Name())
	}
	return err
}

// discard leaves nothing behind. After finish it does nothing.
func (c *canvas) discard() {
	if c.part.Close() == nil {
		os.Remove(c.part.Name())
	}
}
