package explore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// Fleet runs tasks in worker processes: only one run at a time can go on in a process. Each worker is a command that reads the
// number of a task from a line of its standard input, and answers with one line of JSON.
type Fleet struct {
	Command func(context.Context) *exec.Cmd // starts a worker
	Workers int                             // at least 1
}

// Run gives every task to a worker that is free and calls done with each answer, from one goroutine at a time, in the order in which
// they come. It stops at the first error: a worker that ended before it had answered, or ctx.
func (f *Fleet) Run(ctx context.Context, tasks func(yield func(uint64) bool), done func(task uint64, answer []byte) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan uint64)
	go func() {
		defer close(queue)
		for task := range tasks {
			select {
			case queue <- task:
			case <-ctx.Done():
				return
			}
		}
	}()
	var one sync.Mutex
	var all sync.WaitGroup
	for range f.Workers {
		all.Go(func() {
			err := f.work(ctx, queue, func(task uint64, answer []byte) error {
				one.Lock()
				defer one.Unlock()
				return done(task, answer)
			})
			if err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// work keeps one worker busy until there are no more tasks.
func (f *Fleet) work(ctx context.Context, queue <-chan uint64, done func(uint64, []byte) error) error {
	worker := f.Command(ctx)
	in, err := worker.StdinPipe()
	if err != nil {
		return err
	}
	out, err := worker.StdoutPipe()
	if err != nil {
		return err
	}
	if err := worker.Start(); err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	err = converse(in, bufio.NewReader(out), queue, done)
	in.Close()
	if ended := worker.Wait(); err == nil && ctx.Err() == nil {
		err = ended
	}
	return err
}

func converse(in io.Writer, out *bufio.Reader, queue <-chan uint64, done func(uint64, []byte) error) error {
	for task := range queue {
		if _, err := fmt.Fprintln(in, task); err != nil {
			return fmt.Errorf("task %d: the worker has ended: %w", task, err)
		}
		answer, err := out.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("task %d: the worker ended without an answer: %w", task, err)
		}
		if err := done(task, answer); err != nil {
			return err
		}
	}
	return nil
}

// Serve is the worker's side: it answers each task that comes in until there are no more, or ctx is over.
func Serve(ctx context.Context, in io.Reader, out io.Writer, task func(context.Context, uint64) (any, error)) error {
	encoder := json.NewEncoder(out)
	for {
		var number uint64
		if _, err := fmt.Fscan(in, &number); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer, err := task(ctx, number)
		if err != nil {
			return err
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
}
