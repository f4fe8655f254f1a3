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

	// Lost makes the answer to a task whose worker ended before it had answered; another worker then takes its place. If it is nil,
	// the end of a worker ends all.
	Lost func(task uint64, err error) []byte
}

// Run gives every task to a worker that is free and calls done with each answer, from one goroutine at a time, in the order in which
// they come. It stops at the first error: of done, of a worker that ended (see Lost), or of ctx.
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

// work keeps one worker busy until there are no more tasks. A worker that ends is replaced, unless it and the one before it have
// answered nothing at all: then there is something wrong with every one.
func (f *Fleet) work(ctx context.Context, queue <-chan uint64, done func(uint64, []byte) error) error {
	for barren := 0; ; {
		answered, err := f.employ(ctx, queue, done)
		var ended *lostTask
		switch {
		case !errors.As(err, &ended) || f.Lost == nil || ctx.Err() != nil:
			return err
		case answered == 0:
			barren++
		default:
			barren = 0
		}
		if barren > 1 {
			return err
		}
		if err := done(ended.task, f.Lost(ended.task, ended.cause)); err != nil {
			return err
		}
	}
}

// lostTask is the error of a worker that ended before it had answered.
type lostTask struct {
	task  uint64
	cause error
}

func (l *lostTask) Error() string {
	return fmt.Sprintf("task %d: the worker ended before it had answered: %v", l.task, l.cause)
}

// employ starts a worker and gives it tasks until there are no more, or it ends. It returns how many it has answered.
func (f *Fleet) employ(ctx context.Context, queue <-chan uint64, done func(uint64, []byte) error) (answered int, err error) {
	worker := f.Command(ctx)
	in, err := worker.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := worker.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := worker.Start(); err != nil {
		return 0, fmt.Errorf("start a worker: %w", err)
	}
	answered, err = converse(in, bufio.NewReader(out), queue, done)
	in.Close()
	if ended := worker.Wait(); err == nil && ctx.Err() == nil {
		err = ended
	}
	return answered, err
}

func converse(in io.Writer, out *bufio.Reader, queue <-chan uint64, done func(uint64, []byte) error) (answered int, err error) {
	for task := range queue {
		if _, err := fmt.Fprintln(in, task); err != nil {
			return answered, &lostTask{task, err}
		}
		answer, err := out.ReadBytes('\n')
		if err != nil {
			return answered, &lostTask{task, err}
		}
		if err := done(task, answer); err != nil {
			return answered, err
		}
		answered++
	}
	return answered, nil
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
