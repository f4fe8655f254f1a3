package explore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Journal is a file of results that grows while a search goes on.
type Journal struct {
	Results []Result // those that it has

	file *os.File
}

// NewJournal makes the file. One that exists already is an error: it may be a night's work.
func NewJournal(name string) (*Journal, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s exists already: --resume goes on with it, or name another file", name)
	}
	if err != nil {
		return nil, err
	}
	return &Journal{file: file}, nil
}

// ResumeJournal opens a file for more results, or makes it. A last line that was cut off is written over.
func ResumeJournal(name string) (*Journal, error) {
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	results, err := Read(name, bytes.NewReader(whole))
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	if err = file.Truncate(int64(len(whole))); err == nil {
		_, err = file.Seek(0, io.SeekEnd)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Journal{Results: results, file: file}, nil
}

// Add writes a result down.
func (j *Journal) Add(r Result) error {
	j.Results = append(j.Results, r)
	if j.file == nil {
		return nil
	}
	_, err := j.file.Write(r.Line())
	return err
}

// Done are the seeds of the results.
func (j *Journal) Done() map[uint64]bool {
	done := map[uint64]bool{}
	for _, r := range j.Results {
		done[r.Seed] = true
	}
	return done
}

// Printed is a journal that goes to a file which is open already, such as stdout, or nowhere if that is nil.
func Printed(file *os.File) *Journal { return &Journal{file: file} }

// Close ends the journal. What goes to stdout stays open.
func (j *Journal) Close() error {
	if j.file == nil || j.file == os.Stdout {
		return nil
	}
	return j.file.Close()
}
