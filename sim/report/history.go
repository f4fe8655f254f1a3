package report

import (
	"io"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/check"
)

// History writes porcupine's page of what the clients wrote and read: see check.Picture, whose errors it returns.
func History(w io.Writer, rec *sim.Recording, _ Context) error {
	return check.Picture(w, rec.History, each(rec.Clients, func(c sim.ClientResult) string { return words.Printable(c.Name) }))
}
