package vector

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"iter"
	"os"
)

// Read goes through the lines of a recording, a gzip file with one line of JSON a sync; what is wrong with the file comes
// with the last line.
func Read(path string) iter.Seq2[*Line, error] {
	return func(yield func(*Line, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		unpacked, err := gzip.NewReader(bufio.NewReader(file))
		if err != nil {
			yield(nil, fmt.Errorf("%s: %w", path, err))
			return
		}
		decoder := json.NewDecoder(unpacked)
		for decoder.More() {
			line := new(Line)
			if err := decoder.Decode(line); err != nil {
				yield(nil, fmt.Errorf("%s: %w", path, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

// Writer writes a recording.
type Writer struct {
	file    *os.File
	packer  *gzip.Writer
	encoder *json.Encoder
}

// NewWriter begins a recording in a file, which it creates or empties.
func NewWriter(path string) (*Writer, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	packer, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	encoder := json.NewEncoder(packer)
	encoder.SetEscapeHTML(false)
	return &Writer{file, packer, encoder}, nil
}

// Write adds a line.
func (w *Writer) Write(line *Line) error { return w.encoder.Encode(line) }

// Close ends the recording.
func (w *Writer) Close() error {
	if err := w.packer.Close(); err != nil {
		return err
	}
	return w.file.Close()
}
